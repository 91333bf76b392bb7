/// Closed at first; once open, it lets everyone through.
final class Latch: Sendable {
  private let stream = AsyncStream<Never>.makeStream()

  func open() { stream.continuation.finish() }

  /// Returns when it is open, or when the task is cancelled. For one task alone.
  func wait() async {
    for await _ in stream.stream {}
  }
}
