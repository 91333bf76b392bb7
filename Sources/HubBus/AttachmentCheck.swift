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
  func inspect(_ message: Message, in bodies: any BodyStore) async throws(NotAccepted) -> [AttachmentInspection] {
    let (inspector, formats, body) = (inspector, formats, message.body)
    let mediaType = message.envelope.dataContentType
    do {
      return try await pool.run {
        guard let codec = try formats.codec(for: body, mediaType: mediaType, in: bodies) else { return [] }
        let scratch = ScratchBodies(bodies)
        defer { scratch.clear() }
        let document = try codec.decodeExamined(bodies.reader(of: body), into: scratch, limits: formats.limits)
        return try inspector.inspect(document.attachments, in: scratch)
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
}
