import HubKit

/// How figures are written: the same in both languages. Groups of digits stand apart by a narrow space and parts follow
/// a comma, which both readers understand.
enum Figures {
  /// Vietnam's clock is seven hours ahead of UTC all year.
  static let localOffset = CalendarDay.offset

  private static let narrowSpace = "\u{202F}"

  /// A whole number, as in `12 345`.
  static func count(_ value: Int) -> String {
    let digits = Array(String(value.magnitude))
    var text = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { text += narrowSpace }
      text.append(digit)
    }
    return value < 0 ? "−" + text : text
  }

  /// Bytes in binary units with three significant digits, as in `1,50 GiB`.
  static func bytes(_ value: Int) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]
    var scaled = Double(max(0, value))
    var unit = 0
    while scaled >= 1024, unit < units.count - 1 {
      scaled /= 1024
      unit += 1
    }
    return "\(unit == 0 ? String(Int(scaled)) : decimal(scaled))\(narrowSpace)\(units[unit])"
  }

  /// A time span in the unit that suits it, as in `0,84 ms` or `12,3 s`; a dash when there is none.
  static func latency(_ value: Duration?) -> String {
    guard let value else { return "–" }
    let milliseconds = value.milliseconds
    return milliseconds < 1000
      ? "\(decimal(milliseconds))\(narrowSpace)ms" : "\(decimal(milliseconds / 1000))\(narrowSpace)s"
  }

  /// Three significant digits, at most two after the comma.
  private static func decimal(_ value: Double) -> String {
    let places = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2
    let scale = places == 0 ? 1 : places == 1 ? 10 : 100
    let scaled = Int((value * Double(scale)).rounded())
    guard places > 0 else { return count(scaled) }
    let fraction = String(scaled % scale)
    return "\(scaled / scale),\(String(repeating: "0", count: places - fraction.count))\(fraction)"
  }

  /// Days and time of day, as in `2 d 03:04:05`.
  static func span(_ value: Duration) -> String {
    let seconds = max(0, Int(value.components.seconds))
    let clock = "\(pad(seconds / 3600 % 24)):\(pad(seconds / 60 % 60)):\(pad(seconds % 60))"
    return seconds < 86_400 ? clock : "\(count(seconds / 86_400))\(narrowSpace)d \(clock)"
  }

  /// A time on Vietnam's clock with the exact one for machines: only the time of day on the day of `now`, else day and
  /// time; a dash when there is none.
  static func time(_ time: Timestamp?, now: Timestamp) -> HTML {
    guard let time else { return HTML("–") }
    let (parts, today) = (time.parts(offset: localOffset), now.parts(offset: localOffset))
    let clock = "\(pad(parts.hour)):\(pad(parts.minute)):\(pad(parts.second))"
    let day = "\(pad(parts.day))/\(pad(parts.month))"
    let isToday = (parts.year, parts.month, parts.day) == (today.year, today.month, today.day)
    return .element("time", [.init("datetime", time.description)]) {
      isToday ? clock : "\(day) \(clock.prefix(5))"
    }
  }

  private static func pad(_ value: Int) -> String { value < 10 ? "0\(value)" : String(value) }
}
