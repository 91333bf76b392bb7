import Crypto
import FoundationEssentials

/// Replaces texts by others of the same form, always the same one for the same text and secret.
struct Pseudonym {
  private let key: SymmetricKey
  private let numbers: NumberPseudonym

  init(secret: [UInt8]) {
    key = SymmetricKey(data: secret)
    numbers = NumberPseudonym(key: key)
  }

  /// Another text of the same length and form: digits for digits, vowels for vowels, with signs for such, consonants
  /// for consonants, capitals for capitals; everything else stays. Capitals, signs and what stands between the words do
  /// not matter for which letters are chosen, so a name in any writing is still the same person's.
  ///
  /// Digits become what ``NumberPseudonym`` says, all of a text that has no letters as one number; a date stays a date
  /// that exists.
  func replacing(_ text: String) -> String {
    if let date = replacing(date: text) { return date }
    guard !isNumber(text) else { return replacing(number: text) }
    let original = folded(text)
    var attempt: UInt8 = 0
    var other = text
    // Of one or two letters the same may come out.
    repeat {
      other = replacing(text, keyedBy: original, attempt)
      attempt += 1
    } while folded(other) == original && attempt < 32
    return other
  }

  /// A number of JSON with other digits: sign, point and exponent stay, and the first digit stays other than 0.
  func replacing(jsonNumber text: String) -> String {
    let mantissa = text.prefix { $0 != "e" && $0 != "E" }
    let digits = mantissa.utf8.filter(isDigit).map { $0 - 0x30 }
    return written(numbers.replacing(digits), as: String(mantissa)) + text.dropFirst(mantissa.count)
  }

  /// One of the other choices.
  func choosing(otherThan text: String, of choices: [String]) -> String {
    let others = choices.filter { $0 != text }
    guard !others.isEmpty else { return text }
    var stream = KeyStream(key: key, text: text, attempt: 0)
    return others[stream.next(below: others.count)]
  }

  /// An account number of ISO 13616 with other digits and the check digits that they need; country and letters stay.
  func replacing(iban text: String) -> String {
    var bytes = Array(text.utf8)
    let places = bytes.indices.filter { bytes[$0] != UInt8(ascii: " ") }
    let digitPlaces = places.dropFirst(4).filter { isDigit(bytes[$0]) }
    for (place, digit) in zip(digitPlaces, numbers.replacing(digitPlaces.map { bytes[$0] - 0x30 })) {
      bytes[place] = digit + 0x30
    }
    bytes[places[2]] = 0x30
    bytes[places[3]] = 0x30
    let check = digits(UInt64(98 - IBAN.remainder(places.map { bytes[$0] })), count: 2)
    bytes[places[2]] = check[0] + 0x30
    bytes[places[3]] = check[1] + 0x30
    return String(decoding: bytes, as: UTF8.self)
  }

  private func replacing(number text: String) -> String {
    let digits = text.utf8.filter(isDigit).map { $0 - 0x30 }
    return written(numbers.replacing(digits, plus: text.hasPrefix("+")), as: text)
  }

  private func replacing(_ text: String, keyedBy folded: String, _ attempt: UInt8) -> String {
    var stream = KeyStream(key: key, text: folded, attempt: attempt)
    var other = ""
    var run: [UInt8] = []
    func endRun() {
      for digit in numbers.replacing(run) { other.append(Character(Unicode.Scalar(digit + 0x30))) }
      run = []
    }
    for character in text {
      if let ascii = character.asciiValue, isDigit(ascii) {
        run.append(ascii - 0x30)
      } else {
        endRun()
        other += character.isLetter ? replacement(of: character, &stream) : String(character)
      }
    }
    endRun()
    return other
  }
}

/// Whether a text is one number, however its digits are grouped.
func isNumber(_ text: some StringProtocol) -> Bool {
  text.utf8.contains(where: isDigit) && text.utf8.allSatisfy { isDigit($0) || Array(" .-+()".utf8).contains($0) }
}

/// Digits in the places where a text has digits.
private func written(_ digits: [UInt8], as text: String) -> String {
  var rest = digits[...]
  return String(decoding: text.utf8.map { isDigit($0) ? (rest.popFirst() ?? 0) + 0x30 : $0 }, as: UTF8.self)
}

/// Bytes that depend on a key and a text and look like chance: HMAC-SHA-256 in counter mode.
private struct KeyStream {
  private let key: SymmetricKey
  private let text: [UInt8]
  private var block: [UInt8] = []
  private var counter: UInt32 = 0

  init(key: SymmetricKey, text: String, attempt: UInt8) {
    self.key = key
    self.text = [attempt] + text.utf8
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

/// A letter for a letter. Takes as much of the stream with signs as without, and whatever the letter is.
private func replacement(of letter: Character, _ stream: inout KeyStream) -> String {
  let plain = Letters.folded(letter)
  let (choice, sign) = (stream.next(below: 120), stream.next(below: 1 << 16))
  var other: Character
  if let only = plain.first, Letters.vowels.contains(only) {
    let vowel = Letters.vowels[choice % Letters.vowels.count]
    let signed = Letters.signed[vowel] ?? []
    other = letter.isASCII ? vowel : signed[sign % signed.count]
  } else {
    other = Letters.consonants[choice % Letters.consonants.count]
    if other == "d", !letter.isASCII { other = "đ" }
  }
  return letter.isUppercase ? other.uppercased() : String(other)
}

// MARK: dates

extension Pseudonym {
  /// `2026-11-23` with whatever follows, or `23/11/2026` and its like: another day that exists, in the same century,
  /// the same one in either writing and in that of eight digits.
  private func replacing(date text: String) -> String? {
    guard let (parts, mark, rest) = dateParts(text) else { return nil }
    let yearFirst = parts[0].count == 4
    let ordered = yearFirst ? parts : parts.reversed()
    let padded = ordered.map { $0.count == 1 ? "0\($0)" : String($0) }.joined()
    let day = padded.utf8.map { $0 - 0x30 }
    guard Day(day) != nil else { return nil }
    let other = String(decoding: numbers.replacing(day).map { $0 + 0x30 }, as: UTF8.self)
    let pieces = [other.prefix(4), other.dropFirst(4).prefix(2), other.suffix(2)]
    return (yearFirst ? pieces : pieces.reversed()).joined(separator: String(mark)) + rest
  }
}

/// Year, month and day as they stand in a text that begins with them, or is them.
func dateParts(_ text: String) -> (parts: [Substring], mark: Character, rest: Substring)? {
  let length = text.prefix(11).prefix { $0.isASCII && ($0.isNumber || "-/.".contains($0)) }
  let parts = length.split(omittingEmptySubsequences: false) { !$0.isNumber }
  guard parts.count == 3, let mark = length.first(where: { !$0.isNumber }) else { return nil }
  let rest = text[length.endIndex...]
  if parts[0].count == 4, parts[1].count == 2, parts[2].count == 2 { return (parts, mark, rest) }
  let isDayFirst = (1...2).contains(parts[0].count) && (1...2).contains(parts[1].count) && parts[2].count == 4
  return isDayFirst && rest.isEmpty ? (parts, mark, rest) : nil
}
