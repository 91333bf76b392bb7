import Crypto
import FoundationEssentials

/// Replaces texts by others of the same form, always the same one for the same text and secret.
struct Pseudonym {
  private let key: SymmetricKey

  init(secret: [UInt8]) {
    key = SymmetricKey(data: secret)
  }

  /// Another text of the same length and form: digits for digits, letters for letters of the same case, vowels for
  /// vowels, letters with Vietnamese signs for such; everything else stays. Capitals do not matter for which letters
  /// are chosen, so a name in capitals and in small letters is still the same person's.
  ///
  /// A date stays a possible date, a number that begins with 0 goes on doing so, and a telephone number keeps its kind.
  func replacing(_ text: String) -> String {
    var stream = KeyStream(key: key, text: canonical(text))
    if let date = maskedDate(text, &stream) { return date }
    var kept = keptDigits(text)
    return String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { scalar in
          if ("0"..."9").contains(scalar), kept > 0 {
            kept -= 1
            return scalar
          }
          return replacement(of: scalar, &stream)
        }))
  }

  /// A number of JSON with other digits: sign, point and exponent stay, and the first digit stays other than 0.
  func replacing(number: String) -> String {
    var stream = KeyStream(key: key, text: number)
    var first = true
    var inExponent = false
    return String(
      number.map { character -> Character in
        if character == "e" || character == "E" { inExponent = true }
        guard let digit = character.wholeNumberValue, !inExponent else { return character }
        defer { first = false }
        if first && digit == 0 { return character }
        let other = first ? 1 + stream.next(below: 9) : stream.next(below: 10)
        return Character(String(other))
      })
  }

  private func canonical(_ text: String) -> String {
    let digits = text.filter(\.isNumber)
    let plain = text.allSatisfy { $0.isNumber || " .-+".contains($0) }
    return plain && !digits.isEmpty ? digits : text.lowercased()
  }

  /// How many digits at the front tell what kind of number it is.
  private func keptDigits(_ text: String) -> Int {
    guard text.allSatisfy({ $0.isNumber || " .-+".contains($0) }) else { return 0 }
    let digits = text.filter(\.isNumber)
    if text.hasPrefix("+84") { return 3 }
    if digits.count == 10 || digits.count == 11, digits.hasPrefix("0") { return 2 }
    return digits.hasPrefix("0") ? 1 : 0
  }
}

/// Bytes that depend on a key and a text and look like chance: HMAC-SHA-256 in counter mode.
private struct KeyStream {
  private let key: SymmetricKey
  private let text: [UInt8]
  private var block: [UInt8] = []
  private var counter: UInt32 = 0

  init(key: SymmetricKey, text: String) {
    self.key = key
    self.text = Array(text.utf8)
  }

  /// A number from 0 up to `limit`, as even as two bytes allow.
  mutating func next(below limit: Int) -> Int {
    if block.count < 2 {
      let count = withUnsafeBytes(of: counter.littleEndian) { Array($0) }
      block = Array(HMAC<SHA256>.authenticationCode(for: Array("mask".utf8) + count + text, using: key))
      counter += 1
    }
    let value = Int(block.removeLast()) << 8 | Int(block.removeLast())
    return value % limit
  }
}

// MARK: letters

private let pools: [[Unicode.Scalar]] = [
  "aeiouy", "bcdfghklmnpqrstvx", "jwz",
  "àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ", "đ",
].map { Array($0.unicodeScalars) }

private let poolOf: [Unicode.Scalar: Int] = {
  var places: [Unicode.Scalar: Int] = [:]
  for (index, pool) in pools.enumerated() { for scalar in pool { places[scalar] = index } }
  return places
}()

private func replacement(of scalar: Unicode.Scalar, _ stream: inout KeyStream) -> Unicode.Scalar {
  if ("0"..."9").contains(scalar) { return Unicode.Scalar(UInt8(0x30 + stream.next(below: 10))) }
  let lower = scalar.properties.lowercaseMapping.unicodeScalars.first ?? scalar
  guard let pool = poolOf[lower].map({ pools[$0] }) else {
    return scalar.properties.isAlphabetic ? "x" : scalar
  }
  let other = pool[stream.next(below: pool.count)]
  return lower == scalar ? other : other.properties.uppercaseMapping.unicodeScalars.first ?? other
}

// MARK: dates

/// `2026-11-23` with whatever follows, or `23/11/2026` and its like: another day that exists, in the same century.
private func maskedDate(_ text: String, _ stream: inout KeyStream) -> String? {
  let parts = text.prefix(10).split(omittingEmptySubsequences: false) { !$0.isNumber }
  guard parts.count == 3, text.count >= 8, let mark = text.first(where: { !$0.isNumber }), "-/.".contains(mark) else {
    return nil
  }
  let month = two(1 + stream.next(below: 12))
  let day = two(1 + stream.next(below: 28))
  if parts[0].count == 4, parts[1].count == 2, parts[2].count == 2 {
    return "\(parts[0].prefix(2))\(two(stream.next(below: 100)))\(mark)\(month)\(mark)\(day)" + text.dropFirst(10)
  }
  if parts[0].count == 2, parts[1].count == 2, parts[2].count == 4, text.count == 10 {
    return "\(day)\(mark)\(month)\(mark)\(parts[2].prefix(2))\(two(stream.next(below: 100)))"
  }
  return nil
}

private func two(_ number: Int) -> String { number < 10 ? "0\(number)" : String(number) }
