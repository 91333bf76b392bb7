internal import HubKit
internal import Synchronization

/// All that the realm remembers.
final class RealmState: Sendable {
  /// A code that waits to be exchanged.
  struct Grant: Sendable {
    var client: String
    var redirect: String
    var nonce: String?
    var challenge: String?
    var subject: String
    var issuedAt: Timestamp
  }

  /// What came, for tests and for the curious. No secret, no code, no token.
  struct Arrival: Encodable, Sendable {
    var at: Timestamp
    var operation: String
    var client: String?
    var subject: String?
    /// `ok`, or the error that was answered.
    var result: String
  }

  private struct Contents {
    var keys: [RealmKey]
    var keyCount = 1
    var grants: [String: Grant] = [:]
    var accessTokens: [String: (subject: String, until: Timestamp)] = [:]
    var faults: [RealmFault] = []
    var arrivals: [Arrival] = []
  }

  /// Keycloak's own: a code lives a minute.
  static let codeLifetime = Duration.seconds(60)
  /// About thirty minutes, as seen.
  static let tokenLifetime = Duration.seconds(1800)
  private static let keptMax = 1000

  let clients: [String: String]
  let redirects: [String]
  private let contents: Mutex<Contents>

  init(clients: [String: String], redirects: [String], key: RealmKey) {
    self.clients = clients
    self.redirects = redirects
    contents = Mutex(Contents(keys: [key]))
  }

  // MARK: - Codes and tokens

  /// Keeps a grant and gives its code.
  func grant(_ grant: Grant) -> String {
    let code = "\(RealmText.random()).\(RealmText.random())"
    contents.withLock { contents in
      contents.grants = contents.grants.filter { grant.issuedAt - $0.value.issuedAt < Self.codeLifetime }
      contents.grants[code] = grant
    }
    return code
  }

  /// Takes a code out: it works once, whatever becomes of it.
  func redeem(_ code: String, at now: Timestamp) -> Grant? {
    contents.withLock { $0.grants.removeValue(forKey: code) }.flatMap {
      now - $0.issuedAt < Self.codeLifetime ? $0 : nil
    }
  }

  func remember(accessToken: String, of subject: String, at now: Timestamp) {
    contents.withLock { contents in
      contents.accessTokens = contents.accessTokens.filter { $0.value.until > now }
      if contents.accessTokens.count < Self.keptMax {
        contents.accessTokens[accessToken] = (subject, now + Self.tokenLifetime)
      }
    }
  }

  func subject(of accessToken: String, at now: Timestamp) -> String? {
    contents.withLock { $0.accessTokens[accessToken] }.flatMap { $0.until > now ? $0.subject : nil }
  }

  // MARK: - Keys

  var keys: [RealmKey] { contents.withLock { $0.keys } }

  /// Replaces the key; tokens signed by the old one can no longer be checked.
  func rotate() -> Bool {
    let number = contents.withLock { contents in
      contents.keyCount += 1
      return contents.keyCount
    }
    guard let key = RealmKey(number: number) else { return false }
    contents.withLock { $0.keys = [key] }
    return true
  }

  // MARK: - Faults and arrivals

  var faults: [RealmFault] { contents.withLock { $0.faults } }

  func add(_ fault: RealmFault) { contents.withLock { $0.faults.append(fault) } }

  func clearFaults() { contents.withLock { $0.faults = [] } }

  /// The fault that spoils a call, if there is one; it is used up by that.
  func fault(at operation: RealmFault.Operation) -> RealmFault.Kind? {
    contents.withLock { contents in
      guard let place = contents.faults.firstIndex(where: { ($0.operation ?? .token) == operation }) else { return nil }
      let fault = contents.faults[place]
      let left = (fault.times ?? 1) - 1
      if left == 0 {
        contents.faults.remove(at: place)
      } else if left > 0 {
        contents.faults[place].times = left
      }
      return fault.fault
    }
  }

  var arrivals: [Arrival] { contents.withLock { $0.arrivals } }

  func note(_ arrival: Arrival) {
    contents.withLock { contents in
      contents.arrivals.append(arrival)
      if contents.arrivals.count > Self.keptMax { contents.arrivals.removeFirst() }
    }
  }

  func forget() { contents.withLock { $0.arrivals = [] } }
}
