internal import HubKit
internal import HubRouting
internal import HubTransform

/// Takes the attachments out of a message and has them looked into, on a thread of the pool. What it takes out lies on
/// the disk under keys that are in memory only, and is gone when it has ended.
struct AttachmentCheck: Sendable {
  let inspector: AttachmentInspector
  let formats: FormatCatalogue
  let pool: TransformPool

  /// Looks into each attachment.
  ///
  /// - Parameter verifying: whether signatures are looked at.
  func inspect(
    _ message: Message, in bodies: any BodyStore, verifying: Bool
  ) async throws(NotAccepted) -> [AttachmentInspection] {
    let (inspector, formats, body) = (inspector, formats, message.body)
    let mediaType = message.envelope.dataContentType
    do {
      return try await pool.run {
        guard let codec = try formats.codec(for: body, mediaType: mediaType, in: bodies) else { return [] }
        let scratch = ScratchBodies(bodies)
        defer { scratch.clear() }
        let document = try codec.decodeExamined(bodies.reader(of: body), into: scratch, limits: formats.limits)
        return try inspector.inspect(document.attachments, in: scratch, verifying: verifying)
      }
    } catch {
      throw Admission.refusal(for: error)
    }
  }

  /// Refuses what harms whoever opens it, and what cannot be seen where the route wants all seen.
  ///
  /// - Returns: notes for the exchange.
  static func judge(
    _ inspections: [AttachmentInspection], by policies: [RouteSecrets]
  ) throws(NotAccepted) -> [Violation] {
    let violations = inspections.flatMap(\.violations)
    if let first = violations.first {
      throw NotAccepted(
        .invalid, "An attachment is refused: \(first.description). Tệp đính kèm không được chấp nhận.",
        violations: violations)
    }
    let unseen = inspections.flatMap(\.unseen)
    if let first = unseen.first, policies.contains(where: { $0.unseen == .refuse }) {
      throw NotAccepted(
        .invalid,
        "Not all of the attachments can be looked into, which this route asks for: \(first.description). "
          + "Không đọc được toàn bộ tệp đính kèm như tuyến này yêu cầu.", violations: unseen)
    }
    return unseen + inspections.flatMap(\.notes)
  }

  /// Rule of a note about a signature that does not hold where a route wants a warning.
  static let warningRule = "signature-warning"

  /// What the signatures mean for a message: refused where a route wants them to hold, noted otherwise.
  ///
  /// - Returns: notes for the exchange.
  static func judge(
    signatures: [AttachmentSignature], by policies: [RouteSignatures]
  ) throws(NotAccepted) -> [Violation] {
    let warns = policies.contains(.warn)
    func note(_ signature: AttachmentSignature) -> Violation {
      let rule = warns && signature.fails ? Self.warningRule : "signature-\(signature.state.rawValue)"
      return Violation(rule: rule, message: signature.words, path: signature.place)
    }
    let bad = signatures.filter(\.fails).map(note)
    if let first = bad.first, policies.contains(.refuse) {
      throw NotAccepted(
        .invalid,
        "A signature does not hold, which this route asks for: \(first.description). "
          + "Chữ ký số không hợp lệ, tuyến này yêu cầu phải hợp lệ.", violations: bad)
    }
    return signatures.filter { $0.state != .absent }.map(note)
  }
}

extension AttachmentSignature {
  /// Whether a route that wants signatures to hold refuses it.
  var fails: Bool { state == .invalid || state == .unknown }
}
