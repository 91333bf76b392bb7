import HubKit
import HubTesting
import Testing

@testable import Population

/// What becomes of a question when the database or the way to it fails.
@Suite(.serialized) struct FaultTests {
  private func failure(_ fault: String, _ database: Database, wrapping: String = "none", operation: String = "lookup")
    async throws -> AdapterError?
  {
    try await database.control("POST", "faults", fault)
    let outbound = try database.adapter(["wrapping": .text(wrapping)])
    let question = database.delivery(operation: operation)
    return await error { () throws(AdapterError) in try await outbound.deliver(question) }
  }

  @Test(arguments: ["none", "json"])
  func `an answer that is none is in doubt, with a code that says why`(_ wrapping: String) async throws {
    let expected = [
      ("empty-body", "population-empty-answer"), ("html", "population-html-answer"),
      ("wrong-schema", "population-other-schema"), ("other-request", "population-other-request"),
      ("other-person", "population-other-person"), ("two-persons", "population-several-persons"),
      ("doctype", "population-dtd-not-allowed"), ("deep", "population-xml-depth"),
      ("truncated", "population-xml-syntax"),
    ]
    let database = try Database()
    for (fault, code) in expected {
      let failure = try await failure(#"{"fault":"\#(fault)"}"#, database, wrapping: wrapping)
      #expect(failure?.verdict == .inDoubt, "\(fault)")
      #expect(failure?.code == code, "\(fault)")
      #expect(failure?.reason.contains("0310") == false, "\(fault)")
    }
    // The database has written the question down each time; asked again it answers.
    let again = try await database.ask(database.delivery(operation: "lookup"), ["wrapping": .text(wrapping)])
    #expect(again.hasPrefix(#"{"found":true"#))
    #expect(try await database.received().map(\.repeats) == [expected.count])
  }

  @Test(arguments: ["none", "json"])
  func `our own codes of the mock become verdicts`(_ wrapping: String) async throws {
    let expected: [(String, AdapterError.Verdict)] = [
      ("DC-01", .reject), ("DC-02", .outage(after: nil)), ("DC-03", .outage(after: nil)),
      ("DC-04", .outage(after: nil)), ("DC-05", .reject), ("DC-06", .reject), ("DC-07", .outage(after: .seconds(60))),
      ("DC-08", .retry(after: nil)), ("DC-09", .reject),
    ]
    let database = try Database()
    for (code, verdict) in expected {
      let failure = try await failure(
        #"{"fault":"error-code","code":"\#(code)"}"#, database, wrapping: wrapping, operation: "verify")
      #expect(failure?.verdict == verdict, "\(code)")
      #expect(failure?.code == "population-\(code)")
    }
    #expect(try await database.received().isEmpty)
  }

  @Test func `a clock that is off is an outage that names the clock`() async throws {
    let database = try Database()
    let slow = TestClock(now: database.clock.now - .seconds(301))
    let outbound = try database.adapter(clock: slow)
    let failure = await error { () throws(AdapterError) in try await outbound.deliver(database.delivery()) }
    #expect(failure?.verdict == .outage(after: nil))
    #expect(failure?.code == "population-DC-03")
    #expect(failure?.reason.contains("check this machine's clock") == true)
    #expect(try await database.received().isEmpty)
    slow.advance(by: .seconds(1))
    #expect(try json(try await outbound.deliver(database.delivery())) == #"{"match":true}"#)
    let asked = try await self.failure(#"{"fault":"skew"}"#, database)
    #expect(asked?.code == "population-DC-03")
  }

  @Test func `a wrong secret is an outage, and nothing is written down`() async throws {
    let database = try Database()
    let outbound = try database.adapter(["secret": .secret(Secret(reference: "test", value: "wrong"))])
    let failure = await error { () throws(AdapterError) in try await outbound.deliver(database.delivery()) }
    #expect(failure?.verdict == .outage(after: nil))
    #expect(failure?.code == "population-DC-02")
    #expect(try await database.received().isEmpty)
    try await database.control("POST", "systems", #"{"username":"\#(username)","secret":"wrong"}"#)
    #expect(try json(try await outbound.deliver(database.delivery())) == #"{"match":true}"#)
  }

  @Test func `a database that is away is an outage for as long as it says`() async throws {
    let database = try Database()
    let failure = try await failure(#"{"fault":"unavailable"}"#, database)
    #expect(failure?.verdict == .outage(after: .seconds(1)))
    #expect(failure?.code == "http-503")
  }

  @Test func `a slow database is waited for by the clock`() async throws {
    let database = try Database()
    try await database.control("POST", "faults", #"{"fault":"slow","milliseconds":20000}"#)
    let outbound = try database.adapter()
    async let reply = outbound.deliver(database.delivery())
    await database.clock.waitForSleepers(1)
    database.clock.advance(by: .seconds(20))
    #expect(try json(try await reply) == #"{"match":true}"#)
  }

  @Test func `a fault strikes one operation where it says so, and as often as it says`() async throws {
    let database = try Database()
    try await database.control("POST", "faults", #"{"fault":"unavailable","operation":"lookup","times":2}"#)
    #expect(try await database.ask(database.delivery()) == #"{"match":true}"#)
    let outbound = try database.adapter()
    for _ in 1...2 {
      let failure = await error { () throws(AdapterError) in
        try await outbound.deliver(database.delivery(operation: "lookup", number: 2))
      }
      #expect(failure?.code == "http-503")
    }
    #expect(try await database.ask(database.delivery(operation: "lookup", number: 2)).contains(#""found":true"#))
  }

  @Test func `a probe needs the account and asks about nobody`() async throws {
    let database = try Database()
    try await database.adapter().probe()
    let wrong = try database.adapter(["secret": .secret(Secret(reference: "test", value: "wrong"))])
    let failure = await error { () throws(AdapterError) in try await wrong.probe() }
    #expect(failure?.verdict == .outage(after: nil))
    #expect(failure?.code == "http-401")
    #expect(try await database.received().isEmpty)
  }
}
