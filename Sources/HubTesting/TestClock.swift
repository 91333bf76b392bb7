public import HubKit
internal import Synchronization

/// A clock that moves when told: for tests in virtual time.
///
/// Sleepers are woken in the order of their deadlines, those with the same deadline in the order in which they went
/// to sleep. Their tasks then run as the scheduler likes: a test that needs the one to have finished before the next
/// wakes advances in steps and waits for the sleepers in between.
public final class TestClock: HubClock {
  private struct Sleeper {
    let id: UInt64
    var deadline: Timestamp
    let continuation: CheckedContinuation<Void, any Error>
  }

  private struct Watcher {
    let count: Int
    let continuation: CheckedContinuation<Void, Never>
  }

  private struct State {
    var now: Timestamp
    /// How far the clock was set, all in all.
    var jumped = Duration.zero
    var nextID: UInt64 = 0
    var sleepers: [Sleeper] = []
    var cancelledEarly: Set<UInt64> = []
    var watchers: [Watcher] = []
  }

  private let state: Mutex<State>

  /// Creates a clock that stands at `now`: 2026-01-05T01:00:00Z, eight in the morning of a Monday in Vietnam, unless
  /// told otherwise.
  public init(now: Timestamp = Timestamp(seconds: 1_767_574_800)) {
    state = Mutex(State(now: now))
  }

  /// The time at which the clock stands.
  public var now: Timestamp { state.withLock { $0.now } }

  /// The time that has passed: what the clock was set by is no time.
  public var elapsed: Duration { state.withLock { $0.now - Timestamp(microseconds: 0) - $0.jumped } }

  /// Sets the clock forward or back, as an operator does: no time passes, and who sleeps has slept no longer by that.
  public func jump(by duration: Duration) {
    state.withLock { state in
      state.now = state.now + duration
      state.jumped += duration
      for index in state.sleepers.indices {
        state.sleepers[index].deadline = state.sleepers[index].deadline + duration
      }
    }
  }

  /// How many tasks sleep.
  public var sleeperCount: Int { state.withLock { $0.sleepers.count } }

  /// The earliest time at which somebody wants to wake; nil when nobody sleeps.
  public var nextDeadline: Timestamp? { state.withLock { $0.sleepers.map(\.deadline).min() } }

  /// Moves the clock forward and wakes whoever's time has come.
  public func advance(by duration: Duration) {
    advance(to: now + duration)
  }

  /// Moves the clock to a time and wakes whoever's time has come. A time in the past moves it back and wakes nobody:
  /// an operator may do that too.
  public func advance(to time: Timestamp) {
    let due = state.withLock { state in
      state.now = time
      let due = state.sleepers.filter { $0.deadline <= time }
      state.sleepers.removeAll { $0.deadline <= time }
      return due.sorted { ($0.deadline, $0.id) < ($1.deadline, $1.id) }
    }
    for sleeper in due { sleeper.continuation.resume() }
  }

  /// Returns once at least `count` tasks sleep; the condition to wait for before ``advance(by:)``.
  public func waitForSleepers(_ count: Int) async {
    await withCheckedContinuation { continuation in
      let isThere = state.withLock { state in
        if state.sleepers.count >= count { return true }
        state.watchers.append(Watcher(count: count, continuation: continuation))
        return false
      }
      if isThere { continuation.resume() }
    }
  }

  /// Sleeps until the clock was advanced to `deadline`.
  public func sleep(until deadline: Timestamp) async throws {
    try Task.checkCancellation()
    let id = state.withLock { state in
      state.nextID += 1
      return state.nextID
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        enter(Sleeper(id: id, deadline: deadline, continuation: continuation))
      }
    } onCancel: {
      cancel(id)
    }
  }

  private func enter(_ sleeper: Sleeper) {
    enum Entry { case passed, cancelled, asleep([Watcher]) }
    let entry = state.withLock { state -> Entry in
      if state.cancelledEarly.remove(sleeper.id) != nil { return .cancelled }
      if sleeper.deadline <= state.now { return .passed }
      state.sleepers.append(sleeper)
      let count = state.sleepers.count
      let satisfied = state.watchers.filter { $0.count <= count }
      state.watchers.removeAll { $0.count <= count }
      return .asleep(satisfied)
    }
    switch entry {
    case .passed: sleeper.continuation.resume()
    case .cancelled: sleeper.continuation.resume(throwing: CancellationError())
    case .asleep(let watchers): for watcher in watchers { watcher.continuation.resume() }
    }
  }

  private func cancel(_ id: UInt64) {
    let sleeper = state.withLock { state -> Sleeper? in
      guard let index = state.sleepers.firstIndex(where: { $0.id == id }) else {
        state.cancelledEarly.insert(id)
        return nil
      }
      return state.sleepers.remove(at: index)
    }
    sleeper?.continuation.resume(throwing: CancellationError())
  }
}
