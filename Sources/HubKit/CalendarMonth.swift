/// A month of Viet Nam's calendar and clock (UTC+7, no summer time), as in `2026-11`.
public struct CalendarMonth: Sendable, Hashable, Comparable {
  /// Months since the year 0.
  private let number: Int

  private init(number: Int) { self.number = number }

  /// Reads `2026-11`; years 2000 to 9998.
  public init?(_ text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[0].utf8.count == 4, parts[1].utf8.count == 2,
      parts.allSatisfy({ $0.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } }),
      let year = Int(parts[0]), let month = Int(parts[1]), (2000...9998).contains(year), (1...12).contains(month)
    else { return nil }
    number = year * 12 + month - 1
  }

  /// The month in which a time lies.
  public init(of time: Timestamp) {
    let parts = time.parts(offset: CalendarDay.offset)
    number = parts.year * 12 + parts.month - 1
  }

  /// As in `2026-11`.
  public var text: String {
    let month = number % 12 + 1
    return "\(number / 12)-\(month < 10 ? "0" : "")\(month)"
  }

  /// The month so many months later, or earlier.
  public func advanced(by months: Int) -> CalendarMonth { CalendarMonth(number: number + months) }

  /// From its first moment to that of the next month.
  public var range: Range<Timestamp> { beginning..<advanced(by: 1).beginning }

  private var beginning: Timestamp { CalendarDay("\(text)-01")?.beginning ?? Timestamp(microseconds: 0) }

  /// The earlier one first.
  public static func < (left: CalendarMonth, right: CalendarMonth) -> Bool { left.number < right.number }
}
