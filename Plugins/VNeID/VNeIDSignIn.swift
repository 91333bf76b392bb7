internal import HubKit

/// Signs persons in: sends them to VNeID with a question of their own, and takes what they bring back.
struct VNeIDSignIn: SignInProvider {
  private let settings: VNeIDSettings
  private let issuer: IssuerDirectory
  private let transport: any Transport
  private let clock: any HubClock

  init(settings: VNeIDSettings, transport: any Transport, clock: any HubClock) {
    self.settings = settings
    self.transport = transport
    self.clock = clock
    issuer = IssuerDirectory(settings: settings, transport: transport, clock: clock)
  }

  var title: String { settings.title }

  func address(for attempt: SignInAttempt) async throws(AdapterError) -> String {
    let url = try await issuer.description().authorizationEndpoint
    let query = FormText.encoded([
      ("response_type", "code"), ("client_id", settings.clientId), ("redirect_uri", attempt.redirectURL),
      ("scope", settings.scopes.joined(separator: " ")), ("state", attempt.state), ("nonce", attempt.nonce),
      ("code_challenge", Base64URL.challenge(for: attempt.verifier)), ("code_challenge_method", "S256"),
    ])
    return url + (url.contains("?") ? "&" : "?") + query
  }

  func person(code: String, attempt: SignInAttempt) async throws(AdapterError) -> SignedInPerson {
    let description = try await issuer.description()
    let exchange = TokenExchange(settings: settings)
    let request = try exchange.request(code: code, attempt: attempt, url: description.tokenEndpoint)
    let tokens = try exchange.read(try await transport.send(request))
    let token = try IDToken(tokens.idToken)
    try token.check(signedBy: try await issuer.key(try token.keyName()))
    try IDTokenRules(settings: settings, attempt: attempt, now: clock.now).check(token.claims)
    var claims = token.claims
    if claims.name == nil, let url = description.userinfoEndpoint, let access = tokens.accessToken {
      try claims.complete(with: try await issuer.userinfo(url, accessToken: access))
    }
    return try PersonRules(settings: settings).person(claims)
  }
}
