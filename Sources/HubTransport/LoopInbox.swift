internal import CCurl
internal import Synchronization

/// What other threads ask the loop to do, in order.
enum LoopCommand: Sendable {
  case submit(Submission)
  case cancel(UInt64)
  /// Nothing more is sent for that endpoint.
  case forget(Endpoint)
  case stop
}

/// The only thing that the loop's thread shares with everyone else.
final class LoopInbox: Sendable {
  private struct State {
    var commands: [LoopCommand] = []
    var isAsleep = false
    var isClosed = false
    var hasEnded = false
    var nextID: UInt64 = 1
    var stopped: [CheckedContinuation<Void, Never>] = []
  }

  private let state = Mutex(State())
  /// Only `curl_multi_wakeup` may be called from other threads; it is called under the lock, and never after closing.
  private nonisolated(unsafe) let multi: UnsafeMutableRawPointer

  init(multi: UnsafeMutableRawPointer) {
    self.multi = multi
  }

  /// A number for a new transfer.
  func makeID() -> UInt64 {
    state.withLock { state in
      defer { state.nextID += 1 }
      return state.nextID
    }
  }

  /// Adds a command and wakes the loop if it sleeps.
  ///
  /// - Returns: false when the loop has ended.
  @discardableResult
  func post(_ command: LoopCommand) -> Bool {
    state.withLock { state in
      guard !state.isClosed else { return false }
      state.commands.append(command)
      if state.isAsleep {
        state.isAsleep = false
        curl_multi_wakeup(multi)
      }
      return true
    }
  }

  /// Everything that waits.
  func take() -> [LoopCommand] {
    state.withLock { state in
      state.isAsleep = false
      defer { state.commands.removeAll(keepingCapacity: true) }
      return state.commands
    }
  }

  /// Announces that the loop is about to sleep.
  ///
  /// - Returns: false when there is something to do first.
  func goToSleep() -> Bool {
    state.withLock { state in
      guard state.commands.isEmpty else { return false }
      state.isAsleep = true
      return true
    }
  }

  /// Closes the inbox.
  ///
  /// - Returns: what had come in since the last ``take()``.
  func close() -> [LoopCommand] {
    state.withLock { state in
      state.isClosed = true
      defer { state.commands = [] }
      return state.commands
    }
  }

  /// Tells those who wait that the loop has ended.
  func announceEnd() {
    let waiting = state.withLock { state in
      defer { state.stopped = [] }
      state.hasEnded = true
      return state.stopped
    }
    for continuation in waiting { continuation.resume() }
  }

  /// Asks the loop to end and waits until it has.
  func stop() async {
    post(.stop)
    await withCheckedContinuation { continuation in
      let hasEnded = state.withLock { state in
        if !state.hasEnded { state.stopped.append(continuation) }
        return state.hasEnded
      }
      if hasEnded { continuation.resume() }
    }
  }
}
