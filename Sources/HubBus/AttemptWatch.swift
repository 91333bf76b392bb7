internal import HubKit
internal import Synchronization

/// Watches the attempts under way: one task looks at all of them once a second, where a timer for each would cost as
/// much as sending it.
final class AttemptWatch: Sendable {
  fileprivate struct Entry {
    /// By the time that has passed: the clock may be set meanwhile.
    let deadline: Duration
    /// Why it is over; nil while it goes on.
    var end: AdapterError?
    var waiter: CheckedContinuation<AdapterError, Never>?
  }

  fileprivate struct State {
    var entries: [DeliveryRef: Entry] = [:]
    var isStopped = false
  }

  private let state = Mutex(State())

  static let gone = AdapterError(
    .cancelled, code: "cancelled", reason: "The hub is stopping, or nobody waits any more.")
  private static let late = AdapterError(
    .inDoubt, code: "timeout", reason: "No answer within the endpoint's time for one attempt.")

  /// Begins to watch an attempt; ``forget(_:)`` ends that.
  ///
  /// - Parameter deadline: by `HubClock.elapsed`.
  func begin(_ ref: DeliveryRef, until deadline: Duration) {
    state.withLock { $0.entries[ref] = Entry(deadline: deadline, end: $0.isStopped ? Self.gone : nil) }
  }

  /// Waits until an attempt that is watched is late, or ended by ``end(_:)``. Called once for each.
  func wait(for ref: DeliveryRef) async -> AdapterError {
    await withCheckedContinuation { continuation in
      let end = state.withLock { state -> AdapterError? in
        guard let entry = state.entries[ref], entry.end == nil else { return state.entries[ref]?.end ?? Self.gone }
        state.entries[ref]?.waiter = continuation
        return nil
      }
      if let end { continuation.resume(returning: end) }
    }
  }

  /// An attempt has ended, or nobody waits for it any more. Nothing happens when it is not watched.
  func end(_ ref: DeliveryRef) {
    let waiter = state.withLock { $0.end(ref, Self.gone) }
    waiter?.resume(returning: Self.gone)
  }

  /// The attempt is over, and so is whoever waited for its end.
  func forget(_ ref: DeliveryRef) {
    state.withLock { $0.entries[ref] = nil }
  }

  /// Looks for late attempts until the task is cancelled; then all end.
  func run(_ clock: any HubClock) async {
    while (try? await clock.sleep(until: clock.now + .seconds(1))) != nil {
      let elapsed = clock.elapsed
      endAll(Self.late) { $0 <= elapsed }
    }
    state.withLock { $0.isStopped = true }
    endAll(Self.gone) { _ in true }
  }

  private func endAll(_ end: AdapterError, where isOver: (Duration) -> Bool) {
    let waiters = state.withLock { state in
      let refs = state.entries.filter { $0.value.end == nil && isOver($0.value.deadline) }.keys
      return refs.compactMap { state.end($0, end) }
    }
    for waiter in waiters { waiter.resume(returning: end) }
  }
}

extension AttemptWatch.State {
  /// Marks an attempt as over and takes out who waits for that.
  fileprivate mutating func end(_ ref: DeliveryRef, _ end: AdapterError) -> CheckedContinuation<AdapterError, Never>? {
    guard entries[ref]?.end == nil else { return nil }
    entries[ref]?.end = end
    defer { entries[ref]?.waiter = nil }
    return entries[ref]?.waiter
  }
}
