import HubKit
import HubTesting
import Testing

@Suite struct TimestampTests {
  @Test(arguments: [
    ("1970-01-01T00:00:00Z", 0), ("1970-01-01T00:00:00.000001Z", 1),
    ("1969-12-31T23:59:59.999999Z", -1),
    ("2026-11-23T08:00:00Z", 1_795_420_800_000_000),
    ("2026-11-23t08:00:00z", 1_795_420_800_000_000),
    ("2026-11-23 08:00:00Z", 1_795_420_800_000_000), ("2000-02-29T12:00:00Z", 951_825_600_000_000),
    ("1900-03-01T00:00:00Z", -2_203_891_200_000_000),
    ("2026-11-23T08:00:00.5Z", 1_795_420_800_500_000),
  ])
  func `A time of RFC 3339 is read to the microsecond`(text: String, microseconds: Int64) {
    #expect(Timestamp(rfc3339: text)?.microseconds == microseconds)
  }

  @Test(arguments: [
    ("2026-11-23T15:00:00+07:00", "2026-11-23T08:00:00.000Z"),
    ("2026-11-23T00:30:00+07:00", "2026-11-22T17:30:00.000Z"),
    ("2026-12-31T23:00:00-03:30", "2027-01-01T02:30:00.000Z"),
    ("2024-03-01T00:00:00+00:01", "2024-02-29T23:59:00.000Z"),
    ("2026-11-23T08:00:00-00:00", "2026-11-23T08:00:00.000Z"),
    ("1970-01-01T00:00:00+23:59", "1969-12-31T00:01:00.000Z"),
  ])
  func `An offset is taken off, over the ends of days, months and years`(text: String, utc: String) {
    #expect(Timestamp(rfc3339: text)?.description == utc)
  }

  @Test(arguments: [
    ("2024-02-29", true), ("2023-02-29", false), ("2000-02-29", true), ("1900-02-29", false),
    ("2100-02-29", false),
    ("2026-04-31", false), ("2026-06-30", true), ("2026-12-31", true), ("2026-12-32", false),
    ("2026-00-10", false),
    ("2026-13-10", false), ("2026-01-00", false),
  ])
  func `A day that the calendar does not have is no time`(day: String, exists: Bool) {
    #expect((Timestamp(rfc3339: "\(day)T00:00:00Z") != nil) == exists)
  }

  @Test(arguments: [
    "", "2026", "2026-11-23", "2026-11-23T08:00:00", "2026-11-23T08:00Z", "2026-11-23T24:00:00Z",
    "2026-11-23T08:60:00Z", "2026-11-23T08:00:61Z", "2026-11-23T08:00:00.Z",
    "2026-11-23T08:00:00,5Z",
    "2026-11-23T08:00:00+7:00", "2026-11-23T08:00:00+0700", "2026-11-23T08:00:00+24:00",
    "2026-11-23T08:00:00+07:60",
    "2026-11-23T08:00:00Z ", " 2026-11-23T08:00:00Z", "2026-11-23T08:00:00ZZ",
    "-026-11-23T08:00:00Z",
    "26-11-23T08:00:00Z", "2026/11/23T08:00:00Z", "2026-11-23T08:00:00\u{0}Z",
    "２０２６-11-23T08:00:00Z",
    "12026-11-23T08:00:00Z", "2026-11-23T08:00:00.5",
  ])
  func `What only looks like a time is refused`(text: String) {
    #expect(Timestamp(rfc3339: text) == nil)
  }

  @Test func `A leap second is the first second of the next minute`() throws {
    let leap = try #require(Timestamp(rfc3339: "2016-12-31T23:59:60Z"))
    #expect(leap.description == "2017-01-01T00:00:00.000Z")
  }

  @Test func `Decimals beyond the microsecond are dropped, however many there are`() throws {
    let time = try #require(Timestamp(rfc3339: "2026-11-23T08:00:00.123456999Z"))
    #expect(time.microseconds % 1_000_000 == 123_456)
    let many = "2026-11-23T08:00:00." + String(repeating: "9", count: 10_000) + "Z"
    #expect(Timestamp(rfc3339: many)?.microseconds == 1_795_420_800_999_999)
  }

  @Test func `What is written is read back as the same millisecond, also before 1970`() throws {
    var random = SeededRandom(seed: 3339)
    let years0To9999 = Int64(-62_167_219_200_000)...Int64(253_402_300_799_999)
    for _ in 0..<5000 {
      let time = Timestamp(microseconds: Int64.random(in: years0To9999, using: &random) * 1000)
      #expect(Timestamp(rfc3339: time.description) == time, "\(time.microseconds)")
    }
  }

  @Test func `The days of four centuries follow each other without gap or repeat`() throws {
    var time = try #require(Timestamp(rfc3339: "1799-12-31T23:59:59.999Z"))
    let end = try #require(Timestamp(rfc3339: "2200-01-01T00:00:00Z"))
    var date = time.parts()
    while time < end {
      time = time + .seconds(86_400)
      let next = time.parts()
      let follows =
        next.day == date.day + 1 && next.month == date.month && next.year == date.year
        || next.day == 1 && date.day >= 28 && next.month == date.month % 12 + 1
          && next.year == date.year + (date.month == 12 ? 1 : 0)
      #expect(follows, "\(date) then \(next)")
      date = next
    }
  }

  @Test func `Random bytes are never taken for a time unless they write one`() {
    var random = SeededRandom(seed: 7)
    let letters = Array("0123456789-:.TZ+ ")
    for _ in 0..<20_000 {
      let text = String(
        (0..<Int.random(in: 0...26, using: &random)).map { _ in
          letters.randomElement(using: &random) ?? "0"
        })
      guard let time = Timestamp(rfc3339: text) else { continue }
      #expect(
        Timestamp(rfc3339: time.description)?.microseconds == time.microseconds / 1000 * 1000,
        "\(text)")
    }
  }
}
