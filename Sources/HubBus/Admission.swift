public import HubKit
internal import HubRouting
public import HubTransform

/// The first step of every message, whichever door it comes through: looks it over before anything is written down.
/// What passes here is never answered with an error later.
public struct Admission: Sendable {
  private let book: RouteBook
  private let formats: FormatCatalogue
  private let directory: any AgencyDirectory
  private let pool: TransformPool
  private let secrets: SecretRules
  private let attachments: AttachmentCheck?

  /// Creates the step.
  ///
  /// - Parameter inspector: looks into attachments; nil: nobody does, as in rehearsals.
  public init(
    book: RouteBook, formats: FormatCatalogue, directory: any AgencyDirectory, pool: TransformPool,
    secrets: SecretRules = SecretRules(), inspector: AttachmentInspector? = nil
  ) {
    self.secrets = secrets
    attachments = inspector.map { AttachmentCheck(inspector: $0, formats: formats, pool: pool) }
    self.book = book
    self.formats = formats
    self.directory = directory
    self.pool = pool
  }

  /// A message that passed, completed by what its content says.
  public struct Admitted: Sendable {
    /// With type, sender, receivers and subject filled in from the content where the sender left them out.
    public var message: Message
    /// What the format says stays the same when the message is sent again; nil: the bytes themselves.
    public var fingerprint: [UInt8]?
    /// Keys that the content gives.
    public var businessKeys: [BusinessKey]
    /// Oddities that did not stop it.
    public var notes: [Violation]
  }

  /// Looks a message over.
  ///
  /// - Parameter now: decides whether agencies exist and whether an allowance still counts.
  /// - Throws: ``NotAccepted`` with everything that is wrong; nothing was kept.
  public func admit(
    _ message: Message, at now: Timestamp, bodies: any BodyStore
  ) async throws(NotAccepted) -> Admitted {
    guard let codec = formats.guise(ofType: message.envelope.type), let guise = codec.guise else {
      return try await judge(message, bodies: bodies, at: now)
    }
    let scratch = ScratchBodies(bodies)
    do throws(NotAccepted) {
      let plain = try await uncovered(message, codec, guise, scratch)
      let admitted = try await judge(plain, bodies: bodies, at: now)
      scratch.clear(except: admitted.message.body)
      return admitted
    } catch {
      scratch.clear()
      throw error
    }
  }

  /// The message in the format that the hub keeps: from here on nobody knows how it came.
  private func uncovered(
    _ message: Message, _ codec: any Codec, _ guise: Guise, _ scratch: ScratchBodies
  ) async throws(NotAccepted) -> Message {
    guard let kept = formats.codec(named: guise.format) else { return message }
    let (formats, body) = (formats, message.body)
    var plain = message
    do {
      plain.body = try await pool.run {
        try formats.rewritten(body, from: codec, to: kept, mediaType: guise.keptMediaType, in: scratch)
      }
    } catch {
      throw Self.refusal(for: error)
    }
    plain.envelope.type = guise.types[message.envelope.type] ?? message.envelope.type
    plain.envelope.dataContentType = guise.keptMediaType
    plain.envelope.dataSchema = nil
    return plain
  }

  private func judge(
    _ message: Message, bodies: any BodyStore, at now: Timestamp
  ) async throws(NotAccepted) -> Admitted {
    var admitted = Admitted(message: message, fingerprint: nil, businessKeys: [], notes: [])
    let examination = try await examine(message, bodies)
    try refuseClassified(message.envelope)
    let allowed = try refuseSecrets(examination.secretMarks, of: examination, at: now)
    try complete(&admitted, from: examination)
    admitted.notes += allowed
    try completeQuestion(&admitted.message.envelope)
    try checkEnvelope(admitted.message.envelope)
    try checkSender(admitted.message)
    try checkReceivers(admitted.message.envelope, at: now)
    try checkRights(admitted.message)
    canonicalise(&admitted.message.envelope)
    let routes = try checkRoute(admitted.message.envelope)
    if examination.attachmentCount > 0, let attachments {
      admitted.notes += try await look(into: admitted.message, attachments, examination, routes, bodies, at: now)
    }
    return admitted
  }

  private func examine(_ message: Message, _ bodies: any BodyStore) async throws(NotAccepted) -> Examination {
    let formats = formats
    let body = message.body
    let mediaType = message.envelope.dataContentType
    do {
      return try await pool.look(at: body) {
        guard let codec = try formats.codec(for: body, mediaType: mediaType, in: bodies) else { return Examination() }
        return try codec.examine(bodies.reader(of: body), limits: formats.limits)
      }
    } catch {
      throw Self.refusal(for: error)
    }
  }

  /// What the caller is told when his message could not be read.
  static func refusal(for error: any Error) -> NotAccepted {
    switch error {
    case let invalid as InvalidMessage:
      NotAccepted(.invalid, invalid.violations.first?.description ?? "invalid", violations: invalid.violations)
    case let error as BodyError where error == .full:
      NotAccepted(.full, "The hub's disk is full. Try again later.", retryAfter: .seconds(60))
    default:
      NotAccepted(.unavailable, "The message could not be examined now. Try again.", retryAfter: .seconds(5))
    }
  }

  // MARK: - State secrets

  /// State secrets have a network of their own (Law 117/2025/QH15): none passes, whoever sends it.
  private func refuseClassified(_ envelope: Envelope) throws(NotAccepted) {
    let classification = envelope.extensions[ExtensionName.classification]?.lowercased()
    guard let classification, !Self.openClassifications.contains(classification) else { return }
    throw Self.secret("\(ExtensionName.classification): \(classification.prefix(64))")
  }

  /// - Returns: notes about false alarms.
  private func refuseSecrets(
    _ marks: [SecretMark], of examination: Examination, at now: Timestamp
  ) throws(NotAccepted) -> [Violation] {
    if marks.isEmpty { return [] }
    let (mark, notes) = secrets.judge(marks, of: examination, at: now)
    guard let mark else { return notes }
    throw Self.secret(mark.description)
  }

  private static func secret(_ mark: String) -> NotAccepted {
    NotAccepted(
      .secret,
      "The document is marked \(mark). Secret documents never pass through this hub; nothing of it was kept. "
        + "Văn bản mật không được gửi qua nền tảng này; nội dung không được lưu.",
      violations: [Violation(rule: "secret-mark", message: mark)])
  }

  /// Values of `dataclassification` that may pass; anything else counts as secret, since deny is the default.
  private static let openClassifications: Set<String> = ["public", "internal", "official", "open", "normal"]

  /// Looks into the attachments, unless every route that may take the message says that nobody does.
  private func look(
    into message: Message, _ attachments: AttachmentCheck, _ examination: Examination, _ routes: [Route],
    _ bodies: any BodyStore, at now: Timestamp
  ) async throws(NotAccepted) -> [Violation] {
    let (secrecy, signing) = (routes.map(\.secrets), routes.map(\.signatures))
    let (looks, verifies) = (secrecy.contains { $0.attachments == .look }, signing.contains { $0 != .off })
    guard looks || verifies else { return [Self.skipped(secrecy)] }
    let inspections = try await attachments.inspect(message, in: bodies, verifying: verifies)
    var notes = [Self.skipped(secrecy)]
    if looks {
      notes = try refuseSecrets(inspections.flatMap(\.marks), of: examination, at: now)
      notes += try AttachmentCheck.judge(inspections, by: secrecy)
    }
    return try notes + AttachmentCheck.judge(signatures: inspections.flatMap(\.signatures), by: signing)
  }

  private static func skipped(_ policies: [RouteSecrets]) -> Violation {
    let why = policies.compactMap(\.why).first ?? "-"
    return Violation(rule: "secret-skipped", message: "attachments were not looked into: \(why)")
  }

  private func complete(_ admitted: inout Admitted, from examination: Examination) throws(NotAccepted) {
    var envelope = admitted.message.envelope
    if let type = examination.type {
      guard envelope.type.isEmpty || envelope.type == type else {
        throw NotAccepted(.invalid, "The envelope says type \(envelope.type), but the content is \(type).")
      }
      envelope.type = type
    }
    if let sender = examination.sender, !sender.isEmpty {
      guard let code = OrganisationCode(sender) else {
        throw NotAccepted(.invalid, "The content names the sender \(sender), which is no organisation code.")
      }
      guard envelope.sender == nil || same(envelope.sender, code) else {
        throw NotAccepted(.invalid, "The envelope names another sender than the content, which says \(code).")
      }
      envelope.sender = code
    }
    if envelope.sender == nil, case .agency(let caller) = admitted.message.principal { envelope.sender = caller }
    try completeReceivers(&envelope, from: examination)
    envelope.subject = envelope.subject ?? examination.subject
    envelope.extensions.merge(examination.attributes) { $1 }
    admitted.message.envelope = envelope
    admitted.fingerprint = examination.fingerprint
    admitted.businessKeys = examination.businessKeys
    admitted.notes = examination.notes
  }

  private func completeReceivers(_ envelope: inout Envelope, from examination: Examination) throws(NotAccepted) {
    guard !examination.receivers.isEmpty else { return }
    guard !envelope.receiverTexts.isEmpty else {
      envelope.extensions[ExtensionName.receiver] = examination.receivers.joined(separator: ",")
      return
    }
    let named = Set(examination.receivers)
    if let other = envelope.receiverTexts.first(where: { !named.contains($0) }) {
      throw NotAccepted(.invalid, "The envelope names the receiver \(other), whom the content does not name.")
    }
  }

  /// From here on everyone has one code: a search for an agency finds what was sent under its older codes too.
  private func canonicalise(_ envelope: inout Envelope) {
    if let sender = envelope.sender, let agency = directory.agency(sender), agency.code != sender {
      envelope.sender = agency.code
    }
    let codes = envelope.receivers.map { directory.agency($0)?.code ?? $0 }
    // Most messages name one receiver, by the code that he has now.
    if codes.count != 1 || codes[0].text != envelope.extensions[ExtensionName.receiver] { envelope.receivers = codes }
  }

  private func same(_ one: OrganisationCode?, _ other: OrganisationCode) -> Bool {
    guard let one else { return false }
    return one == other || directory.agency(one)?.code == (directory.agency(other)?.code ?? other)
  }

  private func checkEnvelope(_ envelope: Envelope) throws(NotAccepted) {
    for (name, value) in [("id", envelope.id), ("source", envelope.source), ("type", envelope.type)] {
      guard !value.isEmpty else {
        throw NotAccepted(.invalid, "The CloudEvents attribute \(name) is missing.")
      }
      guard value.utf8.count <= 1024 else {
        throw NotAccepted(.invalid, "The CloudEvents attribute \(name) is longer than 1024 bytes.")
      }
    }
    if envelope.extensions[ExtensionName.expiry] != nil, envelope.expiry == nil {
      throw NotAccepted(.invalid, "expirytime is no RFC 3339 time, such as 2026-11-23T17:00:00+07:00.")
    }
  }

  private func checkSender(_ message: Message) throws(NotAccepted) {
    guard case .agency(let caller) = message.principal, let sender = message.envelope.sender else { return }
    guard same(sender, caller) else {
      throw NotAccepted(.forbidden, "\(caller) may not send in the name of \(sender).")
    }
  }

  private func checkReceivers(_ envelope: Envelope, at time: Timestamp) throws(NotAccepted) {
    try checkKnown(envelope)
    let gone = envelope.receivers.compactMap { directory.agency($0) }.filter { !$0.exists(at: time) }
    guard let first = gone.first else { return }
    throw NotAccepted(
      .unknownReceiver, sentence(first, at: time),
      violations: gone.map {
        Violation(rule: "retired-receiver", message: sentence($0, at: time), path: $0.code.text)
      })
  }

  /// Why nothing is sent to an agency, and who does its work.
  private func sentence(_ agency: Agency, at time: Timestamp) -> String {
    if let from = agency.from, time < from.beginning {
      return "\(agency.code) (\(agency.name)) exists from \(from) on. "
        + "\(agency.code) (\(agency.name)) hoạt động từ \(from)."
    }
    let until = agency.until.map { "\($0)" } ?? ""
    let successors = agency.successors.map { code in directory.agency(code).map { "\(code) (\($0.name))" } ?? code.text
    }
    let now = successors.joined(separator: ", ")
    return "\(agency.code) (\(agency.name)) exists no more since \(until)"
      + (now.isEmpty ? ". " : "; send to \(now). ") + "\(agency.code) (\(agency.name)) không còn từ \(until)"
      + (now.isEmpty ? "." : ", nay là \(now).")
  }

  private func checkKnown(_ envelope: Envelope) throws(NotAccepted) {
    let unknown = envelope.receiverTexts.filter { text in
      OrganisationCode(text).flatMap { directory.agency($0) } == nil
    }
    guard unknown.isEmpty else {
      throw NotAccepted(
        .unknownReceiver,
        "Not known here as a receiver: \(unknown.joined(separator: ", ")). "
          + "Chưa có trong danh bạ: \(unknown.joined(separator: ", ")).",
        violations: unknown.map {
          Violation(rule: "unknown-receiver", message: "\($0) is not in the agency directory.", path: $0)
        })
    }
  }

  /// A call of a service is nothing else: under another type it would be taken for news of something.
  private func completeQuestion(_ envelope: inout Envelope) throws(NotAccepted) {
    guard envelope.extensions[ExtensionName.service] != nil else { return }
    guard envelope.type.isEmpty || envelope.type == Question.eventType else {
      throw NotAccepted(
        .invalid, "A message that calls a service has the type \(Question.eventType), not \(envelope.type).")
    }
    envelope.type = Question.eventType
  }

  /// A call of a service needs the right to call it; all else the right to send its type.
  private func checkRights(_ message: Message) throws(NotAccepted) {
    let envelope = message.envelope
    let missing =
      if let service = envelope.extensions[ExtensionName.service] {
        directory.refusal(of: message.principal, calling: service)
      } else {
        directory.refusal(
          of: message.principal, sending: envelope.type, from: envelope.sender, to: envelope.receivers)
      }
    if let missing { throw NotAccepted(.forbidden, missing) }
  }

  /// What a route requires, such as the purpose of a look-up, is there before anything is written down.
  private func checkRequired(_ envelope: Envelope, _ candidates: [Route]) throws(NotAccepted) {
    let missing = candidates.map { route in route.require.filter { (envelope[$0] ?? "").isEmpty } }
    guard let first = missing.first, missing.allSatisfy({ !$0.isEmpty }) else { return }
    let names = first.joined(separator: ", ")
    throw NotAccepted(
      .invalid, "Required and not given: \(names). Thiếu thuộc tính bắt buộc: \(names).",
      violations: first.map {
        Violation(rule: "required-attribute", message: "The attribute \($0) is required here.", path: $0)
      })
  }

  /// - Returns: the routes that may take it.
  private func checkRoute(_ envelope: Envelope) throws(NotAccepted) -> [Route] {
    let candidates = book.table.candidates(for: envelope)
    guard !candidates.isEmpty else {
      if let service = envelope.extensions[ExtensionName.service] {
        throw NotAccepted(.noRoute, "There is no service \(service) here for this caller.")
      }
      throw NotAccepted(.noRoute, "No route takes messages of type \(envelope.type) from this sender.")
    }
    try checkRequired(envelope, candidates)
    guard candidates.allSatisfy({ $0.to.contains(.recipients) && $0.to.count == 1 }) else { return candidates }
    guard !envelope.receivers.isEmpty else {
      throw NotAccepted(.invalid, "The message names no receiver.")
    }
    for code in envelope.receivers where directory.agency(code)?.endpoint == nil {
      throw NotAccepted(
        .unknownReceiver, "\(code) cannot be reached: no endpoint is set for it in agencies.yaml.",
        violations: [Violation(rule: "no-endpoint", message: "\(code) has no endpoint.", path: code.text)])
    }
    return candidates
  }
}
