public import HubKit
public import HubRouting

/// How the bus treats one endpoint: concurrency, patience and what to do in doubt.
public struct EndpointPolicy: Sendable, Hashable {
  /// What happens to a delivery that was sent and whose answer was lost.
  public enum InDoubt: String, Sendable, Hashable, Codable {
    /// Send it again under the same idempotency key: at least once.
    case retry
    /// Park it for a person to look: for payments.
    case park
  }

  /// Most attempts under way at once.
  public var concurrency: Int
  /// Most time for one attempt.
  public var timeout: Duration
  /// Attempts before a message is parked; outages do not count.
  public var attemptsMax: Int
  /// Wait before the second attempt.
  public var backoffFirst: Duration
  /// Each further wait is that many times longer.
  public var backoffFactor: Double
  /// Longest wait.
  public var backoffMax: Duration
  /// What to do in doubt.
  public var onDoubt: InDoubt
  /// Most deliveries that wait for it in memory; the others wait on the disk. As many again wait in each barred lane.
  public var windowMax: Int
  /// The second version beside it, to which some of its messages go; nil: there is none.
  public var next: Next?
  /// Whether it is such a second version itself.
  public var isNext = false
  /// Limits of an inbox, from which agencies fetch what is for them; nil for an endpoint that sends.
  public var inbox: InboxLimits?

  /// The second version of an endpoint.
  public struct Next: Sendable, Hashable {
    /// Its name: an endpoint of its own, with lanes, retries and dead letters of its own.
    public var name: String
    /// Which messages it takes, unless a person has said otherwise.
    public var rule: VersionRule
    /// Whether it is asked in shadow what the first one is asked, as far as that changes nothing.
    public var isShadow: Bool

    /// Creates one.
    public init(name: String, rule: VersionRule, isShadow: Bool = false) {
      self.name = name
      self.rule = rule
      self.isShadow = isShadow
    }
  }

  /// Creates a policy.
  public init(
    concurrency: Int = 8, timeout: Duration = .seconds(30), attemptsMax: Int = 5,
    backoffFirst: Duration = .seconds(1), backoffFactor: Double = 2, backoffMax: Duration = .seconds(300),
    onDoubt: InDoubt = .retry, windowMax: Int = 1000, inbox: InboxLimits? = nil
  ) {
    self.concurrency = concurrency
    self.timeout = timeout
    self.attemptsMax = attemptsMax
    self.backoffFirst = backoffFirst
    self.backoffFactor = backoffFactor
    self.backoffMax = backoffMax
    self.onDoubt = onDoubt
    self.windowMax = windowMax
    self.inbox = inbox
  }

  /// No far system may make the hub wait longer than that, whatever it asks for.
  static let waitMax = Duration.seconds(86_400)

  /// How long to wait after so many failures, shortened by up to a fifth so that many messages do not return at once.
  ///
  /// - Parameters:
  ///   - failures: how many attempts have failed, from 1.
  ///   - jitter: 0 to 1, from whoever may draw random numbers; the core may not.
  public func backoff(after failures: Int, jitter: Double) -> Duration {
    guard backoffFirst > .zero else { return .zero }
    let most = backoffMax / backoffFirst
    var scale = 1.0
    for _ in 1..<max(1, min(failures, 64)) where scale < most { scale *= backoffFactor }
    return backoffFirst * (min(scale, most) * (1 - 0.2 * jitter))
  }

  /// The backoff, or the far system's own wish when that is longer.
  func wait(after wish: Duration?, failures: Int, jitter: Double) -> Duration {
    min(max(wish ?? .zero, backoff(after: failures, jitter: jitter)), Self.waitMax)
  }
}
