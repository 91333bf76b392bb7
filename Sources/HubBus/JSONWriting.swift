internal import HubKit

/// Writes JSON text: what `JSONEncoder` makes of the same values, at a tenth of its cost. Every message has its steps
/// written twice.
struct JSONWriting {
  private(set) var bytes: [UInt8] = []
  /// Whether the next member or element needs a comma before it.
  private var isFirst = true

  init() { bytes.reserveCapacity(512) }

  mutating func array<Element>(_ elements: [Element], _ write: (Element, inout JSONWriting) -> Void) {
    open("[")
    for element in elements {
      comma()
      write(element, &self)
    }
    close("]")
  }

  mutating func object(_ write: (inout JSONWriting) -> Void) {
    open("{")
    write(&self)
    close("}")
  }

  mutating func member(_ name: StaticString, _ text: String?) {
    guard let text else { return }
    key(name)
    string(text)
  }

  mutating func member(_ name: StaticString, _ number: (some FixedWidthInteger)?) {
    guard let number else { return }
    key(name)
    bytes.append(contentsOf: String(number).utf8)
  }

  mutating func member(_ name: StaticString, _ flag: Bool?) {
    guard let flag else { return }
    key(name)
    bytes.append(contentsOf: (flag ? "true" : "false").utf8)
  }

  mutating func member<Element>(
    _ name: StaticString, _ elements: [Element]?, _ write: (Element, inout JSONWriting) -> Void
  ) {
    guard let elements else { return }
    key(name)
    array(elements, write)
  }

  mutating func member(_ name: StaticString, _ write: (inout JSONWriting) -> Void) {
    key(name)
    write(&self)
  }

  mutating func string(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    var text = text
    text.withUTF8 { utf8 in
      for byte in utf8 {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"):
          bytes.append(UInt8(ascii: "\\"))
          bytes.append(byte)
        case 0..<0x20:
          let hex = Array("0123456789abcdef".utf8)
          bytes.append(contentsOf: "\\u00".utf8)
          bytes.append(hex[Int(byte >> 4)])
          bytes.append(hex[Int(byte & 15)])
        default: bytes.append(byte)
        }
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  private mutating func key(_ name: StaticString) {
    comma()
    bytes.append(UInt8(ascii: "\""))
    name.withUTF8Buffer { bytes.append(contentsOf: $0) }
    bytes.append(contentsOf: "\":".utf8)
  }

  private mutating func comma() {
    if !isFirst { bytes.append(UInt8(ascii: ",")) }
    isFirst = false
  }

  private mutating func open(_ bracket: Unicode.Scalar) {
    bytes.append(UInt8(ascii: bracket))
    isFirst = true
  }

  private mutating func close(_ bracket: Unicode.Scalar) {
    bytes.append(UInt8(ascii: bracket))
    isFirst = false
  }
}

extension TimelineEntry {
  /// In the order of the alphabet, without what is nil.
  func write(into text: inout JSONWriting) {
    text.object { text in
      text.member("at", at.description)
      text.member("attempt", attempt)
      text.member("by", by)
      text.member("children", children) { $1.string($0.text) }
      text.member("code", code)
      if let comparison { text.member("comparison") { comparison.write(into: &$0) } }
      text.member("configuration", configuration)
      text.member("deliveries", deliveries) { $0.write(into: &$1) }
      text.member("delivery", delivery)
      text.member("detail", detail)
      text.member("job", job)
      text.member("microseconds", microseconds)
      text.member("name", name.rawValue)
      text.member("reference", reference)
      text.member("route", route)
      text.member("sent", sent)
      text.member("state", state?.rawValue)
      text.member("until", until?.description)
      text.member("violations", violations) { $0.write(into: &$1) }
    }
  }
}

extension PlannedDelivery {
  func write(into text: inout JSONWriting) {
    text.object { text in
      text.member("call", call)
      text.member("endpoint", endpoint)
      text.member("fallback", fallback)
      text.member("isOptional", isOptional)
      text.member("operation", operation)
      text.member("orderingKey", orderingKey)
      text.member("receiver", receiver?.text)
      text.member("role", role?.rawValue)
      text.member("shadow", shadow)
    }
  }
}

extension ShadowComparison {
  fileprivate func write(into text: inout JSONWriting) {
    text.object { text in
      text.member("agree", agree) { $1.string($0) }
      text.member("code", code)
      text.member("differ", differ) { $1.string($0) }
      text.member("endpoint", endpoint)
      text.member("isCut", isCut)
      text.member("microseconds", microseconds)
      text.member("onlyLive", onlyLive) { $1.string($0) }
      text.member("onlyShadow", onlyShadow) { $1.string($0) }
      text.member("result", result.rawValue)
      text.member("shadow", shadow)
      text.member("shadowMicroseconds", shadowMicroseconds)
    }
  }
}

extension Violation {
  fileprivate func write(into text: inout JSONWriting) {
    text.object { text in
      text.member("column", column)
      text.member("line", line)
      text.member("message", message)
      text.member("path", path)
      text.member("rule", rule)
    }
  }
}
