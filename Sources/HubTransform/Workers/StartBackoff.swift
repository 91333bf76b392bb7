import Glibc
import HubKit

/// How often the start of a worker process is tried, and how long is waited between.
struct StartBackoff {
  /// Longest time from start to readiness.
  static let startMax: Duration = .seconds(30)
  /// So many failures in a row, and messages are told that there is no worker, until one starts again.
  static let failuresMax = 5

  private var failures = 0
  private var last: ContinuousClock.Instant?

  /// Whether a start may be tried now; waits for as long as the failures before ask for, while it is worth it.
  mutating func mayTry() -> Bool {
    guard let last else { return true }
    let pause = min(.milliseconds(50) * (1 << min(failures - 1, 7)), .seconds(5))
    let left = last + pause - .now
    if left <= .zero { return true }
    guard failures < Self.failuresMax else { return false }
    usleep(UInt32(left.wholeMicroseconds))
    return true
  }

  /// A start has failed.
  ///
  /// - Returns: whether it was the one at which messages begin to be refused.
  mutating func failed() -> Bool {
    failures += 1
    last = .now
    return failures == Self.failuresMax
  }

  /// A worker has started.
  mutating func succeeded() {
    failures = 0
    last = nil
  }
}
