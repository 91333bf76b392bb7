internal import Crypto
internal import FoundationEssentials
internal import HubKit
internal import JSONWire

extension Realm {
  /// The token endpoint: client, address, code and PKCE verifier must all fit.
  func token(_ request: ServedRequest) -> ServedResponse {
    let fault = state.fault(at: .token)
    if fault == .unavailable { return ServedResponse(status: 503) }
    guard let form = RealmText.form(request.body) else {
      return refuseToken(400, "invalid_request", "The form cannot be read")
    }
    guard let client = client(request, form) else {
      return refuseToken(401, "unauthorized_client", "Invalid client or Invalid client credentials")
    }
    guard form["grant_type"] == "authorization_code" else {
      return refuseToken(400, "unsupported_grant_type", "Unsupported grant_type", client)
    }
    guard let code = form["code"], let grant = state.redeem(code, at: now), grant.client == client else {
      return refuseToken(400, "invalid_grant", "Code not valid", client)
    }
    guard form["redirect_uri"] == grant.redirect else {
      return refuseToken(400, "invalid_grant", "Incorrect redirect_uri", client)
    }
    guard verifies(form["code_verifier"], grant.challenge) else {
      return refuseToken(400, "invalid_grant", "PKCE verification failed: Code mismatch", client)
    }
    note("token", client: client, subject: grant.subject)
    if let response = Self.spoiled(fault) { return response }
    return tokens(for: grant, fault)
  }

  private func refuseToken(
    _ status: Int, _ error: String, _ description: String, _ client: String? = nil
  ) -> ServedResponse {
    note("token", client: client, result: error)
    return .refusal(status, error, description)
  }

  /// The client by HTTP Basic or by form fields; nil when the secret is wrong.
  private func client(_ request: ServedRequest, _ form: [String: String]) -> String? {
    var (name, secret) = (form["client_id"], form["client_secret"])
    if let header = request.headers["Authorization"], header.hasPrefix("Basic ") {
      guard let data = Data(base64Encoded: String(header.dropFirst(6))) else { return nil }
      let halves = String(decoding: data, as: UTF8.self).split(separator: ":", maxSplits: 1).map(RealmText.decoded)
      guard halves.count == 2 else { return nil }
      (name, secret) = (halves[0], halves[1])
    }
    guard let name, let secret, state.clients[name] == secret else { return nil }
    return name
  }

  /// RFC 7636 section 4.6.
  private func verifies(_ verifier: String?, _ challenge: String?) -> Bool {
    guard let challenge else { return verifier == nil }
    guard let verifier, (43...128).contains(verifier.utf8.count) else { return false }
    return Base64URL.encode(SHA256.hash(data: Array(verifier.utf8))) == challenge
  }

  private func tokens(for grant: RealmState.Grant, _ fault: RealmFault.Kind?) -> ServedResponse {
    guard let citizen = Citizen.named(grant.subject), let key = state.keys.first,
      let access = accessToken(for: grant, key), let identity = idToken(for: grant, citizen, key, fault)
    else { return .refusal(500, "unknown_error", "No token could be made") }
    state.remember(accessToken: access, of: grant.subject, at: now)
    return .unstored([
      "access_token": JSONValue.text(access), "expires_in": .whole(Int(RealmState.tokenLifetime.components.seconds)),
      "token_type": .text("Bearer"), "id_token": .text(identity), "scope": .text("openid"),
      "not-before-policy": .whole(0), "session_state": .text(RealmText.random()),
    ])
  }

  private var seconds: Int { Int(now.microseconds / 1_000_000) }

  private func accessToken(for grant: RealmState.Grant, _ key: RealmKey) -> String? {
    RealmTokens.signed(
      [
        "iss": .text(issuer), "sub": .text(grant.subject), "aud": .text("account"), "typ": .text("Bearer"),
        "azp": .text(grant.client), "iat": .whole(seconds), "exp": .whole(seconds + 1800),
        "jti": .text(RealmText.random()),
      ], by: key)
  }

  private func idToken(
    for grant: RealmState.Grant, _ citizen: Citizen, _ key: RealmKey, _ fault: RealmFault.Kind?
  ) -> String? {
    var claims = fault == .bareToken ? [:] : RealmTokens.claims(of: citizen)
    let shift = fault == .expired ? -3600 : fault == .early ? 3600 : 0
    claims["iss"] = .text(fault == .wrongIssuer ? "https://sso.example.vn/realms/other" : issuer)
    claims["sub"] = .text(grant.subject)
    claims["typ"] = .text("ID")
    claims["aud"] = .text(fault == .wrongAudience ? "another-client" : grant.client)
    claims["azp"] = .text(grant.client)
    claims["iat"] = .whole(seconds + shift)
    claims["exp"] = .whole(seconds + shift + 1800)
    claims["nonce"] = (fault == .wrongNonce ? RealmText.random() : grant.nonce).map { .text($0) }
    if fault == .otherParty {
      claims["aud"] = .list([.text(grant.client), .text("another-client")])
      claims["azp"] = .text("another-client")
    }
    return RealmTokens.written(claims, by: key, secret: state.clients[grant.client] ?? "", fault)
  }
}

/// Writes tokens, right ones and wrong ones.
enum RealmTokens {
  /// The claims under VNeID's own names.
  static func claims(of citizen: Citizen) -> [String: JSONValue] {
    [
      "HoVaTen": .text(citizen.name), "SoDinhDanh": .text(citizen.number), "LoaiTaiKhoan": .text(citizen.accountType),
      "NgayThangNamSinh": .text(citizen.born), "TechID": .text(citizen.techId), "loAs": .text(citizen.level),
      "IAL": .text(citizen.level), "userProfileUri": .text("https://sso.example.vn/profile"),
      "logoutUri": .text("https://sso.example.vn/logout"),
    ]
  }

  static func signed(_ claims: [String: JSONValue], by key: RealmKey) -> String? {
    let text = unsigned(["alg": .text("RS256"), "typ": .text("JWT"), "kid": .text(key.name)], claims)
    return key.signature(of: text).map { "\(text).\(Base64URL.encode($0))" }
  }

  /// A token with the fault that was asked for.
  static func written(
    _ claims: [String: JSONValue], by key: RealmKey, secret: String, _ fault: RealmFault.Kind?
  ) -> String? {
    var header: [String: JSONValue] = ["alg": .text("RS256"), "typ": .text("JWT"), "kid": .text(key.name)]
    switch fault {
    case .malformed: return "not.a-token"
    case .algorithmNone:
      header["alg"] = .text("none")
      return unsigned(header, claims) + "."
    case .algorithmHS256:
      header["alg"] = .text("HS256")
      let text = unsigned(header, claims)
      let code = HMAC<SHA256>.authenticationCode(
        for: Array(text.utf8), using: SymmetricKey(data: Array(secret.utf8)))
      return "\(text).\(Base64URL.encode(code))"
    case .wrongKey:
      let text = unsigned(header, claims)
      return RealmKey(number: 0)?.signature(of: text).map { "\(text).\(Base64URL.encode($0))" }
    case .unknownKid: header["kid"] = .text("nobody-knows-it")
    case .critical: header["crit"] = .list([.text("b64")])
    default: break
    }
    let text = unsigned(header, claims)
    return key.signature(of: text).map { "\(text).\(Base64URL.encode($0))" }
  }

  private static func unsigned(_ header: [String: JSONValue], _ claims: [String: JSONValue]) -> String {
    "\(Base64URL.encode(JSONValue.object(header).bytes)).\(Base64URL.encode(JSONValue.object(claims).bytes))"
  }
}
