/// A day of Vietnam's calendar, written as in `2025-07-01`.
public struct CalendarDay: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// Vietnam's time less UTC: the same since 1975, without summer time.
  public static let offset = Duration.seconds(7 * 3600)

  /// As it is written.
  public let description: String
  /// Its first moment.
  public let beginning: Timestamp

  /// Reads a day; nil when there is no such day.
  public init?(_ text: String) {
    guard text.utf8.count == 10, let beginning = Self.beginning(of: text) else { return nil }
    description = text
    self.beginning = beginning
  }

  /// The day in which a time lies.
  public init(of time: Timestamp) {
    description = (time + Self.offset).day
    beginning = Self.beginning(of: description) ?? time
  }

  private static func beginning(of text: String) -> Timestamp? { Timestamp(rfc3339: "\(text)T00:00:00+07:00") }

  /// Earlier days first.
  public static func < (left: CalendarDay, right: CalendarDay) -> Bool { left.beginning < right.beginning }
}
