internal import HubKit
internal import JSONWire

/// Parts the realm's own addresses, which are Keycloak's, from the control interface.
struct RealmInterface: ServedInterface {
  /// Path of the realm.
  static let realm = "/realms/citizen"

  let state: RealmState
  let clock: any HubClock

  func respond(to request: ServedRequest) async -> ServedResponse {
    if request.path.hasPrefix("/_mock/") {
      return RealmControl(state: state).respond(to: request)
    }
    let protocolPath = "\(Self.realm)/protocol/openid-connect"
    let realm = Realm(state: state, now: clock.now, issuer: issuer(request))
    switch (request.method, request.path) {
    case ("GET", "\(Self.realm)/.well-known/openid-configuration"): return realm.discovery()
    case ("GET", "\(protocolPath)/auth"): return realm.authorize(request)
    case ("POST", "\(protocolPath)/token"): return realm.token(request)
    case ("GET", "\(protocolPath)/certs"): return realm.certificates()
    case ("GET", "\(protocolPath)/userinfo"), ("POST", "\(protocolPath)/userinfo"): return realm.userinfo(request)
    case ("GET", "\(protocolPath)/logout"): return realm.logout(request)
    default: return .unstored(status: 404, ["error": "RESTEASY003210: Could not find resource"])
    }
  }

  /// Keycloak names itself by the address at which it was called, unless told otherwise.
  private func issuer(_ request: ServedRequest) -> String {
    "http://\(request.headers["Host"] ?? "127.0.0.1")\(Self.realm)"
  }
}

/// The realm during one request.
struct Realm {
  let state: RealmState
  let now: Timestamp
  let issuer: String

  func discovery() -> ServedResponse {
    let fault = state.fault(at: .discovery)
    if let response = Self.spoiled(fault) { return response }
    note("discovery")
    let base = "\(issuer)/protocol/openid-connect"
    let document: [String: JSONValue] = [
      "issuer": .text(fault == .wrongIssuer ? "https://sso.example.vn/realms/other" : issuer),
      "authorization_endpoint": .text("\(base)/auth"), "token_endpoint": .text("\(base)/token"),
      "jwks_uri": .text("\(base)/certs"), "userinfo_endpoint": .text("\(base)/userinfo"),
      "end_session_endpoint": .text("\(base)/logout"), "response_types_supported": .list([.text("code")]),
      "subject_types_supported": .list([.text("public")]),
      "id_token_signing_alg_values_supported": .list([.text("RS256")]),
      "code_challenge_methods_supported": .list([.text("S256")]),
      "token_endpoint_auth_methods_supported": .list([.text("client_secret_basic"), .text("client_secret_post")]),
    ]
    return .unstored(document)
  }

  func certificates() -> ServedResponse {
    if let response = Self.spoiled(state.fault(at: .certs)) { return response }
    note("certs")
    return .unstored(["keys": JSONValue.list(state.keys.flatMap(\.published).map { .object($0) })])
  }

  func userinfo(_ request: ServedRequest) -> ServedResponse {
    let fault = state.fault(at: .userinfo)
    if let response = Self.spoiled(fault) { return response }
    let header = request.headers["Authorization"] ?? ""
    guard header.hasPrefix("Bearer "), let subject = state.subject(of: String(header.dropFirst(7)), at: now),
      let citizen = Citizen.named(subject)
    else {
      note("userinfo", result: "invalid_token")
      var response = ServedResponse.refusal(401, "invalid_token", "Token verification failed")
      response.headers.append(HeaderField("WWW-Authenticate", "Bearer realm=\"citizen\", error=\"invalid_token\""))
      return response
    }
    note("userinfo", subject: subject)
    var claims = RealmTokens.claims(of: citizen)
    claims["sub"] = .text(fault == .otherSubject ? "another" : subject)
    return .unstored(claims)
  }

  func logout(_ request: ServedRequest) -> ServedResponse {
    note("logout")
    if let target = request.query["post_logout_redirect_uri"], allows(redirect: target) { return .redirect(to: target) }
    return .page(title: "Đã đăng xuất", "<p lang=\"en\">You are logged out.</p>")
  }

  /// Whether a person may be sent there; a star at the end of a registered address stands for any rest.
  func allows(redirect: String) -> Bool {
    state.redirects.contains { $0.hasSuffix("*") ? redirect.hasPrefix($0.dropLast()) : redirect == $0 }
  }

  func note(_ operation: String, client: String? = nil, subject: String? = nil, result: String = "ok") {
    state.note(.init(at: now, operation: operation, client: client, subject: subject, result: result))
  }

  /// The answer of the faults that any operation can have.
  static func spoiled(_ fault: RealmFault.Kind?) -> ServedResponse? {
    switch fault {
    case .emptyBody: ServedResponse(status: 200)
    case .unreadable: .page(title: "Bảo trì", "<p>…</p>")
    case .unavailable: ServedResponse(status: 503)
    default: nil
    }
  }
}
