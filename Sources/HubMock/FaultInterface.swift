public import HubKit
import ServiceLifecycle
import Synchronization

/// Wraps any served interface and makes its socket fail by rule: late, broken or wrong answers. The far system's own
/// mistakes, such as its error codes, are its mock's affair; this is for what happens on the way.
///
/// Rules are set from Swift or over HTTP under ``controlPath``: `GET` shows them with their counts, `PUT` replaces them
/// with an array, `POST` adds one, `DELETE` removes all. The first rule that matches and is awake strikes.
public final class FaultInterface: SocketInterface {
  /// Path of the control; requests to it never reach the wrapped interface and are never struck.
  public static let controlPath = "/_mock/transport-faults"

  /// How often a rule has met a request.
  public struct Count: Sendable, Hashable {
    /// Requests that matched, struck or not.
    public var matched: Int
    /// Requests that were struck.
    public var struck: Int
  }

  private struct Entry {
    var rule: FaultRule
    var count = Count(matched: 0, struck: 0)
  }

  private let wrapped: any ServedInterface
  private let clock: any HubClock
  private let entries: Mutex<[Entry]>

  /// Wraps an interface.
  ///
  /// - Parameters:
  ///   - wrapped: answers whatever no rule strikes.
  ///   - clock: measures latencies.
  ///   - rules: in force from the start.
  public init(_ wrapped: any ServedInterface, clock: any HubClock = SystemClock(), rules: [FaultRule] = []) {
    self.wrapped = wrapped
    self.clock = clock
    entries = Mutex(rules.map { Entry(rule: $0) })
  }

  /// The rules in order, with their counts.
  public var rules: [(rule: FaultRule, count: Count)] {
    entries.withLock { $0.map { ($0.rule, $0.count) } }
  }

  /// Replaces all rules; counts begin again.
  public func set(_ rules: [FaultRule]) {
    entries.withLock { $0 = rules.map { Entry(rule: $0) } }
  }

  /// Adds a rule after the others.
  public func add(_ rule: FaultRule) {
    entries.withLock { $0.append(Entry(rule: rule)) }
  }

  /// Answers one request, or lets it fail.
  public func answer(_ request: ServedRequest) async -> SocketAnswer {
    if request.path == Self.controlPath { return .response(control(request)) }
    guard let rule = strike(request) else { return await undisturbed(request) }
    if rule.latency > .zero { await wait(rule.latency) }
    if rule.close == .before { return .hangUp }
    let response = if let status = rule.status { Self.override(status) } else { await wrapped.respond(to: request) }
    return switch rule.close {
    case .after: .hangUp
    case .atByte(let count): .cut(response, bodyBytes: count)
    case .before, nil: .response(response)
    }
  }

  private func undisturbed(_ request: ServedRequest) async -> SocketAnswer {
    if let socket = wrapped as? any SocketInterface { return await socket.answer(request) }
    return .response(await wrapped.respond(to: request))
  }

  /// The first rule that matches and is awake; counts on the way.
  private func strike(_ request: ServedRequest) -> FaultRule? {
    entries.withLock { entries in
      for index in entries.indices where entries[index].rule.matches(method: request.method, path: request.path) {
        entries[index].count.matched += 1
        let entry = entries[index]
        guard entry.count.matched > entry.rule.skip, entry.count.struck < entry.rule.times ?? .max else { continue }
        entries[index].count.struck += 1
        return entry.rule
      }
      return nil
    }
  }

  /// Waits, but not through a shutdown: a slow far system must not hold up the end of a test.
  private func wait(_ latency: Duration) async {
    let (clock, deadline) = (clock, clock.now + latency)
    try? await cancelWhenGracefulShutdown { try await clock.sleep(until: deadline) }
  }

  private static func override(_ status: Int) -> ServedResponse {
    ServedResponse(
      status: status, headers: [HeaderField("Content-Type", "text/plain; charset=utf-8")],
      body: Array("transport fault: status \(status)\n".utf8))
  }
}
