/// What a row of digits is, told by the digits alone: so a number has one form, and by that one pseudonym, wherever it
/// stands.
enum NumberForm: Hashable {
  /// Personal identification number (Decree 137/2015/ND-CP, article 13): province of birth, century and sex, year of
  /// birth, six more.
  case personal(centuryAndSex: UInt8)
  /// Ten digits of a mobile telephone.
  case mobile
  /// Eleven digits of a land line.
  case landLine
  /// Tax code with its check digit (Circular 86/2024/TT-BTC), perhaps with three digits of a branch.
  case taxCode(first: UInt8)
  /// Card with its check digit (ISO/IEC 7812-1).
  case card(first: UInt8)
  /// Eight digits of a day, year first.
  case day(century: UInt8)
  /// A year of the last or of this century.
  case year(century: UInt8)
  /// Anything else.
  case other(beginsWithZero: Bool)

  /// - Parameter digits: each from 0 to 9.
  init(_ digits: [UInt8]) {
    self = Self.known(digits) ?? .other(beginsWithZero: digits.count > 1 && digits[0] == 0)
  }

  private static func known(_ digits: [UInt8]) -> NumberForm? {
    switch digits.count {
    case 4: digits[0...1] == [1, 9] || digits[0...1] == [2, 0] ? .year(century: digits[0] * 10 + digits[1]) : nil
    case 8: Day(digits).map { .day(century: $0.century) }
    case 10 where digits[0] == 0 && mobileDigits.contains(digits[1]): .mobile
    case 10: TaxCode.isValid(digits) ? .taxCode(first: digits[0]) : nil
    case 11 where digits[0] == 0 && digits[1] == 2: .landLine
    case 12 where digits[3] < 4 && Provinces.place(of: digits) != nil: .personal(centuryAndSex: digits[3])
    case _ where isMoment(digits): nil
    case 13...19 where cardDigits.contains(digits[0]) && Luhn.isValid(digits): .card(first: digits[0])
    case 13 where TaxCode.isValid(digits[..<10]): .taxCode(first: digits[0])
    default: nil
    }
  }

  /// Whether digits are a time as systems here write it, `yyyyMMddHHmmss` perhaps with thousandths: one in ten has the
  /// check digit of a card by chance.
  private static func isMoment(_ digits: [UInt8]) -> Bool {
    [14, 17].contains(digits.count) && Day(Array(digits[..<8])) != nil && number(digits[8..<10]) < 24
      && number(digits[10..<12]) < 60
      && number(digits[12..<14]) < 60
  }

  /// What the second digit of a mobile telephone can be.
  static let mobileDigits: [UInt8] = [3, 5, 7, 8, 9]
  /// What cards that people pay with begin with.
  static let cardDigits: [UInt8] = [2, 3, 4, 5, 6, 9]
}

/// Codes of provinces in personal identification numbers (Circular 59/2021/TT-BCA, annex): numbers keep those of the
/// time when they were given.
enum Provinces {
  static let codes: [UInt64] = [
    1, 2, 4, 6, 8, 10, 11, 12, 14, 15, 17, 19, 20, 22, 24, 25, 26, 27, 30, 31, 33, 34, 35, 36, 37, 38, 40, 42, 44, 45,
    46, 48, 49, 51, 52, 54, 56, 58, 60, 62, 64, 66, 67, 68, 70, 72, 74, 75, 77, 79, 80, 82, 83, 84, 86, 87, 89, 91, 92,
    93, 94, 95, 96,
  ]

  private static let places = Dictionary(
    codes.enumerated().map { ($1, UInt64($0)) }, uniquingKeysWith: { first, _ in first })

  /// Which one the first three digits name.
  static func place(of digits: [UInt8]) -> UInt64? { places[number(digits[..<3])] }
}

/// A day as eight digits, year first.
struct Day {
  /// First two digits of the year.
  let century: UInt8
  /// The rest of the year, and which of twelve months with 31 days each; not every one of those days exists.
  let pair: KeyedCycle.Pair

  /// - Returns: nil when there is no such day between 1900 and 2099.
  init?(_ digits: [UInt8]) {
    let (year, month, day) = (number(digits[..<4]), number(digits[4..<6]), number(digits[6...]))
    guard (1900...2099).contains(year), (1...12).contains(month), day >= 1 else { return nil }
    let isLeap = year.isMultiple(of: 4) && year != 1900
    let length = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][Int(month) - 1]
    guard day <= length else { return nil }
    century = UInt8(year / 100)
    pair = KeyedCycle.Pair(high: year % 100, low: (month - 1) * 31 + day - 1)
  }

  static let bounds = KeyedCycle.Pair(high: 100, low: 372)

  /// Eight digits, of a day that may not exist.
  static func digits(century: UInt8, _ pair: KeyedCycle.Pair) -> [UInt8] {
    let month = pair.low / 31 + 1
    return HubTransform.digits(
      UInt64(century) * 1_000_000 + pair.high * 10_000 + month * 100 + pair.low % 31 + 1, count: 8)
  }
}

/// Check digit of tax codes.
enum TaxCode {
  private static let weights = [31, 29, 23, 19, 17, 13, 7, 5, 3]

  /// Tax codes of people who have no business begin so.
  static let personalFirst: UInt8 = 8

  static func isValid(_ digits: some BidirectionalCollection<UInt8>) -> Bool {
    digits.count == 10 && check(digits) == digits.last
  }

  /// The tenth digit; nil: no code begins with these nine.
  static func check(_ digits: some Sequence<UInt8>) -> UInt8? {
    let sum = zip(digits, weights).reduce(0) { $0 + Int($1.0) * $1.1 }
    let check = 10 - sum % 11
    return check == 10 ? nil : UInt8(check)
  }
}

/// Check digit of cards (ISO/IEC 7812-1, annex B).
enum Luhn {
  static func isValid(_ digits: [UInt8]) -> Bool { check(digits.dropLast()) == digits.last }

  static func check(_ digits: some BidirectionalCollection<UInt8>) -> UInt8 {
    let sum = digits.reversed().enumerated().reduce(0) { sum, item in
      let value = item.offset.isMultiple(of: 2) ? Int(item.element) * 2 : Int(item.element)
      return sum + (value > 9 ? value - 9 : value)
    }
    return UInt8((10 - sum % 10) % 10)
  }
}

/// International bank account numbers (ISO 13616).
enum IBAN {
  /// Remainder of the letters and digits in their order for checking; 1 in a valid number.
  static func remainder(_ text: some Collection<UInt8>) -> Int {
    (Array(text.dropFirst(4)) + Array(text.prefix(4))).reduce(0) { rest, byte in
      isDigit(byte) ? (rest * 10 + Int(byte - 0x30)) % 97 : (rest * 100 + Int(byte & 0xDF) - 55) % 97
    }
  }
}

/// The number that digits are.
func number(_ digits: some Sequence<UInt8>) -> UInt64 { digits.reduce(0) { $0 * 10 + UInt64($1) } }

/// The digits of a number, zeros in front.
func digits(_ number: UInt64, count: Int) -> [UInt8] {
  var rest = number
  var digits = [UInt8](repeating: 0, count: count)
  for index in digits.indices.reversed() {
    digits[index] = UInt8(rest % 10)
    rest /= 10
  }
  return digits
}

func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
