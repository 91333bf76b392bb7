import HubKit
import HubMock
import Testing

@Suite("Faults on the way")
struct FaultTests {
  private func get(_ path: String, _ port: Int) async -> String {
    await RawClient(port: port).get(path)
  }

  private func send(_ method: String, _ json: String, _ port: Int) async -> String {
    await RawClient(port: port).exchange(
      "\(method) \(FaultInterface.controlPath) HTTP/1.1\r\nHost: m\r\nContent-Length: \(json.utf8.count)\r\n"
        + "Connection: close\r\n\r\n\(json)")
  }

  @Test func `a connection closed before leaves no effect, one closed after leaves one`() async throws {
    let echo = Echo()
    let faults = FaultInterface(
      echo, clock: SystemClock(),
      rules: [
        FaultRule(path: "/before", fault: .close(.before)), FaultRule(path: "/after", fault: .close(.after)),
      ])
    let answers = try await withMock(faults) { port, _ in
      [await get("/before", port), await get("/after", port), await get("/well", port)]
    }
    #expect(answers[0].isEmpty)
    #expect(answers[1].isEmpty)
    #expect(answers[2].hasPrefix("HTTP/1.1 201 "))
    #expect(echo.requests.map(\.path) == ["/after", "/well"])
  }

  @Test func `an answer is cut after so many bytes`() async throws {
    struct Long: ServedInterface {
      func respond(to request: ServedRequest) async -> ServedResponse { .json("0123456789") }
    }
    let faults = FaultInterface(Long(), clock: SystemClock(), rules: [FaultRule(fault: .close(.atByte(4)))])
    let answer = try await withMock(faults) { port, _ in await get("/", port) }
    #expect(answer.contains("Content-Length: 10\r\n"))
    #expect(answer.hasSuffix("\r\n\r\n0123"))
  }

  @Test func `a status takes the place of the far system after some requests and for some`() async throws {
    let echo = Echo()
    let faults = FaultInterface(
      echo, clock: SystemClock(), rules: [FaultRule(method: "get", path: "/api/*", skip: 1, times: 2, status: 503)])
    let answers = try await withMock(faults) { port, _ in
      var answers: [String] = []
      for path in ["/api/1", "/api/2", "/other", "/api/3", "/api/4"] { answers.append(await get(path, port)) }
      return answers
    }
    #expect(answers.map { $0.dropFirst(9).prefix(3) } == ["201", "503", "201", "503", "201"])
    #expect(echo.requests.map(\.path) == ["/api/1", "/other", "/api/4"])
    #expect(faults.rules.first?.count.matched == 4)
    #expect(faults.rules.first?.count.struck == 2)
  }

  @Test func `latency passes by the clock that was handed in`() async throws {
    let clock = StillClock()
    let faults = FaultInterface(Echo(), clock: clock, rules: [FaultRule(latency: .constant(.seconds(3600)))])
    let answer = try await withMock(faults) { port, _ in
      async let answer = get("/", port)
      #expect(await clock.asked() == Timestamp(seconds: 3600))
      clock.release()
      return await answer
    }
    #expect(answer.hasPrefix("HTTP/1.1 201 "))
  }

  @Test func `rules are set, shown with their counts and removed over HTTP`() async throws {
    let faults = FaultInterface(Echo(), clock: SystemClock())
    let shown = try await withMock(faults) { port, _ in
      _ = await send("PUT", #"[{"path":"/a","status":500,"times":1},{"path":"/b","close":"before"}]"#, port)
      _ = await send("POST", #"{"method":"POST","latency":"5ms","close":12}"#, port)
      _ = await get("/a", port)
      let shown = await send("GET", "", port)
      return (shown, await send("DELETE", "", port), await send("PATCH", "", port))
    }
    let json = """
      [{"matched":1,"rule":{"path":"/a","status":500,"times":1},"struck":1},\
      {"matched":0,"rule":{"close":"before","path":"/b"},"struck":0},\
      {"matched":0,"rule":{"close":12,"latency":"5ms","method":"POST"},"struck":0}]
      """
    #expect(shown.0.hasSuffix("\r\n\r\n" + json))
    #expect(shown.1.hasSuffix("\r\n\r\n[]"))
    #expect(shown.2.hasPrefix("HTTP/1.1 405 "))
    #expect(faults.rules.isEmpty)
  }

  @Test(arguments: [
    (#"[{"statsu":500}]"#, "[0].statsu: `fault` has no key `statsu`. Did you mean `status`?"),
    (#"{"status":42}"#, "status: `42` is out of range: 200 to 599."),
    (#"[{}, {"close":"later"}]"#, "[1].close: `later` is none of `before`, `after`, `100`."),
    (#"[{"skip":-1}]"#, "[0].skip: `-1` is out of range: 0 to 1000000."),
    (#"[{"times":"x"}]"#, "[0].times: `x` is not"),
    (#"{"share":1.5}"#, "share: `1.5` is out of range: 0.0 to 1.0."),
    (#"{"after":"soon"}"#, "after: `soon` is not a duration"),
    (#"{"every":"5s"}"#, "every: `every` stands only beside"),
    (#"{"for":"5s","every":"2s"}"#, "every: `every` is no shorter than `for`."),
    (#"{"fault":"explode"}"#, "fault: `explode` is none of `refuse`, `hang`, `reset`"),
    (#"{"fault":"hang","close":"after"}"#, "`close` and `fault` exclude one another"),
    (#"{"fault":"drip"}"#, "`fault` needs the key `bytesPerSecond`"),
    (#"{"holdMax":"5s"}"#, "`holdMax` stands only beside `fault: outOfOrder`"),
    (#"{"retryAfter":"5s"}"#, "`retryAfter` stands only beside `status:`"),
    (#"{"latency":{"min":"2s","max":"1s"}}"#, "latency: `latency` is a duration, `{min, max}` or `{p50, p99}`"),
    (#"{"latency":{"p50":"2s"}}"#, "latency: `latency` is a duration"), ("[", "this is not JSON"),
  ])
  func `a rule that means nothing is refused and changes nothing`(json: String, says: String) async throws {
    let faults = FaultInterface(Echo(), clock: SystemClock(), rules: [FaultRule(path: "/kept")])
    let answer = try await withMock(faults) { port, _ in await send("PUT", json, port) }
    #expect(answer.hasPrefix("HTTP/1.1 400 "))
    #expect(answer.contains(says), "\(answer)")
    #expect(faults.rules.map(\.rule) == [FaultRule(path: "/kept")])
  }

  @Test(arguments: [
    ("/a/*", "/a/b/c", true), ("/a/*", "/a", false), ("*", "", true), ("/*/x", "/a/b/x", true),
    ("/*/x", "/a/b/y", false), ("/a*b*c", "/aXbYbZc", true), ("/a", "/ab", false),
  ])
  func `a star stands for any text`(pattern: String, path: String, fits: Bool) async {
    let faults = FaultInterface(Echo(), clock: SystemClock(), rules: [FaultRule(path: pattern, status: 418)])
    let response = await faults.respond(to: ServedRequest(method: "GET", path: path))
    #expect((response.status == 418) == fits)
  }

  @Test func `what is below _mock is struck by no rule`() async {
    let faults = FaultInterface(Echo(), clock: SystemClock(), rules: [FaultRule(status: 503)])
    #expect(await faults.respond(to: ServedRequest(method: "GET", path: "/_mock/received")).status == 201)
  }

  @Test func `where the connection cannot be closed, a broken one is 503`() async {
    let faults = FaultInterface(Echo(), clock: SystemClock(), rules: [FaultRule(fault: .close(.after))])
    #expect(await faults.respond(to: ServedRequest(method: "GET", path: "/")).status == 503)
  }
}

/// Stands at zero; lets sleepers go when told, and tells until when they wanted to sleep.
private final class StillClock: HubClock {
  private let sleeping = AsyncStream<Timestamp>.makeStream()
  private let gate = Latch()

  var now: Timestamp { Timestamp(seconds: 0) }

  func sleep(until deadline: Timestamp) async throws {
    sleeping.continuation.yield(deadline)
    await gate.wait()
  }

  func asked() async -> Timestamp? {
    for await deadline in sleeping.stream { return deadline }
    return nil
  }

  func release() { gate.open() }
}
