/// Names of people that are known from marked places, found in any other text: whatever their capitals, with or without
/// signs, composed or decomposed, words set apart by whatever file names do, or by nothing.
struct KnownNames {
  /// By first word; each is its words in small without signs.
  private let byFirstWord: [String: [[String]]]

  static let none = KnownNames([])

  /// Takes the texts of marked places that can be names: one word of three letters and more that begins with a capital,
  /// or two to eight words, of letters only.
  init(_ texts: some Sequence<String>) {
    var names = Set<[String]>()
    for text in texts {
      guard let words = Self.words(ofName: text) else { continue }
      names.insert(words)
      if words.count > 1, words.joined().count >= 6 { names.insert([words.joined()]) }
    }
    byFirstWord = Dictionary(grouping: names) { $0[0] }.mapValues { $0.sorted { $0.count > $1.count } }
  }

  var isEmpty: Bool { byFirstWord.isEmpty }

  /// The words of a text that can be a person's name; nil: it cannot.
  static func words(ofName text: String) -> [String]? {
    guard text.utf8.count <= 200, text.allSatisfy({ $0.isLetter || $0.isWhitespace || ".'’-".contains($0) }) else {
      return nil
    }
    let words = foldedWords(text).split(separator: " ").map(String.init)
    switch words.count {
    case 1: return words[0].count >= 3 && text.contains(where: \.isUppercase) ? words : nil
    case 2...8: return words.joined().count >= 3 ? words : nil
    default: return nil
    }
  }

  /// Where names stand, in bytes of UTF-8, left to right without overlaps.
  func places(in text: String) -> [Range<Int>] {
    guard !isEmpty else { return [] }
    let words = Self.words(in: text)
    var places: [Range<Int>] = []
    var index = 0
    while index < words.count {
      if let count = byFirstWord[words[index].folded]?.first(where: { matches($0, words, at: index) })?.count {
        places.append(words[index].range.lowerBound..<words[index + count - 1].range.upperBound)
        index += count
      } else {
        index += 1
      }
    }
    return places
  }

  private func matches(_ name: [String], _ words: [Word], at index: Int) -> Bool {
    guard index + name.count <= words.count else { return false }
    for (offset, word) in name.enumerated() where words[index + offset].folded != word { return false }
    // Names are not torn by more than a break of the line.
    return (1..<name.count).allSatisfy {
      words[index + $0].range.lowerBound - words[index + $0 - 1].range.upperBound <= 8
    }
  }

  private struct Word {
    var folded: String
    var range: Range<Int>
  }

  private static func words(in text: String) -> [Word] {
    var words: [Word] = []
    var (current, start, position) = ("", 0, 0)
    for character in text {
      if character.isLetter || character.isNumber {
        if current.isEmpty { start = position }
        current += Letters.folded(character)
      } else if !current.isEmpty {
        words.append(Word(folded: current, range: start..<position))
        current = ""
      }
      position += character.utf8.count
    }
    if !current.isEmpty { words.append(Word(folded: current, range: start..<position)) }
    return words
  }
}
