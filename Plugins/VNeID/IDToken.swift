internal import FoundationEssentials
internal import HubKit

/// An ID token taken apart, not yet believed: a signed JWT in compact form (RFC 7515 section 3.1).
struct IDToken: Sendable {
  private struct Header: Decodable {
    var alg: String
    var kid: String?
    var crit: [String]?
  }

  private let header: Header
  let claims: IDTokenClaims
  private let signed: [UInt8]
  private let signature: [UInt8]

  init(_ text: String) throws(AdapterError) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3, let head = Base64URL.decode(parts[0]), let body = Base64URL.decode(parts[1]),
      let signature = Base64URL.decode(parts[2]),
      let header = try? JSONDecoder().decode(Header.self, from: Data(head)),
      let claims = try? JSONDecoder().decode(IDTokenClaims.self, from: Data(body))
    else {
      throw AdapterError(.reject, code: "token-malformed", reason: "The ID token is no signed JWT that can be read.")
    }
    self.header = header
    self.claims = claims
    self.signature = signature
    signed = Array("\(parts[0]).\(parts[1])".utf8)
  }

  /// The name of the key that signed it.
  ///
  /// Only RS256 passes. Were the token's own word believed, `none` would let anyone write tokens, and HS256 would turn
  /// the public key into a shared secret (RFC 8725 sections 2.1 and 3.1).
  func keyName() throws(AdapterError) -> String {
    guard header.alg == "RS256" else {
      throw AdapterError(
        .reject, code: "token-algorithm", reason: "The ID token is not signed by RS256, the only way that is accepted.")
    }
    guard header.crit == nil else {
      throw AdapterError(
        .reject, code: "token-critical", reason: "The ID token asks for extensions that the hub does not know.")
    }
    guard let name = header.kid else {
      throw AdapterError(.reject, code: "token-key-missing", reason: "The ID token does not name its key.")
    }
    return name
  }

  func check(signedBy key: SigningKey) throws(AdapterError) {
    guard key.verifies(signature, of: signed) else {
      throw AdapterError(
        .reject, code: "token-signature", reason: "The ID token's signature does not fit the issuer's key.")
    }
  }
}

/// The claims that the hub reads, of an ID token or of userinfo. SoDinhDanh, the personal number, is left unread.
struct IDTokenClaims: Decodable, Sendable {
  var issuer: String?
  var audience: Audience?
  var authorizedParty: String?
  var expires: Double?
  var issuedAt: Double?
  var notBefore: Double?
  var nonce: String?
  var subject: String?
  var name: String?
  var accountType: LooseText?
  var authenticationLevel: LooseText?
  var identityLevel: LooseText?

  private enum CodingKeys: String, CodingKey {
    case issuer = "iss"
    case audience = "aud"
    case authorizedParty = "azp"
    case expires = "exp"
    case issuedAt = "iat"
    case notBefore = "nbf"
    case nonce
    case subject = "sub"
    case name = "HoVaTen"
    case accountType = "LoaiTaiKhoan"
    case authenticationLevel = "loAs"
    case identityLevel = "IAL"
  }

  /// One receiver or several (RFC 7519 section 4.1.3).
  struct Audience: Decodable, Sendable {
    var all: [String]

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let one = try? container.decode(String.self) {
        all = [one]
      } else {
        all = try container.decode([String].self)
      }
    }
  }

  /// A text or a whole number: client code reads both (README).
  struct LooseText: Decodable, Sendable {
    var text: String

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let number = try? container.decode(Int.self) {
        text = String(number)
      } else {
        text = try container.decode(String.self)
      }
    }
  }

  /// Takes what the ID token lacks from userinfo, which must be of the same person (OpenID Connect Core 1.0
  /// section 5.3.2).
  mutating func complete(with more: IDTokenClaims) throws(AdapterError) {
    guard let subject, more.subject == subject else {
      throw AdapterError(
        .reject, code: "userinfo-subject", reason: "The userinfo answer is about another person than the ID token.")
    }
    name = name ?? more.name
    accountType = accountType ?? more.accountType
    authenticationLevel = authenticationLevel ?? more.authenticationLevel
    identityLevel = identityLevel ?? more.identityLevel
  }
}
