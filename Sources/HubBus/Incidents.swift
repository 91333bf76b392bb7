internal import FoundationEssentials
public import HubJournal
public import HubKit
internal import Logging

/// Something about state secrets that those who watch over security have to know. It holds nothing of the content.
public struct Incident: Sendable, Hashable, Codable {
  /// What happened.
  public enum Kind: String, Sendable, Hashable, Codable {
    /// A marked message was refused at the door.
    case secretRefused = "secret-refused"
    /// A person had an exchange's content removed that should never have passed.
    case purged
  }

  /// What happened.
  public var kind: Kind
  /// When.
  public var at: Timestamp
  /// Who brought the message, as `Principal.text` writes it, or who ordered the removal.
  public var by: String
  /// CloudEvents `id`, `source` and `type` of the message.
  public var id, source, type: String
  /// The document's own id, as the sender gave it.
  public var subject: String?
  /// Sending agency.
  public var sender: String?
  /// Receiving agencies, as the sender wrote them.
  public var receivers: [String]
  /// What was found and where, as in `attachment 2, page 1: tối mật`; for a removal its reason.
  public var finding: String
  /// Keyed digest of the body, by which the same bytes are known again.
  public var digest: String
  /// How many bytes the body had.
  public var bytes: Int
  /// The exchange that was purged.
  public var exchange: ExchangeID?

  /// The kind of the journal's records of it.
  static let eventKind = "incident"

  /// Names are cut here, in characters: they come from anywhere.
  private static let nameMax = 256

  init(_ kind: Kind, _ envelope: Envelope, at: Timestamp, by: String, finding: String, digest: String, bytes: Int) {
    self.kind = kind
    self.at = at
    self.by = by
    id = String(envelope.id.prefix(Self.nameMax))
    source = String(envelope.source.prefix(Self.nameMax))
    type = String(envelope.type.prefix(Self.nameMax))
    subject = envelope.subject.map { String($0.prefix(Self.nameMax)) }
    sender = envelope.sender?.text
    receivers = envelope.receiverTexts.prefix(20).map { String($0.prefix(Self.nameMax)) }
    self.finding = finding
    self.digest = digest
    self.bytes = bytes
  }

  fileprivate static func decode(_ event: StoredEvent) -> Incident? {
    let decoder = JSONDecoder()
    return try? decoder.decode(Incident.self, from: Data(event.payload))
  }

  fileprivate var encoded: [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(self)).map(Array.init) ?? []
  }
}

/// Reads the incidents that a journal holds.
public struct IncidentLog: Sendable {
  let journal: Journal

  /// Reads from an open journal; one that is open for reading only will do.
  public init(journal: Journal) {
    self.journal = journal
  }

  /// Incidents, oldest first.
  ///
  /// - Parameters:
  ///   - from: then or later; nil: from the beginning.
  ///   - to: before then; nil: to the end.
  /// - Throws: `JournalError` when the journal cannot be read.
  public func incidents(from: Timestamp? = nil, to: Timestamp? = nil, limit: Int) throws(JournalError) -> [Incident] {
    var found: [Incident] = []
    var place: Int64 = 0
    while found.count < limit {
      let page = try journal.events(
        kind: Incident.eventKind, from: from, to: to, after: place, limit: min(500, limit - found.count))
      guard let last = page.last else { break }
      place = last.sequence
      found += page.compactMap(Incident.decode)
    }
    return found
  }
}

extension Bus {
  /// Reports a message that was refused as secret: on the disk before the sender is told, and held back by no limit.
  func report(_ message: Message, _ refusal: NotAccepted) async {
    metrics.refusedSecret()
    let finding = refusal.violations.first { $0.rule == "secret-mark" }?.message ?? refusal.reason
    let body = message.body
    await report(
      Incident(
        .secretRefused, message.envelope, at: clock.now, by: message.principal.text, finding: finding,
        digest: digest(of: body), bytes: body.byteCount))
  }

  func report(_ incident: Incident) async {
    do {
      try await journal.incident(kind: Incident.eventKind, principal: incident.by, payload: incident.encoded)
    } catch {
      // Told here at least: whoever collects the hub's log has it.
      logger.critical(
        "an incident could not be written down",
        metadata: [
          "incident": "\(incident.kind.rawValue)", "by": "\(incident.by)", "digest": "\(incident.digest)",
          "finding": "\(incident.finding)", "reason": "\(error)",
        ])
    }
  }

  func digest(of body: Body) -> String {
    switch body {
    case .inline(let bytes): journal.digest(bytes)
    case .stored(let reference): reference.digest
    }
  }
}
