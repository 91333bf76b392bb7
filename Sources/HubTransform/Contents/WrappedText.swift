/// A piece of base64 in text whose content can be told: a known kind of file, or text.
struct Base64Run {
  /// Where it stands, in bytes of UTF-8.
  var range: Range<Int>
  /// What it stands for.
  var bytes: [UInt8]

  private static let lengthMin = 16

  /// The runs in a text, left to right. White space between the characters is allowed when all of the text is base64.
  static func runs(in text: [UInt8]) -> [Base64Run] {
    if text.count >= 64, text.contains(where: isSpace), text.allSatisfy({ isSpace($0) || value[Int($0)] >= 0 }) {
      let whole = decoded(text.filter { !isSpace($0) }[...])
      if let whole { return [Base64Run(range: text.indices, bytes: whole)] }
    }
    var runs: [Base64Run] = []
    var start = 0
    while start < text.count {
      guard value[Int(text[start])] >= 0 else {
        start += 1
        continue
      }
      var end = start
      while end < text.count, value[Int(text[end])] >= 0 { end += 1 }
      if end - start >= lengthMin, let bytes = decoded(text[start..<end]) {
        runs.append(Base64Run(range: start..<end, bytes: bytes))
      }
      start = end
    }
    return runs
  }

  /// The bytes that a text stands for; nil: it is no base64.
  static func bytes(_ text: String) -> [UInt8]? { bytes(Array(text.utf8)[...]) }

  /// Bytes as base64.
  static func text(_ bytes: [UInt8]) -> [UInt8] {
    var text: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      let bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
      for place in 0..<4 {
        text.append(place <= group.count ? alphabet[Int(bits >> UInt32(18 - 6 * place)) & 63] : UInt8(ascii: "="))
      }
    }
    return text
  }

  /// Only what can be told: what is neither a known kind of file nor text in sentences is no base64, or nothing to
  /// read.
  private static func decoded(_ text: ArraySlice<UInt8>) -> [UInt8]? {
    guard let bytes = bytes(text) else { return nil }
    if ContentKind.known(bytes) != nil { return bytes }
    guard ContentKind(bytes) != .binary, bytes.count >= 8 else { return nil }
    return bytes
  }

  private static func bytes(_ text: ArraySlice<UInt8>) -> [UInt8]? {
    let padding = text.reversed().prefix { $0 == UInt8(ascii: "=") }.count
    let letters = text.dropLast(padding)
    guard padding <= 2, letters.count % 4 != 1 else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(letters.count * 3 / 4)
    var (bits, count): (UInt32, Int) = (0, 0)
    for letter in letters {
      let six = value[Int(letter)]
      guard six >= 0, six < 64 else { return nil }
      bits = bits << 6 | UInt32(six)
      count += 6
      if count >= 8 {
        count -= 8
        bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
      }
    }
    return bytes
  }

  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  /// Of each byte its six bits, 64 for padding, else -1. `-` and `_` are the letters of URLs (RFC 4648, section 5).
  private static let value: [Int8] = {
    var value = [Int8](repeating: -1, count: 256)
    for (index, letter) in alphabet.enumerated() { value[Int(letter)] = Int8(index) }
    value[Int(UInt8(ascii: "-"))] = 62
    value[Int(UInt8(ascii: "_"))] = 63
    value[Int(UInt8(ascii: "="))] = 64
    return value
  }()

  private static func isSpace(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0A, 0x0D].contains(byte) }
}

/// Text with percent escapes (RFC 3986, section 2.1), without them.
struct PercentText {
  /// The bytes that it stands for.
  private(set) var bytes: [UInt8] = []
  /// Where in the text each of them began, and the end.
  private(set) var places: [Int] = []

  /// - Returns: nil when there is no escape in it.
  init?(_ text: [UInt8]) {
    guard text.contains(UInt8(ascii: "%")) else { return nil }
    var position = 0
    var isEscaped = false
    while position < text.count {
      places.append(position)
      if text[position] == UInt8(ascii: "%"), position + 2 < text.count,
        let high = Self.digit(text[position + 1]), let low = Self.digit(text[position + 2])
      {
        bytes.append(high << 4 | low)
        position += 3
        isEscaped = true
      } else {
        bytes.append(text[position])
        position += 1
      }
    }
    places.append(text.count)
    guard isEscaped else { return nil }
  }

  /// A piece of it with escapes for all that is not unreserved.
  static func escaped(_ text: String) -> [UInt8] {
    let digits = Array("0123456789ABCDEF".utf8)
    return text.utf8.flatMap { byte -> [UInt8] in
      let isPlain = byte < 0x80 && (isDigit(byte) || isLetter(byte) || Array("-._~".utf8).contains(byte))
      return isPlain ? [byte] : [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    Character(Unicode.Scalar(byte)).hexDigitValue.map { UInt8($0) }
  }
}
