import Crypto

/// Values that nobody can guess.
enum RandomText {
  /// So many random bits in hex, from the machine's own generator.
  static func bits(_ count: Int) -> String {
    var generator = SystemRandomNumberGenerator()
    return (0..<count / 8).map { _ in
      let digits = String(UInt8.random(in: .min ... .max, using: &generator), radix: 16)
      return digits.count == 1 ? "0\(digits)" : digits
    }.joined()
  }
}

/// What is kept of a secret that a browser holds: looked up by digest, so that comparing takes no measurable time more
/// for a guess that begins right, and a copy of the memory shows no secret.
struct SecretDigest: Sendable, Hashable {
  private let digest: SHA256Digest

  init(_ secret: String) { digest = SHA256.hash(data: Array(secret.utf8)) }

  /// In hex.
  var text: String {
    digest.map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0\(digits)" : digits
    }.joined()
  }
}
