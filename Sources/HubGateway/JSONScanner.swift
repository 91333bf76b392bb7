internal import HubKit

/// A member of a JSON object, or an element of an array: what it is, and where its text stands.
struct JSONItem {
  enum Value: Equatable {
    case string(String)
    case number
    case flag(Bool)
    case null
    case object
    case array
  }

  /// Name of the member; empty for an element.
  var name = ""
  var value: Value
  /// The value's text.
  var range: Range<Int>
}

/// Checks JSON text (RFC 8259) and finds its outermost members without building the rest, so that `data` of a
/// structured event stays the bytes that the sender wrote: numbers, order and spaces included.
struct JSONScanner {
  let bytes: [UInt8]
  let depthMax: Int
  private(set) var position: Int
  private let end: Int

  /// Scans the text in `range`, by default all of it.
  init(_ bytes: [UInt8], in range: Range<Int>? = nil, depthMax: Int) {
    self.bytes = bytes
    self.depthMax = depthMax
    position = range?.lowerBound ?? 0
    end = range?.upperBound ?? bytes.count
  }

  /// The members of the object that is the whole text.
  mutating func object() throws(InvalidMessage) -> [JSONItem] {
    skipSpace()
    guard peek == UInt8(ascii: "{") else { throw fault("a JSON object was expected here") }
    var members: [JSONItem] = []
    _ = try value(depth: 0) { members.append($0) }
    try finish()
    return members
  }

  /// The elements of the array that is the whole text.
  mutating func array() throws(InvalidMessage) -> [JSONItem] {
    skipSpace()
    guard peek == UInt8(ascii: "[") else { throw fault("a JSON array was expected here") }
    var elements: [JSONItem] = []
    _ = try value(depth: 0) { elements.append($0) }
    try finish()
    return elements
  }

  private mutating func finish() throws(InvalidMessage) {
    skipSpace()
    guard position == end else { throw fault("nothing may follow the end of the JSON text") }
  }

  private var peek: UInt8? { position < end ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      position += 1
    }
  }

  private mutating func value(
    depth: Int, _ inner: ((JSONItem) -> Void)? = nil
  ) throws(InvalidMessage) -> JSONItem {
    guard depth < depthMax else {
      throw fault("nested deeper than \(depthMax) levels", rule: "json-depth")
    }
    skipSpace()
    let start = position
    let value: JSONItem.Value
    switch peek {
    case UInt8(ascii: "{"): value = try container(closing: UInt8(ascii: "}"), depth: depth, inner)
    case UInt8(ascii: "["): value = try container(closing: UInt8(ascii: "]"), depth: depth, inner)
    case UInt8(ascii: "\""): value = .string(try string())
    case UInt8(ascii: "t"): value = try word("true", .flag(true))
    case UInt8(ascii: "f"): value = try word("false", .flag(false))
    case UInt8(ascii: "n"): value = try word("null", .null)
    default: value = try number()
    }
    return JSONItem(value: value, range: start..<position)
  }

  private mutating func container(
    closing: UInt8, depth: Int, _ inner: ((JSONItem) -> Void)?
  ) throws(InvalidMessage) -> JSONItem.Value {
    let isObject = closing == UInt8(ascii: "}")
    position += 1
    skipSpace()
    if peek == closing {
      position += 1
      return isObject ? .object : .array
    }
    while true {
      let name = isObject ? try memberName() : ""
      var item = try value(depth: depth + 1)
      item.name = name
      inner?(item)
      skipSpace()
      if peek == closing { break }
      guard peek == UInt8(ascii: ",") else {
        throw fault("a comma or `\(isObject ? "}" : "]")` was expected here")
      }
      position += 1
    }
    position += 1
    return isObject ? .object : .array
  }

  private mutating func memberName() throws(InvalidMessage) -> String {
    skipSpace()
    guard peek == UInt8(ascii: "\"") else {
      throw fault("a member name in double quotes was expected here")
    }
    let name = try string()
    skipSpace()
    guard peek == UInt8(ascii: ":") else {
      throw fault("a colon was expected after the member name")
    }
    position += 1
    return name
  }

  private mutating func word(_ text: StaticString, _ value: JSONItem.Value) throws(InvalidMessage)
    -> JSONItem.Value
  {
    let letters = text.withUTF8Buffer { Array($0) }
    guard position + letters.count <= end,
      Array(bytes[position..<position + letters.count]) == letters
    else {
      throw fault("this is no JSON value")
    }
    position += letters.count
    return value
  }

  private mutating func number() throws(InvalidMessage) -> JSONItem.Value {
    if peek == UInt8(ascii: "-") { position += 1 }
    let first = peek
    let count = digits()
    guard count > 0 else {
      throw fault(peek == nil ? "the text ends too early" : "this is no JSON value")
    }
    guard first != UInt8(ascii: "0") || count == 1 else {
      position -= count
      throw fault("a number may not begin with a zero")
    }
    if peek == UInt8(ascii: ".") {
      position += 1
      guard digits() > 0 else { throw fault("a digit was expected after the decimal point") }
    }
    if peek == UInt8(ascii: "e") || peek == UInt8(ascii: "E") {
      position += 1
      if peek == UInt8(ascii: "+") || peek == UInt8(ascii: "-") { position += 1 }
      guard digits() > 0 else { throw fault("a digit was expected in the exponent") }
    }
    return .number
  }

  private mutating func digits() -> Int {
    let start = position
    while let byte = peek, byte >= 0x30, byte <= 0x39 { position += 1 }
    return position - start
  }

  /// The text of the string that begins here.
  private mutating func string() throws(InvalidMessage) -> String {
    position += 1
    var text: [UInt8] = []
    while let byte = peek {
      switch byte {
      case UInt8(ascii: "\""):
        position += 1
        return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"): text.append(contentsOf: try escape().utf8)
      case 0..<0x20: throw fault("a control character must be escaped within a string")
      case 0x20..<0x80:
        text.append(byte)
        position += 1
      default:
        guard let length = sequenceLength(bytes[position..<end]) else {
          throw fault("this byte is not UTF-8; send the text as UTF-8", rule: "utf8")
        }
        text.append(contentsOf: bytes[position..<position + length])
        position += length
      }
    }
    throw fault("the text ends within a string")
  }

  private mutating func escape() throws(InvalidMessage) -> Unicode.Scalar {
    position += 1
    guard let byte = peek else { throw fault("the text ends within a string") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return try unicodeEscape()
    default:
      position -= 1
      throw fault("no such escape in JSON")
    }
  }

  private mutating func unicodeEscape() throws(InvalidMessage) -> Unicode.Scalar {
    let high = try hexUnit()
    if let scalar = Unicode.Scalar(high) { return scalar }
    guard high < 0xDC00, peek == UInt8(ascii: "\\"), position + 1 < end,
      bytes[position + 1] == UInt8(ascii: "u")
    else {
      throw fault("half of a surrogate pair stands alone")
    }
    position += 2
    let low = try hexUnit()
    guard (0xDC00...0xDFFF).contains(low),
      let scalar = Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + low - 0xDC00)
    else { throw fault("half of a surrogate pair stands alone") }
    return scalar
  }

  private mutating func hexUnit() throws(InvalidMessage) -> UInt32 {
    var unit: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = peek, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw fault("four hexadecimal digits were expected after \\u")
      }
      unit = unit << 4 | UInt32(digit)
      position += 1
    }
    return unit
  }

  private func fault(_ message: String, rule: String = "json-syntax") -> InvalidMessage {
    let place = TextPlace(of: min(position, end), in: bytes)
    return InvalidMessage(rule: rule, message, line: place.line, column: place.column)
  }
}

/// A place in a text, for people.
struct TextPlace {
  /// Line, from 1.
  let line: Int
  /// Column in characters, from 1.
  let column: Int

  /// The place of a byte.
  init(of offset: Int, in bytes: [UInt8]) {
    let before = bytes[..<offset]
    line = before.count { $0 == 0x0A } + 1
    let lineStart = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    column = before[lineStart...].count { $0 & 0xC0 != 0x80 } + 1
  }
}

/// Length of the well-formed UTF-8 sequence at the front (Unicode 15, table 3-7); nil when it is not one.
func sequenceLength(_ bytes: ArraySlice<UInt8>) -> Int? {
  let start = bytes.startIndex
  guard let first = bytes.first else { return nil }
  let length: Int
  var second: ClosedRange<UInt8> = 0x80...0xBF
  switch first {
  case 0..<0x80: return 1
  case 0xC2...0xDF: length = 2
  case 0xE0: (length, second) = (3, 0xA0...0xBF)
  case 0xED: (length, second) = (3, 0x80...0x9F)
  case 0xE1...0xEF: length = 3
  case 0xF0: (length, second) = (4, 0x90...0xBF)
  case 0xF4: (length, second) = (4, 0x80...0x8F)
  case 0xF1...0xF3: length = 4
  default: return nil
  }
  guard bytes.count >= length, second.contains(bytes[start + 1]) else { return nil }
  return bytes[(start + 2)..<(start + length)].allSatisfy { $0 & 0xC0 == 0x80 } ? length : nil
}
