internal import HubAdmin
internal import HubConfig
internal import HubKit

extension Edition {
  /// The far system at which operators sign in; nil when hub.yaml names none.
  ///
  /// - Throws: ``Failure`` when nobody can sign in there.
  func signInProvider() throws -> (settings: HubSettings.SignIn, provider: any SignInProvider)? {
    guard let settings = configuration.hub.signIn else { return nil }
    guard let provider = endpoints.first(where: { $0.settings.name == settings.endpoint })?.signIn else {
      throw Failure(
        "\(settings.place): qua `\(settings.endpoint)` không đăng nhập được / nobody can sign in at this endpoint; "
          + "its connector must be one such as vneid.")
    }
    return (settings, provider)
  }

  /// The desk at which operators sign in; nil when hub.yaml names none.
  func desk(clock: any HubClock) throws -> OperatorSignIn? {
    guard let (settings, provider) = try signInProvider() else { return nil }
    var limits = OperatorSignIn.Limits()
    limits.sessionIdle = settings.sessionIdle
    limits.sessionLifetime = settings.sessionMax
    limits.attemptsMax = settings.attemptsMax
    return OperatorSignIn(
      provider: provider, operators: settings.operators, publicURL: settings.publicURL, clock: clock, limits: limits)
  }
}
