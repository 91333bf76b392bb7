internal import HubKit

/// Decides when indicators are sent; a pure value, so that it can be tested without waiting.
struct PushSchedule: Sendable, Hashable {
  let every: Duration
  let minInterval: Duration
  private var lastSent: Timestamp?
  /// What the figures stood at then.
  private var lastNews: Int64 = 0
  private var notBefore: Timestamp?

  init(every: Duration, minInterval: Duration) {
    self.every = every
    self.minInterval = minInterval
  }

  /// Whether to send now.
  ///
  /// - Parameter news: place of the last record that changed a figure.
  func isDue(at now: Timestamp, news: Int64) -> Bool {
    if let notBefore, now < notBefore { return false }
    guard let lastSent else { return true }
    // A clock that was set back must not stop the figures.
    if now < lastSent { return true }
    let passed = now - lastSent
    return passed >= every || (news > lastNews && passed >= minInterval)
  }

  /// The time for which figures are told when they are sent at a time: the beginning of a step of `minInterval`. So a
  /// hub that stopped between sending and knowing that it had sent sends the same name and the same bytes again.
  func instant(at now: Timestamp) -> Timestamp {
    let step = max(1_000_000, minInterval.wholeMicroseconds)
    return Timestamp(microseconds: now.microseconds / step * step)
  }

  mutating func sent(at now: Timestamp, news: Int64) {
    lastSent = now
    lastNews = news
    notBefore = nil
  }

  mutating func refused(at now: Timestamp, retryAfter: Duration?) {
    notBefore = now + max(minInterval, retryAfter ?? .zero)
  }
}
