/// A name as the database compares it: capital letters without marks.
enum PopulationName {
  /// Normalises a name: marks are stripped, Đ becomes D, letters become capitals, runs of white space one space.
  ///
  /// Swift compares characters by canonical equivalence, so that a name in composed (NFC) and one in decomposed form
  /// (NFD), and marks in any order, meet here before anything is stripped. What has no Latin base letter stays.
  ///
  /// - Parameter removingSpaces: whether words are run together, as several clients do.
  static func normalised(_ name: String, removingSpaces: Bool) -> String {
    let words = name.split(whereSeparator: \.isWhitespace).map { word in
      word.uppercased().reduce(into: "") { out, character in out += plain(character) }
    }
    return words.filter { !$0.isEmpty }.joined(separator: removingSpaces ? "" : " ")
  }

  private static func plain(_ character: Character) -> String {
    if character.isASCII { return String(character) }
    if let letter = letters[character] { return String(letter) }
    let base = character.unicodeScalars.filter { $0.properties.canonicalCombiningClass == .notReordered }
    return String(String.UnicodeScalarView(base))
  }

  /// Every capital letter with one mark, or with a letter's mark and a tone.
  private static let letters: [Character: Character] = {
    // Grave, acute, tilde, hook above, dot below: the five written tones.
    let tones = ["\u{300}", "\u{301}", "\u{303}", "\u{309}", "\u{323}"]
    // Circumflex, breve, horn; then those of other languages, as foreign spouses and children have them.
    let marks = ["\u{302}", "\u{306}", "\u{31B}", "\u{308}", "\u{30A}", "\u{30C}", "\u{304}", "\u{327}", "\u{328}"]
    let combinations = tones + marks + marks.flatMap { mark in tones.map { mark + $0 } }
    // Ð (eth) is what some old keyboards wrote for Đ.
    var table: [Character: Character] = ["Đ": "D", "Ð": "D"]
    for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" {
      for combination in combinations { table[Character(String(letter) + combination)] = letter }
    }
    return table
  }()
}
