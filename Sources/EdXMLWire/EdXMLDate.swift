internal import XMLWire

/// A date as senders write it. Impossible days such as 2014/02/30 stand in real files, so reading never fails: what
/// cannot be understood stays text and is reported as a note.
public struct EdXMLDate: Sendable, Hashable {
  /// As written, trimmed.
  public let text: String
  /// Year, month and day as far as digits were found; nil when the text has another shape.
  public let day: (year: Int, month: Int, day: Int)?
  /// Time of day; nil when there is none.
  public let time: (hour: Int, minute: Int, second: Int)?

  /// Reads `yyyy/MM/dd`, `yyyy-MM-dd` or `dd/MM/yyyy`, with or without ` HH:mm:ss`.
  public init(_ text: String) {
    self.text = text.trimmingWhiteSpace()
    let parts = self.text.split(maxSplits: 1, whereSeparator: { $0 == " " || $0 == "T" })
    day = parts.first.flatMap { Self.readDay($0) }
    time = parts.count > 1 ? Self.readTime(parts[1]) : nil
  }

  /// Whether it names a day that exists, and a time of day that exists if there is one.
  public var isReal: Bool {
    guard let day, (1...12).contains(day.month), day.day >= 1, day.day <= Self.days(in: day.month, of: day.year) else {
      return false
    }
    guard let time else { return !text.contains(":") }
    return time.hour < 24 && time.minute < 60 && time.second <= 60
  }

  /// The day as `yyyy-MM-dd`; nil when it is not real.
  public var iso: String? {
    guard isReal, let day else { return nil }
    return "\(Self.pad(day.year, 4))-\(Self.pad(day.month, 2))-\(Self.pad(day.day, 2))"
  }

  /// Equal when written alike.
  public static func == (left: EdXMLDate, right: EdXMLDate) -> Bool { left.text == right.text }

  /// Hashes the text.
  public func hash(into hasher: inout Hasher) { hasher.combine(text) }

  private static func readDay(_ text: Substring) -> (year: Int, month: Int, day: Int)? {
    let parts = text.split(whereSeparator: { $0 == "/" || $0 == "-" })
    guard parts.count == 3, parts.allSatisfy({ $0.count <= 4 }) else { return nil }
    let numbers = parts.compactMap { Int($0) }
    guard numbers.count == 3 else { return nil }
    if parts[0].count == 4 { return (numbers[0], numbers[1], numbers[2]) }
    return parts[2].count == 4 ? (numbers[2], numbers[1], numbers[0]) : nil
  }

  private static func readTime(_ text: Substring) -> (hour: Int, minute: Int, second: Int)? {
    let numbers = text.split(separator: ":").map { Int($0.prefix(2)) ?? 99 }
    guard numbers.count == 2 || numbers.count == 3 else { return (99, 99, 99) }
    return (numbers[0], numbers[1], numbers.count == 3 ? numbers[2] : 0)
  }

  private static func days(in month: Int, of year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  static func pad(_ value: Int, _ width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
