internal import HubKit
internal import Synchronization

/// Keeps one principal from filling the disk with refusals: a token bucket for each.
final class AuditLimiter: Sendable {
  enum Answer: Equatable {
    /// Record it; so many were held back since the last one.
    case allowed(suppressed: Int)
    /// Only count it.
    case held
  }

  private struct Bucket {
    var tokens: Double
    var at: Timestamp
    var suppressed = 0
  }

  /// Principals remembered at once. When there are more, those that are quiet are forgotten.
  private static let principalsMax = 10_000

  private let burst: Double
  private let every: Duration
  private let buckets = Mutex<[String: Bucket]>([:])

  init(burst: Int, every: Duration) {
    self.burst = Double(max(1, burst))
    self.every = max(every, .milliseconds(1))
  }

  /// Whether one more may be recorded.
  func ask(_ principal: String, at now: Timestamp) -> Answer {
    buckets.withLock { buckets in
      if buckets.count >= Self.principalsMax, buckets[principal] == nil { forgetQuiet(&buckets, now) }
      // Too many at once, all of them loud: strangers share one bucket.
      let name = buckets.count >= Self.principalsMax && buckets[principal] == nil ? "" : principal
      var bucket = buckets[name] ?? Bucket(tokens: burst, at: now)
      bucket.tokens = min(burst, bucket.tokens + max(0, (now - bucket.at) / every))
      bucket.at = now
      defer { buckets[name] = bucket }
      guard bucket.tokens >= 1 else {
        bucket.suppressed += 1
        return .held
      }
      bucket.tokens -= 1
      defer { bucket.suppressed = 0 }
      return .allowed(suppressed: bucket.suppressed)
    }
  }

  /// What was held back and not told yet, by principal.
  func takeSuppressed() -> [(principal: String, count: Int)] {
    buckets.withLock { buckets in
      let held = buckets.filter { $0.value.suppressed > 0 }.map { (principal: $0.key, count: $0.value.suppressed) }
      for name in buckets.keys { buckets[name]?.suppressed = 0 }
      return held.sorted { $0.principal < $1.principal }
    }
  }

  private func forgetQuiet(_ buckets: inout [String: Bucket], _ now: Timestamp) {
    buckets = buckets.filter { $0.value.suppressed > 0 || $0.value.tokens + (now - $0.value.at) / every < burst }
  }
}
