public import HubKit

/// Lets operators sign in to the control bus at a far system, and remembers who is signed in.
public final class OperatorSignIn: Sendable {
  /// How much is kept, and for how long.
  public struct Limits: Sendable {
    /// How long a person may take at the far system.
    public var attemptLifetime = Duration.seconds(600)
    /// Most attempts waiting at a time.
    public var attemptsMax = 1000
    /// Most attempts waiting at a time that began at one address.
    public var attemptsPerAddressMax = 30
    /// Most sessions at a time.
    public var sessionsMax = 200
    /// A session ends when it was not used for so long. An open status page uses it.
    public var sessionIdle = Duration.seconds(1800)
    /// A session ends so long after it began.
    public var sessionLifetime = Duration.seconds(8 * 3600)

    /// The limits as they are when nobody says otherwise.
    public init() {}
  }

  let provider: any SignInProvider
  let publicURL: String?
  let attempts: SignInAttempts
  let sessions: OperatorSessions
  private let operators: Set<String>
  private let limits: Limits

  /// Creates a desk at which nobody has signed in yet.
  ///
  /// - Parameters:
  ///   - provider: the far system.
  ///   - operators: subjects (`sub`) of those who may; everyone else is told his own, for an administrator to add.
  ///   - publicURL: the address by which browsers know this server, when a proxy stands before it; nil: the one by
  ///     which each call came.
  ///   - clock: ends attempts and sessions.
  ///   - limits: how much is kept, and for how long.
  public init(
    provider: any SignInProvider, operators: Set<String>, publicURL: String? = nil, clock: any HubClock,
    limits: Limits = Limits()
  ) {
    self.provider = provider
    self.operators = operators
    self.publicURL = publicURL.map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 }
    self.limits = limits
    attempts = SignInAttempts(limits: limits, clock: clock)
    sessions = OperatorSessions(limits: limits, clock: clock)
  }

  /// Whether a person may operate this hub.
  func admits(_ person: SignedInPerson) -> Bool { operators.contains(person.subject) }

  /// Longest life of the cookie that holds an attempt, and of the one that holds a session.
  var cookieLifetimes: (attempt: Duration, session: Duration) { (limits.attemptLifetime, limits.sessionLifetime) }
}
