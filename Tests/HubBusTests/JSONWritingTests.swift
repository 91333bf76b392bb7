import Foundation
import HubKit
import Testing

@testable import HubBus

@Suite("Steps in the journal: written by hand, read by the library")
struct JSONWritingTests {
  private static func full() -> TimelineEntry {
    var entry = TimelineEntry(.routed, at: Timestamp(microseconds: 1_700_000_000_123_456), delivery: 2)
    entry.attempt = 3
    entry.microseconds = -4
    entry.code = "mã \"lạ\" \\ \u{0}\u{1F}\n"
    entry.detail = "Hồ sơ đã nhận – 日本 🇻🇳"
    entry.reference = ""
    entry.sent = "ab"
    entry.until = Timestamp(seconds: 0)
    entry.route = "r/1"
    entry.deliveries = [
      PlannedDelivery(
        endpoint: "e", receiver: OrganisationCode("H24.1"), orderingKey: "k", operation: "o", role: .call, call: "c",
        isOptional: true, fallback: "f", shadow: "s/o"),
      PlannedDelivery(endpoint: "e", receiver: nil, orderingKey: nil),
    ]
    entry.children = [ExchangeID(time: Timestamp(seconds: 1), random: (2, 3))]
    entry.violations = [
      Violation(rule: "a", message: "b", path: "/c", line: 1, column: 2), Violation(rule: "d", message: "e"),
    ]
    entry.state = .partly
    entry.by = "an (lgsp)"
    entry.configuration = "0af1"
    entry.job = 7
    var comparison = ShadowComparison(endpoint: "e/o", shadow: "s", .differs, code: "c")
    (comparison.microseconds, comparison.shadowMicroseconds, comparison.isCut) = (1, 2, true)
    (comparison.agree, comparison.differ) = (["/a"], ["/b"])
    (comparison.onlyLive, comparison.onlyShadow) = (["/c"], [])
    entry.comparison = comparison
    return entry
  }

  @Test("What is written is what the library would write, in the same order, and no field is forgotten")
  func likeTheLibrary() throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let full = Self.full()
    for child in Mirror(reflecting: full).children {
      let value = Mirror(reflecting: child.value)
      #expect(value.displayStyle != .optional || value.children.count == 1, "\(child.label ?? "?") is not tried here")
    }
    for entries in [[], [full], [TimelineEntry(.settled, at: Timestamp(seconds: 5)), full]] {
      let written = Steps.encode(entries)
      #expect(Steps.decode(written) == (try JSONDecoder().decode([TimelineEntry].self, from: encoder.encode(entries))))
      let keys = { (bytes: [UInt8]) in String(decoding: bytes, as: UTF8.self).split(separator: ",").count }
      #expect(keys(written) == keys(Array(try encoder.encode(entries))))
    }
  }
}
