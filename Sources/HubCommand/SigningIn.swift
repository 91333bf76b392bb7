internal import HubAdmin
internal import HubConfig
internal import HubKit
internal import Synchronization

/// The far systems at which persons can sign in, by endpoint: filled while the endpoints are made.
final class SignInProviders: Sendable {
  private let all = Mutex<[String: any SignInProvider]>([:])

  func add(_ provider: (any SignInProvider)?, of endpoint: String) {
    all.withLock { $0[endpoint] = provider }
  }

  /// The desk at which operators sign in; nil when hub.yaml names none.
  func desk(for settings: HubSettings.SignIn?, clock: any HubClock) throws -> OperatorSignIn? {
    guard let settings else { return nil }
    guard let provider = all.withLock({ $0[settings.endpoint] }) else {
      throw Failure(
        "\(settings.place): qua `\(settings.endpoint)` không đăng nhập được / nobody can sign in at this endpoint; "
          + "its connector must be one such as vneid.")
    }
    var limits = OperatorSignIn.Limits()
    limits.sessionIdle = settings.sessionIdle
    limits.sessionLifetime = settings.sessionMax
    limits.attemptsMax = settings.attemptsMax
    return OperatorSignIn(
      provider: provider, operators: settings.operators, publicURL: settings.publicURL, clock: clock, limits: limits)
  }
}
