internal import HubKit
internal import HubTransform
internal import JSONWire
internal import SOAPWire
internal import XMLWire

/// What a manifest's jq programs see of an answer, or of a call: `{status, headers, body}`. Names of header fields are
/// in lower case; a JSON body is itself, an XML body the hub's JSON form of XML, any other text a string.
struct AnswerDocument: Sendable {
  /// The whole, as JSON text.
  let json: [UInt8]
  /// The body's own bytes, and what they are.
  let body: [UInt8]
  let mediaType: String?
  /// The body alone as JSON text; nil when it has no such form.
  let bodyJSON: [UInt8]?
  /// Code of a SOAP fault, with what stands below it.
  let fault: String?

  /// Makes the document. Blocks: an XML parser runs.
  ///
  /// - Parameters:
  ///   - members: further members by name, as JSON text.
  ///   - isSOAP: the body is what stands inside a SOAP envelope, without namespaces.
  init(
    headers: [HeaderField], body: [UInt8], isSOAP: Bool = false, members: [(name: String, json: String)]
  ) throws(InvalidMessage) {
    var content = body
    var type = headers["Content-Type"].map(Self.plainType)
    var fault: String?
    if isSOAP {
      let envelope = try SOAPEnvelope.read(body)
      fault = envelope.fault.map { ([$0.code] + $0.subcodes).joined(separator: ".") }
      content = []
      if let first = envelope.body.first { content = try XMLWriter.document(first.withoutNamespaces, prefixes: []) }
      type = "application/xml"
    }
    self.fault = fault
    self.body = content
    mediaType = type
    let form = try Self.jsonForm(content, type)
    bodyJSON = form.isText ? nil : form.json
    var text = Array("{".utf8)
    for member in members { text += Array("\"\(member.name)\":\(member.json),".utf8) }
    text += Array("\"headers\":".utf8) + JSONValue.object(Self.fields(headers)).bytes + Array(",\"body\":".utf8)
    json = text + form.json + [UInt8(ascii: "}")]
  }

  /// An answer of a far system.
  init(_ response: OutboundResponse, isSOAP: Bool = false) throws(InvalidMessage) {
    try self.init(
      headers: response.headers, body: response.body, isSOAP: isSOAP, members: [("status", "\(response.status)")])
  }

  private static let limits = CodecLimits()

  private static func jsonForm(
    _ body: [UInt8], _ type: String?
  ) throws(InvalidMessage) -> (json: [UInt8], isText: Bool) {
    guard !body.isEmpty else { return (Array("null".utf8), true) }
    let prefix = Array(body.prefix(4096))
    if JSONCodec().recognises(mediaType: type, prefix: prefix) {
      return (try JSONCodec().decode(BytesReader(body), into: MemoryBodyStore(), limits: limits).json, false)
    }
    if XMLCodec().recognises(mediaType: type, prefix: prefix) {
      return (try XMLCodec().decode(BytesReader(body), into: MemoryBodyStore(), limits: limits).json, false)
    }
    return (JSONValue.text(String(decoding: body, as: UTF8.self)).bytes, true)
  }

  private static func fields(_ headers: [HeaderField]) -> [String: JSONValue] {
    Dictionary(headers.map { ($0.name.lowercased(), $0.value) }, uniquingKeysWith: { "\($0), \($1)" })
      .mapValues { .text($0) }
  }

  /// A media type in lower case, without parameters.
  static func plainType(_ text: String) -> String {
    (text.split(separator: ";").first.map(String.init) ?? text).filter { !$0.isWhitespace }.lowercased()
  }
}

extension XMLElement {
  /// The same with local names only, so that programs need not know which prefix a far system chose.
  var withoutNamespaces: XMLElement {
    XMLElement(
      XMLName(name.local), attributes: attributes.map { XMLAttribute(XMLName($0.name.local), $0.value) },
      children: children.map(\.withoutNamespaces), text: rawText)
  }
}
