internal import Crypto
internal import CryptoExtras
internal import FoundationEssentials

/// The issuer's public keys (RFC 7517): those that can verify RS256, by name. Others are left out.
struct KeySet: Decodable, Sendable {
  private struct Entry: Decodable {
    var kty: String?
    var kid: String?
    var use: String?
    var alg: String?
    var n: String?
    var e: String?
  }

  private enum CodingKeys: String, CodingKey { case keys }

  private let keys: [String: SigningKey]

  init(from decoder: any Decoder) throws {
    let entries = try decoder.container(keyedBy: CodingKeys.self).decode([Entry].self, forKey: .keys)
    var keys: [String: SigningKey] = [:]
    for entry in entries where entry.kty == "RSA" {
      guard let name = entry.kid, entry.use ?? "sig" == "sig", entry.alg ?? "RS256" == "RS256",
        let n = entry.n.flatMap(Base64URL.decode), let e = entry.e.flatMap(Base64URL.decode),
        let key = SigningKey(modulus: n, exponent: e)
      else { continue }
      keys[name] = key
    }
    self.keys = keys
  }

  subscript(name: String) -> SigningKey? { keys[name] }
}

/// One RSA public key.
struct SigningKey: Sendable {
  private let key: _RSA.Signing.PublicKey

  /// Nil for what is no key, or one of fewer than 2048 bits (RFC 7518 section 3.3).
  init?(modulus: [UInt8], exponent: [UInt8]) {
    guard let key = try? _RSA.Signing.PublicKey(n: modulus, e: exponent) else { return nil }
    self.key = key
  }

  /// Whether a signature is RSASSA-PKCS1-v1_5 with SHA-256 over these bytes (RFC 7518 section 3.3).
  func verifies(_ signature: [UInt8], of bytes: [UInt8]) -> Bool {
    key.isValidSignature(
      _RSA.Signing.RSASignature(rawRepresentation: Data(signature)), for: SHA256.hash(data: bytes),
      padding: .insecurePKCS1v1_5)
  }
}
