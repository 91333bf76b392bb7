import Crypto

/// Other numbers for numbers: one to one, of the same ``NumberForm``, never the same number.
///
/// Kept are: of a personal number the digit for century and sex, and that its province exists; of telephones what kind
/// they are; of tax codes and cards the first digit, check digits being right again; of days and years the century; of
/// anything else the length, and whether it begins with 0.
struct NumberPseudonym {
  private let key: SymmetricKey
  /// Longest row of digits that is one number; what is longer is taken in pieces.
  private static let digitsMax = 36

  init(key: SymmetricKey) {
    self.key = key
  }

  /// - Parameters:
  ///   - digits: each from 0 to 9.
  ///   - plus: a sign for international telephone numbers stands in front.
  func replacing(_ digits: [UInt8], plus: Bool = false) -> [UInt8] {
    guard digits.count <= Self.digitsMax else {
      return replacing(Array(digits[..<Self.digitsMax])) + replacing(Array(digits[Self.digitsMax...]))
    }
    guard !digits.isEmpty else { return [] }
    let national = nationalDigits(digits, plus: plus)
    let other = walked(national)
    // The country code stays as it was written.
    return national == digits ? other : digits.dropLast(national.count - 1) + other.dropFirst()
  }

  /// On to the next number of the same form.
  private func walked(_ digits: [UInt8]) -> [UInt8] {
    let form = NumberForm(digits)
    var other = digits
    repeat { other = next(other, form) } while NumberForm(other) != form
    return other
  }

  private func next(_ digits: [UInt8], _ form: NumberForm) -> [UInt8] {
    switch form {
    case .personal(let fourth): return personal(digits, fourth)
    case .mobile, .landLine, .year: return turned(digits, form, 2..<digits.count)
    case .taxCode:
      var other = turned(digits, form, 1..<9)
      // Where there is no such code the walk goes on.
      other[9] = TaxCode.check(other) ?? other[9]
      return other
    case .card:
      var other = turned(digits, form, 1..<digits.count - 1)
      other[digits.count - 1] = Luhn.check(other.dropLast())
      return other
    case .day(let century):
      guard let day = Day(digits) else { return digits }
      let cycle = KeyedCycle(key: key, label: "\(form)", bounds: Day.bounds)
      var pair = day.pair
      var other: [UInt8]
      repeat {
        pair = cycle.next(after: pair)
        other = Day.digits(century: century, pair)
      } while Day(other) == nil
      return other
    case .other(let beginsWithZero): return turned(digits, form, (beginsWithZero ? 1 : 0)..<digits.count)
    }
  }

  private func personal(_ digits: [UInt8], _ fourth: UInt8) -> [UInt8] {
    let place = Provinces.place(of: digits) ?? 0
    let cycle = KeyedCycle(
      key: key, label: "personal \(fourth)",
      bounds: KeyedCycle.Pair(high: UInt64(Provinces.codes.count) * 1000, low: 100_000))
    let other = cycle.next(
      after: KeyedCycle.Pair(high: place * 1000 + number(digits[4..<7]), low: number(digits[7...])))
    return HubTransform.digits(Provinces.codes[Int(other.high / 1000)], count: 3) + [fourth]
      + HubTransform.digits(other.high % 1000, count: 3) + HubTransform.digits(other.low, count: 5)
  }

  /// Turns some of the digits into others.
  private func turned(_ digits: [UInt8], _ form: NumberForm, _ free: Range<Int>) -> [UInt8] {
    let middle = free.lowerBound + free.count / 2
    let cycle = KeyedCycle(
      key: key, label: "\(form) \(digits.count)",
      bounds: KeyedCycle.Pair(high: power(middle - free.lowerBound), low: power(free.upperBound - middle)))
    let other = cycle.next(
      after: KeyedCycle.Pair(
        high: number(digits[free.lowerBound..<middle]), low: number(digits[middle..<free.upperBound])))
    return digits[..<free.lowerBound] + HubTransform.digits(other.high, count: middle - free.lowerBound)
      + HubTransform.digits(other.low, count: free.upperBound - middle) + digits[free.upperBound...]
  }

  private func power(_ count: Int) -> UInt64 { (0..<count).reduce(1) { power, _ in power * 10 } }
}

/// A telephone number that is written with the country's code, as one is that is dialled inside the country; other
/// numbers as they are.
func nationalDigits(_ digits: [UInt8], plus: Bool) -> [UInt8] {
  guard digits.starts(with: [8, 4]), plus || digits.count == 11 else { return digits }
  let rest = Array(digits.dropFirst(2).drop { $0 == 0 })
  let isPhone =
    (rest.count == 9 && NumberForm.mobileDigits.contains(rest[0])) || (rest.count == 10 && rest[0] == 2)
  return isPhone ? [0] + rest : digits
}
