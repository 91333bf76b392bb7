internal import FoundationEssentials
internal import HubKit

/// What the issuer says about itself: its addresses and its keys, kept for an hour.
actor IssuerDirectory {
  private struct Kept<Value> {
    var value: Value
    var until: Timestamp
  }

  /// For how long addresses and keys are believed; a key that the issuer takes back is refused after that.
  private static let lifetime = Duration.seconds(3600)
  /// No document of an issuer comes near this.
  private static let bytesMax = 1 << 20

  private let settings: VNeIDSettings
  private let transport: any Transport
  private let clock: any HubClock
  private var kept: Kept<IssuerDescription>?
  private var keys: Kept<KeySet>?

  init(settings: VNeIDSettings, transport: any Transport, clock: any HubClock) {
    self.settings = settings
    self.transport = transport
    self.clock = clock
  }

  /// The issuer's addresses. Two callers at once may both ask; the later answer stays.
  func description() async throws(AdapterError) -> IssuerDescription {
    if let kept, kept.until > clock.now { return kept.value }
    let bytes = try await get(settings.discoveryURL, "discovery")
    guard let description = try? JSONDecoder().decode(IssuerDescription.self, from: Data(bytes)) else {
      throw Self.unreadable("discovery")
    }
    try description.check(settings)
    kept = Kept(value: description, until: clock.now + Self.lifetime)
    return description
  }

  /// The key of that name. An unknown name makes the keys be fetched once more: the issuer may have changed them.
  func key(_ name: String) async throws(AdapterError) -> SigningKey {
    if let keys, keys.until > clock.now, let key = keys.value[name] { return key }
    let url = try await description().keysEndpoint
    let bytes = try await get(url, "keys")
    guard let fresh = try? JSONDecoder().decode(KeySet.self, from: Data(bytes)) else { throw Self.unreadable("keys") }
    keys = Kept(value: fresh, until: clock.now + Self.lifetime)
    guard let key = fresh[name] else {
      throw AdapterError(
        .reject, code: "token-key-unknown", reason: "The ID token names a key that the issuer does not publish.")
    }
    return key
  }

  /// The claims that the issuer gives for an access token (OpenID Connect Core 1.0 section 5.3).
  func userinfo(_ url: String, accessToken: String) async throws(AdapterError) -> IDTokenClaims {
    let bytes = try await get(url, "userinfo", [HeaderField("Authorization", "Bearer \(accessToken)")])
    guard let claims = try? JSONDecoder().decode(IDTokenClaims.self, from: Data(bytes)) else {
      throw Self.unreadable("userinfo")
    }
    return claims
  }

  /// Reads a document. Reading changes nothing over there, so a lost answer is no doubt but an outage.
  private func get(
    _ url: String, _ what: String, _ headers: [HeaderField] = []
  ) async throws(AdapterError) -> [UInt8] {
    let request = OutboundRequest(
      method: "GET", url: url, headers: [HeaderField("Accept", "application/json")] + headers,
      responseBytesMax: Self.bytesMax)
    let response: OutboundResponse
    do throws(AdapterError) {
      response = try await transport.send(request)
    } catch {
      guard error.verdict == .inDoubt else { throw error }
      throw AdapterError(.outage(after: nil), code: error.code, reason: error.reason, cause: error.cause)
    }
    guard response.status == 200 else {
      throw AdapterError(
        .outage(after: nil), code: "\(what)-\(response.status)",
        reason: "The issuer answered \(response.status) when it was asked for its \(what).")
    }
    return response.body
  }

  private static func unreadable(_ what: String) -> AdapterError {
    AdapterError(
      .outage(after: nil), code: "\(what)-unreadable", reason: "The issuer's \(what) document cannot be read.")
  }
}

/// The part of the discovery document that the hub needs (OpenID Connect Discovery 1.0 section 3).
struct IssuerDescription: Decodable, Sendable {
  var issuer: String
  var authorizationEndpoint: String
  var tokenEndpoint: String
  var keysEndpoint: String
  var userinfoEndpoint: String?

  private enum CodingKeys: String, CodingKey {
    case issuer
    case authorizationEndpoint = "authorization_endpoint"
    case tokenEndpoint = "token_endpoint"
    case keysEndpoint = "jwks_uri"
    case userinfoEndpoint = "userinfo_endpoint"
  }

  /// A document of another issuer, or one that leads away from TLS, is not used.
  func check(_ settings: VNeIDSettings) throws(AdapterError) {
    guard issuer == settings.issuer else {
      throw AdapterError(
        .reject, code: "issuer-mismatch",
        reason: "The discovery document names another issuer than `issuer:`; both must be the same text.")
    }
    let urls = [authorizationEndpoint, tokenEndpoint, keysEndpoint] + [userinfoEndpoint].compactMap { $0 }
    guard urls.allSatisfy(WebOrigin.isSafe) else {
      throw AdapterError(
        .reject, code: "issuer-unsafe", reason: "The discovery document names an address that is not https.")
    }
  }
}
