internal import HubKit

/// The portal's times: `yyyyMMddHHmmss` by the clocks of Vietnam, which stand seven hours before UTC all year.
enum PortalDate {
  private static let offset = CalendarDay.offset

  /// Reads a time.
  ///
  /// - Returns: nil when it has another form or names a day that does not exist.
  static func parse(_ text: String) -> Timestamp? {
    rfc3339(text).flatMap(Timestamp.init(rfc3339:))
  }

  /// The same time in RFC 3339 with Vietnam's offset; nil when it has another form. Digits are not checked further.
  static func rfc3339(_ text: String) -> String? {
    let digits = Array(text)
    guard digits.count == 14, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    func part(_ range: Range<Int>) -> String { String(digits[range]) }
    return "\(part(0..<4))-\(part(4..<6))-\(part(6..<8))T\(part(8..<10)):\(part(10..<12)):\(part(12..<14))+07:00"
  }

  /// `yyyyMMddHHmmss`; parts of a second are dropped.
  static func text(_ time: Timestamp) -> String { local(time).filter(\.isNumber) }

  /// `yyyy-MM-dd`.
  static func day(_ time: Timestamp) -> String { (time + offset).day }

  /// Without milliseconds and zone.
  private static func local(_ time: Timestamp) -> String { String((time + offset).description.prefix(19)) }
}
