import HubKit
import HubTesting
import Testing

@testable import NationalPortal

@Suite struct `What an answer of the portal means` {
  private static func json(_ text: String, status: Int = 200) -> FaultyTransport.Step {
    .answer(OutboundResponse(status: status, body: Array(text.utf8)))
  }

  private static let login = json(#"{"error_code":"0","session":"s-1"}"#)

  /// The error after a good login and one answer.
  private func failure(_ steps: FaultyTransport.Step..., operation: String = "progress") async throws -> AdapterError? {
    let outbound = try #require(
      try parts(url: "http://127.0.0.1:1", transport: FaultyTransport([Self.login] + steps)).outbound)
    return await error { () throws(AdapterError) in try await outbound.deliver(delivery(progress(), operation)) }
  }

  @Test(arguments: ["0", "\"0\"", "\"00\""])
  func `zero is good, as a number and as a text`(_ code: String) async throws {
    #expect(try await failure(Self.json("{\"error_code\":\(code)}")) == nil)
  }

  @Test(arguments: ["-1", "\"-1\"", "\"17\"", "99", "\"SUCCESSFUL\""])
  func `a fault and a code that nobody knows are tried again`(_ code: String) async throws {
    #expect(try await failure(Self.json("{\"error_code\":\(code)}"))?.verdict == .retry(after: nil))
  }

  @Test(arguments: ["-4", "\"-5\""])
  func `a code of rejectCodes is the record's end`(_ code: String) async throws {
    #expect(try await failure(Self.json("{\"error_code\":\(code)}"))?.verdict == .reject)
  }

  @Test(arguments: ["3", "\"-3\""])
  func `a dossier that is there, also to its update, is tried again`(_ code: String) async throws {
    let answer = Self.json("{\"error_code\":\(code)}")
    #expect(try await failure(answer, answer, operation: "dossier")?.verdict == .retry(after: nil))
    #expect(try await failure(answer) == nil)
  }

  @Test(
    arguments: [
      "", "<html>", "{}", "[]", "null", #"{"error_code":null}"#, #"{"error_code":true}"#, #"{"error_code":""}"#,
      #"{"error_code":0.5}"#,
    ])
  func `an answer that says nothing leaves a write in doubt`(_ body: String) async throws {
    #expect(try await failure(Self.json(body))?.verdict == .inDoubt)
  }

  @Test(
    arguments: [
      (301, AdapterError.Verdict.outage(after: nil)), (403, .outage(after: nil)), (404, .outage(after: nil)),
      (429, .outage(after: nil)), (503, .outage(after: nil)), (502, .inDoubt), (504, .inDoubt), (400, .reject),
      (422, .reject), (500, .retry(after: nil)), (408, .retry(after: nil)),
    ])
  func `status codes`(_ status: Int, _ verdict: AdapterError.Verdict) async throws {
    #expect(try await failure(Self.json("{}", status: status))?.verdict == verdict)
  }

  @Test func `a status 401 is a lost session`() async throws {
    let again = Self.json(#"{"error_code":"0","session":"s-2"}"#)
    let refused = Self.json("", status: 401)
    #expect(try await failure(refused, again, Self.json(#"{"error_code":"0"}"#)) == nil)
    #expect(try await failure(refused, again, refused)?.code == "portal-session")
  }

  @Test(arguments: ["", "<html>", "{}", #"{"error_code":"0"}"#, #"{"error_code":"0","session":""}"#])
  func `a login that gives no session is an outage, never a doubt`(_ body: String) async throws {
    let outbound = try #require(
      try parts(url: "http://127.0.0.1:1", transport: FaultyTransport([Self.json(body)])).outbound)
    let failure = await error { () throws(AdapterError) in try await outbound.deliver(delivery(progress())) }
    #expect(failure?.verdict == .outage(after: nil))
  }

  @Test func `a login whose answer was lost leaves no record in doubt`() async throws {
    let lost = AdapterError(.inDoubt, code: "timeout", reason: "no answer")
    let outbound = try #require(
      try parts(url: "http://127.0.0.1:1", transport: FaultyTransport([.fail(lost)])).outbound)
    let failure = await error { () throws(AdapterError) in try await outbound.deliver(delivery(progress())) }
    #expect(failure?.verdict == .outage(after: nil))
    #expect(failure?.code == "timeout")
  }

  @Test func `what the portal writes is not repeated in a code or a reason`() async throws {
    let answer = Self.json(#"{"error_code":"Nguyễn Văn Mẫu 031090000001 không có","error_message":"bí mật"}"#)
    let failure = try #require(try await failure(answer))
    #expect(failure.code == "portal-unknown")
    #expect(!"\(failure)".contains("bí mật"))
    #expect(!"\(failure)".contains("031090000001"))
    #expect(!"\(failure)".contains("Nguyễn"))
  }

  @Test func `a cancelled attempt leaves the queue for the login at once, the others go on`() async throws {
    let turn = Turn()
    #expect(await turn.take())
    // Owned by this function, which waits for its end.
    let waiting = Task { await turn.take() }
    waiting.cancel()
    #expect(await waiting.value == false)
    async let next = turn.take()
    turn.give()
    #expect(await next)
    turn.give()
    #expect(await turn.take())
  }
}

@Suite struct `Times of the portal` {
  @Test func `they are Vietnam's, and days that do not exist are none`() {
    #expect(PortalDate.parse("20261127070000") == Timestamp(rfc3339: "2026-11-27T00:00:00Z"))
    #expect(PortalDate.parse("20261127000000") == Timestamp(rfc3339: "2026-11-26T17:00:00Z"))
    for text in [
      "20260230000000", "20261127250000", "2026112707000", "202611270700000", "2026-11-27 070", "", "２0261127070000",
    ] {
      #expect(PortalDate.parse(text) == nil, "\(text)")
    }
  }

  @Test(arguments: [0, 1_767_574_800, 1_795_391_999, 4_102_444_799])
  func `what is written is read back`(_ seconds: Int64) {
    let time = Timestamp(seconds: seconds)
    #expect(PortalDate.parse(PortalDate.text(time)) == time)
  }

  @Test func `a day is Vietnam's day`() {
    #expect(Timestamp(rfc3339: "2026-11-26T17:30:00Z").map(PortalDate.day) == "2026-11-27")
  }
}
