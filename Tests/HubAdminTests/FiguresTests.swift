import Foundation
import HubKit
import Testing

@testable import HubAdmin

@Suite("Figures")
struct FiguresTests {
  @Test(arguments: [
    (0, "0"), (999, "999"), (1000, "1 000"), (1_234_567, "1 234 567"), (-12_345, "−12 345"),
  ])
  func `whole numbers stand in groups of three`(value: Int, text: String) {
    #expect(Figures.count(value) == text.replacing(" ", with: "\u{202F}"))
  }

  @Test(arguments: [
    (0, "0 B"), (1023, "1023 B"), (1024, "1,00 KiB"), (1_610_612_736, "1,50 GiB"), (213_909_504, "204 MiB"),
    (10_480_000, "9,99 MiB"), (10_485_760, "10,0 MiB"), (-1, "0 B"),
  ])
  func `bytes have three digits that count`(value: Int, text: String) {
    #expect(Figures.bytes(value) == text.replacing(" ", with: "\u{202F}"))
  }

  @Test func `times are on Vietnam's clock, with the day when it is another one`() {
    let now = Samples.time("2026-11-23T17:30:00Z")
    #expect(
      Figures.time(Samples.time("2026-11-23T17:00:05Z"), now: now).markup
        == #"<time datetime="2026-11-23T17:00:05.000Z">00:00:05</time>"#)
    #expect(
      Figures.time(Samples.time("2026-11-23T16:59:59Z"), now: now).markup
        == #"<time datetime="2026-11-23T16:59:59.000Z">23/11 23:59</time>"#)
    #expect(Figures.time(nil, now: now).markup == "–")
  }

  @Test func `spans and latencies take the unit that suits them`() {
    #expect(Figures.span(.seconds(59)) == "00:00:59")
    #expect(Figures.span(.seconds(2 * 86_400 + 61)) == "2\u{202F}d 00:01:01")
    #expect(Figures.latency(.microseconds(840)) == "0,84\u{202F}ms")
    #expect(Figures.latency(.milliseconds(12_340)) == "12,3\u{202F}s")
    #expect(Figures.latency(nil) == "–")
  }

  @Test func `minutes slide, names are bounded, the busiest comes first`() {
    let counts = MinuteCounts(minutes: 3, namesMax: 2)
    let start = Timestamp(seconds: 600)
    counts.add(2, to: "a", at: start)
    counts.add(to: "b", at: start + .seconds(60))
    counts.add(5, to: "c", at: start + .seconds(61))
    counts.add(7, to: "d", at: start + .seconds(1))
    #expect(
      counts.rows(at: start + .seconds(119)) == [
        FlowRow(name: MinuteCounts.otherName, perMinute: [0, 7, 5]), FlowRow(name: "a", perMinute: [0, 2, 0]),
        FlowRow(name: "b", perMinute: [0, 0, 1]),
      ])
    #expect(counts.rows(at: start + .seconds(240)).map(\.perMinute) == [[0, 0, 0], [0, 0, 0], [0, 0, 0]])
    counts.add(to: "a", at: start - .seconds(600))
    #expect(counts.rows(at: start + .seconds(60)).first { $0.name == "a" }?.perMinute == [0, 2, 0])
  }

  @Test func `health is the worst of what there is to say`() {
    var snapshot = Samples.empty
    #expect(snapshot.health == .well)
    snapshot.counts.parked = 1
    #expect(snapshot.health == .attention)
    snapshot.journal.freeBytesMin = snapshot.journal.freeBytes + 1
    #expect(snapshot.health == .trouble)
    #expect(snapshot.notes.first?.health == .trouble)
    #expect(Samples.busy.notes.count == 3)
  }

  @Test func `the JSON says when it was taken, with stable names`() throws {
    let object = try JSONSerialization.jsonObject(with: Data(Samples.busy.json())) as? [String: Any]
    let json = try #require(object)
    #expect(json["takenAt"] as? String == "2026-11-23T08:14:32.500Z")
    #expect(json["health"] as? String == "attention")
    let endpoints = try #require(json["endpoints"] as? [[String: Any]])
    #expect(endpoints[2]["state"] as? String == "down")
    #expect(endpoints[2]["nextTry"] as? String == "2026-11-23T08:14:58.500Z")
    #expect(endpoints[1]["p50Milliseconds"] as? Double == 8.4)
    let exchanges = try #require(json["exchanges"] as? [String: Any])
    #expect(exchanges["accepted"] as? Int == 18_508)
    #expect((json["recentExchanges"] as? [Any])?.count == OverviewSnapshot.recentMax)
  }

  /// WCAG 2.2, success criterion 1.4.3, by the formula of its definition of contrast ratio.
  @Test func `text stands out from its ground in both colour schemes`() throws {
    let css = StatusStyle.source.markup
    let schemes = css.matches(of: /:root \{([^}]*)\}/).map { String($0.1) }
    #expect(schemes.count == 2)
    let pairs = [
      ("ink", "ground"), ("ink", "card"), ("soft", "ground"), ("soft", "card"), ("brand", "ground"), ("brand", "card"),
      ("good", "good-bg"), ("warn", "warn-bg"), ("bad", "bad-bg"), ("move", "move-bg"), ("calm", "calm-bg"),
      ("ink", "good-bg"), ("ink", "warn-bg"), ("ink", "bad-bg"), ("soft", "good-bg"), ("soft", "warn-bg"),
      ("soft", "bad-bg"), ("good", "card"), ("warn", "card"), ("bad", "card"), ("move", "card"), ("calm", "card"),
      ("bad", "ground"),
    ]
    for scheme in schemes {
      let colours = Dictionary(
        uniqueKeysWithValues: scheme.matches(of: /--([a-z-]+): (#[0-9a-f]{6});/).map { (String($0.1), String($0.2)) })
      for (text, ground) in pairs {
        let ratio = Self.contrast(try #require(colours[text]), try #require(colours[ground]))
        #expect(ratio >= 4.5, "\(text) on \(ground): \(ratio)")
      }
    }
  }

  private static func contrast(_ first: String, _ second: String) -> Double {
    func luminance(_ hex: String) -> Double {
      let value = Int(hex.dropFirst(), radix: 16) ?? 0
      let parts = [16, 8, 0].map { shift in
        let part = Double(value >> shift & 0xFF) / 255
        return part <= 0.04045 ? part / 12.92 : pow((part + 0.055) / 1.055, 2.4)
      }
      return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
    }
    let pair = [luminance(first), luminance(second)].sorted()
    return (pair[1] + 0.05) / (pair[0] + 0.05)
  }
}
