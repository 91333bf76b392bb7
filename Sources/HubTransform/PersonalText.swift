/// A piece of text that looks like personal data.
struct PersonalMatch {
  enum Kind {
    /// Citizen's number of twelve digits.
    case personalNumber
    /// Number of the old identity card, nine digits.
    case oldNumber
    case phone
    case email
  }

  var kind: Kind
  /// Where it stands, in bytes of UTF-8.
  var range: Range<Int>
}

/// Finds what looks like personal data in any text, left to right, without overlaps: twelve-digit citizen's numbers
/// (also in groups of three or four set apart by spaces or hyphens), nine-digit numbers of old identity cards that
/// stand alone, Vietnamese telephone numbers, and e-mail addresses. Rather too much than too little.
func personalMatches(in text: [UInt8]) -> [PersonalMatch] {
  var found: [PersonalMatch] = []
  var position = 0
  while position < text.count {
    if let match = emailMatch(text, around: position) ?? numberMatch(text, at: position) {
      while let last = found.last, last.range.upperBound > match.range.lowerBound { found.removeLast(); _ = last }
      found.append(match)
      position = match.range.upperBound
    } else if isDigit(text[position]) {
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

private func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

private func isLetter(_ byte: UInt8) -> Bool {
  (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte >= 0x80 || byte == 0x5F
}

private func endOfDigits(_ text: [UInt8], from start: Int) -> Int {
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

/// A number that begins at `position`, with its groups as far as single separators hold them together.
private func numberMatch(_ text: [UInt8], at position: Int) -> PersonalMatch? {
  let plus = text[position] == UInt8(ascii: "+")
  let start = plus ? position + 1 : position
  guard start < text.count, isDigit(text[start]), position == 0 || !isDigit(text[position - 1]) else { return nil }
  let end = endOfDigits(text, from: start)
  let lettered = (position > 0 && isLetter(text[position - 1])) || (end < text.count && isLetter(text[end]))
  let digits = Array(text[start..<end])
  if let kind = kind(of: digits, plus: plus, alone: !lettered) {
    return PersonalMatch(kind: kind, range: position..<end)
  }
  return groupedMatch(text, from: position, start: start, firstEnd: end, plus: plus)
}

private func groupedMatch(
  _ text: [UInt8], from position: Int, start: Int, firstEnd: Int, plus: Bool
) -> PersonalMatch? {
  var digits = Array(text[start..<firstEnd])
  var end = firstEnd
  var shortest = digits.count
  var dotted = false
  while end + 1 < text.count, Array(" .-".utf8).contains(text[end]), isDigit(text[end + 1]), digits.count < 12 {
    let next = endOfDigits(text, from: end + 1)
    dotted = dotted || text[end] == UInt8(ascii: ".")
    digits += text[end + 1..<next]
    shortest = min(shortest, next - end - 1)
    end = next
  }
  guard end > firstEnd, let kind = kind(of: digits, plus: plus, alone: true) else { return nil }
  switch kind {
  case .phone: return PersonalMatch(kind: .phone, range: position..<end)
  // Amounts of money are written with dots.
  case .personalNumber where shortest >= 3 && !dotted:
    return PersonalMatch(kind: .personalNumber, range: position..<end)
  default: return nil
  }
}

/// What digits stand for. Mobile numbers have ten digits and begin with 03, 05, 07, 08 or 09, land lines eleven with
/// 02; the country code 84 may replace the 0.
private func kind(of digits: [UInt8], plus: Bool, alone: Bool) -> PersonalMatch.Kind? {
  let mobile = Array("35789".utf8)
  if digits.starts(with: [0x38, 0x34]), plus || digits.count == 11 {
    let rest = Array(digits.dropFirst(2).drop { $0 == 0x30 })
    if rest.count == 9, let first = rest.first, mobile.contains(first) { return .phone }
    if rest.count == 10, rest.first == 0x32 { return .phone }
  }
  switch digits.count {
  case 12: return plus ? nil : .personalNumber
  case 9 where alone && !plus: return .oldNumber
  case 10 where digits[0] == 0x30 && mobile.contains(digits[1]): return .phone
  case 11 where digits[0] == 0x30 && digits[1] == 0x32: return .phone
  default: return nil
  }
}
