internal import HubKit
internal import Synchronization

/// The session that all attempts of an endpoint share. However many of them find it lost, one logs in at a time, and
/// the others then use what it got.
final class PortalSession: Sendable {
  private let turn = Turn()
  private let current = Mutex<String?>(nil)

  /// The session to use.
  ///
  /// - Parameters:
  ///   - lost: the session that the portal does not know any more; nil for the first call of an attempt.
  ///   - logIn: asks the portal for another one; called by one task at a time.
  func session(
    instead lost: String?, logIn: () async throws(AdapterError) -> String
  ) async throws(AdapterError) -> String {
    if let known = current.withLock({ $0 }), known != lost { return known }
    guard await turn.take() else {
      throw AdapterError(.cancelled, code: "cancelled", reason: "The attempt was cancelled while another logged in.")
    }
    defer { turn.give() }
    if let known = current.withLock({ $0 }), known != lost { return known }
    current.withLock { $0 = nil }
    let session = try await logIn()
    current.withLock { $0 = session }
    return session
  }

  /// Logs in whatever is known, which proves that the portal answers.
  func renew(logIn: () async throws(AdapterError) -> String) async throws(AdapterError) {
    _ = try await session(instead: current.withLock { $0 }, logIn: logIn)
  }
}

/// Lets one task through at a time, in the order in which they came. A task that is cancelled leaves the queue at
/// once.
final class Turn: Sendable {
  private struct Waiter {
    let id: UInt64
    let continuation: CheckedContinuation<Bool, Never>
  }

  private struct State {
    var isTaken = false
    var nextID: UInt64 = 0
    var waiters: [Waiter] = []
    /// Cancelled before they stood in the queue.
    var cancelled: Set<UInt64> = []
  }

  private let state = Mutex(State())

  /// Waits for the turn, which ``give()`` must end.
  ///
  /// - Returns: false when the task was cancelled first; there is nothing to give then.
  func take() async -> Bool {
    let id = state.withLock { state in
      state.nextID += 1
      return state.nextID
    }
    let isMine = await withTaskCancellationHandler {
      await withCheckedContinuation { enter(Waiter(id: id, continuation: $0)) }
    } onCancel: {
      leave(id)
    }
    state.withLock { _ = $0.cancelled.remove(id) }
    return isMine
  }

  /// Ends the turn.
  func give() {
    let next = state.withLock { state -> Waiter? in
      guard !state.waiters.isEmpty else {
        state.isTaken = false
        return nil
      }
      return state.waiters.removeFirst()
    }
    next?.continuation.resume(returning: true)
  }

  private func enter(_ waiter: Waiter) {
    let answer = state.withLock { state -> Bool? in
      if state.cancelled.contains(waiter.id) { return false }
      if !state.isTaken {
        state.isTaken = true
        return true
      }
      state.waiters.append(waiter)
      return nil
    }
    if let answer { waiter.continuation.resume(returning: answer) }
  }

  private func leave(_ id: UInt64) {
    let waiter = state.withLock { state -> Waiter? in
      guard let index = state.waiters.firstIndex(where: { $0.id == id }) else {
        state.cancelled.insert(id)
        return nil
      }
      return state.waiters.remove(at: index)
    }
    waiter?.continuation.resume(returning: false)
  }
}
