/// A value in a PDF file, with the place at which it stands.
struct PDFValue {
  enum Content {
    case name(String)
    case number(Int)
    /// The bytes of a text in round brackets, or of one in angle brackets.
    case text([UInt8], isHex: Bool)
    case array([PDFValue])
    case dictionary([Entry])
    case reference(Int)
    /// A real number, `true`, `null`.
    case word
  }

  struct Entry {
    var key: String
    /// Where the key's slash stands.
    var position: Int
    var value: PDFValue
  }

  var content: Content
  var place: Range<Int>

  var entries: [Entry]? {
    guard case .dictionary(let entries) = content else { return nil }
    return entries
  }

  var name: String? {
    guard case .name(let name) = content else { return nil }
    return name
  }

  var number: Int? {
    guard case .number(let number) = content else { return nil }
    return number
  }

  /// The innermost dictionary that has a key at this place.
  func dictionary(withKeyAt position: Int) -> PDFValue? {
    switch content {
    case .dictionary(let entries):
      if entries.contains(where: { $0.position == position }) { return self }
      return entries.lazy.compactMap { $0.value.dictionary(withKeyAt: position) }.first
    case .array(let values):
      return values.lazy.compactMap { $0.dictionary(withKeyAt: position) }.first
    default: return nil
    }
  }
}

extension [PDFValue.Entry] {
  /// The value of a key that stands there once; nil when it is missing or stands there several times.
  func single(_ key: String) -> PDFValue? {
    let all = filter { $0.key == key }
    return all.count == 1 ? all[0].value : nil
  }
}

/// Reads values from the bytes of a PDF file, from front to back and within bounds. What makes no sense is nil.
struct PDFReader {
  static let depthMax = 24
  /// Most values of one object.
  static let valuesMax = 20_000

  private let bytes: ArraySlice<UInt8>
  private(set) var position: Int
  private var values = 0

  /// - Parameter bytes: not read beyond their end.
  init(_ bytes: ArraySlice<UInt8>, at position: Int) {
    self.bytes = bytes
    self.position = position
  }

  static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 || byte == 0x0C || byte == 0
  }

  static func isDelimiter(_ byte: UInt8) -> Bool { "()<>[]{}/%".utf8.contains(byte) }

  var byte: UInt8? { position < bytes.endIndex ? bytes[position] : nil }

  mutating func skipSpace() {
    while let byte {
      if byte == UInt8(ascii: "%") {
        while let next = self.byte, next != 0x0A, next != 0x0D { position += 1 }
      } else if Self.isSpace(byte) {
        position += 1
      } else {
        return
      }
    }
  }

  /// Goes over a word if it is the next.
  mutating func take(_ word: String) -> Bool {
    let end = position + word.utf8.count
    guard end <= bytes.endIndex, bytes[position..<end].elementsEqual(word.utf8) else { return false }
    if end < bytes.endIndex, let last = word.utf8.last, !Self.isDelimiter(last), !Self.isSpace(bytes[end]),
      !Self.isDelimiter(bytes[end])
    {
      return false
    }
    position = end
    return true
  }

  /// Goes over `<number> <generation> obj` if it is the next.
  ///
  /// - Returns: the number.
  mutating func takeObject() -> Int? {
    let start = position
    if let number = digits() {
      skipSpace()
      if digits() != nil {
        skipSpace()
        if take("obj") { return number }
      }
    }
    position = start
    return nil
  }

  /// The value that begins here, after spaces.
  mutating func value(depth: Int = 0) -> PDFValue? {
    skipSpace()
    values += 1
    guard let byte, depth < Self.depthMax, values <= Self.valuesMax else { return nil }
    let start = position
    let content: PDFValue.Content?
    switch byte {
    case UInt8(ascii: "/"): content = name().map { .name($0) }
    case UInt8(ascii: "("): content = literal().map { .text($0, isHex: false) }
    case UInt8(ascii: "["): content = array(depth)
    case UInt8(ascii: "<"):
      let isDictionary = position + 1 < bytes.endIndex && bytes[position + 1] == byte
      content = isDictionary ? dictionary(depth) : hex().map { .text($0, isHex: true) }
    default: content = word()
    }
    return content.map { PDFValue(content: $0, place: start..<position) }
  }

  private mutating func array(_ depth: Int) -> PDFValue.Content? {
    position += 1
    var members: [PDFValue] = []
    while true {
      skipSpace()
      if take("]") { return .array(members) }
      guard let member = value(depth: depth + 1) else { return nil }
      members.append(member)
    }
  }

  private mutating func dictionary(_ depth: Int) -> PDFValue.Content? {
    position += 2
    var entries: [PDFValue.Entry] = []
    while true {
      skipSpace()
      if take(">>") { return .dictionary(entries) }
      let start = position
      guard byte == UInt8(ascii: "/"), let key = name(), let value = value(depth: depth + 1) else { return nil }
      entries.append(PDFValue.Entry(key: key, position: start, value: value))
    }
  }

  /// A name, with what is written as `#41` taken for the byte that it means.
  mutating func name() -> String? {
    position += 1
    var name: [UInt8] = []
    while let byte, !Self.isSpace(byte), !Self.isDelimiter(byte) {
      position += 1
      if byte == UInt8(ascii: "#"), position + 1 < bytes.endIndex, let high = hexDigit(bytes[position]),
        let low = hexDigit(bytes[position + 1])
      {
        name.append(high << 4 | low)
        position += 2
      } else {
        name.append(byte)
      }
      guard name.count <= 128 else { return nil }
    }
    return String(decoding: name, as: UTF8.self)
  }

  private mutating func literal() -> [UInt8]? {
    var (text, open): ([UInt8], Int) = ([], 0)
    while let byte {
      position += 1
      switch byte {
      case UInt8(ascii: "\\"):
        if let plain = escaped() { text.append(plain) }
      case UInt8(ascii: "("):
        open += 1
        if open > 1 { text.append(byte) }
      case UInt8(ascii: ")"):
        open -= 1
        if open == 0 { return text }
        text.append(byte)
      default: text.append(byte)
      }
    }
    return nil
  }

  /// What stands behind a backslash; nil for a line that goes on.
  private mutating func escaped() -> UInt8? {
    guard let byte else { return nil }
    position += 1
    switch byte {
    case UInt8(ascii: "n"): return 0x0A
    case UInt8(ascii: "r"): return 0x0D
    case UInt8(ascii: "t"): return 0x09
    case UInt8(ascii: "b"): return 0x08
    case UInt8(ascii: "f"): return 0x0C
    case 0x0A: return nil
    case 0x0D:
      if self.byte == 0x0A { position += 1 }
      return nil
    case 0x30...0x37:
      var code = Int(byte - 0x30)
      for _ in 0..<2 {
        guard let next = self.byte, (0x30...0x37).contains(next) else { break }
        code = code * 8 + Int(next - 0x30)
        position += 1
      }
      return UInt8(truncatingIfNeeded: code)
    default: return byte
    }
  }

  private mutating func hex() -> [UInt8]? {
    position += 1
    var (text, high): ([UInt8], UInt8?) = ([], nil)
    while let byte {
      position += 1
      if byte == UInt8(ascii: ">") {
        if let high { text.append(high << 4) }
        return text
      }
      if Self.isSpace(byte) { continue }
      guard let digit = hexDigit(byte) else { return nil }
      if let first = high {
        text.append(first << 4 | digit)
        high = nil
      } else {
        high = digit
      }
    }
    return nil
  }

  private mutating func word() -> PDFValue.Content? {
    let start = position
    if let number = digits() {
      let end = position
      skipSpace()
      if digits() != nil {
        skipSpace()
        if take("R") { return .reference(number) }
      }
      position = end
      return .number(number)
    }
    while let byte, !Self.isSpace(byte), !Self.isDelimiter(byte) { position += 1 }
    return position > start ? .word : nil
  }

  /// A whole number that is no part of a longer word.
  private mutating func digits() -> Int? {
    let start = position
    var number = 0
    while let byte, (0x30...0x39).contains(byte) {
      guard position - start < 15 else {
        position = start
        return nil
      }
      number = number * 10 + Int(byte - 0x30)
      position += 1
    }
    if position > start, byte.map({ Self.isSpace($0) || Self.isDelimiter($0) }) ?? true { return number }
    position = start
    return nil
  }
}

func hexDigit(_ byte: UInt8) -> UInt8? {
  switch byte {
  case 0x30...0x39: byte - 0x30
  case 0x41...0x46: byte - 0x37
  case 0x61...0x66: byte - 0x57
  default: nil
  }
}
