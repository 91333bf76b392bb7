import HubKit
import HubTesting
import Testing

@testable import HTTP

@Suite struct `What an answer means` {
  private let now = Timestamp(seconds: 1_767_574_800)

  private func error(
    _ status: Int, _ headers: [HeaderField] = [], body: String = "", values: [String: SettingValue] = [:]
  ) async throws -> AdapterError? {
    let response = OutboundResponse(status: status, headers: headers, body: Array(body.utf8))
    let clock = TestClock(now: now)
    let adapter = try adapter(
      values.merging(["url": .text("https://so.example.vn/in")]) { own, _ in own },
      transport: FaultyTransport([.answer(response)]), clock: clock)
    return await outcome(adapter, delivery(clock: clock)).error
  }

  @Test(arguments: [200, 201, 202, 204, 299])
  func `2xx is success`(_ status: Int) async throws {
    #expect(try await error(status) == nil)
  }

  @Test(arguments: [408, 409, 423, 425, 429, 500, 502, 503, 504, 507])
  func `passing troubles are tried again`(_ status: Int) async throws {
    let error = try await error(status)
    #expect(error?.verdict == .retry(after: nil))
    #expect(error?.code == "http-\(status)")
  }

  @Test(arguments: [301, 302, 308, 401, 403, 404, 405, 407, 501])
  func `what every message would meet pauses the endpoint and burns none`(_ status: Int) async throws {
    #expect(try await error(status)?.verdict == .outage(after: nil))
  }

  @Test(arguments: [400, 402, 406, 410, 411, 412, 413, 414, 415, 422, 428, 431, 451])
  func `what is wrong with this message is its end`(_ status: Int) async throws {
    #expect(try await error(status)?.verdict == .reject)
  }

  @Test func `an address of the message's own that is not found is no outage for all`() async throws {
    let values: [String: SettingValue] = ["url": .text("https://so.example.vn/{receiver}")]
    #expect(try await error(404, values: values)?.verdict == .retry(after: nil))
  }

  @Test func `only listed codes are success when there is a list`() async throws {
    let values: [String: SettingValue] = ["successStatus": .list(["202", "409"])]
    #expect(try await error(202, values: values) == nil)
    #expect(try await error(409, values: values) == nil)
    #expect(try await error(200, values: values)?.verdict == .inDoubt)
  }

  @Test func `a wait of up to a minute is the message's, a longer one the endpoint's`() async throws {
    func verdict(_ status: Int, _ value: String) async throws -> AdapterError.Verdict? {
      try await error(status, [HeaderField("retry-after", value)])?.verdict
    }
    #expect(try await verdict(503, "60") == .retry(after: .seconds(60)))
    #expect(try await verdict(503, "61") == .outage(after: .seconds(61)))
    #expect(try await verdict(429, "3600") == .outage(after: .seconds(3600)))
    #expect(try await verdict(500, "3600") == .retry(after: .seconds(3600)))
    #expect(try await verdict(503, "99999999") == .outage(after: .seconds(86_400)))
    #expect(try await verdict(503, "Mon, 05 Jan 2026 01:00:30 GMT") == .retry(after: .seconds(30)))
    #expect(try await verdict(503, "Mon, 05 Jan 2026 02:00:00 GMT") == .outage(after: .seconds(3600)))
    #expect(try await verdict(503, "Mon, 05 Jan 2026 00:00:00 GMT") == .retry(after: .zero))
    for nonsense in ["soon", "-5", "", "Mon, 32 Jan 2026 00:00:00 GMT", "1.5"] {
      #expect(try await verdict(503, nonsense) == .retry(after: nil), "\(nonsense)")
    }
  }

  @Test func `the far side's own words are kept short and harmless`() async throws {
    let long = String(repeating: "dài ", count: 100)
    let json = #"{"title":"Từ\u0000chối\n","detail":"\u202Elý do \u001b[31m"# + long + #""}"#
    let reason = try #require(
      try await error(422, [HeaderField("Content-Type", "application/problem+json")], body: json)?.reason)
    #expect(reason.hasPrefix("The far system answered 422: Từ chối : lý do [31mdài dài"))
    #expect(reason.count < 240)
    #expect(!reason.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x202E })
  }

  @Test(arguments: ["<html>no</html>", "{\"title\": 5}", "{", ""])
  func `an answer without such words has a reason all the same`(_ body: String) async throws {
    let error = try await error(422, [HeaderField("Content-Type", "application/problem+json")], body: body)
    #expect(error?.reason == "The far system answered 422.")
  }
}
