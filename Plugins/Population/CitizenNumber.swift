/// What a twelve-digit citizen number says by itself: three digits for the place of birth registration, one for
/// century and sex, two for the year of birth, six that count. There is no check digit. A number that contradicts the
/// declared data is reported, not refused: numbers were issued from wrong papers, too.
struct CitizenNumber {
  /// A contradiction between a number and what is declared beside it; stable words for machines.
  enum Note: String, CaseIterable {
    /// The digits for the year are those of another year.
    case birthYear = "personal-id-birth-year"
    /// The digit for the century is that of another century.
    case century = "personal-id-century"
    /// The digit for the sex is that of the other sex.
    case gender = "personal-id-gender"
  }

  private let digits: [Int]

  /// Takes a number; nil when it is not twelve digits.
  init?(_ text: String) {
    guard text.utf8.count == 12, text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
    digits = text.utf8.map { Int($0 - 0x30) }
  }

  /// Century of birth as the first two digits of its years: 19 for 0 and 1, 20 for 2 and 3, and so on.
  var century: Int { 19 + digits[3] / 2 }
  /// Whether the digit is that of a man.
  var isMale: Bool { digits[3] % 2 == 0 }
  /// Last two digits of the year of birth.
  var yearOfCentury: Int { digits[4] * 10 + digits[5] }

  /// What does not fit a year of birth.
  func notes(birthYear: Int) -> [Note] {
    (birthYear / 100 == century ? [] : [.century]) + (birthYear % 100 == yearOfCentury ? [] : [.birthYear])
  }

  /// What does not fit a sex.
  func notes(isMale declared: Bool) -> [Note] { declared == isMale ? [] : [.gender] }
}
