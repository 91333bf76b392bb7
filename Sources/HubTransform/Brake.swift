import Synchronization

/// Stops what one worker runs when its time is up. The worker holds on to it while it runs something; the watchdog
/// looks at it from its own thread.
final class Brake: Sendable {
  private struct State {
    var deadline: ContinuousClock.Instant?
    var running: (any Interruptible)?
    var over = false
  }

  private let state = Mutex(State())

  /// Whether time is up for the work that began last.
  var isOver: Bool {
    state.withLock { state in
      if let deadline = state.deadline, !state.over { state.over = ContinuousClock.now >= deadline }
      return state.over
    }
  }

  /// Begins work that may take `timeMax`.
  func begin(timeMax: Duration) {
    state.withLock { $0 = State(deadline: .now + timeMax) }
  }

  /// Gives the work more time.
  func allow(more time: Duration) {
    state.withLock { state in
      state.deadline = state.deadline.map { $0 + time }
      state.over = false
    }
  }

  /// Ends the work.
  func end() {
    state.withLock { $0 = State() }
  }

  /// Runs something that can be stopped.
  func hold<T>(_ running: some Interruptible, _ work: () -> T) -> T {
    state.withLock { $0.running = running }
    defer { state.withLock { $0.running = nil } }
    return work()
  }

  /// Stops what runs if its time is up. It is told again at every look, since a run may begin just after the first.
  ///
  /// - Returns: whether work is under way.
  func look(at now: ContinuousClock.Instant) -> Bool {
    state.withLock { state in
      guard let deadline = state.deadline else { return false }
      if now >= deadline {
        state.over = true
        state.running?.interrupt()
      }
      return true
    }
  }
}
