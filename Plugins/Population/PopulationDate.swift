internal import HubKit

/// A date of birth: a day, or only a year for the many older persons whose day nobody wrote down.
enum PopulationDate: Sendable, Equatable {
  case day(year: Int, month: Int, day: Int)
  case year(Int)

  var year: Int {
    switch self {
    case .day(let year, _, _), .year(let year): year
    }
  }

  /// Reads the canonical form, `yyyy-MM-dd` or `yyyy`; nil for another shape or a day that does not exist.
  init?(canonical text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 3 else {
      self.init(digits: text, allowingDay: false)
      return
    }
    guard parts.map(\.utf8.count) == [4, 2, 2] else { return nil }
    self.init(digits: parts.joined(), allowingDay: true)
  }

  /// Reads the database's form, `yyyyMMdd` or `yyyy`.
  init?(wire text: String) { self.init(digits: text, allowingDay: true) }

  private init?(digits text: String, allowingDay: Bool) {
    guard text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let number = Int(text) else { return nil }
    switch text.utf8.count {
    case 4 where number > 0: self = .year(number)
    case 8 where allowingDay:
      let (year, month, day) = (number / 10_000, number / 100 % 100, number % 100)
      let date = Self.day(year: year, month: month, day: day)
      guard year > 0, Timestamp(rfc3339: "\(date.canonical)T00:00:00Z") != nil else { return nil }
      self = date
    default: return nil
    }
  }

  /// `yyyy-MM-dd` or `yyyy`.
  var canonical: String { joined(by: "-") }

  /// `yyyyMMdd` or `yyyy`.
  var wire: String { joined(by: "") }

  private func joined(by separator: String) -> String {
    switch self {
    case .year(let year): Self.padded(year, 4)
    case .day(let year, let month, let day):
      [Self.padded(year, 4), Self.padded(month, 2), Self.padded(day, 2)].joined(separator: separator)
    }
  }

  static func padded(_ number: Int, _ width: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
  }
}

/// When the data of an answer were true, in the forms in which services write it. Ours is RFC 3339 in Vietnam's time.
enum PopulationMoment {
  /// Reads `yyyyMMddHHmmss`, `yyyyMMdd`, or a date and time of XML Schema with or without an offset; times without one
  /// are Vietnam's.
  static func canonical(_ text: String) -> String? {
    var iso = text
    if text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), [8, 14].contains(text.utf8.count) {
      let digits = Array(text) + Array(repeating: "0", count: 14 - text.utf8.count)
      let part = { (range: Range<Int>) in String(digits[range]) }
      iso = "\(part(0..<4))-\(part(4..<6))-\(part(6..<8))T\(part(8..<10)):\(part(10..<12)):\(part(12..<14))"
    }
    guard let time = Timestamp(rfc3339: iso) ?? Timestamp(rfc3339: iso + "+07:00") else { return nil }
    return String((time + CalendarDay.offset).description.prefix(19)) + "+07:00"
  }
}
