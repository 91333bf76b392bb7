public import HubKit
internal import Synchronization

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

  /// Where persons sign in and who may: what another configuration can change.
  private struct Terms {
    var provider: any SignInProvider
    var operators: Set<String>
    var publicURL: String?
  }

  let attempts: SignInAttempts
  let sessions: OperatorSessions
  private let terms: Mutex<Terms>
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
    terms = Mutex(Self.terms(provider, operators, publicURL))
    self.limits = limits
    attempts = SignInAttempts(limits: limits, clock: clock)
    sessions = OperatorSessions(limits: limits, clock: clock)
  }

  /// Goes on by another configuration. Sessions go on, save those of persons who may not operate this hub any more.
  public func adopt(provider: any SignInProvider, operators: Set<String>, publicURL: String?) {
    terms.withLock { $0 = Self.terms(provider, operators, publicURL) }
  }

  private static func terms(_ provider: any SignInProvider, _ operators: Set<String>, _ url: String?) -> Terms {
    Terms(
      provider: provider, operators: operators, publicURL: url.map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 })
  }

  var provider: any SignInProvider { terms.withLock { $0.provider } }

  var publicURL: String? { terms.withLock { $0.publicURL } }

  /// Whether a person may operate this hub.
  func admits(_ person: SignedInPerson) -> Bool { terms.withLock { $0.operators.contains(person.subject) } }

  /// Whose session it is, as long as he may operate this hub.
  func person(_ session: String?) -> SignedInPerson? {
    guard let person = sessions.person(session) else { return nil }
    guard admits(person) else {
      sessions.close(session)
      return nil
    }
    return person
  }

  /// Longest life of the cookie that holds an attempt, and of the one that holds a session.
  var cookieLifetimes: (attempt: Duration, session: Duration) { (limits.attemptLifetime, limits.sessionLifetime) }
}
