internal import Crypto
internal import CryptoExtras
internal import FoundationEssentials
internal import JSONWire

/// A key pair of the realm.
struct RealmKey: Sendable {
  let name: String
  private let key: _RSA.Signing.PrivateKey

  /// Makes a new key of 2048 bits; nil when the machine cannot.
  init?(number: Int) {
    guard let key = try? _RSA.Signing.PrivateKey(keySize: .bits2048) else { return nil }
    self.key = key
    name = "realm-key-\(number)"
  }

  /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 section 3.3).
  func signature(of text: String) -> [UInt8]? {
    let digest = SHA256.hash(data: Array(text.utf8))
    return (try? key.signature(for: digest, padding: .insecurePKCS1v1_5)).map { Array($0.rawRepresentation) }
  }

  /// The public part as Keycloak publishes it (RFC 7517): once for signatures and, as a trap for the careless, once
  /// for encryption.
  var published: [[String: JSONValue]] {
    guard let primitives = try? key.publicKey.getKeyPrimitives() else { return [] }
    let (n, e) = (Base64URL.encode(primitives.modulus), Base64URL.encode(primitives.publicExponent))
    return [("\(name)-enc", "enc", "RSA-OAEP"), (name, "sig", "RS256")].map { name, use, algorithm in
      [
        "kid": .text(name), "kty": .text("RSA"), "use": .text(use), "alg": .text(algorithm), "n": .text(n),
        "e": .text(e),
      ]
    }
  }
}
