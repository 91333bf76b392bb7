import Synchronization

/// The port, once it is known: settled once, awaited by any number of tasks.
final class BoundPort: Sendable {
  typealias Answer = Result<Int, MockHostError>

  private struct State {
    var answer: Answer?
    var waiting: [CheckedContinuation<Answer, Never>] = []
  }

  private let state = Mutex(State())

  /// Tells everyone who waits and everyone who asks later. Calls after the first change nothing.
  func settle(_ answer: Answer) {
    let waiting = state.withLock { state -> [CheckedContinuation<Answer, Never>] in
      guard state.answer == nil else { return [] }
      state.answer = answer
      defer { state.waiting = [] }
      return state.waiting
    }
    for continuation in waiting { continuation.resume(returning: answer) }
  }

  /// Waits until it is settled. Not ended by cancellation: whoever runs the host settles it in every case.
  func wait() async -> Answer {
    await withCheckedContinuation { continuation in
      let known = state.withLock { state -> Answer? in
        if state.answer == nil { state.waiting.append(continuation) }
        return state.answer
      }
      if let known { continuation.resume(returning: known) }
    }
  }
}
