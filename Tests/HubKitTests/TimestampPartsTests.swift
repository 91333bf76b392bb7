import FoundationEssentials
import HubKit
import HubTesting
import Testing

@Suite struct TimestampPartsTests {
  private func numbers(_ parts: DateParts) -> [Int] {
    [parts.year, parts.month, parts.day, parts.hour, parts.minute, parts.second, parts.millisecond]
  }

  @Test(arguments: [
    (0, "1970-01-01"), (86_399, "1970-01-01"), (86_400, "1970-01-02"), (-1, "1969-12-31"),
    (951_782_400, "2000-02-29"), (1_795_420_800, "2026-11-23"), (-62_135_596_800, "0001-01-01"),
  ])
  func `The name of a day is its date in UTC`(seconds: Int64, day: String) {
    #expect(Timestamp(seconds: seconds).day == day)
  }

  @Test func `Names of days order as the days do`() {
    var random = SeededRandom(seed: 24)
    let times = (0..<500).map { _ in
      Timestamp(seconds: .random(in: -2_000_000_000...4_000_000_000, using: &random))
    }
    #expect(times.sorted().map(\.day) == times.map(\.day).sorted())
  }

  @Test func `Parts are those of a clock that goes ahead by the offset`() throws {
    let time = try #require(Timestamp(rfc3339: "2026-12-31T17:04:05.678Z"))
    #expect(numbers(time.parts(offset: .seconds(7 * 3600))) == [2027, 1, 1, 0, 4, 5, 678])
    #expect(time.parts(offset: .seconds(-18 * 3600)).day == 30)
    #expect(time.parts().hour == 17)
  }

  @Test func `Before 1970 the time of day still counts forward`() {
    #expect(numbers(Timestamp(microseconds: -1).parts()) == [1969, 12, 31, 23, 59, 59, 999])
  }

  @Test func `Adding and taking away a duration are each other's reverse`() {
    var random = SeededRandom(seed: 70)
    for _ in 0..<1000 {
      let time = Timestamp(
        microseconds: .random(in: -4_000_000_000_000_000...4_000_000_000_000_000, using: &random))
      let step = Duration.microseconds(
        Int64.random(in: -9_000_000_000_000...9_000_000_000_000, using: &random))
      #expect((time + step) - step == time)
      #expect((time + step) - time == step)
      #expect((time < time + step) == (step > .zero))
    }
  }

  @Test(arguments: [
    (Duration.zero, 0, 0.0), (.milliseconds(1500), 1_500_000, 1500), (.nanoseconds(1999), 1, 0.001),
    (.nanoseconds(-1999), -1, -0.001), (.seconds(-2), -2_000_000, -2000),
    (.seconds(35 * 86_400), 3_024_000_000_000, 3_024_000_000),
  ])
  func `A duration has whole microseconds, towards zero, and milliseconds for people`(
    duration: Duration, microseconds: Int64, milliseconds: Double
  ) {
    #expect(duration.wholeMicroseconds == microseconds)
    #expect(duration.milliseconds == milliseconds)
  }

  @Test func `In JSON a time is its text`() throws {
    let time = try #require(Timestamp(rfc3339: "2026-11-23T15:00:00.25+07:00"))
    let json = try JSONEncoder().encode([time])
    #expect(String(decoding: json, as: UTF8.self) == #"["2026-11-23T08:00:00.250Z"]"#)
    #expect(try JSONDecoder().decode([Timestamp].self, from: json) == [time])
  }

  @Test(arguments: [#"["2026-02-30T00:00:00Z"]"#, "[1795420800]", "[null]"])
  func `JSON that holds no time is an error`(json: String) {
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode([Timestamp].self, from: Data(json.utf8))
    }
  }
}
