internal import Crypto
internal import FoundationEssentials
internal import HubKit

/// The axis' way of passing parameters: header fields `XroadVnpt-<key>`, and a signature over their JSON text.
struct AxisSigning: Sendable {
  static let prefix = "XroadVnpt-"
  let systemId: String
  let secret: Secret

  /// The header fields of one call.
  ///
  /// - Parameters:
  ///   - parameters: keys without the prefix, in order; values in ASCII.
  ///   - time: becomes `timestamp`, whose last four digits are milliseconds behind a plus sign, where a zone would be
  ///     expected.
  func headers(_ parameters: [(key: String, value: String)], at time: Timestamp) -> [HeaderField] {
    let all = [("systemid", systemId), ("timestamp", Self.text(of: time)), ("version", "3.0.201608")] + parameters
    let fields = all.map { HeaderField(Self.prefix + $0.0, $0.1) }
    let text = "{" + fields.map { "\(Self.quoted($0.name)):\(Self.quoted($0.value))" }.joined(separator: ",") + "}"
    return fields + [
      HeaderField(Self.prefix + "sign-header", text),
      HeaderField(Self.prefix + "sign-header-key", fields.map(\.name).joined(separator: ";")),
      HeaderField(Self.prefix + "hash-header", signature(of: text)),
      HeaderField("User-Agent", "JAVASDKAgent/1.0.0 XRoad/VPCP"),
    ]
  }

  private func signature(of text: String) -> String {
    let key = SymmetricKey(data: Array((secret.reveal() ?? "").utf8))
    let code = HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key)
    return AxisDigest.hex(code, style: .padded)
  }

  static func text(of time: Timestamp) -> String {
    let parts = time.parts(offset: .seconds(7 * 3600))
    let date = [pad(parts.day, 2), pad(parts.month, 2), pad(parts.year, 4)].joined(separator: "-")
    let clock = [pad(parts.hour, 2), pad(parts.minute, 2), pad(parts.second, 2)].joined(separator: ":")
    return "\(date)T\(clock)+\(pad(parts.millisecond, 4))"
  }

  private static func pad(_ value: Int, _ width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  /// JSON text of a string in ASCII, so that it can stand in a header field.
  static func quoted(_ text: String) -> String {
    var out = "\""
    for unit in text.utf16 {
      switch unit {
      case 0x22: out += "\\\""
      case 0x5C: out += "\\\\"
      case 0x20..<0x7F: out.unicodeScalars.append(Unicode.Scalar(UInt8(unit)))
      default:
        let digits = String(unit, radix: 16)
        out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      }
    }
    return out + "\""
  }
}

/// SHA-256 of a file as the axis wants it printed.
enum AxisDigest {
  static func hex(_ bytes: some Sequence<UInt8>, style: EDocumentSettings.HashStyle) -> String {
    bytes.map { byte in
      let digits = String(byte, radix: 16)
      return style == .padded && digits.count == 1 ? "0" + digits : digits
    }.joined()
  }

  /// Reads all of a body.
  static func file(_ body: any BodyReader, style: EDocumentSettings.HashStyle) throws(BodyError) -> String {
    var hasher = SHA256()
    while true {
      let part = try body.read(upTo: 64 * 1024)
      if part.isEmpty { return hex(hasher.finalize(), style: style) }
      part.withUnsafeBytes { hasher.update(bufferPointer: $0) }
    }
  }
}
