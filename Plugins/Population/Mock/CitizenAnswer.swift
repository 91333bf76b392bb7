internal import FoundationEssentials
internal import HubKit
internal import JSONWire
internal import SOAPWire
internal import XMLWire

/// One answer, or one that goes wrong in the way that was asked for.
struct CitizenAnswer {
  let call: CitizenCall
  let citizen: SyntheticCitizen?
  let other: SyntheticCitizen?
  let fault: CitizenFault.Kind?

  private static let data = "http://www.mic.gov.vn/dancu/1.0"
  private static let own = "urn:lgsp:mock:population"

  init(call: CitizenCall, citizen: SyntheticCitizen?, other: SyntheticCitizen?, spoiledBy fault: CitizenFault.Kind?) {
    self.call = call
    self.citizen = citizen
    self.other = other
    self.fault = fault
  }

  var response: ServedResponse {
    switch fault {
    case .emptyBody: return ServedResponse(status: 200, headers: [HeaderField("Content-Type", "text/xml")])
    case .html:
      return ServedResponse(
        status: 200, headers: [HeaderField("Content-Type", "text/html; charset=utf-8")],
        body: Array("<!DOCTYPE html><html><body>Đăng nhập</body></html>".utf8))
    case .doctype: return Self.sent(Self.doctype + envelope, isWrapped: call.isWrapped)
    case .deep:
      let depth = 1000
      let text = String(repeating: "<a>", count: depth) + String(repeating: "</a>", count: depth)
      return Self.sent(Array(text.utf8), isWrapped: call.isWrapped)
    case .truncated: return Self.sent(Array(envelope.prefix(envelope.count / 2)), isWrapped: call.isWrapped)
    default: return Self.sent(envelope, isWrapped: call.isWrapped)
    }
  }

  private static let doctype = Array(
    "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\"><!ENTITY f SYSTEM \"file:///etc/passwd\">]>"
      .utf8)

  // MARK: - Content

  private var envelope: [UInt8] {
    let name = { (local: String) in XMLName(local, namespace: CitizenCall.namespace) }
    let namespace = fault == .wrongSchema ? "urn:another:schema" : Self.data
    let requestID = fault == .otherRequest ? "another-request" : call.requestID
    let payload =
      switch call.operation {
      case .verify:
        XMLElement(
          XMLName("KetQuaXacThuc", namespace: namespace),
          children: [XMLElement(XMLName("TonTai", namespace: namespace), text: citizen == nil ? "false" : "true")])
      case .lookup:
        XMLElement(
          XMLName("CongdanCollection", namespace: namespace), children: citizens.map { $0.element(namespace) })
      }
    let answer = XMLElement(
      name("\(call.operation.rawValue)Response"),
      children: [XMLElement(name("MaYeuCau"), text: requestID), payload])
    let bytes = try? SOAPEnvelope(body: [answer]).bytes(
      prefixes: [("dan", CitizenCall.namespace), ("ns", namespace)])
    // The document type declaration must come first, so the XML declaration is left out.
    return (bytes ?? []).split(separator: 0x0A, maxSplits: 1).last.map(Array.init) ?? []
  }

  private var citizens: [SyntheticCitizen] {
    let found = [citizen].compactMap { $0 }
    switch fault {
    case .otherPerson: return [other].compactMap { $0 }
    case .twoPersons: return found + [other].compactMap { $0 }
    default: return found
    }
  }

  // MARK: - Faults

  static func fault(_ code: CitizenFault.Code, isWrapped: Bool) -> ServedResponse {
    if isWrapped { return wrapped(code.rawValue, message: code.words) }
    let own = { (local: String) in XMLName(local, namespace: Self.own) }
    let detail = XMLElement(
      XMLName("detail"),
      children: [XMLElement(own("LoiDanCu"), children: [XMLElement(own("MaLoi"), text: code.rawValue)])])
    let fault = SOAPFault(code.isCallers ? .client : .server, reason: code.words, detail: detail)
    guard let bytes = try? SOAPEnvelope(body: [fault.element()]).bytes(prefixes: [("lgsp", Self.own)]) else {
      return ServedResponse(status: 500)
    }
    // SOAP 1.1 section 6.2: a fault comes with status 500.
    return ServedResponse(
      status: 500, headers: [HeaderField("Content-Type", "text/xml; charset=utf-8")], body: bytes)
  }

  /// What stands at `?wsdl`: enough to see that somebody is there.
  static let description = ServedResponse(
    status: 200, headers: [HeaderField("Content-Type", "text/xml; charset=utf-8")],
    body: Array(
      "<definitions xmlns=\"http://schemas.xmlsoap.org/wsdl/\" targetNamespace=\"\(CitizenCall.namespace)\"/>".utf8))

  // MARK: - Wrapping

  private static func sent(_ xml: [UInt8], isWrapped: Bool) -> ServedResponse {
    if isWrapped { return wrapped("0", message: String(decoding: xml, as: UTF8.self)) }
    return ServedResponse(status: 200, headers: [HeaderField("Content-Type", "text/xml; charset=utf-8")], body: xml)
  }

  private struct Wrapper: Encodable {
    var code, message: String

    enum CodingKeys: String, CodingKey {
      case code = "error_code"
      case message
    }
  }

  private static func wrapped(_ code: String, message: String) -> ServedResponse {
    .encoding(Wrapper(code: code, message: message))
  }
}
