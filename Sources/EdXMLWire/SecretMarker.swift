/// Finds the marks of state secrets (Law 117/2025/QH15: Mật, Tối mật, Tuyệt mật) in the places where an office would
/// put one. Running text is not searched for the words: a circular about the protection of secrets is no secret.
///
/// A mark is, without regard to case or to how Vietnamese letters are composed:
/// - in a field made for it (DoMat, Security, SecurityLevel, ...): a degree, also without accents;
/// - in any other text of the header, the manifest or beside an attachment: the whole text is a degree; a degree in
///   brackets, as in `[MẬT]`; a label `Độ mật:` with a degree; or a degree at the beginning with a colon, dash, bar or
///   stop behind it.
///
/// So `bảo mật`, `mật khẩu`, `mật độ dân số`, `bí mật kinh doanh` and `Danh mục bí mật nhà nước độ Tối mật` are none.
public enum SecretMarker {
  private static let degrees: [[String]] = [["tuyệt", "mật"], ["tối", "mật"], ["mật"]]
  private static let plainDegrees: [[String]] = [
    ["tuyet", "mat"], ["toi", "mat"], ["mat"], ["top", "secret"], ["secret"], ["confidential"],
  ]
  private static let labels: [[String]] = [["mức", "độ", "mật"], ["độ", "mật"], ["do", "mat"]]
  /// Names of persons and places may be these words; a signature holds none.
  private static let passedOver: Set<String> = ["Signature", "FullName", "Staff", "Place", "Email"]
  private static let fields: Set<String> = [
    "security", "securitylevel", "securitydegree", "domat", "mucdomat", "classification", "secretlevel",
    "secretdegree", "secrecy", "confidentiality", "confidentialitylevel", "dataclassification",
  ]

  /// The mark, in the words of the content with the name of its element; nil when there is none.
  public static func find(in message: EdXMLMessage) -> String? { search(message.root) }

  private static func search(_ element: EdXMLElement) -> String? {
    if passedOver.contains(element.name.local) { return nil }
    for attribute in element.attributes where fields.contains(attribute.name.local.lowercased()) {
      if let degree = degreeInField(attribute.value) { return "\(attribute.name.local): \(degree)" }
    }
    let children = element.children
    for child in children { if let found = search(child) { return found } }
    let own = element.text
    guard children.isEmpty, !own.isEmpty else { return nil }
    let degree = fields.contains(element.name.local.lowercased()) ? degreeInField(own) : degreeInText(own)
    return degree.map { "\(element.name.local): \($0)" }
  }

  /// The degree that a field made for it names.
  static func degreeInField(_ text: String) -> String? {
    let words = tokens(text).compactMap(\.word)
    let rest = labels.first { words.starts(with: $0) }.map { Array(words.dropFirst($0.count)) } ?? words
    for degree in degrees + plainDegrees where rest == degree { return degree.joined(separator: " ") }
    return degreeInText(text)
  }

  /// The degree that stands in a marking position of any other text.
  static func degreeInText(_ text: String) -> String? {
    let all = tokens(text)
    for index in all.indices {
      if let degree = degreeAfterLabel(all[index...]) ?? degreeInBrackets(all[index...]) { return degree }
    }
    for degree in degrees {
      guard begins(all[...], with: degree) else { continue }
      let next = all.dropFirst(degree.count).first
      if next == nil || next.flatMap(\.mark).map({ ":-–—|.".contains($0) }) == true {
        return degree.joined(separator: " ")
      }
    }
    return nil
  }

  private static func degreeAfterLabel(_ rest: ArraySlice<Token>) -> String? {
    for label in labels where begins(rest, with: label) {
      var tail = rest.dropFirst(label.count)
      while let mark = tail.first?.mark, ":=-–— ".contains(mark) { tail = tail.dropFirst() }
      for degree in degrees + (label.contains("mat") ? plainDegrees : []) where begins(tail, with: degree) {
        return degree.joined(separator: " ")
      }
    }
    return nil
  }

  private static func degreeInBrackets(_ rest: ArraySlice<Token>) -> String? {
    guard let mark = rest.first?.mark, let close = ["[": "]", "(": ")", "{": "}", "<": ">"][mark] else { return nil }
    let inside = rest.dropFirst()
    for degree in degrees where begins(inside, with: degree) {
      if inside.dropFirst(degree.count).first?.mark == Character(close) { return degree.joined(separator: " ") }
    }
    return nil
  }

  private static func begins(_ rest: ArraySlice<Token>, with words: [String]) -> Bool {
    rest.count >= words.count && zip(rest, words).allSatisfy { $0.word == $1 }
  }

  private enum Token {
    case word(String)
    case mark(Character)

    var word: String? { if case .word(let word) = self { word } else { nil } }
    var mark: Character? { if case .mark(let mark) = self { mark } else { nil } }
  }

  /// Words in lower case and marks; white space only separates. Comparing Swift strings ignores composition.
  private static func tokens(_ text: String) -> [Token] {
    var tokens: [Token] = []
    var word = ""
    func endWord() {
      if !word.isEmpty { tokens.append(.word(word.lowercased())) }
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
}
