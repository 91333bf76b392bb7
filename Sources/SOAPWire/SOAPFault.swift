public import XMLWire

/// What went wrong, as SOAP says it: one form for both versions.
public struct SOAPFault: Sendable, Hashable {
  /// Who is at fault, in the words of SOAP 1.1: SOAP 1.2's Sender is Client, Receiver is Server.
  public enum Side: String, Sendable, Hashable, CaseIterable {
    /// The message is wrong or lacks something: unchanged it will fail again.
    case client = "Client"
    /// The message may be good; it could not be processed now.
    case server = "Server"
    /// The envelope is of another version.
    case versionMismatch = "VersionMismatch"
    /// A header block that must be understood was not.
    case mustUnderstand = "MustUnderstand"
  }

  /// Who is at fault; nil for a word that no version of SOAP has.
  public var side: Side?
  /// The code as written, without its prefix; a SOAP 1.1 code may carry more behind a dot, as in
  /// `Client.Authentication`.
  public var code: String
  /// Codes below it, outermost first; SOAP 1.2 only.
  public var subcodes: [String]
  /// The words for a person. Not for logs: a far system may quote what it was sent.
  public var reason: String
  /// What the far system adds.
  public var detail: XMLElement?

  /// Creates a fault.
  public init(_ side: Side, reason: String, detail: XMLElement? = nil) {
    self.side = side
    code = side.rawValue
    subcodes = []
    self.reason = reason
    self.detail = detail
  }

  init?(_ element: XMLElement, version: SOAPVersion) {
    guard element.name.means("Fault", in: version.namespace) else { return nil }
    switch version {
    case .v11:
      code = Self.local(element.value("faultcode") ?? "")
      subcodes = []
      reason = element.value("faultstring") ?? ""
      detail = element["detail"]
      side = Side(rawValue: String(code.prefix { $0 != "." }))
    case .v12:
      code = Self.local(element["Code"]?.value("Value") ?? "")
      subcodes = Self.subcodes(of: element["Code"])
      reason = element["Reason"]?.value("Text") ?? ""
      detail = element["Detail"]
      side = ["Sender": .client, "Receiver": .server][code] ?? Side(rawValue: code)
    }
  }

  /// The prefix of a qualified name says nothing without its declaration, which is not kept.
  private static func local(_ text: String) -> String {
    text.split(separator: ":", maxSplits: 1).last.map(String.init) ?? text
  }

  private static func subcodes(of code: XMLElement?) -> [String] {
    guard let sub = code?["Subcode"] else { return [] }
    return [local(sub.value("Value") ?? "")] + subcodes(of: sub)
  }

  /// The element as it stands in a body.
  public func element(version: SOAPVersion = .v11) -> XMLElement {
    let soap = { (local: String) in XMLName(local, namespace: version.namespace) }
    switch version {
    case .v11:
      // Its children have no namespace (SOAP 1.1 section 4.4).
      return XMLElement(
        soap("Fault"),
        children: [
          XMLElement(XMLName("faultcode"), text: "soapenv:\(code)"),
          XMLElement(XMLName("faultstring"), text: reason),
        ] + (detail.map { [XMLElement(XMLName("detail"), children: $0.children, text: $0.rawText)] } ?? []))
    case .v12:
      let word = [Side.client: "Sender", .server: "Receiver"][side ?? .server] ?? code
      let language = XMLAttribute(XMLName("lang", namespace: Self.xmlNamespace), "vi")
      return XMLElement(
        soap("Fault"),
        children: [
          XMLElement(soap("Code"), children: [XMLElement(soap("Value"), text: "soapenv:\(word)")]),
          XMLElement(
            soap("Reason"), children: [XMLElement(soap("Text"), attributes: [language], text: reason)]),
        ] + (detail.map { [XMLElement(soap("Detail"), children: $0.children, text: $0.rawText)] } ?? []))
    }
  }

  private static let xmlNamespace = "http://www.w3.org/XML/1998/namespace"
}

extension SOAPEnvelope {
  /// The fault in the body; nil when there is none.
  public var fault: SOAPFault? { body.lazy.compactMap { SOAPFault($0, version: version) }.first }
}
