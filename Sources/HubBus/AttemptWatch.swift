internal import HubKit
internal import Synchronization

/// Watches the attempts under way: one task looks at all of them once a second, where a timer for each would cost as
/// much as sending it.
final class AttemptWatch: Sendable {
  typealias End = Result<Reply, AdapterError>

  private struct Entry {
    /// By the time that has passed: the clock may be set meanwhile.
    let deadline: Duration
    let attempt: Task<End, Never>
    /// Why it was cancelled; nil while it goes on.
    var end: AdapterError?
  }

  private struct State {
    var entries: [DeliveryRef: Entry] = [:]
    var isStopped = false
  }

  private let state = Mutex(State())

  private static let gone = AdapterError(
    .cancelled, code: "cancelled", reason: "The hub is stopping, or nobody waits any more.")
  private static let late = AdapterError(
    .inDoubt, code: "timeout", reason: "No answer within the endpoint's time for one attempt.")

  /// Makes an attempt, which is cancelled when it is late, when ``end(_:)`` is called, or when the hub stops.
  ///
  /// - Parameter deadline: by `HubClock.elapsed`.
  func follow(
    _ ref: DeliveryRef, until deadline: Duration, _ work: @escaping @Sendable () async -> End
  ) async -> End {
    // The watch owns the task: it is ended below, by whoever ends the attempt.
    let attempt = Task.immediate { await work() }
    let isStopped = state.withLock { state in
      state.entries[ref] = Entry(deadline: deadline, attempt: attempt, end: state.isStopped ? Self.gone : nil)
      return state.isStopped
    }
    if isStopped { attempt.cancel() }
    let result = await attempt.value
    let end = state.withLock { $0.entries.removeValue(forKey: ref)?.end }
    if case .failure = result, let end { return .failure(end) }
    return result
  }

  /// Nobody waits for an attempt any more. Nothing happens when it is not under way.
  func end(_ ref: DeliveryRef) {
    endAll(Self.gone) { $0[ref].map { _ in [ref] } ?? [] }
  }

  /// Looks for late attempts until the task is cancelled; then all end.
  func run(_ clock: any HubClock) async {
    while (try? await clock.sleep(until: clock.now + .seconds(1))) != nil {
      let elapsed = clock.elapsed
      endAll(Self.late) { entries in entries.filter { $0.value.deadline <= elapsed }.map(\.key) }
    }
    state.withLock { $0.isStopped = true }
    endAll(Self.gone) { Array($0.keys) }
  }

  private func endAll(_ end: AdapterError, _ over: ([DeliveryRef: Entry]) -> [DeliveryRef]) {
    let attempts = state.withLock { state in
      over(state.entries).compactMap { ref -> Task<End, Never>? in
        guard state.entries[ref]?.end == nil else { return nil }
        state.entries[ref]?.end = end
        return state.entries[ref]?.attempt
      }
    }
    // Outside the lock: whoever is cancelled may have something to do at once.
    for attempt in attempts { attempt.cancel() }
  }
}
