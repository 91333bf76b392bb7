internal import HubKit

/// Runs work that blocks or takes long on a thread that no task waits for. A wire has no threads: whoever uses it says
/// which.
public struct OffPool: Sendable {
  private let start: @Sendable (_ work: @escaping @Sendable () -> Void) -> Void

  /// Names the threads.
  ///
  /// - Parameter start: called once for each piece of work, from many tasks at once; has to run it exactly once.
  public init(_ start: @escaping @Sendable (_ work: @escaping @Sendable () -> Void) -> Void) {
    self.start = start
  }

  /// Runs the work and waits for its end without holding a thread.
  public func run<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
      start { continuation.resume(returning: work()) }
    }
  }

  func trying<Value: Sendable>(
    _ work: @escaping @Sendable () throws(BodyError) -> Value
  ) async -> Result<Value, BodyError> {
    await run {
      do throws(BodyError) { return .success(try work()) } catch { return .failure(error) }
    }
  }
}
