#if canImport(Glibc)
  internal import Glibc
#endif

/// The clock port: the only way in which the hub learns the time or waits.
///
/// Called from any task, as often as anyone likes. Tests hand in a clock that moves when told.
public protocol HubClock: Sendable {
  /// The time now. It may jump: the operator may set the machine's clock.
  var now: Timestamp { get }

  /// Time that has passed since a moment of the clock's own. It never jumps, so a change of `now - elapsed` is a jump
  /// of ``now``.
  var elapsed: Duration { get }

  /// Returns once `now` has reached `deadline`, at once when it has passed.
  ///
  /// - Throws: `CancellationError` when the task is cancelled first.
  func sleep(until deadline: Timestamp) async throws
}

extension HubClock {
  /// For clocks that never jump.
  public var elapsed: Duration { now - Timestamp(microseconds: 0) }
}

/// The machine's own clock.
public struct SystemClock: HubClock {
  /// Creates the machine's clock.
  public init() {}

  /// The time by `CLOCK_REALTIME`.
  public var now: Timestamp {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
  }

  private static let start = ContinuousClock.now

  /// The time since the process first asked, by the continuous clock.
  public var elapsed: Duration { ContinuousClock.now - Self.start }

  /// Sleeps by the continuous clock for what is left until `deadline`.
  public func sleep(until deadline: Timestamp) async throws {
    let left = deadline - now
    guard left > .zero else { return try Task.checkCancellation() }
    try await Task.sleep(for: left)
  }
}
