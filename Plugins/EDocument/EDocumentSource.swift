internal import EdXMLWire
public import HubKit
internal import Logging

/// Fetches what waits for us on the axis: list, get each, and acknowledge once the journal has it.
///
/// An item whose bytes are broken does not hold up the others. Bytes that are no valid edXML are handed on as they
/// are: the door examines, refuses and records them, and the refusal comes back as the reason of `fail`. What cannot
/// even be decoded becomes an item of type ``malformedType`` with the diagnosis beside it; it is acknowledged as failed
/// whether or not a route keeps it.
public struct EDocumentSource: PollingSource {
  /// Event type of an item that could not be decoded.
  public static let malformedType = "vn.gov.edoc.malformed"
  /// Extension attribute with the diagnosis of such an item.
  public static let diagnosisName = "diagnosis"

  /// Name within the endpoint.
  public let name = "received"

  private let client: AxisClient
  private let pageSize: Int
  private let clock: any HubClock
  private let logger: Logger

  init(client: AxisClient, pageSize: Int, clock: any HubClock, logger: Logger) {
    self.client = client
    self.clock = clock
    self.pageSize = pageSize
    self.logger = logger
  }

  /// Fetches what is new. The axis keeps count itself: what was not acknowledged comes again.
  public func poll(after cursor: String?, limit: Int, bodies: any BodyStore) async throws(AdapterError) -> Page {
    var items: [Page.Item] = []
    var failure: AdapterError?
    var hasMore = false
    for type in AxisClient.MessageType.allCases where items.count < limit && failure == nil {
      let wanted = min(pageSize, limit - items.count)
      do throws(AdapterError) {
        let listed = try await client.list(type, pageSize: wanted)
        hasMore = hasMore || listed.count >= wanted
        for item in Self.withoutRepeats(listed) { items += try await fetch(item, into: bodies).map { [$0] } ?? [] }
      } catch {
        failure = error
      }
    }
    if let failure, items.isEmpty { throw failure }
    if let failure { logger.notice("the axis failed in the middle of a page: \(failure.code)") }
    return Page(items: items, hasMore: hasMore && failure == nil && !items.isEmpty)
  }

  /// Acknowledges each item: `done` when the hub has it, `fail` with the reason when it never will. The sender of a
  /// secret document is told before, by a status message: what then fails comes again, and he is told again.
  public func acknowledge(_ page: Page, refusals: [Int: NotAccepted]) async throws(AdapterError) {
    var failure: AdapterError?
    for (index, item) in page.items.enumerated() {
      let diagnosis = item.envelope.extensions[Self.diagnosisName]
      if diagnosis == nil, let refusal = refusals[index], Self.isPassing(refusal.code) { continue }
      let reason = diagnosis ?? refusals[index].map(Self.sentence)
      do throws(AdapterError) {
        if let refusal = refusals[index], refusal.code == .secret { try await tellSender(of: item, refusal) }
        try await client.acknowledge(item.reference, done: reason == nil, reason: reason)
      } catch {
        failure = failure ?? error
      }
    }
    if let failure { throw failure }
  }

  private func tellSender(of item: Page.Item, _ refusal: NotAccepted) async throws(AdapterError) {
    guard let receiver = item.envelope.receivers.first, let sender = item.envelope.sender,
      let notice = SecretNotice.bytes(about: item.envelope, refusal, at: clock.now)
    else {
      return logger.notice("the sender of a secret item cannot be told", metadata: ["docId": "\(item.reference)"])
    }
    do throws(AdapterError) {
      _ = try await client.send(.status, from: receiver.text, to: [sender.text], byteCount: notice.count) {
        () throws(BodyError) in BytesReader(notice)
      }
    } catch {
      guard error.verdict == .reject else { throw error }
      logger.notice(
        "the axis takes no notice about a secret item: \(error.code)", metadata: ["docId": "\(item.reference)"])
    }
  }

  // MARK: - Items

  /// A list may name one item twice.
  private static func withoutRepeats(_ items: [AxisItem]) -> [AxisItem] {
    var seen = Set<String>()
    return items.filter { seen.insert($0.docId).inserted }
  }

  /// Nil when the axis cannot hand this item out now: it stays listed and comes again.
  private func fetch(_ item: AxisItem, into bodies: any BodyStore) async throws(AdapterError) -> Page.Item? {
    let fetched: AxisItemBody
    do throws(AdapterError) { fetched = try await client.fetch(item.docId, into: bodies) } catch {
      switch error.verdict {
      case .reject: return malformed(item, "the axis does not hand it out: \(error.code)", body: .empty)
      case .retry:
        logger.notice("the axis did not hand out an item: \(error.code)", metadata: ["docId": "\(item.docId)"])
        return nil
      default: throw error
      }
    }
    let decoded = try await OffPool.run { () throws(BodyError) in try ItemBody(fetched, in: bodies) }
    guard let header = decoded.header else {
      guard let diagnosis = decoded.diagnosis else { return plain(item, decoded.body) }
      return malformed(item, diagnosis, body: decoded.body)
    }
    return described(item, header, decoded.body)
  }

  private func envelope(_ item: AxisItem, type: String) -> Envelope {
    var envelope = Envelope(
      id: item.docId, source: "/axis/\(client.systemId)", type: type, dataContentType: "application/xml")
    envelope.sender = OrganisationCode(item.from)
    envelope.receivers = [OrganisationCode(item.to)].compactMap(\.self)
    return envelope
  }

  private func described(_ item: AxisItem, _ header: EdXMLMessage, _ body: Body) -> Page.Item {
    var envelope = envelope(item, type: header.eventType)
    envelope.sender = header.from?.organId.flatMap { OrganisationCode($0) } ?? envelope.sender
    envelope.subject = header.subjectId
    if envelope.receivers.isEmpty { envelope.receivers = header.receiverCodes.compactMap { OrganisationCode($0) } }
    return Page.Item(reference: item.docId, envelope: envelope, body: body)
  }

  /// Bytes that are no valid edXML: the door says so.
  private func plain(_ item: AxisItem, _ body: Body) -> Page.Item {
    let type = item.messageType == "status" ? EdXMLMessage.statusType : EdXMLMessage.documentType
    return Page.Item(reference: item.docId, envelope: envelope(item, type: type), body: body)
  }

  private func malformed(_ item: AxisItem, _ diagnosis: String, body: Body) -> Page.Item {
    var envelope = envelope(item, type: Self.malformedType)
    envelope.dataContentType = "application/octet-stream"
    envelope.extensions[Self.diagnosisName] = diagnosis
    return Page.Item(reference: item.docId, envelope: envelope, body: body)
  }

  /// Refusals that may be gone at the next poll.
  private static func isPassing(_ code: NotAccepted.Code) -> Bool {
    switch code {
    case .unavailable, .tooMany, .full: true
    default: false
    }
  }

  private static func sentence(_ refusal: NotAccepted) -> String {
    let first = refusal.violations.first.map { " (\($0.description))" } ?? ""
    return "\(refusal.code.rawValue): \(refusal.reason)\(first)"
  }
}
