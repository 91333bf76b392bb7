import HubKit
import Synchronization

/// Attempts to sign in that wait for the person to come back: in memory, each for some minutes, bounded in number.
final class SignInAttempts: Sendable {
  /// What a returning browser's attempt turned out to be.
  enum Return: Sendable, Equatable {
    /// Its own, and now used up.
    case found(SignInAttempt)
    /// This browser has none waiting: never begun, ended, or its time is over.
    case none
    /// It has one, but brings the answer to another.
    case foreign
  }

  private struct Pending {
    let attempt: SignInAttempt
    let address: String
    let until: Timestamp
  }

  private let limits: OperatorSignIn.Limits
  private let clock: any HubClock
  private let pending = Mutex<[SecretDigest: Pending]>([:])

  init(limits: OperatorSignIn.Limits, clock: any HubClock) {
    self.limits = limits
    self.clock = clock
  }

  /// Begins an attempt.
  ///
  /// - Parameters:
  ///   - redirectURL: where the person comes back.
  ///   - address: the caller's, so that one caller cannot use up the room of all.
  /// - Returns: the ticket for the browser's cookie, and the attempt; nil when too many wait.
  func begin(redirectURL: String, from address: String) -> (ticket: String, attempt: SignInAttempt)? {
    let now = clock.now
    let ticket = RandomText.bits(256)
    let attempt = SignInAttempt(
      state: RandomText.bits(256), nonce: RandomText.bits(256), verifier: RandomText.bits(256),
      redirectURL: redirectURL)
    let isTaken = pending.withLock { pending in
      pending = pending.filter { $0.value.until > now }
      let mine = pending.values.count { $0.address == address }
      guard pending.count < limits.attemptsMax, mine < limits.attemptsPerAddressMax else { return false }
      pending[SecretDigest(ticket)] = Pending(
        attempt: attempt, address: address, until: now + limits.attemptLifetime)
      return true
    }
    return isTaken ? (ticket, attempt) : nil
  }

  /// Takes an attempt out, when the state that came back is its own. A foreign state leaves it: else a link from
  /// anywhere could end a person's attempt.
  func end(ticket: String?, state: String) -> Return {
    guard let ticket else { return .none }
    let now = clock.now
    return pending.withLock { pending in
      let key = SecretDigest(ticket)
      guard let found = pending[key], found.until > now else { return .none }
      guard SecretDigest(found.attempt.state) == SecretDigest(state) else { return .foreign }
      pending[key] = nil
      return .found(found.attempt)
    }
  }

  /// Drops an attempt that could not be sent on its way.
  func drop(ticket: String) {
    pending.withLock { $0[SecretDigest(ticket)] = nil }
  }
}
