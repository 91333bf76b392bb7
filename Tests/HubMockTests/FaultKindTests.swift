import Glibc
import HubKit
import HubMock
import HubTesting
import HubTransport
import ServiceLifecycle
import Synchronization
import Testing

/// What each kind of fault does to a real connection.
@Suite("Kinds of faults", .timeLimit(.minutes(2)))
struct FaultKindTests {
  private struct Digits: ServedInterface {
    func respond(to request: ServedRequest) async -> ServedResponse { .json("0123456789") }
  }

  private static let request = Array("GET / HTTP/1.1\r\nHost: m\r\nConnection: close\r\n\r\n".utf8)

  @Test func `refuse resets the connection before the far system has seen the request`() async throws {
    let echo = Echo()
    let end = try await withMock(FaultInterface(echo, rules: [FaultRule(fault: .refuse)])) { port, _ in
      await RawClient(port: port).end(of: Self.request)
    }
    #expect(end.text.isEmpty)
    #expect(end.error == ECONNRESET)
    #expect(echo.requests.isEmpty)
  }

  @Test func `reset breaks off in the middle of the body`() async throws {
    let end = try await withMock(FaultInterface(Digits(), rules: [FaultRule(fault: .reset)])) { port, _ in
      await RawClient(port: port).end(of: Self.request)
    }
    #expect(end.text.hasSuffix("\r\n\r\n01234"), "\(end)")
    #expect(end.error == ECONNRESET)
  }

  @Test func `reset of an answer without a body leaves nothing of it, but the far system has acted`() async throws {
    let echo = Echo()
    let end = try await withMock(FaultInterface(echo, rules: [FaultRule(fault: .reset)])) { port, _ in
      await RawClient(port: port).end(of: Self.request)
    }
    #expect(end.text.isEmpty)
    #expect(end.error == ECONNRESET)
    #expect(echo.requests.count == 1)
  }

  @Test func `hang ends when the caller goes, and the far system has seen nothing`() async throws {
    let echo = Echo()
    let end = try await withMock(FaultInterface(echo, rules: [FaultRule(fault: .hang)])) { port, _ in
      await RawClient(port: port).end(of: Self.request, isHalfClosed: true)
    }
    #expect(end.text.isEmpty)
    #expect(echo.requests.isEmpty)
  }

  @Test func `hang ends when the mock goes`() async throws {
    let clock = TestClock()
    let rule = FaultRule(latency: .constant(.seconds(1)), fault: .hang)
    let end = try await withMock(FaultInterface(Echo(), clock: clock, rules: [rule])) { port, group in
      async let end = RawClient(port: port).end(of: Self.request)
      await clock.waitForSleepers(1)
      clock.advance(by: .seconds(1))
      await group.triggerGracefulShutdown()
      return await end
    }
    #expect(end.text.isEmpty)
  }

  @Test func `garbage is no HTTP, and the hub is in doubt`() async throws {
    let faults = FaultInterface(Digits(), rules: [FaultRule(fault: .garbage)])
    let (text, error) = try await withMock(faults) { port, _ in
      (await RawClient(port: port).get("/"), await failure(port))
    }
    #expect(text.contains("not http") && !text.contains("HTTP/1.1"))
    #expect(error?.code == "bad-answer")
    #expect(error?.verdict == .inDoubt)
  }

  /// What the hub's own transport says of a request.
  private func failure(_ port: Int) async -> AdapterError? {
    let loop = CurlLoop()
    let allow = [AllowedAddress("127.0.0.1:\(port)")].compactMap { $0 }
    let transport = loop.transport(for: "far", TransportOptions(allow: allow))
    var failure: AdapterError?
    do {
      _ = try await transport.send(OutboundRequest(method: "GET", url: "http://127.0.0.1:\(port)/"))
    } catch {
      failure = error
    }
    await loop.shutdown()
    return failure
  }

  @Test func `a status carries header fields and when to come again`() async throws {
    let rule = FaultRule(
      status: 429, headers: [HeaderField("X-Reason", "busy")], retryAfter: .milliseconds(6500))
    let answer = try await withMock(FaultInterface(Echo(), rules: [rule])) { port, _ in
      await RawClient(port: port).get("/")
    }
    #expect(answer.hasPrefix("HTTP/1.1 429 "))
    #expect(answer.contains("X-Reason: busy\r\n") && answer.contains("Retry-After: 7\r\n"), "\(answer)")
  }

  @Test func `drip sends the body by the clock`() async throws {
    let clock = TestClock()
    let begin = clock.elapsed
    let rule = FaultRule(fault: .drip(bytesPerSecond: 40))
    let answer = try await withMock(FaultInterface(Digits(), clock: clock, rules: [rule])) { port, _ in
      async let answer = RawClient(port: port).get("/")
      for _ in 1...2 {
        await clock.waitForSleepers(1)
        clock.advance(by: .milliseconds(100))
      }
      return await answer
    }
    #expect(answer.hasSuffix("\r\n\r\n0123456789"))
    #expect(clock.elapsed - begin == .milliseconds(200))
  }

  @Test func `duplicate asks the far system twice and sends its second answer`() async throws {
    let counter = Counter()
    let answer = try await withMock(FaultInterface(counter, rules: [FaultRule(fault: .duplicate)])) { port, _ in
      await RawClient(port: port).get("/")
    }
    #expect(answer.hasSuffix("\r\n\r\n2"))
    #expect(counter.count == 2)
  }

  @Test func `out of order holds an answer back until the next one has gone`() async throws {
    let clock = TestClock()
    let faults = FaultInterface(Counter(), clock: clock, rules: [FaultRule(fault: .outOfOrder(holdMax: .seconds(60)))])
    let answers = try await withMock(faults) { port, _ in
      async let first = RawClient(port: port).get("/a")
      await clock.waitForSleepers(1)
      let second = await RawClient(port: port).get("/b")
      return [await first, second]
    }
    #expect(answers.map { $0.last } == ["1", "2"])
    #expect(faults.rules.first?.count.matched == 2 && faults.rules.first?.count.struck == 1)
  }

  @Test func `out of order lets the answer go when the limit has passed or the rule has gone`() async throws {
    let clock = TestClock()
    let faults = FaultInterface(Counter(), clock: clock, rules: [FaultRule(fault: .outOfOrder(holdMax: .seconds(60)))])
    let answers = try await withMock(faults) { port, _ in
      async let first = RawClient(port: port).get("/")
      await clock.waitForSleepers(1)
      clock.advance(by: .seconds(60))
      let limited = await first
      async let second = RawClient(port: port).get("/")
      await clock.waitForSleepers(1)
      faults.set([])
      return [limited, await second]
    }
    #expect(answers.map { $0.last } == ["1", "2"])
  }
}

/// Answers how often it was asked.
private final class Counter: ServedInterface {
  private let state = Mutex(0)

  var count: Int { state.withLock { $0 } }

  func respond(to request: ServedRequest) async -> ServedResponse {
    let count = state.withLock { count in
      count += 1
      return count
    }
    return .json("\(count)")
  }
}
