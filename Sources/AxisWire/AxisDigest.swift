internal import Crypto
public import HubKit

/// SHA-256 of a file as it stands in `hash-file`.
public enum AxisDigest {
  /// How a digest is printed.
  public enum Style: String, Sendable, CaseIterable {
    /// As the vendor's software kit prints it: no leading zero in a byte.
    case sdk
    /// Two digits for each byte.
    case padded
  }

  /// Bytes in hex.
  public static func hex(_ bytes: some Sequence<UInt8>, style: Style) -> String {
    bytes.map { byte in
      let digits = String(byte, radix: 16)
      return style == .padded && digits.count == 1 ? "0" + digits : digits
    }.joined()
  }

  /// Of all of a body.
  public static func file(_ body: any BodyReader) throws(BodyError) -> [UInt8] {
    var hasher = SHA256()
    while true {
      let part = try body.read(upTo: 64 * 1024)
      if part.isEmpty { return Array(hasher.finalize()) }
      part.withUnsafeBytes { hasher.update(bufferPointer: $0) }
    }
  }

  /// Of bytes, printed with two digits for each byte.
  public static func text(_ bytes: [UInt8]) -> String { hex(SHA256.hash(data: bytes), style: .padded) }

  /// Whether a caller's text is a digest: both ways of printing it are accepted, since the vendor's kit leaves leading
  /// zeros out.
  public static func matches(_ given: String, _ digest: [UInt8]) -> Bool {
    Style.allCases.contains { hex(digest, style: $0) == given.lowercased() }
  }
}
