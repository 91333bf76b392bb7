import Dispatch
import Synchronization

/// A bounded line between whoever brings work and the threads that take it. Threads wait in it, callers never do.
final class WaitingLine<Element: Sendable>: Sendable {
  private struct State {
    var waiting: [Element] = []
    /// Where the next one stands in `waiting`; what lies before it is gone.
    var next = 0
    /// Threads that wait in ``WaitingLine/take(atMost:)`` and have not been rung for yet.
    var idle = 0
    var stopped = false

    var count: Int { waiting.count - next }

    mutating func removeFirst(_ count: Int) -> [Element] {
      let taken = Array(waiting[next..<next + count])
      next += count
      if next > 1024 || next == waiting.count {
        waiting.removeFirst(next)
        next = 0
      }
      return taken
    }
  }

  /// What a line says to one who joins it.
  enum Answer {
    case taken
    case full(waiting: Int)
    case stopped
  }

  private let takers: Int
  private let countMax: Int
  private let state = Mutex(State())
  private let bell = DispatchSemaphore(value: 0)

  /// Makes a line for so many threads.
  init(takers: Int, countMax: Int) {
    self.takers = takers
    self.countMax = countMax
  }

  /// Joins the end of the line.
  func add(_ element: Element) -> Answer {
    let (answer, ring) = state.withLock { state -> (Answer, Bool) in
      if state.stopped { return (.stopped, false) }
      if state.count >= countMax { return (.full(waiting: state.count), false) }
      state.waiting.append(element)
      return (.taken, Self.wakes(&state))
    }
    if ring { bell.signal() }
    return answer
  }

  /// Takes a fair share of what waits, at most so many; waits while there is nothing.
  ///
  /// - Returns: nil once the line has stopped.
  func take(atMost most: Int) -> [Element]? {
    while true {
      let (taken, stopped) = state.withLock { state -> ([Element], Bool) in
        if state.stopped { return ([], true) }
        guard state.count > 0 else {
          state.idle += 1
          return ([], false)
        }
        return (state.removeFirst(min(most, (state.count + takers - 1) / takers)), false)
      }
      if stopped { return nil }
      if !taken.isEmpty { return taken }
      bell.wait()
    }
  }

  /// Puts elements back to the front, in their order; the line may get longer than its limit by it.
  ///
  /// - Returns: those that nobody will take, since the line has stopped.
  func giveBack(_ elements: [Element]) -> [Element] {
    let (left, rings) = state.withLock { state -> ([Element], Int) in
      if state.stopped { return (elements, 0) }
      state.waiting.replaceSubrange(..<state.next, with: elements)
      state.next = 0
      var rings = 0
      while rings < elements.count, Self.wakes(&state) { rings += 1 }
      return ([], rings)
    }
    for _ in 0..<rings { bell.signal() }
    return left
  }

  /// Whether a thread has nothing to do.
  var hasIdle: Bool { state.withLock { $0.idle > 0 } }

  /// Sends all threads home.
  ///
  /// - Returns: what still waited.
  func stop() -> [Element] {
    let left = state.withLock { state -> [Element] in
      defer { state = State(stopped: true) }
      return Array(state.waiting[state.next...])
    }
    for _ in 0..<takers { bell.signal() }
    return left
  }

  private static func wakes(_ state: inout State) -> Bool {
    guard state.idle > 0 else { return false }
    state.idle -= 1
    return true
  }
}
