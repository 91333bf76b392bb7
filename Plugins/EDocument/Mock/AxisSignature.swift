internal import Crypto
internal import FoundationEssentials
internal import HubKit

/// Checks what a caller signed. The order of the signed JSON is the caller's own, so the text itself is verified, as it
/// came.
enum AxisSignature {
  /// Whether the signature is right, and every signed parameter stands in the request with the signed value. Stale
  /// parameters of earlier calls, signed along by the vendor's kit, do no harm.
  static func isGood(_ headers: [HeaderField], secret: String?) -> Bool {
    guard let secret, let text = headers["XroadVnpt-sign-header"], let given = headers["XroadVnpt-hash-header"],
      given.lowercased() == hmac(text, secret),
      let signed = try? JSONDecoder().decode([String: String].self, from: Data(text.utf8))
    else { return false }
    guard signed.keys.contains(where: { $0.lowercased() == "xroadvnpt-systemid" }) else { return false }
    return signed.allSatisfy { name, value in
      headers.contains { $0.name.lowercased() == name.lowercased() && $0.value == value }
    }
  }

  static func hmac(_ text: String, _ secret: String) -> String {
    let key = SymmetricKey(data: Array(secret.utf8))
    return hex(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key), padded: true)
  }

  static func digest(_ bytes: [UInt8]) -> String { hex(hash(bytes), padded: true) }

  /// Both ways of printing a digest are accepted: the vendor's kit leaves leading zeros out.
  static func digestMatches(_ given: String, _ bytes: [UInt8]) -> Bool {
    let hash = hash(bytes)
    let text = given.lowercased()
    return text == hex(hash, padded: true) || text == hex(hash, padded: false)
  }

  private static func hash(_ bytes: [UInt8]) -> SHA256.Digest {
    var hasher = SHA256()
    bytes.withUnsafeBytes { hasher.update(bufferPointer: $0) }
    return hasher.finalize()
  }

  private static func hex(_ bytes: some Sequence<UInt8>, padded: Bool) -> String {
    bytes.map { byte in
      let digits = String(byte, radix: 16)
      return padded && digits.count == 1 ? "0" + digits : digits
    }.joined()
  }
}
