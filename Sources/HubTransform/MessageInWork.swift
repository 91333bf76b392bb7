import CJSONSchema
import CJq
import HubKit

/// A message between two steps, in the shapes that it has been needed in so far: each is made once.
struct MessageInWork {
  private let input: TransformInput
  private var body: [UInt8]
  private(set) var mediaType: String?
  private var json: [UInt8]?
  /// The document as libjq has it; after a jq step this is the only shape.
  private var value: JqValue?
  private var isFresh = true
  private var parsed: XMLTree?
  private var envelope: JqValue?
  private var wrapped: JqValue?

  /// The message after the last step, as an array's items; nil when it is no array.
  mutating func items(_ value: JqValue) -> [[UInt8]]? {
    value.kind == CJQ_KIND_ARRAY ? value.items.map { $0.json() } : nil
  }

  /// Depth that libjq 1.6 can read.
  private static let jqDepthMax = 256

  init(_ input: TransformInput) throws(InvalidMessage) {
    self.input = input
    body = input.body
    mediaType = input.mediaType
    json = input.json
  }

  // MARK: shapes

  /// The canonical document, for a JSON Schema.
  func requiredJSON(_ source: ShapeSource) throws(InvalidMessage) -> [UInt8] {
    guard let json else { throw noJSON(source.name) }
    let shape = measure(json)
    guard shape.depth <= Self.jqDepthMax else { throw tooDeep() }
    return json
  }

  /// The body as a tree, kept for the next check.
  mutating func tree(_ limits: TransformLimits) throws(InvalidMessage) -> XMLTree {
    if let parsed { return parsed }
    let made = try XMLTree(xmlBytes(), depthMax: limits.depthMax)
    parsed = made
    return made
  }

  /// The body as a tree that may be changed.
  mutating func takeTree(_ limits: TransformLimits) throws(InvalidMessage) -> XMLTree {
    defer { parsed = nil }
    return try tree(limits)
  }

  /// What a jq program is given.
  ///
  /// - Parameter dataRequired: false: `.` is null for a body that is not JSON.
  mutating func jqInput(dataRequired: Bool, for name: String = "") throws(InvalidMessage) -> JqValue {
    if let wrapped { return wrapped }
    if value == nil, let json { value = try read(json) }
    if value == nil, dataRequired { throw noJSON(name) }
    let made = JqValue.wrap(
      envelope: try envelopeValue(), now: input.now.description, calls: try callsValue(), data: value)
    if value != nil { wrapped = made }
    return made
  }

  /// What a stylesheet is given beside its input.
  var parameters: [(name: String, value: String)] {
    [("now", input.now.description)] + input.envelope.attributes.map { ("envelope-" + $0.name, $0.value) }
  }

  // MARK: changes

  /// The message is now what a jq program made.
  mutating func become(_ result: JqValue) {
    value = result
    wrapped = nil
    json = nil
    parsed = nil
    isFresh = false
    mediaType = "application/json"
  }

  /// The message is now what a stylesheet made.
  mutating func become(_ bytes: [UInt8], mediaType: String) {
    self.mediaType = mediaType
    body = bytes
    isFresh = true
    value = nil
    wrapped = nil
    parsed = nil
    let type = mediaType.split(separator: ";").first.map(String.init) ?? mediaType
    json = type == "application/json" || type.hasSuffix("+json") ? bytes : nil
  }

  /// The bytes after the last step.
  func finishedBody(limits: TransformLimits) throws(InvalidMessage) -> [UInt8] {
    guard !isFresh, let value else { return body }
    guard !value.nestsDeeper(than: Self.jqDepthMax) else {
      throw InvalidMessage(rule: "json-depth", "the result nests deeper than \(Self.jqDepthMax) levels")
    }
    let bytes = value.json()
    guard bytes.count <= limits.outputBytesMax else { throw tooLarge("the mapping", limits) }
    return bytes
  }

  // MARK: inside

  private func xmlBytes() throws(InvalidMessage) -> [UInt8] {
    guard isFresh else {
      throw InvalidMessage(rule: "no-xml", "the step before made JSON, and a stylesheet or an XML Schema needs XML")
    }
    return body
  }

  private func read(_ json: [UInt8]) throws(InvalidMessage) -> JqValue {
    let shape = measure(json)
    guard shape.depth <= Self.jqDepthMax else { throw tooDeep() }
    if shape.has_large_integer != 0 { throw InvalidMessage(largeIntegers(in: json)) }
    guard let value = JqValue.parse(json) else {
      let problem = JSONScan(depthMax: Self.jqDepthMax).problem(in: BytesReader(json))
      throw InvalidMessage([problem ?? Violation(rule: "json-syntax", message: "not JSON that jq can read")])
    }
    return value
  }

  private mutating func envelopeValue() throws(InvalidMessage) -> JqValue {
    if let envelope { return envelope }
    let members = input.envelope.attributes.map { (name: $0.name, value: JSONTree.string($0.value)) }
    guard let made = JqValue.parse(JSONTree.object(members).json) else {
      throw InvalidMessage(rule: "envelope", "the envelope's attributes are not text")
    }
    envelope = made
    return made
  }

  /// What was asked on the way, by name; null for a call that brought nothing.
  private func callsValue() throws(InvalidMessage) -> JqValue {
    var text = Array("{".utf8)
    for (index, name) in input.calls.keys.sorted().enumerated() {
      guard case let json?? = input.calls[name] else {
        text += Array("\(index == 0 ? "" : ",")\"\(name)\":null".utf8)
        continue
      }
      _ = try read(json)
      text += Array("\(index == 0 ? "" : ",")\"\(name)\":".utf8) + json
    }
    guard let made = JqValue.parse(text + [UInt8(ascii: "}")]) else {
      throw InvalidMessage(rule: "call-answer", "what a call brought is not JSON that jq can read")
    }
    return made
  }

  private func measure(_ json: [UInt8]) -> cjs_shape {
    json.withUnsafeBytes { cjs_measure($0.bindMemory(to: CChar.self).baseAddress, $0.count) }
  }

  private func noJSON(_ name: String) -> InvalidMessage {
    InvalidMessage(
      rule: "no-json",
      "\(name) needs JSON, and a body of type \(mediaType ?? "unknown") has no canonical document; "
        + "name a codec or map by XSLT"
    )
  }

  private func tooDeep() -> InvalidMessage {
    InvalidMessage(rule: "json-depth", "nested deeper than \(Self.jqDepthMax) levels")
  }
}
