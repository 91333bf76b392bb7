internal import Crypto
public import HubKit
internal import JWTKit
internal import Synchronization

/// The key with which the door signs and checks its tokens.
public enum TokenKey: Sendable {
  /// HMAC with SHA-256 (RFC 7518 section 3.2); at least 32 bytes.
  case hmac([UInt8])
  /// ECDSA on P-256 with SHA-256 (RFC 7518 section 3.4): a private key in PEM.
  case es256(pem: Secret)
}

/// What a token says (RFC 7519 section 4.1).
struct TokenClaims: JWTPayload, Hashable {
  /// Which hub issued it.
  let iss: String
  /// Organisation code of the agency.
  let sub: String
  /// Id of the credential for which it was given.
  let cid: String
  /// Issued and expires at, in seconds since the Unix epoch.
  let iat, exp: Int
  /// Its own id.
  let jti: String

  /// Times are judged by the door, with its own clock.
  func verify(using algorithm: some JWTAlgorithm) {}
}

/// Issues tokens and checks them.
final class TokenSigner: Sendable {
  private let keys = JWTKeyCollection()
  private let key: TokenKey
  private let issuer: String
  private let lifetime: Duration
  private let clock: any HubClock
  private let checked: Mutex<RecentlyUsed<SHA256Digest, TokenClaims>>

  /// Takes the key.
  ///
  /// - Throws: ``GatewayStartError/badTokenKey(reason:)``.
  init(key: TokenKey, settings: GatewaySettings, clock: any HubClock) throws(GatewayStartError) {
    switch key {
    case .hmac(let bytes) where bytes.count < 32:
      throw .badTokenKey(
        reason: "it has \(bytes.count) bytes, and HS256 needs at least 32 random ones")
    case .es256(let pem):
      guard let text = pem.reveal(), (try? ES256PrivateKey(pem: text)) != nil else {
        throw .badTokenKey(reason: "\(pem) is no P-256 private key in PEM")
      }
    default: break
    }
    self.key = key
    self.clock = clock
    issuer = settings.issuer
    lifetime = settings.tokenLifetime
    checked = Mutex(RecentlyUsed(capacity: settings.tokensCachedMax))
  }

  /// Puts the key where it is used. Called once, before the first token.
  func prepare() async {
    switch key {
    case .hmac(let bytes):
      await keys.add(hmac: HMACKey(key: SymmetricKey(data: bytes)), digestAlgorithm: .sha256)
    case .es256(let pem):
      guard let text = pem.reveal(), let key = try? ES256PrivateKey(pem: text) else { return }
      await keys.add(ecdsa: key)
    }
  }

  /// A new token.
  func issue(to agency: OrganisationCode, credential: String) async throws -> String {
    let now = clock.now
    let claims = TokenClaims(
      iss: issuer, sub: agency.text, cid: credential, iat: seconds(now),
      exp: seconds(now + lifetime),
      jti: ExchangeID.make(at: now).text)
    return try await keys.sign(claims)
  }

  /// What a token says, once its signature is right. A token that was seen before costs one digest.
  ///
  /// - Returns: nil when the token is not one of ours. Its time is for the caller to judge.
  func claims(of token: String) async -> TokenClaims? {
    var token = token
    let digest = token.withUTF8 { SHA256.hash(data: $0) }
    if let known = checked.withLock({ $0[digest] }) { return known }
    guard let claims = try? await keys.verify(token, as: TokenClaims.self), claims.iss == issuer
    else { return nil }
    checked.withLock { $0[digest] = claims }
    return claims
  }

  /// Whether a token's time is over.
  func isExpired(_ claims: TokenClaims) -> Bool { seconds(clock.now) >= claims.exp }

  private func seconds(_ time: Timestamp) -> Int { Int(time.microseconds / 1_000_000) }
}
