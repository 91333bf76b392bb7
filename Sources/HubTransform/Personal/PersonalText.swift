/// What a piece of text looks like.
public enum PersonalKind: String, Sendable, Hashable, Codable, CaseIterable {
  /// Personal identification number of twelve digits.
  case personalNumber = "personal-number"
  /// Number of the old identity card, nine digits.
  case oldNumber = "old-number"
  /// Telephone of Viet Nam.
  case phone
  /// E-mail address.
  case email
  /// Number of a card that people pay with.
  case card
  /// Number of an account at a bank, which nothing but the words before it tells.
  case account
  /// International bank account number.
  case iban
  /// Tax code of a person.
  case taxCode = "tax-code"
}

/// A piece of text that looks like personal data.
struct PersonalMatch {
  var kind: PersonalKind
  /// Where it stands, in bytes of UTF-8.
  var range: Range<Int>
}

/// Finds what looks like personal data in any text, left to right, without overlaps: personal identification numbers
/// and cards (also in groups set apart by spaces or hyphens), nine-digit numbers of old identity cards that stand
/// alone, Vietnamese telephone numbers, e-mail addresses, IBANs, and beside a word that says so accounts and personal
/// tax codes. Rather too much than too little; digests and UUIDs are passed over.
///
/// - Parameter label: words that stand before the text, such as the name of its member.
func personalMatches(in text: [UInt8], label: String = "") -> [PersonalMatch] {
  var found: [PersonalMatch] = []
  var position = 0
  while position < text.count {
    let byte = text[position]
    // Most bytes begin nothing.
    guard isDigit(byte) || byte == UInt8(ascii: "@") || byte == UInt8(ascii: "+") || isCapital(byte) else {
      position += 1
      continue
    }
    let match = emailMatch(text, around: position) ?? ibanMatch(text, at: position)
    if let match = match ?? NumberScan(text: text, label: label).match(at: position) {
      while let last = found.last, last.range.upperBound > match.range.lowerBound { found.removeLast() }
      found.append(match)
      position = match.range.upperBound
    } else if isDigit(byte) {
      position = endOfDigits(text, from: position)
    } else {
      position += 1
    }
  }
  return found
}

/// Text for an error or a log line: what looks like personal data is left out, and so is everything beyond 300
/// characters.
func redacted(_ text: String) -> String {
  let bytes = Array(text.utf8)
  var kept: [UInt8] = []
  var position = 0
  for match in personalMatches(in: bytes) {
    kept += bytes[position..<match.range.lowerBound] + Array("[...]".utf8)
    position = match.range.upperBound
  }
  let whole = String(decoding: kept + bytes[position...], as: UTF8.self)
  return whole.count > 300 ? whole.prefix(300) + "..." : whole
}

func isLetter(_ byte: UInt8) -> Bool {
  isCapital(byte) || (0x61...0x7A).contains(byte) || byte >= 0x80 || byte == 0x5F
}

private func isCapital(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte) }

func endOfDigits(_ text: [UInt8], from start: Int) -> Int {
  var end = start
  while end < text.count, isDigit(text[end]) { end += 1 }
  return end
}

/// An address whose at-sign stands at `position`.
private func emailMatch(_ text: [UInt8], around position: Int) -> PersonalMatch? {
  guard text[position] == UInt8(ascii: "@") else { return nil }
  func inName(_ byte: UInt8) -> Bool {
    isDigit(byte) || (isLetter(byte) && byte < 0x80) || Array("._%+-".utf8).contains(byte)
  }
  var start = position
  while start > 0, inName(text[start - 1]) { start -= 1 }
  var end = position + 1
  while end < text.count, inName(text[end]) { end += 1 }
  while end > position, text[end - 1] == UInt8(ascii: ".") { end -= 1 }
  guard start < position, end > position + 1, text[position + 1..<end].contains(UInt8(ascii: ".")) else { return nil }
  return PersonalMatch(kind: .email, range: start..<end)
}

/// An international account number that begins at `position`, whole or in groups of four.
private func ibanMatch(_ text: [UInt8], at position: Int) -> PersonalMatch? {
  guard position + 15 <= text.count, isCapital(text[position]), isCapital(text[position + 1]),
    isDigit(text[position + 2]), isDigit(text[position + 3]),
    position == 0 || !(isDigit(text[position - 1]) || isLetter(text[position - 1]))
  else { return nil }
  var letters: [UInt8] = []
  var best: Int?
  var end = position
  while end < text.count, letters.count < 34 {
    if isDigit(text[end]) || isCapital(text[end]) {
      letters.append(text[end])
    } else if text[end] != UInt8(ascii: " ") || letters.isEmpty || text[end - 1] == UInt8(ascii: " ") {
      break
    }
    end += 1
    let isAtEnd = end == text.count || !(isDigit(text[end]) || isLetter(text[end]))
    if isAtEnd, letters.count >= 15, IBAN.remainder(letters) == 1 { best = end }
  }
  return best.map { PersonalMatch(kind: .iban, range: position..<$0) }
}
