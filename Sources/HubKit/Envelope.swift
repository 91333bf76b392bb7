/// What stands on the outside of a message: a CloudEvents 1.0 context with the hub's extensions.
///
/// Routes match the envelope before anyone reads the body. Attribute names are those of CloudEvents 1.0.2 section 3;
/// extension names have lower-case letters and digits only (section 3.1).
public struct Envelope: Sendable, Hashable, Codable {
  /// `id`: unique within ``source``, chosen by the sender. With the authenticated sender it is the duplicate key.
  public var id: String
  /// `source`: which of the sender's systems it comes from, a URI reference.
  public var source: String
  /// `type`: what happened, in reverse-DNS form, as in `vn.gov.edoc.document`.
  public var type: String
  /// `subject`: what it is about in the context of the source; a document or dossier code, if there is one.
  public var subject: String?
  /// `time`: when it happened, by the sender's clock.
  public var time: Timestamp?
  /// `datacontenttype`: media type of the body.
  public var dataContentType: String?
  /// `dataschema`: URI of the schema that the body keeps to.
  public var dataSchema: String?
  /// All other attributes, by name.
  public var extensions: [String: String]

  /// Creates an envelope.
  public init(
    id: String, source: String, type: String, subject: String? = nil, time: Timestamp? = nil,
    dataContentType: String? = nil, dataSchema: String? = nil, extensions: [String: String] = [:]
  ) {
    self.id = id
    self.source = source
    self.type = type
    self.subject = subject
    self.time = time
    self.dataContentType = dataContentType
    self.dataSchema = dataSchema
    self.extensions = extensions
  }
}

/// Names of the extension attributes that the hub reads.
public enum ExtensionName {
  /// Organisation code of the sending agency.
  public static let sender = "sender"
  /// Organisation codes of the receiving agencies, separated by commas.
  public static let receiver = "receiver"
  /// Name of the service that is called, for request-reply.
  public static let service = "service"
  /// Messages with the same key are delivered in order (CloudEvents partitioning extension).
  public static let orderingKey = "partitionkey"
  /// Why the data are asked for (purpose of use).
  public static let purpose = "purpose"
  /// The official on whose behalf it is sent.
  public static let official = "official"
  /// The unit in which that official works.
  public static let unit = "unit"
  /// Code of the dossier for which data are asked.
  public static let dossier = "dossier"
  /// Method of a question, when it is not `POST`.
  public static let method = "httpmethod"
  /// RFC 3339 time until which whoever asked waits; set by the hub, never taken from outside.
  public static let deadline = "hubdeadline"
  /// What follows the service in a question's path, percent-encoded.
  public static let path = "httppath"
  /// Code of a document's status, as in `03`; taken from the content.
  public static let documentStatus = "documentstatus"
  /// What a document does: `new`, `revoke`, `update` or `replace`; taken from the content.
  public static let documentAction = "documentaction"
  /// RFC 3339 time after which nobody wants the message any more (CloudEvents expiry-time extension).
  public static let expiry = "expirytime"
  /// `secret` and its degrees never pass (CloudEvents data-classification extension).
  public static let classification = "dataclassification"
  /// W3C trace context, section 3.2.
  public static let traceParent = "traceparent"
  /// W3C trace context, section 3.3.
  public static let traceState = "tracestate"
}

extension Envelope {
  /// The sending agency that the envelope names.
  public var sender: OrganisationCode? {
    get { extensions[ExtensionName.sender].flatMap(OrganisationCode.init) }
    set { extensions[ExtensionName.sender] = newValue?.text }
  }

  /// The receiving agencies that the envelope names, in the order given, without repeats.
  public var receivers: [OrganisationCode] {
    get {
      guard let text = extensions[ExtensionName.receiver] else { return [] }
      // Most messages have one receiver, and this is asked for often.
      if !text.utf8.contains(UInt8(ascii: ",")), let only = OrganisationCode(text) { return [only] }
      var seen = Set<OrganisationCode>()
      return receiverTexts.compactMap(OrganisationCode.init).filter { seen.insert($0).inserted }
    }
    set {
      extensions[ExtensionName.receiver] = newValue.isEmpty ? nil : newValue.map(\.text).joined(separator: ",")
    }
  }

  /// The receivers as written, valid or not: admission names the ones that are no code.
  public var receiverTexts: [String] {
    guard let text = extensions[ExtensionName.receiver] else { return [] }
    return text.utf8.split(separator: UInt8(ascii: ",")).map { part in
      let space = UInt8(ascii: " ")
      guard let first = part.firstIndex(where: { $0 != space }), let last = part.lastIndex(where: { $0 != space })
      else {
        return ""
      }
      return String(Substring(part[first...last]))
    }
  }

  /// When the message expires; nil when it does not, or when the attribute is no time.
  public var expiry: Timestamp? { extensions[ExtensionName.expiry].flatMap(Timestamp.init(rfc3339:)) }

  /// The value of any attribute by its CloudEvents name, for matching and for key templates.
  public subscript(attribute: String) -> String? {
    switch attribute {
    case "id": id
    case "source": source
    case "type": type
    case "subject": subject
    case "time": time?.description
    case "datacontenttype": dataContentType
    case "dataschema": dataSchema
    case "specversion": "1.0"
    default: extensions[attribute]
    }
  }

  /// The attributes with their CloudEvents names, in the order of the specification, extensions by name.
  public var attributes: [(name: String, value: String)] {
    var list: [(name: String, value: String)] = [
      ("specversion", "1.0"), ("id", id), ("source", source), ("type", type),
    ]
    for name in ["subject", "time", "datacontenttype", "dataschema"] {
      if let value = self[name] { list.append((name, value)) }
    }
    return list + extensions.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }
}
