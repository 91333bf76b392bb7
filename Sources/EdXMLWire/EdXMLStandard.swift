/// What QCVN 102:2016/BTTTT (amended by SĐ 1:2022) says about names, order and codes.
public enum EdXMLStandard {
  /// The namespace of every element of the standard.
  public static let namespace = "http://www.mic.gov.vn/TBT/QCVN_102_2016"
  /// The prefix that senders usually bind to it.
  public static let prefix = "edXML"
  /// The namespace of XML signatures.
  public static let signatureNamespace = "http://www.w3.org/2000/09/xmldsig#"

  /// One element that the standard knows: where it stands among its siblings and what it holds. Elements are read in
  /// any order and written in this one.
  public struct Rule: Sendable {
    /// Local name.
    public let name: String
    /// Whether it may stand more than once.
    public let repeats: Bool
    /// What it holds, in order; empty for a text.
    public let children: [Rule]

    init(_ name: String, repeats: Bool = false, _ children: [Rule] = []) {
      self.name = name
      self.repeats = repeats
      self.children = children
    }

    /// The rule of a child.
    public func child(_ name: String) -> Rule? { children.first { $0.name == name } }
  }

  /// The whole document. A status orders ResponseFor otherwise than a document does; its header is `statusHeader`.
  public static let document = root(header: documentHeader)
  /// The whole status message.
  public static let status = root(header: statusHeader)

  private static func root(header: Rule) -> Rule {
    Rule(
      "edXML",
      [
        Rule(
          "edXMLEnvelope",
          [
            Rule("edXMLHeader", [header, trace, Rule("Signature")]),
            Rule("edXMLBody", [Rule("edXMLManifest", [manifestReference])]),
          ]),
        Rule("AttachmentEncoded", [attachment]),
      ])
  }

  private static func texts(_ names: String...) -> [Rule] { names.map { Rule($0) } }

  private static let party = texts(
    "OrganId", "OrganizationInCharge", "OrganName", "OrganAdd", "Email", "Telephone", "Fax", "Website")
  private static let staff = Rule("StaffInfo", texts("Department", "Staff", "Email", "Mobile"))
  private static let manifestReference = Rule(
    "Reference", repeats: true, texts("ContentId", "ContentType", "Description", "AttachmentName"))
  private static let attachment = Rule(
    "Attachment", repeats: true,
    texts("ContentId", "AttachmentName", "Description", "ContentType", "ContentTransferEncoded"))

  private static let otherInfo = Rule(
    "OtherInfo",
    texts("Priority", "SphereOfPromulgation", "TyperNotation", "PromulgationAmount", "PageAmount") + [
      Rule("ReplyFors"), Rule("Direction"), Rule("ReferenceCodes"),
      Rule("Appendixes", [Rule("Appendix", repeats: true)]),
    ])

  /// MessageHeader of a document, as the national server writes it.
  private static let documentHeader = Rule(
    "MessageHeader",
    [
      Rule("From", party), Rule("To", repeats: true, party), Rule("DocumentId"),
      Rule("Code", texts("CodeNumber", "CodeNotation")),
      Rule("PromulgationInfo", texts("Place", "PromulgationDate")),
      Rule("DocumentType", texts("Type", "TypeDetail", "TypeName")),
      Rule("Subject"), Rule("Content"), Rule("SignerInfo", texts("Competence", "Position", "FullName")),
      Rule("DueDate"), otherInfo,
      Rule("ResponseFor", repeats: true, texts("OrganId", "Code", "DocumentId", "PromulgationDate")),
      Rule("ResponseForTask", texts("TaskCode")), Rule("SteeringType"), Rule("ApplicationType"),
      Rule("ToPlaces", [Rule("Place", repeats: true)]),
    ])

  /// MessageHeader of a status message.
  private static let statusHeader = Rule(
    "MessageHeader",
    [
      Rule("From", party), Rule("To", repeats: true, party), Rule("DocumentId"),
      Rule("ResponseFor", repeats: true, texts("OrganId", "Code", "PromulgationDate", "DocumentId")),
      staff, Rule("StatusCode"), Rule("Description"), Rule("Timestamp"),
    ])

  private static let trace = Rule(
    "TraceHeaderList",
    [
      Rule("TraceHeader", repeats: true, texts("OrganId", "Timestamp")),
      Rule(
        "Bussiness",
        [
          Rule("DocumentId"), Rule("BussinessDocType"), Rule("BussinessDocReason"), Rule("Paper"),
          Rule(
            "BussinessDocumentInfo",
            [
              Rule("DocumentInfo"), Rule("DocumentReceiver"),
              Rule("ReceiverList", [Rule("Receiver", repeats: true, texts("OrganId", "ReceiverType"))]),
            ]),
          Rule(
            "ReplacementInfoList",
            [
              Rule(
                "ReplacementInfo", repeats: true,
                [Rule("DocumentId"), Rule("OrganIdList", [Rule("OrganId", repeats: true)])])
            ]),
          staff,
        ]),
    ])
}

/// What a document does to the one that it names (BussinessDocType).
public enum EdXMLBusiness: String, Sendable, Hashable, CaseIterable {
  /// A new document.
  case new = "0"
  /// Takes a document back.
  case revoke = "1"
  /// Changes the receivers or the particulars of a document.
  case update = "2"
  /// Stands in place of one or more documents.
  case replace = "3"

  /// In English, as the envelope has it.
  public var word: String {
    switch self {
    case .new: "new"
    case .revoke: "revoke"
    case .update: "update"
    case .replace: "replace"
    }
  }
}
