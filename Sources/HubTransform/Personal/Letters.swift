/// Vietnamese letters with and without their signs. A letter is the same however it is encoded: Swift compares
/// characters by what they mean, so composed and decomposed ones are one.
enum Letters {
  private static let families = [
    "aàáảãạăằắẳẵặâầấẩẫậ", "eèéẻẽẹêềếểễệ", "iìíỉĩị", "oòóỏõọôồốổỗộơờớởỡợ", "uùúủũụưừứửữự", "yỳýỷỹỵ", "dđ",
  ].map(Array.init)

  private static let plainOf: [Character: Character] = {
    var plain: [Character: Character] = [:]
    for family in families { for letter in family { plain[letter] = family[0] } }
    return plain
  }()

  /// Each vowel with its signs.
  static let signed: [Character: [Character]] = {
    var signed: [Character: [Character]] = [:]
    for family in families where family.count > 2 { signed[family[0]] = Array(family.dropFirst()) }
    return signed
  }()

  static let vowels = Array("aeiouy")
  static let consonants = Array("bcdfghjklmnpqrstvwxz")

  /// A letter in small and without signs.
  static func folded(_ character: Character) -> String {
    if let ascii = character.asciiValue {
      return (0x41...0x5A).contains(ascii) ? character.lowercased() : String(character)
    }
    let small = character.lowercased()
    guard let only = small.first, small.count == 1 else { return small }
    return plainOf[only].map { String($0) } ?? small
  }
}

/// Letters and digits of a text, in small and without signs: by it names are the same in any writing.
func folded(_ text: some StringProtocol) -> String {
  var folded = ""
  for character in text where character.isLetter || character.isNumber { folded += Letters.folded(character) }
  return folded
}

/// The words of a text in small and without signs, one space between two.
func foldedWords(_ text: some StringProtocol) -> String {
  var words = ""
  for character in text {
    if character.isLetter || character.isNumber {
      words += Letters.folded(character)
    } else if words.last != " " {
      words += " "
    }
  }
  return words
}
