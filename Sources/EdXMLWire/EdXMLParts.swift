/// A sender or receiver.
public struct EdXMLParty: Sendable, Hashable {
  /// Organisation code.
  public var organId: String?
  /// The organisation above.
  public var organizationInCharge: String?
  /// Name.
  public var organName: String?

  /// Reads From, To or another element of that shape.
  public init(_ element: EdXMLElement) {
    organId = element.value("OrganId")
    organizationInCharge = element.value("OrganizationInCharge")
    organName = element.value("OrganName")
  }
}

/// The document that a message answers.
public struct EdXMLResponse: Sendable, Hashable {
  /// Code of the organisation that is answered; for a status "taken back" (13) the receiver.
  public var organId: String?
  /// Number and notation, as in `7816/VPCP-TTĐT`.
  public var code: String?
  /// Id of the document: `OrganId,yyyy/MM/dd,Number/Notation` or a UUID.
  public var documentId: String?
  /// When it was promulgated.
  public var promulgationDate: EdXMLDate?

  /// Reads ResponseFor; nil when it is empty, as some senders leave it.
  public init?(_ element: EdXMLElement) {
    organId = element.value("OrganId")
    code = element.value("Code")
    documentId = element.value("DocumentId")
    promulgationDate = element.value("PromulgationDate").map { EdXMLDate($0) }
    if organId == nil, code == nil, documentId == nil { return nil }
  }
}

/// One hop of the message.
public struct EdXMLTrace: Sendable, Hashable {
  /// Code of the system; sometimes absent or the word `null`.
  public var organId: String?
  /// When the message passed, local time.
  public var timestamp: EdXMLDate?

  /// Reads TraceHeader.
  public init(_ element: EdXMLElement) {
    organId = element.value("OrganId").flatMap { $0 == "null" ? nil : $0 }
    timestamp = element.value("Timestamp").map { EdXMLDate($0) }
  }
}

/// The clerk who handled the message.
public struct EdXMLStaff: Sendable, Hashable {
  /// Department.
  public var department: String?
  /// Name.
  public var staff: String?
  /// Mail address.
  public var email: String?
  /// Telephone.
  public var mobile: String?

  /// Reads StaffInfo.
  public init(_ element: EdXMLElement) {
    department = element.value("Department")
    staff = element.value("Staff")
    email = element.value("Email")
    mobile = element.value("Mobile")
  }
}

/// What the sender says about an attachment, in the manifest or beside the bytes.
public struct EdXMLReference: Sendable, Hashable {
  /// `cid:` and a name unique within the message.
  public var contentId: String?
  /// Content type as declared; often untrue.
  public var contentType: String?
  /// Description.
  public var description: String?
  /// File name.
  public var attachmentName: String?

  /// Reads Reference or Attachment.
  public init(_ element: EdXMLElement) {
    contentId = element.value("ContentId")
    contentType = element.value("ContentType")
    description = element.value("Description")
    attachmentName = element.value("AttachmentName")
  }
}

extension EdXMLMessage {
  /// Who sends.
  public var from: EdXMLParty? { messageHeader?["From"].map { EdXMLParty($0) } }
  /// For whom it is, in order.
  public var to: [EdXMLParty] { (messageHeader?.all("To") ?? []).map { EdXMLParty($0) } }
  /// The document's own id.
  public var documentId: String? { messageHeader?.value("DocumentId") }
  /// Number, as in `123`.
  public var codeNumber: String? { messageHeader?["Code"]?.value("CodeNumber") }
  /// Notation, as in `SNV-VP`.
  public var codeNotation: String? { messageHeader?["Code"]?.value("CodeNotation") }
  /// Number and notation together, as in `123/SNV-VP`.
  public var notation: String? {
    switch (codeNumber, codeNotation) {
    case (let number?, let notation?): "\(number)/\(notation)"
    case (let one, let other): one ?? other
    }
  }
  /// Where it was promulgated.
  public var promulgationPlace: String? { messageHeader?["PromulgationInfo"]?.value("Place") }
  /// When it was promulgated.
  public var promulgationDate: EdXMLDate? {
    messageHeader?["PromulgationInfo"]?.value("PromulgationDate").map { EdXMLDate($0) }
  }
  /// Name of the kind of document; trusted more than the number beside it.
  public var typeName: String? { messageHeader?["DocumentType"]?.value("TypeName") }
  /// What it is about.
  public var subject: String? { messageHeader?.value("Subject") }
  /// When it must be dealt with.
  public var dueDate: EdXMLDate? { messageHeader?.value("DueDate").map { EdXMLDate($0) } }
  /// Urgency: 0 normal to 4 at a fixed hour; nil when absent or no number.
  public var priority: Int? { messageHeader?["OtherInfo"]?.value("Priority").flatMap { Int($0) } }
  /// Code of a status message, as in `03`.
  public var statusCode: String? { messageHeader?.value("StatusCode") }
  /// Description of a status message.
  public var statusDescription: String? { messageHeader?.value("Description") }
  /// The documents that it answers; empty ones are left out.
  public var responseFor: [EdXMLResponse] {
    (messageHeader?.all("ResponseFor") ?? []).compactMap { EdXMLResponse($0) }
  }
  /// The clerk: in a status' header, in a document's Bussiness.
  public var staff: EdXMLStaff? {
    (messageHeader?["StaffInfo"] ?? traceHeaderList?.at("Bussiness", "StaffInfo")).map { EdXMLStaff($0) }
  }
  /// The hops, in the order written.
  public var traceHeaders: [EdXMLTrace] { (traceHeaderList?.all("TraceHeader") ?? []).map { EdXMLTrace($0) } }
  /// What it does to an earlier document; nil when the sender does not say or says something unknown.
  public var business: EdXMLBusiness? {
    traceHeaderList?["Bussiness"]?.value("BussinessDocType").flatMap { EdXMLBusiness(rawValue: $0) }
  }
  /// What the manifest lists.
  public var manifest: [EdXMLReference] {
    (root.at("edXMLEnvelope", "edXMLBody", "edXMLManifest")?.all("Reference") ?? []).map { EdXMLReference($0) }
  }
  /// What stands beside each attachment's bytes, in order.
  public var attachmentReferences: [EdXMLReference] { attachmentElements.map { EdXMLReference($0) } }
  /// Whether a signature is inside. It cannot be verified: servers on the way move it out of its namespace.
  public var signaturePresent: Bool { header?["Signature"] != nil || root["Signature"] != nil }
}
