public import HubKit
import ServiceLifecycle
import Synchronization

/// Wraps any served interface and makes its socket fail by rule: late, broken, doubled or wrong answers. The far
/// system's own mistakes, such as its error codes, are its mock's affair; this is for what happens on the way.
///
/// Rules are set from Swift, in `mock.yaml`, or over HTTP under ``controlPath``: `GET` shows them with their counts,
/// `PUT` replaces them, `POST` adds one or an array, `DELETE` removes all. The first rule that matches, is awake and
/// draws the request strikes.
public final class FaultInterface: SocketInterface {
  /// Path of the control; requests to it never reach the wrapped interface. No rule strikes it, or anything else below
  /// `/_mock/`, which is for people and tests.
  public static let controlPath = "/_mock/transport-faults"

  /// How often a rule has met a request.
  public struct Count: Sendable, Hashable {
    /// Requests that matched, struck or not.
    public var matched: Int
    /// Requests that were struck.
    public var struck: Int
  }

  private let wrapped: any ServedInterface
  private let clock: any HubClock
  private let entries: Mutex<[Entry]>

  /// Wraps an interface.
  ///
  /// - Parameters:
  ///   - wrapped: answers whatever no rule strikes.
  ///   - clock: measures latencies, windows and all other times of the rules.
  ///   - rules: in force from the start.
  public init(_ wrapped: any ServedInterface, clock: any HubClock = SystemClock(), rules: [FaultRule] = []) {
    self.wrapped = wrapped
    self.clock = clock
    let arrival = clock.elapsed
    entries = Mutex(rules.map { Entry($0, arrival: arrival) })
  }

  /// The rules in order, with their counts.
  public var rules: [(rule: FaultRule, count: Count)] {
    entries.withLock { $0.map { ($0.rule, $0.count) } }
  }

  /// Replaces all rules; counts, windows and drawn numbers begin again, and what was held back goes.
  public func set(_ rules: [FaultRule]) {
    let arrival = clock.elapsed
    let held = entries.withLock { entries in
      defer { entries = rules.map { Entry($0, arrival: arrival) } }
      return entries.compactMap(\.held)
    }
    for latch in held { latch.open() }
  }

  /// Adds a rule after the others.
  public func add(_ rule: FaultRule) {
    let arrival = clock.elapsed
    entries.withLock { $0.append(Entry(rule, arrival: arrival)) }
  }

  /// Answers one request, or lets it fail.
  public func answer(_ request: ServedRequest) async -> SocketAnswer {
    if request.path == Self.controlPath { return .response(control(request)) }
    if request.path.hasPrefix("/_mock/") { return await undisturbed(request) }
    let (strike, awaited) = meet(request)
    let answer = if let strike { await struck(request, strike) } else { await undisturbed(request) }
    return awaited.isEmpty ? answer : .followed(answer) { for latch in awaited { latch.open() } }
  }

  /// Whether a rule with an expired certificate is awake and draws the connection; it is counted like a request.
  public func showsExpiredCertificate() -> Bool {
    let time = clock.elapsed
    return entries.withLock { entries in
      for index in entries.indices where entries[index].rule.fault == .expiredCertificate {
        if entries[index].strikes(at: time) { return true }
      }
      return false
    }
  }

  private func undisturbed(_ request: ServedRequest) async -> SocketAnswer {
    if let socket = wrapped as? any SocketInterface { return await socket.answer(request) }
    return .response(await wrapped.respond(to: request))
  }

  private func struck(_ request: ServedRequest, _ strike: Strike) async -> SocketAnswer {
    let rule = strike.rule
    if strike.latency > .zero { await sleep(strike.latency) }
    switch rule.fault {
    case .close(.before): return .hangUp
    case .refuse: return .reset(within: nil)
    case .hang: return .hang
    case .duplicate where rule.status == nil: _ = await wrapped.respond(to: request)
    default: break
    }
    let response = if let answer = rule.answer { answer } else { await wrapped.respond(to: request) }
    switch rule.fault {
    case .close(.after): return .hangUp
    case .close(.atByte(let count)): return .cut(response, bodyBytes: count)
    case .reset: return .reset(within: response)
    case .garbage: return .raw(Self.garbage)
    case .drip(let rate): return .drip(response, bytesPerSecond: rate, clock: clock)
    case .outOfOrder(let holdMax):
      if let held = strike.held { await hold(held, holdMax) }
      return .response(response)
    default: return .response(response)
    }
  }

  /// Nothing that HTTP, JSON or UTF-8 knows.
  private static let garbage: [UInt8] =
    Array("\u{1}\u{2} not http \r\n".utf8) + [0xFF, 0xFE, 0x00] + Array("\r\n\r\n".utf8)

  // MARK: - Which rule

  private struct Entry {
    let rule: FaultRule
    var count = Count(matched: 0, struck: 0)
    var numbers: SeededNumbers
    /// An answer that waits for the next request's.
    var held: Latch?
    private let arrival: Duration

    init(_ rule: FaultRule, arrival: Duration) {
      self.rule = rule
      self.arrival = arrival
      numbers = SeededNumbers(seed: rule.seed)
    }

    /// Counts a request that matches, and tells whether it is struck.
    mutating func strikes(at time: Duration) -> Bool {
      count.matched += 1
      guard count.matched > rule.skip, count.struck < rule.times ?? .max, rule.window.isOpen(at: time - arrival),
        rule.share >= 1 || numbers.unit() < rule.share
      else { return false }
      count.struck += 1
      return true
    }
  }

  private struct Strike {
    var rule: FaultRule
    var latency: Duration
    var held: Latch?
  }

  /// The first rule that strikes, and the answers that wait for this one; counts on the way.
  private func meet(_ request: ServedRequest) -> (strike: Strike?, awaited: [Latch]) {
    let time = clock.elapsed
    return entries.withLock { entries in
      var awaited: [Latch] = []
      for index in entries.indices
      where entries[index].rule.fault != .expiredCertificate
        && entries[index].rule.matches(method: request.method, path: request.path)
      {
        if let held = entries[index].held.take() {
          entries[index].count.matched += 1
          awaited.append(held)
        } else if entries[index].strikes(at: time) {
          let rule = entries[index].rule
          if case .outOfOrder = rule.fault { entries[index].held = Latch() }
          let latency = rule.latency?.draw(&entries[index].numbers) ?? .zero
          return (Strike(rule: rule, latency: latency, held: entries[index].held), awaited)
        }
      }
      return (nil, awaited)
    }
  }

  // MARK: - Waiting

  /// Waits, but not through a shutdown: a slow far system must not hold up the end of a test.
  private func sleep(_ time: Duration) async {
    let (clock, deadline) = (clock, clock.now + time)
    try? await cancelWhenGracefulShutdown { try await clock.sleep(until: deadline) }
  }

  /// Waits until the latch opens, at most so long; then nobody need open it any more.
  private func hold(_ held: Latch, _ time: Duration) async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await held.wait() }
      group.addTask { await self.sleep(time) }
      await group.next()
      group.cancelAll()
    }
    entries.withLock { entries in
      for index in entries.indices where entries[index].held === held { entries[index].held = nil }
    }
  }
}
