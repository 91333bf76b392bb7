import Foundation
import HubConfig
import HubKit
import HubMock
import HubTesting
import Synchronization
import Testing

/// Which requests a rule strikes, when, and how long they wait.
@Suite("Schedules of faults")
struct FaultScheduleTests {
  private func struck(_ rule: FaultRule, _ count: Int) async -> [Bool] {
    let faults = FaultInterface(Echo(), clock: TestClock(), rules: [rule])
    var struck: [Bool] = []
    for _ in 1...count {
      struck.append(await faults.respond(to: ServedRequest(method: "GET", path: "/")).status == 503)
    }
    return struck
  }

  @Test func `a share of requests is struck, the same for the same seed`() async {
    let first = await struck(FaultRule(share: 0.3, seed: 7, status: 503), 2000)
    #expect((500...700).contains(first.count { $0 }))
    #expect(await struck(FaultRule(share: 0.3, seed: 7, status: 503), 2000) == first)
    #expect(await struck(FaultRule(share: 0.3, seed: 8, status: 503), 2000) != first)
    #expect(await struck(FaultRule(share: 0, status: 503), 100).allSatisfy { !$0 })
    #expect(await struck(FaultRule(share: 1, status: 503), 100).allSatisfy { $0 })
  }

  @Test func `share goes together with skip and times`() async {
    let struck = await struck(FaultRule(skip: 100, times: 5, share: 0.5, status: 503), 200)
    #expect(struck.prefix(100).allSatisfy { !$0 })
    #expect(struck.count { $0 } == 5)
  }

  @Test func `what a rule spares goes on to the next`() async {
    let faults = FaultInterface(
      Echo(), clock: TestClock(), rules: [FaultRule(share: 0, status: 503), FaultRule(status: 500)])
    #expect(await faults.respond(to: ServedRequest(method: "GET", path: "/")).status == 500)
  }

  @Test func `a window opens after a while, closes and comes back, counted from the rule's arrival`() async {
    let clock = TestClock()
    let faults = FaultInterface(Echo(), clock: clock)
    clock.advance(by: .seconds(3))
    faults.add(
      FaultRule(window: .init(after: .seconds(5), length: .seconds(2), every: .seconds(10)), status: 503))
    var seconds: [Int] = []
    for second in 0..<30 {
      if await faults.respond(to: ServedRequest(method: "GET", path: "/")).status == 503 { seconds.append(second) }
      clock.advance(by: .seconds(1))
    }
    #expect(seconds == [5, 6, 15, 16, 25, 26])
  }

  @Test func `setting the clock moves no window`() async {
    let clock = TestClock()
    let rule = FaultRule(window: .init(after: .zero, length: .seconds(2)), status: 503)
    let faults = FaultInterface(Echo(), clock: clock, rules: [rule])
    clock.jump(by: .seconds(3600))
    #expect(await faults.respond(to: ServedRequest(method: "GET", path: "/")).status == 503)
  }

  private func latencies(_ latency: FaultRule.Latency) async -> [Duration] {
    let clock = EagerClock()
    let faults = FaultInterface(Echo(), clock: clock, rules: [FaultRule(seed: 3, latency: latency)])
    for _ in 1...4000 { _ = await faults.respond(to: ServedRequest(method: "GET", path: "/")) }
    return clock.slept.sorted()
  }

  @Test func `latency is spread evenly between its bounds`() async throws {
    let times = await latencies(.even(min: .milliseconds(100), max: .milliseconds(300)))
    #expect(times.count == 4000)
    #expect(try #require(times.first) >= .milliseconds(100) && times[3999] <= .milliseconds(300))
    #expect((.milliseconds(190) ... .milliseconds(210)).contains(times[2000]))
    #expect(await latencies(.even(min: .milliseconds(100), max: .milliseconds(300))) == times)
  }

  @Test func `log-normal latency keeps to its percentiles`() async {
    let times = await latencies(.logNormal(p50: .milliseconds(80), p99: .seconds(2)))
    #expect(times.count == 4000)
    #expect((.milliseconds(70) ... .milliseconds(90)).contains(times[2000]))
    #expect((.milliseconds(1400) ... .milliseconds(2800)).contains(times[3960]))
  }

  @Test func `rules are written as they are read`() throws {
    let json = """
      [{"after":"5s","every":"1m","for":"10s","share":0.25,"seed":9,"status":429,"retryAfter":"7s",\
      "headers":{"X-Reason":"busy"}},\
      {"fault":"drip","bytesPerSecond":100,"latency":{"min":"1s","max":"2s"}},\
      {"fault":"outOfOrder","holdMax":"3s","latency":{"p50":"80ms","p99":"2s"}},\
      {"fault":"refuse"},{"fault":"hang"},{"fault":"reset"},{"fault":"garbage"},{"fault":"duplicate"},\
      {"close":"before"},{"close":"after"},{"close":3,"latency":"250ms"},\
      {"method":"PUT","path":"/v2/*","skip":1,"times":2}]
      """
    let rules = try FaultRule.list(json: Array(json.utf8))
    #expect(rules.count == 12)
    #expect(rules[0].window == .init(after: .seconds(5), length: .seconds(10), every: .seconds(60)))
    #expect(rules[0].retryAfter == .seconds(7) && rules[0].headers == [HeaderField("X-Reason", "busy")])
    #expect(rules[1].fault == .drip(bytesPerSecond: 100))
    #expect(rules[2].latency == .logNormal(p50: .milliseconds(80), p99: .seconds(2)))
    #expect(try FaultRule.list(json: Array(JSONEncoder().encode(rules))) == rules)
  }
}

/// Wakes every sleeper at once, and remembers how long each wanted to sleep.
private final class EagerClock: HubClock {
  private let times = Mutex<[Duration]>([])

  var now: Timestamp { Timestamp(seconds: 0) }
  var slept: [Duration] { times.withLock { $0 } }

  func sleep(until deadline: Timestamp) async throws {
    times.withLock { $0.append(deadline - now) }
  }
}
