internal import Crypto
internal import FoundationEssentials
public import HubKit

/// Checks what a caller signed. The order of the signed JSON is the caller's own, so the text itself is verified, as it
/// came.
public enum AxisSignature {
  /// Whether the signature is right, and every signed parameter stands in the request with the signed value. Stale
  /// parameters of earlier calls, signed along by the vendor's kit, do no harm.
  public static func isGood(_ headers: [HeaderField], secret: String?) -> Bool {
    guard let secret, let text = headers["XroadVnpt-sign-header"], let given = headers["XroadVnpt-hash-header"],
      isSame(given.lowercased(), hmac(text, secret)),
      let signed = try? JSONDecoder().decode([String: String].self, from: Data(text.utf8))
    else { return false }
    guard signed.keys.contains(where: { $0.lowercased() == "xroadvnpt-systemid" }) else { return false }
    return signed.allSatisfy { name, value in
      headers.contains { $0.name.lowercased() == name.lowercased() && $0.value == value }
    }
  }

  /// HMAC-SHA256 (RFC 2104) of a text, in hex.
  public static func hmac(_ text: String, _ secret: String) -> String {
    let key = SymmetricKey(data: Array(secret.utf8))
    return AxisDigest.hex(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key), style: .padded)
  }

  /// Compares in a time that does not tell where they differ.
  private static func isSame(_ one: String, _ other: String) -> Bool {
    let (one, other) = (Array(one.utf8), Array(other.utf8))
    guard one.count == other.count else { return false }
    return zip(one, other).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
  }
}
