import HubKit
import HubTesting
import Testing

/// What each answer means, over real sockets.
@Suite struct OperationsCentreAnswerTests {
  @Test func `Figures are stored, known when they come again, and superseded when newer ones are there`() async throws {
    let bench = try Bench()
    let adapter = try bench.adapter()
    #expect(await outcome(adapter, delivery(2)).code == "stored")
    #expect(await outcome(adapter, delivery(2)).code == "known")
    #expect(await outcome(adapter, delivery(1)).code == "superseded")
    #expect(await outcome(adapter, delivery(3)).code == "stored")
    let received = try await bench.received()
    #expect(received.map(\.result) == ["stored", "superseded", "stored"])
    #expect(received.map(\.repeats) == [1, 0, 0])
    // The older figures left the newer ones alone.
    #expect(try await bench.dossiersByDay() == ["2026-11-23": 3])
  }

  @Test func `A day keeps its last figures when later ones do not name it any more`() async throws {
    let bench = try Bench()
    let adapter = try bench.adapter()
    for (number, day) in [(1, "2026-11-22"), (2, "2026-11-23"), (3, "2026-11-23")] {
      let name = "\(number)-1"
      let body = figures(name, sequence: number, received: number, day: day)
      #expect(await outcome(adapter, delivery(name, body)).code == "stored")
    }
    #expect(try await bench.dossiersByDay() == ["2026-11-22": 1, "2026-11-23": 3])
  }

  @Test(arguments: [
    (#"{"fault":"unavailable","retryAfter":7}"#, AdapterError.Verdict.outage(after: .seconds(7)), "IOC-190"),
    (#"{"fault":"unavailable"}"#, .outage(after: nil), "IOC-190"),
    (#"{"fault":"unavailable","retryAfter":80000}"#, .outage(after: .seconds(80000)), "IOC-190"),
    (#"{"fault":"busy","retryAfter":2}"#, .retry(after: .seconds(2)), "IOC-191"),
    (#"{"fault":"broken"}"#, .retry(after: nil), "IOC-192"),
    (#"{"fault":"forbidden"}"#, .outage(after: nil), "IOC-106"),
    (#"{"fault":"empty-body"}"#, .inDoubt, "unclear"),
    (#"{"fault":"unreadable"}"#, .inDoubt, "unclear"),
    (#"{"fault":"other-name"}"#, .inDoubt, "unclear"),
  ])
  func `A fault of the far side has its verdict, and the next attempt succeeds`(
    fault: String, verdict: AdapterError.Verdict, code: String
  ) async throws {
    let bench = try Bench()
    let adapter = try bench.adapter()
    try await bench.fault(fault)
    let error = await outcome(adapter, delivery(1)).error
    #expect(error?.verdict == verdict)
    #expect(error?.code == code)
    #expect(["stored", "known"].contains(await outcome(adapter, delivery(1)).code))
    #expect(try await bench.received().count == 1)
  }

  @Test(arguments: [
    (302, AdapterError.Verdict.outage(after: nil)), (404, .retry(after: nil)), (405, .outage(after: nil)),
    (202, .inDoubt), (204, .inDoubt), (410, .reject), (413, .reject), (502, .outage(after: nil)),
    (504, .outage(after: nil)), (408, .retry(after: nil)),
  ])
  func `A status without the centre's own words has its verdict`(
    status: Int, verdict: AdapterError.Verdict
  ) async throws {
    struct Fixed: ServedInterface {
      var status: Int
      func respond(to request: ServedRequest) async -> ServedResponse { ServedResponse(status: status) }
    }
    let server = try LoopbackServer(Fixed(status: status))
    let error = await outcome(try adapter(url: server.url), delivery(1)).error
    #expect(error?.verdict == verdict)
    #expect(error?.code == (status < 300 ? "unclear" : "http-\(status)"))
  }

  @Test func `Words of the far side never reach a reason, only its code does`() async throws {
    struct Talkative: ServedInterface {
      func respond(to request: ServedRequest) async -> ServedResponse {
        .json(status: 422, #"{"code":"IOC-104","message":"Nguyễn Văn Mẫu 031090000001"}"#)
      }
    }
    let server = try LoopbackServer(Talkative())
    let error = try #require(await outcome(try adapter(url: server.url), delivery(1)).error)
    #expect(error.verdict == .reject)
    #expect(error.code == "IOC-104")
    #expect(!error.reason.contains("031090000001") && !error.reason.contains("Mẫu"))
    #expect(error.cause == nil)
  }

  @Test func `Another token is an outage, for probes too, and leaves nothing`() async throws {
    let bench = try Bench()
    let adapter = try bench.adapter(token: "another")
    let error = await outcome(adapter, delivery(1)).error
    #expect(error?.verdict == .outage(after: nil))
    #expect(error?.code == "IOC-101")
    await #expect(throws: AdapterError.self) { try await adapter.probe() }
    #expect(try await bench.received().isEmpty)
  }

  @Test func `A token with a line break at its end is the same token; none at all is an outage`() async throws {
    let bench = try Bench()
    #expect(await outcome(try bench.adapter(token: token + "\n"), delivery(1)).code == "stored")
    let error = await outcome(try bench.adapter(token: nil), delivery(2)).error
    #expect(error?.verdict == .outage(after: nil))
    #expect(error?.code == "no-secret")
  }
}
