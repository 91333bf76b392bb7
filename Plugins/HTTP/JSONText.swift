/// The little JSON that the connector writes and checks itself (RFC 8259).
enum JSONText {
  /// A text as a JSON string.
  static func quoted(_ text: String) -> String {
    var out = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\u{0}"..<"\u{20}":
        let hex = String(scalar.value, radix: 16)
        out += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out + "\""
  }

  /// Whether the bytes are one JSON text in UTF-8, nested at most 256 deep.
  static func isValid(_ bytes: [UInt8]) -> Bool {
    guard String(validating: bytes, as: UTF8.self) != nil else { return false }
    var checker = JSONChecker(bytes: bytes)
    return checker.value(depth: 0) && checker.atEnd
  }
}

/// Walks over JSON text without keeping any of it.
private struct JSONChecker {
  let bytes: [UInt8]
  var position = 0

  static let depthMax = 256

  var atEnd: Bool {
    mutating get {
      space()
      return position == bytes.count
    }
  }

  mutating func value(depth: Int) -> Bool {
    guard depth < Self.depthMax else { return false }
    space()
    switch peek {
    case UInt8(ascii: "{"): return list(closing: UInt8(ascii: "}"), depth: depth, isObject: true)
    case UInt8(ascii: "["): return list(closing: UInt8(ascii: "]"), depth: depth, isObject: false)
    case UInt8(ascii: "\""): return string()
    case UInt8(ascii: "t"): return word("true")
    case UInt8(ascii: "f"): return word("false")
    case UInt8(ascii: "n"): return word("null")
    default: return number()
    }
  }

  private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard peek == byte else { return false }
    position += 1
    return true
  }

  private mutating func space() {
    while let byte = peek, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { position += 1 }
  }

  private mutating func word(_ text: String) -> Bool { text.utf8.allSatisfy { take($0) } }

  private mutating func list(closing: UInt8, depth: Int, isObject: Bool) -> Bool {
    position += 1
    space()
    if take(closing) { return true }
    repeat {
      if isObject {
        space()
        guard peek == UInt8(ascii: "\""), string() else { return false }
        space()
        guard take(UInt8(ascii: ":")) else { return false }
      }
      guard value(depth: depth + 1) else { return false }
      space()
    } while take(UInt8(ascii: ","))
    return take(closing)
  }

  private mutating func string() -> Bool {
    position += 1
    while let byte = peek {
      position += 1
      if byte == UInt8(ascii: "\"") { return true }
      if byte < 0x20 { return false }
      if byte == UInt8(ascii: "\\"), !escape() { return false }
    }
    return false
  }

  private mutating func escape() -> Bool {
    guard let byte = peek else { return false }
    position += 1
    if byte != UInt8(ascii: "u") { return "\"\\/bfnrt".utf8.contains(byte) }
    for _ in 0..<4 {
      guard let digit = peek, Character(Unicode.Scalar(digit)).isHexDigit else { return false }
      position += 1
    }
    return true
  }

  private mutating func number() -> Bool {
    _ = take(UInt8(ascii: "-"))
    if !take(UInt8(ascii: "0")), digits() == 0 { return false }
    if take(UInt8(ascii: ".")), digits() == 0 { return false }
    if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
      return digits() > 0
    }
    return true
  }

  private mutating func digits() -> Int {
    let start = position
    while let byte = peek, byte >= 0x30, byte <= 0x39 { position += 1 }
    return position - start
  }
}
