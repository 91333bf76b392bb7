public import Logging
internal import Synchronization

/// Keeps log lines, with their level and metadata, for whoever wants to look at them.
public final class LogRecorder: Sendable {
  private struct Kept {
    var lines: [String] = []
    var waiters: [(wanted: @Sendable (String) -> Bool, continuation: CheckedContinuation<Void, Never>)] = []
  }

  private let kept = Mutex(Kept())

  /// Creates a recorder that has heard nothing.
  public init() {}

  /// What was logged so far, as `level: message metadata`.
  public var lines: [String] { kept.withLock { $0.lines } }

  /// A logger of every level whose lines are kept.
  public func logger(_ label: String = "test") -> Logger {
    Logger(label: label) { _ in Handler(recorder: self) }
  }

  /// Waits for a line; returns at once when it is there.
  public func wait(for wanted: @escaping @Sendable (String) -> Bool) async {
    await withCheckedContinuation { continuation in
      let isThere = kept.withLock { kept in
        if kept.lines.contains(where: wanted) { return true }
        kept.waiters.append((wanted, continuation))
        return false
      }
      if isThere { continuation.resume() }
    }
  }

  private func add(_ line: String) {
    kept.withLock { kept in
      kept.lines.append(line)
      for waiter in kept.waiters where waiter.wanted(line) { waiter.continuation.resume() }
      kept.waiters.removeAll { $0.wanted(line) }
    }
  }

  private struct Handler: LogHandler {
    let recorder: LogRecorder
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .trace
    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { recorder.add("\(event.level): \(event.message) \(metadata)") }
  }
}
