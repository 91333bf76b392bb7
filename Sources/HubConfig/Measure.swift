/// Durations and sizes as they stand in configuration files.
public enum Measure {
  /// Units of durations with their length.
  static let durationUnits: [(unit: String, length: Duration)] = [
    ("ms", .milliseconds(1)), ("s", .seconds(1)), ("m", .seconds(60)), ("h", .seconds(3600)), ("d", .seconds(86_400)),
  ]
  /// Units of sizes with their number of bytes.
  static let sizeUnits: [(unit: String, bytes: Int)] = [
    ("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40),
  ]

  /// Reads `250ms`, `30s`, `5m`, `2h`, `35d`.
  ///
  /// - Returns: nil when the text is no such duration or is longer than 100,000 days.
  public static func duration(_ text: String) -> Duration? {
    guard let (count, unit) = split(text), let length = durationUnits.first(where: { $0.unit == unit })?.length,
      count <= 8_640_000_000_000
    else { return nil }
    let duration = length * count
    return duration <= .seconds(86_400) * 100_000 ? duration : nil
  }

  /// Reads `512B`, `32KiB`, `256MiB`, `10GiB`, `1TiB`.
  ///
  /// - Returns: the number of bytes; nil when the text is no such size.
  public static func size(_ text: String) -> Int? {
    guard let (count, unit) = split(text), let bytes = sizeUnits.first(where: { $0.unit == unit })?.bytes else {
      return nil
    }
    let (product, overflow) = count.multipliedReportingOverflow(by: bytes)
    return overflow ? nil : product
  }

  /// Writes a duration in the largest unit that takes it whole.
  public static func text(_ duration: Duration) -> String {
    for (unit, length) in durationUnits.reversed() {
      let count = Int64(duration / length)
      if length * count == duration, count > 0 { return "\(count)\(unit)" }
    }
    return "0s"
  }

  /// Writes a number of bytes in the largest unit that takes it whole.
  public static func text(bytes: Int) -> String {
    for (unit, size) in sizeUnits.reversed() where bytes > 0 && bytes.isMultiple(of: size) {
      return "\(bytes / size)\(unit)"
    }
    return "0B"
  }

  /// What was probably meant by a duration without a known unit.
  static func nearestDuration(to text: String) -> String? {
    guard let (count, unit) = split(text) else { return nil }
    let words: [String: String] = [
      "": "s", "sec": "s", "secs": "s", "second": "s", "seconds": "s", "giây": "s", "min": "m", "mins": "m",
      "minute": "m", "minutes": "m", "phút": "m", "hr": "h", "hour": "h", "hours": "h", "giờ": "h", "day": "d",
      "days": "d", "ngày": "d", "msec": "ms",
    ]
    let right = words[unit.lowercased()] ?? durationUnits.map(\.unit).first { $0 == unit.lowercased() }
    return right.map { "\(count)\($0)" }
  }

  /// What was probably meant by a size without a known unit.
  static func nearestSize(to text: String) -> String? {
    guard let (count, unit) = split(text) else { return nil }
    let words: [String: String] = [
      "": "B", "b": "B", "k": "KiB", "kb": "KiB", "kib": "KiB", "m": "MiB", "mb": "MiB", "mib": "MiB", "g": "GiB",
      "gb": "GiB", "gib": "GiB", "t": "TiB", "tb": "TiB", "tib": "TiB",
    ]
    return words[unit.lowercased()].map { "\(count)\($0)" }
  }

  private static func split(_ text: String) -> (count: Int, unit: String)? {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    guard let count = Int(digits) else { return nil }
    return (count, String(text.dropFirst(digits.count)))
  }
}
