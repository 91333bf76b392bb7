internal import HubKit

/// The checked settings of one endpoint.
struct VNeIDSettings: Sendable {
  /// How the hub shows who it is when it asks for tokens.
  enum ClientAuthentication: String, CaseIterable {
    /// `client_id` and `client_secret` among the form's fields.
    case form
    /// HTTP Basic (RFC 6749 section 2.3.1).
    case basic
  }

  let issuer: String
  let clientId: String
  let clientSecret: Secret
  let clientAuthentication: ClientAuthentication
  let scopes: [String]
  let assuranceMin: Int
  let accountTypes: Set<String>
  let leeway: Duration
  let title: String

  static let declared: [Setting] = [
    Setting(
      "issuer", .url, required: true, example: "https://sso.example.vn/realms/citizen",
      help: "The issuer, exactly as its discovery document and its tokens name it; https, or http on this machine."),
    Setting(
      "clientId", .text, required: true, example: "lgsp-haiphong", help: "Name under which the hub is registered."),
    Setting(
      "clientSecret", .secret, required: true, example: "file:/etc/lgsp/vneid.secret",
      help: "Secret of the registration."),
    Setting(
      "clientAuth", .choice(ClientAuthentication.allCases.map(\.rawValue)), default: .text("form"), example: "basic",
      help: "Whether the secret travels among the form's fields or as HTTP Basic."),
    Setting(
      "scopes", .list, default: .list(["openid"]), example: "[openid, profile]",
      help: "Scopes that are asked for; openid must be among them."),
    Setting(
      "assuranceMin", .integer(0...4), default: .integer(2), example: "2",
      help: "Lowest level of loAs and IAL that may sign in; 0 asks for none."),
    Setting(
      "accountTypes", .list, default: .list(["1"]), example: "[1]",
      help: "Values of LoaiTaiKhoan that may sign in; 1 is a person's own account."),
    Setting(
      "leeway", .duration, default: .duration(.seconds(30)), example: "30s",
      help: "How far the clocks of both sides may differ, at most 5m."),
    Setting("title", .text, default: .text("VNeID"), example: "VNeID", help: "Name on the button."),
  ]

  init(_ values: SettingValues) throws(SettingError) {
    issuer = try Self.issuer(values)
    guard let clientId = values.text("clientId"), clientId.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      throw SettingError("clientId", "is missing, or has a space or a letter outside ASCII.")
    }
    self.clientId = clientId
    guard let secret = values.secret("clientSecret") else {
      throw SettingError("clientSecret", "is missing: give a reference such as file:/etc/lgsp/vneid.secret.")
    }
    clientSecret = secret
    guard let way = ClientAuthentication(rawValue: values.text("clientAuth") ?? "form") else {
      throw SettingError("clientAuth", "is neither form nor basic.")
    }
    clientAuthentication = way
    scopes = values.list("scopes")
    guard scopes.contains("openid") else {
      throw SettingError("scopes", "lacks openid, without which there is no ID token.")
    }
    guard scopes.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (0x21...0x7E).contains($0) } }) else {
      throw SettingError("scopes", "has one with a space or a letter outside ASCII: write them as a list.")
    }
    assuranceMin = values.integer("assuranceMin") ?? 2
    accountTypes = Set(values.list("accountTypes"))
    guard !accountTypes.isEmpty else {
      throw SettingError("accountTypes", "is empty, so nobody could sign in; 1 is a person's own account.")
    }
    leeway = values.duration("leeway") ?? .seconds(30)
    guard leeway <= .seconds(300) else {
      throw SettingError("leeway", "is more than 5m: repair the clock instead.")
    }
    title = values.text("title") ?? "VNeID"
  }

  private static func issuer(_ values: SettingValues) throws(SettingError) -> String {
    guard let text = values.text("issuer") else {
      throw SettingError("issuer", "is missing: give the address of the realm.")
    }
    guard WebOrigin.isSafe(text) else {
      throw SettingError("issuer", "is not https: without TLS anyone on the way could sign in as anyone.")
    }
    guard !text.contains(where: { "?#{}".contains($0) }) else {
      throw SettingError("issuer", "has a query, a fragment or a placeholder (OpenID Connect Discovery section 3).")
    }
    return text
  }

  /// Where the issuer describes itself (OpenID Connect Discovery 1.0 section 4).
  var discoveryURL: String {
    (issuer.hasSuffix("/") ? String(issuer.dropLast()) : issuer) + "/.well-known/openid-configuration"
  }

  /// The secret, for the one request that carries it.
  func revealSecret() throws(AdapterError) -> String {
    guard let value = clientSecret.reveal() else {
      throw AdapterError(
        .outage(after: nil), code: "no-secret", reason: "The secret \(clientSecret) has no value here.")
    }
    return value
  }
}

/// Which addresses may carry tokens.
enum WebOrigin {
  /// Whether a URL is https, or http to this machine itself: for mocks.
  static func isSafe(_ url: String) -> Bool {
    if url.hasPrefix("https://") { return url.count > "https://".count }
    guard url.hasPrefix("http://") else { return false }
    let authority = url.dropFirst("http://".count).prefix { !"/?#".contains($0) }
    guard !authority.contains("@") else { return false }
    if authority.hasPrefix("[") { return authority == "[::1]" || authority.hasPrefix("[::1]:") }
    let host = authority.prefix { $0 != ":" }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return host == "localhost" || (parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil })
  }
}
