/// The words of secrecy, and the places in a text where they are a mark.
enum SecretWords {
  /// What separates a degree at the beginning of a title from the rest.
  private static let separators = ":-–—|._"
  private static let brackets: [Character: Character] = ["[": "]", "(": ")", "{": "}", "<": ">"]

  /// Writings of each word: as it is, in VNI, in TCVN3, both as they look in Latin-1. Without accents only capitals
  /// count, see ``Word``.
  private static let secret: Set<String> = ["mật", "maät", "mët"]
  private static let top: Set<String> = ["tối", "toái", "tèi"]
  private static let utmost: Set<String> = ["tuyệt", "tuyeät", "tuyöt"]
  private static let plain: [String: String] = ["MAT": "mật", "TOI": "tối", "TUYET": "tuyệt"]
  private static let labels: [[String]] = [
    ["mức", "độ", "mật"], ["độ", "mật"], ["do", "mat"], ["muc", "do", "mat"],
  ]
  /// With one of these at the end of the line before, `MẬT` is the rest of a heading: `… BẢO VỆ BÍ / MẬT`.
  private static let halves: Set<String> = ["bí", "bảo", "cơ", "độ", "bi", "bao", "co", "do"]
  /// Words that follow `mật` in everyday words.
  private static let compounds: Set<String> = ["khẩu", "khau", "mã", "ma", "độ", "do", "ong", "thiết", "thiet"]
  private static let openDegrees: [[String]] = [["mat"], ["toi", "mat"], ["tuyet", "mat"]]
  private static let english: [[String]] = [["top", "secret"], ["secret"], ["confidential"]]

  /// The degree that a field made for it names.
  static func field(_ text: String) -> String? {
    let words = tokens(text).compactMap(\.word)
    let lower = words.map(\.lower)
    let label = labels.first { lower.starts(with: $0) }
    let rest = words.dropFirst(label?.count ?? 0)
    if let (degree, count) = degree(rest.map { .word($0) }[...]), count == rest.count { return degree }
    let bare = Array(lower.dropFirst(label?.count ?? 0))
    for (index, open) in openDegrees.enumerated() where bare == open { return ["mật", "tối mật", "tuyệt mật"][index] }
    if english.contains(bare) { return bare.joined(separator: " ") }
    return title(text)
  }

  /// The degree in a marking position of a title.
  static func title(_ text: String) -> String? {
    let all = tokens(text)
    for index in all.indices {
      if let degree = afterLabel(all[index...])?.degree ?? inBrackets(all[index...])?.degree { return degree }
    }
    guard let (degree, count) = degree(all[...]) else { return nil }
    guard let next = all.dropFirst(count).first else { return degree }
    // MAT_KHAU is what some call a file about passwords.
    if next.mark == "_", let word = all.dropFirst(count + 1).first?.word, compounds.contains(word.lower) { return nil }
    return next.mark.map { separators.contains($0) } == true ? degree : nil
  }

  /// Most bytes of a line that is a stamp, and of the beginning of a longer one where a label may stand.
  private static let stampBytesMax = 120

  /// The degree when a line is a stamp, or begins with a label and a degree.
  static func stamp(_ line: String, after before: String) -> String? {
    let isShort = line.utf8.count <= stampBytesMax
    let all = spaced(tokens(isShort ? line : String(line.prefix(stampBytesMax / 2))))
    let core = all.drop { $0.isFrame }
    if let (degree, rest) = afterLabel(core) {
      return rest.allSatisfy(\.isFrame) || rest.first?.mark == "." ? degree : nil
    }
    guard isShort else { return nil }
    if let (degree, rest) = inBrackets(core) { return rest.allSatisfy(\.isFrame) ? degree : nil }
    guard let (degree, count) = degree(core), core.dropFirst(count).allSatisfy(\.isFrame) else { return nil }
    guard core.compactMap(\.word).allSatisfy(\.isCapital) else { return nil }
    return degree == "mật" ? whole(after: before) : degree
  }

  /// `MẬT` on a line of its own, judged by the line before.
  private static func whole(after before: String) -> String? {
    let words = tokens(before).compactMap(\.word)
    guard let last = words.last else { return "mật" }
    if words.count == 1, last.isCapital {
      if top.contains(last.lower) || plain[last.text] == "tối" { return "tối mật" }
      if utmost.contains(last.lower) || plain[last.text] == "tuyệt" { return "tuyệt mật" }
    }
    return halves.contains(last.lower) ? nil : "mật"
  }

  private static func afterLabel(_ rest: ArraySlice<Token>) -> (degree: String, rest: ArraySlice<Token>)? {
    for label in labels where begins(rest, with: label) {
      var tail = rest.dropFirst(label.count)
      while let mark = tail.first?.mark, ":=-–—".contains(mark) { tail = tail.dropFirst() }
      if let (degree, count) = degree(tail) { return (degree, tail.dropFirst(count)) }
      guard label.last == "mat" else { continue }
      for (index, open) in openDegrees.enumerated() where begins(tail, with: open) {
        return (["mật", "tối mật", "tuyệt mật"][index], tail.dropFirst(open.count))
      }
    }
    return nil
  }

  private static func inBrackets(_ rest: ArraySlice<Token>) -> (degree: String, rest: ArraySlice<Token>)? {
    guard let mark = rest.first?.mark, let close = brackets[mark] else { return nil }
    let inside = rest.dropFirst()
    guard let (degree, count) = degree(inside) else { return nil }
    let after = inside.dropFirst(count)
    return after.first?.mark == close ? (degree, after.dropFirst()) : nil
  }

  private static func begins(_ rest: ArraySlice<Token>, with words: [String]) -> Bool {
    rest.count >= words.count && zip(rest, words).allSatisfy { $0.word?.lower == $1 }
  }

  /// The degree with which tokens begin, and how many they are. `_` may stand between its words.
  private static func degree(_ rest: ArraySlice<Token>) -> (String, Int)? {
    var count = 0
    var head = ""
    guard let first = rest.first?.word else { return nil }
    if top.contains(first.lower) || plain[first.text] == "tối" { head = "tối " }
    if utmost.contains(first.lower) || plain[first.text] == "tuyệt" { head = "tuyệt " }
    if !head.isEmpty { count += rest.dropFirst().first?.mark == "_" ? 2 : 1 }
    guard let second = rest.dropFirst(count).first?.word else { return nil }
    guard secret.contains(second.lower) || plain[second.text] == "mật" else { return nil }
    // TOI MẬT or TỐI MAT is nobody's writing, and is taken for a mark all the same.
    return ("\(head)mật", count + 1)
  }
}

// MARK: - Words and marks

extension SecretWords {
  /// A word; comparing Swift strings ignores how letters are composed.
  struct Word {
    let text, lower: String

    init(_ text: String) {
      self.text = text
      lower = text.lowercased()
    }

    /// In capitals. TCVN3 has fonts whose small letters look like capitals, so its writings count as such.
    var isCapital: Bool {
      text == text.uppercased() || ["mët", "tèi", "tuyöt"].contains(lower)
    }
  }

  enum Token {
    case word(Word)
    case mark(Character)

    var word: Word? { if case .word(let word) = self { word } else { nil } }
    var mark: Character? { if case .mark(let mark) = self { mark } else { nil } }
    /// Whether it is what people draw around a stamp.
    var isFrame: Bool { mark.map { "-–—*=|_.•~".contains($0) } ?? false }
  }

  /// Words and marks; white space only separates.
  static func tokens(_ text: String) -> [Token] {
    var tokens: [Token] = []
    var word = ""
    func endWord() {
      if !word.isEmpty { tokens.append(.word(Word(word))) }
      word = ""
    }
    for character in text {
      if character.isLetter || character.isNumber {
        word.append(character)
      } else {
        endWord()
        if !character.isWhitespace { tokens.append(.mark(character)) }
      }
    }
    endWord()
    return tokens
  }

  /// A stamp with a space between its letters (`M Ậ T`) is one without.
  static func spaced(_ tokens: [Token]) -> [Token] {
    let words = tokens.compactMap(\.word)
    guard words.count >= 3, words.allSatisfy({ $0.text.count == 1 }) else { return tokens }
    let joined = words.map(\.text).joined()
    for head in ["", "tối", "toi", "tuyệt", "tuyet"] {
      for tail in ["mật", "mat"] where joined.lowercased() == head + tail {
        let parts = [joined.prefix(head.count), joined.dropFirst(head.count)].filter { !$0.isEmpty }
        let inside = parts.map { Token.word(Word(String($0))) }
        let front = tokens.prefix { $0.word == nil }
        let back = tokens.reversed().prefix { $0.word == nil }.reversed()
        return front + inside + back
      }
    }
    return tokens
  }
}
