/// A point in time on the wall clock: microseconds since 1970-01-01T00:00:00Z, leap seconds ignored as POSIX does.
///
/// The hub never asks the operating system for the time in passing: a ``HubClock`` is handed in, so that tests and
/// replays run in virtual time.
public struct Timestamp: Sendable, Hashable, Comparable {
  /// Microseconds since the Unix epoch; negative before it.
  public var microseconds: Int64

  /// Creates a point in time from microseconds since the Unix epoch.
  public init(microseconds: Int64) {
    self.microseconds = microseconds
  }

  /// Creates a point in time from whole seconds since the Unix epoch.
  public init(seconds: Int64) {
    self.microseconds = seconds * 1_000_000
  }

  /// Orders by time.
  public static func < (left: Timestamp, right: Timestamp) -> Bool {
    left.microseconds < right.microseconds
  }

  /// The point in time that lies `duration` later; parts of a microsecond are dropped.
  public static func + (time: Timestamp, duration: Duration) -> Timestamp {
    Timestamp(microseconds: time.microseconds + duration.wholeMicroseconds)
  }

  /// The point in time that lies `duration` earlier.
  public static func - (time: Timestamp, duration: Duration) -> Timestamp {
    Timestamp(microseconds: time.microseconds - duration.wholeMicroseconds)
  }

  /// How much later `later` is than `earlier`; negative when it is not.
  public static func - (later: Timestamp, earlier: Timestamp) -> Duration {
    .microseconds(later.microseconds - earlier.microseconds)
  }
}

extension Duration {
  /// The duration in whole microseconds, rounded towards zero.
  public var wholeMicroseconds: Int64 {
    components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000
  }

  /// The duration in milliseconds, for people and for JSON.
  public var milliseconds: Double {
    Double(wholeMicroseconds) / 1000
  }
}

// MARK: - RFC 3339

extension Timestamp: CustomStringConvertible {
  /// RFC 3339 in UTC with milliseconds, as in `2026-11-23T08:00:00.000Z`.
  public var description: String {
    let parts = utc
    var text = DigitText(capacity: 24)
    text.date(parts)
    text.add(parts.hour, 2, after: "T")
    text.add(parts.minute, 2, after: ":")
    text.add(parts.second, 2, after: ":")
    text.add(parts.millisecond, 3, after: ".")
    text.bytes.append(UInt8(ascii: "Z"))
    return text.string
  }

  /// The calendar day in UTC, as in `2026-11-23`: the name of a journal segment.
  public var day: String {
    var text = DigitText(capacity: 10)
    text.date(utc)
    return text.string
  }

  /// Reads an RFC 3339 time (section 5.6), with any offset and any number of decimals.
  ///
  /// - Returns: nil when the text is not such a time or names a day that does not exist.
  public init?(rfc3339 text: String) {
    var scanner = TimeScanner(Array(text.utf8))
    guard let year = scanner.digits(4), scanner.take("-"), let month = scanner.digits(2), scanner.take("-"),
      let day = scanner.digits(2), scanner.take("T", "t", " "), let hour = scanner.digits(2), scanner.take(":"),
      let minute = scanner.digits(2), scanner.take(":"), let second = scanner.digits(2),
      let micros = scanner.fraction(), let offset = scanner.offsetSeconds(), scanner.atEnd
    else { return nil }
    guard (1...12).contains(month), day >= 1, day <= daysIn(month: month, year: year), hour < 24, minute < 60,
      second <= 60
    else { return nil }
    let seconds = daysSinceEpoch(year: year, month: month, day: day) * 86_400 + hour * 3600 + minute * 60 + second
    self.init(microseconds: Int64(seconds - offset) * 1_000_000 + Int64(micros))
  }

  /// The date and time of day in UTC, shifted by `offset` first when a local clock is wanted.
  public func parts(offset: Duration = .zero) -> DateParts {
    (self + offset).utc
  }

  private var utc: DateParts {
    let micros = microseconds.quotientAndRemainder(dividingBy: 86_400_000_000)
    let (days, rest) =
      micros.remainder < 0 ? (micros.quotient - 1, micros.remainder + 86_400_000_000) : micros
    let date = civilDate(daysSinceEpoch: Int(days))
    let seconds = Int(rest / 1_000_000)
    return DateParts(
      year: date.year, month: date.month, day: date.day, hour: seconds / 3600, minute: seconds / 60 % 60,
      second: seconds % 60, millisecond: Int(rest / 1000 % 1000))
  }
}

/// A date and time of day taken apart.
public struct DateParts: Sendable, Hashable {
  /// Full year, month 1 to 12, day 1 to 31, and the time of day.
  public var year, month, day, hour, minute, second, millisecond: Int
}

extension Timestamp: Codable {
  /// Reads RFC 3339 text.
  public init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard let time = Timestamp(rfc3339: text) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "not an RFC 3339 time: \(text)"))
    }
    self = time
  }

  /// Writes RFC 3339 text.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

private struct TimeScanner {
  let bytes: [UInt8]
  var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var atEnd: Bool { position == bytes.count }

  mutating func digits(_ count: Int) -> Int? {
    guard position + count <= bytes.count else { return nil }
    var value = 0
    for byte in bytes[position..<position + count] {
      guard byte >= 0x30, byte <= 0x39 else { return nil }
      value = value * 10 + Int(byte - 0x30)
    }
    position += count
    return value
  }

  mutating func take(_ choices: Unicode.Scalar...) -> Bool {
    guard position < bytes.count, choices.contains(where: { UInt8($0.value) == bytes[position] }) else { return false }
    position += 1
    return true
  }

  /// Microseconds; zero when there is no fraction, nil when a point stands without a digit.
  mutating func fraction() -> Int? {
    guard take(".") else { return 0 }
    var value = 0
    var scale = 100_000
    let start = position
    while let digit = digits(1) {
      value += digit * scale
      scale /= 10
    }
    return position > start ? value : nil
  }

  mutating func offsetSeconds() -> Int? {
    if take("Z", "z") { return 0 }
    let sign = take("+") ? 1 : take("-") ? -1 : 0
    guard sign != 0, let hours = digits(2), take(":"), let minutes = digits(2), hours < 24, minutes < 60 else {
      return nil
    }
    return sign * (hours * 3600 + minutes * 60)
  }
}

/// Numbers with leading zeros: each message has its times written several times.
private struct DigitText {
  var bytes: [UInt8] = []

  init(capacity: Int) { bytes.reserveCapacity(capacity) }

  var string: String { String(decoding: bytes, as: UTF8.self) }

  mutating func date(_ parts: DateParts) {
    add(parts.year, 4, after: nil)
    add(parts.month, 2, after: "-")
    add(parts.day, 2, after: "-")
  }

  mutating func add(_ value: Int, _ width: Int, after mark: Unicode.Scalar?) {
    if let mark { bytes.append(UInt8(ascii: mark)) }
    var scale = 1
    for _ in 1..<width { scale *= 10 }
    // A year beyond 9999 has more digits than its width.
    while value / scale >= 10 { scale *= 10 }
    while scale > 0 {
      bytes.append(UInt8(ascii: "0") + UInt8(value / scale % 10))
      scale /= 10
    }
  }
}

private func daysIn(month: Int, year: Int) -> Int {
  switch month {
  case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
  case 4, 6, 9, 11: 30
  default: 31
  }
}

/// Days from 1970-01-01 in the proleptic Gregorian calendar, counted in years that begin in March.
private func daysSinceEpoch(year: Int, month: Int, day: Int) -> Int {
  let y = month <= 2 ? year - 1 : year
  let era = (y >= 0 ? y : y - 399) / 400
  let yearOfEra = y - era * 400
  let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
  return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
}

private func civilDate(daysSinceEpoch days: Int) -> (year: Int, month: Int, day: Int) {
  let z = days + 719_468
  let era = (z >= 0 ? z : z - 146_096) / 146_097
  let dayOfEra = z - era * 146_097
  let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
  let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
  let shifted = (5 * dayOfYear + 2) / 153
  let month = shifted < 10 ? shifted + 3 : shifted - 9
  return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1)
}
