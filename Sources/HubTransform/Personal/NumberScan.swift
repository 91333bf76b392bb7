/// Finds numbers that belong to a person in text.
struct NumberScan {
  let text: [UInt8]
  let label: String

  /// Digits as far as single separators hold their groups together.
  private struct Groups {
    var digits: [UInt8] = []
    var ends: [(end: Int, count: Int)] = []
    var shortest = Int.max
    var isDotted = false
  }

  /// Longest number that is looked for, in digits.
  private static let digitsMax = 19

  /// A number that begins at `position`: the longest that is one.
  func match(at position: Int) -> PersonalMatch? {
    let plus = text[position] == UInt8(ascii: "+")
    let start = plus ? position + 1 : position
    guard start < text.count, isDigit(text[start]), position == 0 || !isDigit(text[position - 1]) else { return nil }
    guard !isFraction(at: position) else { return nil }
    var groups = Groups()
    var candidates: [(end: Int, groups: Groups)] = []
    var next = start
    while groups.digits.count < Self.digitsMax {
      let end = endOfDigits(text, from: next)
      groups.digits += text[next..<end].map { $0 - 0x30 }
      groups.shortest = min(groups.shortest, end - next)
      groups.ends.append((end, groups.digits.count))
      candidates.append((end, groups))
      guard end + 1 < text.count, Array(" .-".utf8).contains(text[end]), isDigit(text[end + 1]) else { break }
      groups.isDotted = groups.isDotted || text[end] == UInt8(ascii: ".")
      next = end + 1
    }
    for candidate in candidates.reversed() {
      let range = position..<candidate.end
      if let kind = kind(of: candidate.groups, plus: plus, range), !isPartOfDigest(range) {
        return PersonalMatch(kind: kind, range: range)
      }
    }
    return nil
  }

  private func kind(of groups: Groups, plus: Bool, _ range: Range<Int>) -> PersonalKind? {
    let digits = groups.digits
    let isWhole = groups.ends.count == 1
    // Amounts of money are written with dots.
    let isGrouped = isWhole || (groups.shortest >= 3 && !groups.isDotted)
    let form = NumberForm(nationalDigits(digits, plus: plus))
    switch form {
    // A time with a fraction of a second is no telephone.
    case .mobile, .landLine: return groups.isDotted && groups.ends[0].count < 3 && digits[0] == 0 ? nil : .phone
    case _ where plus: return nil
    case .card where isGrouped: return .card
    default: break
    }
    guard isGrouped else { return nil }
    if digits.count == 12, digits[0] == 0 { return .personalNumber }
    if digits.count == 9, isWhole, !isLettered(range) { return .oldNumber }
    guard (6...16).contains(digits.count), !isLettered(range) else { return nil }
    switch PersonalLabel(before: range.lowerBound, in: text, label) {
    case .account: return .account
    case .personalTax where [10, 13].contains(digits.count): return .taxCode
    case .tax where [10, 13].contains(digits.count) && digits[0] == TaxCode.personalFirst: return .taxCode
    default: return nil
    }
  }

  private func isLettered(_ range: Range<Int>) -> Bool {
    (range.lowerBound > 0 && isLetter(text[range.lowerBound - 1]))
      || (range.upperBound < text.count && isLetter(text[range.upperBound]))
  }

  /// Whether digits stand behind `0.`, or behind the seconds of a time.
  private func isFraction(at position: Int) -> Bool {
    guard position > 1, text[position - 1] == UInt8(ascii: "."), isDigit(text[position - 2]) else { return false }
    if position > 3, isDigit(text[position - 3]) { return text[position - 4] == UInt8(ascii: ":") }
    return text[position - 2] == UInt8(ascii: "0")
  }

  /// Whether the number is a part of a digest, a UUID or a trace context: 32 characters and more of hex with a letter.
  private func isPartOfDigest(_ range: Range<Int>) -> Bool {
    var (start, end) = (range.lowerBound, range.upperBound)
    while start > 0, isHex(text[start - 1]) { start -= 1 }
    while end < text.count, isHex(text[end]) { end += 1 }
    return end - start >= 32 && text[start..<end].contains { isLetter($0) }
  }

  private func isHex(_ byte: UInt8) -> Bool {
    isDigit(byte) || (0x61...0x66).contains(byte | 0x20) || byte == UInt8(ascii: "-")
  }
}

/// What the words before a number call it. The nearest word counts.
enum PersonalLabel: Equatable {
  case account, tax, personalTax, other

  private static let words: [(String, PersonalLabel)] = [
    ("so tai khoan", .account), ("tai khoan", .account), ("so tk", .account), ("stk", .account), ("tk", .account),
    ("account", .account), ("acct", .account), ("bank no", .account), ("so the", .account),
    ("ma so thue ca nhan", .personalTax), ("mst ca nhan", .personalTax), ("personal tax code", .personalTax),
    ("ma so thue", .tax), ("mst", .tax), ("tax code", .tax), ("tax id", .tax), ("taxcode", .tax), ("tin", .tax),
    ("so tien", .other), ("amount", .other), ("ngay", .other), ("date", .other), ("ma ho so", .other),
    ("so van ban", .other), ("ma giao dich", .other),
  ]
  /// How far before the number a word may stand, in bytes.
  private static let reach = 72

  /// - Parameter label: stands before the whole text.
  /// - Returns: nil when no word says anything.
  init?(before position: Int, in text: [UInt8], _ label: String) {
    let start = max(0, position - Self.reach)
    var before = text[start..<position]
    if let stop = before.lastIndex(where: { [0x0A, 0x3B, 0x7B, 0x7D].contains($0) }) { before = before[(stop + 1)...] }
    let isBeginning = before.startIndex == 0
    let words =
      " " + foldedWords((isBeginning ? label + " " : "") + Self.words(of: String(decoding: before, as: UTF8.self)))
      + " "
    var nearest: (place: Int, label: PersonalLabel)?
    for (word, label) in Self.words {
      guard let range = words.ranges(of: " \(word) ").last else { continue }
      let place = range.upperBound.utf16Offset(in: words)
      if place > nearest?.place ?? -1 { nearest = (place, label) }
    }
    guard let nearest else { return nil }
    self = nearest.label
  }

  /// The words of which a member's name is made: `soTaiKhoan` is “so Tai Khoan”.
  static func words(of name: String) -> String {
    var words = ""
    var wasSmall = false
    for character in name {
      if character.isUppercase, wasSmall { words.append(" ") }
      wasSmall = character.isLowercase
      words.append(character)
    }
    return words
  }
}
