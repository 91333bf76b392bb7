internal import Crypto
internal import FoundationEssentials

/// What is kept of a client secret: `sha256:<salt>:<hash>`, both in base64.
///
/// One round of SHA-256 is enough here, and scrypt or Argon2 would only make each token request slow: the hub makes
/// the secrets itself from 256 random bits, so there is nothing to guess, and the salt keeps two agencies with one
/// secret (restored from a copied file, say) from being seen as such.
public struct SaltedHash: Sendable, Hashable, CustomStringConvertible {
  private let salt: [UInt8]
  private let hash: [UInt8]

  /// Reads `sha256:<salt>:<hash>`; nil when the text is not that, the salt shorter than 8 bytes or the hash not 32.
  public init?(_ text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0] == "sha256", let salt = Data(base64Encoded: String(parts[1])),
      let hash = Data(base64Encoded: String(parts[2])), salt.count >= 8, hash.count == 32
    else { return nil }
    self.salt = Array(salt)
    self.hash = Array(hash)
  }

  /// Hashes a secret with a salt from the system's random numbers.
  public init(secret: String) {
    salt = (0..<16).map { _ in .random(in: .min ... .max) }
    hash = Self.hash(secret, salt: salt)
  }

  /// Whether a secret is the one, in a time that does not depend on where they differ.
  public func matches(_ secret: String) -> Bool {
    zip(Self.hash(secret, salt: salt), hash).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
  }

  /// `sha256:<salt>:<hash>`.
  public var description: String {
    "sha256:\(Data(salt).base64EncodedString()):\(Data(hash).base64EncodedString())"
  }

  private static func hash(_ secret: String, salt: [UInt8]) -> [UInt8] {
    Array(SHA256.hash(data: salt + Array(secret.utf8)))
  }
}
