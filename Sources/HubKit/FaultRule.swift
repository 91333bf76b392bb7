/// One thing that goes wrong on the way to a far system that a mock plays, and for which requests. It is written as
/// JSON for the mock's control and as YAML in `mock.yaml`, with the same members; `HubConfig` reads both.
///
/// A rule that names nothing that goes wrong lets the request through: placed first, it shields a path from the rules
/// after it.
public struct FaultRule: Sendable, Hashable {
  /// When the connection is closed instead of a whole answer.
  public enum Close: Sendable, Hashable {
    /// Before the far system has looked at the request: it has had no effect.
    case before
    /// After the far system has done what was asked: the caller cannot know, and is in doubt.
    case after
    /// After so many bytes of the answer's body.
    case atByte(Int)
  }

  /// What goes wrong.
  public enum Fault: Sendable, Hashable {
    /// The connection is closed.
    case close(Close)
    /// The connection is reset before the far system has looked at the request.
    case refuse
    /// The request is taken and never answered. It ends when the caller or the mock goes.
    case hang
    /// The connection is reset in the middle of the answer's body, after the far system has done what was asked.
    case reset
    /// Bytes come that are no HTTP, after the far system has done what was asked; then the connection is closed.
    case garbage
    /// The body comes slowly.
    case drip(bytesPerSecond: Int)
    /// The far system gets the request twice; its second answer is sent.
    case duplicate
    /// The answer is held back until the next matching request has been answered, at most so long. That one is not
    /// struck by the same rule.
    case outOfOrder(holdMax: Duration)
    /// The mock shows a certificate whose time is over. It strikes connections, not requests: method, path, latency
    /// and status mean nothing to it.
    case expiredCertificate
  }

  /// How long requests wait before anything else happens.
  public enum Latency: Sendable, Hashable {
    /// Always so long.
    case constant(Duration)
    /// Evenly spread between two bounds.
    case even(min: Duration, max: Duration)
    /// Spread as real networks do (log-normal): half of the requests wait no longer than the one, 99 of a hundred no
    /// longer than the other.
    case logNormal(p50: Duration, p99: Duration)
  }

  /// When a rule is awake, counted from its arrival.
  public struct Window: Sendable, Hashable {
    /// So long it sleeps first.
    public var after: Duration
    /// So long it is awake; nil: for ever.
    public var length: Duration?
    /// The window comes back after so long, from beginning to beginning; nil: it does not.
    public var every: Duration?

    /// Creates a window; without arguments it is always open.
    public init(after: Duration = .zero, length: Duration? = nil, every: Duration? = nil) {
      self.after = after
      self.length = length
      self.every = every
    }
  }

  /// Only requests with this method, in whichever case; nil: all.
  public var method: String?
  /// Only requests whose decoded path is this, where `*` stands for any text; nil: all.
  public var path: String?
  /// So many matching requests pass first.
  public var skip: Int
  /// So many requests are struck after that, then the rule sleeps for good; nil: all.
  public var times: Int?
  /// Which share of the requests that it could strike it does strike, from 0 to 1.
  public var share: Double
  /// Begins the numbers by which ``share`` and ``latency`` are drawn: the same seed and requests, the same faults.
  public var seed: Int
  /// When it is awake.
  public var window: Window
  /// How long the request waits before anything else happens; nil: not at all.
  public var latency: Latency?
  /// Answered in place of the far system, which is not asked.
  public var status: Int?
  /// Header fields of the answer that ``status`` gives.
  public var headers: [HeaderField]
  /// `Retry-After` of the answer that ``status`` gives, sent in whole seconds.
  public var retryAfter: Duration?
  /// What goes wrong with the exchange, if anything.
  public var fault: Fault?

  /// Creates a rule. The defaults strike every request and do it no harm.
  public init(
    method: String? = nil, path: String? = nil, skip: Int = 0, times: Int? = nil, share: Double = 1, seed: Int = 1,
    window: Window = Window(), latency: Latency? = nil, status: Int? = nil, headers: [HeaderField] = [],
    retryAfter: Duration? = nil, fault: Fault? = nil
  ) {
    self.method = method
    self.path = path
    self.skip = skip
    self.times = times
    self.share = share
    self.seed = seed
    self.window = window
    self.latency = latency
    self.status = status
    self.headers = headers
    self.retryAfter = retryAfter
    self.fault = fault
  }
}
