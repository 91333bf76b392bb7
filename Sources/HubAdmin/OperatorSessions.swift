import HubKit
import Synchronization

/// Who is signed in: in memory, so that a restart signs everybody out; bounded in number and time.
final class OperatorSessions: Sendable {
  private struct Session {
    let person: SignedInPerson
    let startedAt: Timestamp
    var seenAt: Timestamp
  }

  private let limits: OperatorSignIn.Limits
  private let clock: any HubClock
  private let sessions = Mutex<[SecretDigest: Session]>([:])

  init(limits: OperatorSignIn.Limits, clock: any HubClock) {
    self.limits = limits
    self.clock = clock
  }

  /// Begins a session and gives its id, for the browser's cookie alone. When there is no room, the one that was not
  /// seen for longest ends.
  func open(_ person: SignedInPerson) -> String {
    let now = clock.now
    let id = RandomText.bits(256)
    sessions.withLock { sessions in
      sessions = sessions.filter { isValid($0.value, at: now) }
      if sessions.count >= limits.sessionsMax, let oldest = sessions.min(by: { $0.value.seenAt < $1.value.seenAt }) {
        sessions[oldest.key] = nil
      }
      sessions[SecretDigest(id)] = Session(person: person, startedAt: now, seenAt: now)
    }
    return id
  }

  /// Whose session it is; nil when it has ended or never was. Asking keeps it alive.
  func person(_ id: String?) -> SignedInPerson? {
    guard let id else { return nil }
    let now = clock.now
    return sessions.withLock { sessions in
      let key = SecretDigest(id)
      guard var session = sessions[key] else { return nil }
      guard isValid(session, at: now) else {
        sessions[key] = nil
        return nil
      }
      session.seenAt = max(session.seenAt, now)
      sessions[key] = session
      return session.person
    }
  }

  /// Ends a session.
  func close(_ id: String?) {
    guard let id else { return }
    sessions.withLock { $0[SecretDigest(id)] = nil }
  }

  private func isValid(_ session: Session, at now: Timestamp) -> Bool {
    now - session.seenAt < limits.sessionIdle && now - session.startedAt < limits.sessionLifetime
  }
}
