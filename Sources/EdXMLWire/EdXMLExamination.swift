public import HubKit

extension EdXMLMessage {
  /// Event type of a document.
  public static let documentType = "vn.gov.edoc.document"
  /// Event type of a status message.
  public static let statusType = "vn.gov.edoc.status"

  /// The event type that the message stands for.
  public var eventType: String { kind == .status ? Self.statusType : Self.documentType }

  /// Codes of those it is for: `To` of a document; the organisations that a status answers.
  public var receiverCodes: [String] {
    let answered = responseFor.compactMap(\.organId)
    let codes = kind == .status && !answered.isEmpty ? answered : to.compactMap(\.organId)
    var seen = Set<String>()
    return codes.filter { seen.insert($0).inserted }
  }

  /// The document that it is about: its own id, or for a status the one it answers.
  public var subjectId: String? {
    kind == .status ? responseFor.compactMap(\.documentId).first ?? documentId : documentId
  }

  /// What the hub's door wants to know.
  public func examination() -> Examination {
    var examination = Examination(
      type: eventType, sender: from?.organId, receivers: receiverCodes, subject: subjectId,
      businessKeys: businessKeys, fingerprint: fingerprint, secretMarks: SecretMarker.find(in: self),
      attachmentCount: attachments.count, notes: notes)
    if kind == .status {
      examination.attributes[ExtensionName.documentStatus] = statusCode
    } else {
      examination.attributes[ExtensionName.documentAction] = (business ?? .new).word
    }
    return examination
  }

  /// Earlier documents that this one revokes, updates or replaces.
  public var changedDocuments: [String] {
    guard kind == .document, let business, business != .new else { return [] }
    let element = traceHeaderList?["Bussiness"]
    let replaced = element?["ReplacementInfoList"]?.all("ReplacementInfo").compactMap { $0.value("DocumentId") } ?? []
    let all = [element?.value("DocumentId")].compactMap(\.self) + replaced + responseFor.compactMap(\.documentId)
    var seen: Set<String> = [documentId ?? ""]
    return all.filter { seen.insert($0).inserted }
  }

  private var businessKeys: [BusinessKey] {
    let documents = kind == .status ? responseFor.compactMap(\.documentId) : [documentId].compactMap(\.self)
    let notations = kind == .status ? responseFor.compactMap(\.code) : [notation].compactMap(\.self)
    return documents.map { BusinessKey(name: "document", value: $0) }
      + notations.map { BusinessKey(name: "notation", value: $0) }
      + changedDocuments.map { BusinessKey(name: "about", value: $0) }
  }
}

extension EdXMLReader {
  /// Checks a whole body, attachments included, and says what the door wants to know. Keeps nothing.
  public static func examine(
    _ body: any BodyReader, limits: CodecLimits = CodecLimits()
  ) throws(InvalidMessage) -> Examination {
    try inspect(body, limits: limits).examination()
  }
}
