public import HubKit

/// How a caller of the axis' interface passes parameters: header fields `XroadVnpt-<key>`, and a signature over their
/// JSON text.
public struct AxisSigning: Sendable {
  /// What stands before the name of each parameter.
  public static let prefix = "XroadVnpt-"
  private let systemId: String
  private let secret: Secret

  /// Signs in the name of a system, with its key.
  public init(systemId: String, secret: Secret) {
    self.systemId = systemId
    self.secret = secret
  }

  /// The header fields of one call.
  ///
  /// - Parameters:
  ///   - parameters: keys without the prefix, in order; values in ASCII.
  ///   - time: becomes `timestamp`, whose last four digits are milliseconds behind a plus sign, where a zone would be
  ///     expected.
  public func headers(_ parameters: [(key: String, value: String)], at time: Timestamp) -> [HeaderField] {
    let all = [("systemid", systemId), ("timestamp", Self.text(of: time)), ("version", "3.0.201608")] + parameters
    let fields = all.map { HeaderField(Self.prefix + $0.0, $0.1) }
    let text = "{" + fields.map { "\(Self.quoted($0.name)):\(Self.quoted($0.value))" }.joined(separator: ",") + "}"
    return fields + [
      HeaderField(Self.prefix + "sign-header", text),
      HeaderField(Self.prefix + "sign-header-key", fields.map(\.name).joined(separator: ";")),
      HeaderField(Self.prefix + "hash-header", AxisSignature.hmac(text, secret.reveal() ?? "")),
      HeaderField("User-Agent", "JAVASDKAgent/1.0.0 XRoad/VPCP"),
    ]
  }

  /// `dd-MM-yyyyTHH:mm:ss+nnnn` in Vietnam's time; the four digits are milliseconds.
  public static func text(of time: Timestamp) -> String {
    let parts = time.parts(offset: CalendarDay.offset)
    let date = [pad(parts.day, 2), pad(parts.month, 2), pad(parts.year, 4)].joined(separator: "-")
    let clock = [pad(parts.hour, 2), pad(parts.minute, 2), pad(parts.second, 2)].joined(separator: ":")
    return "\(date)T\(clock)+\(pad(parts.millisecond, 4))"
  }

  private static func pad(_ value: Int, _ width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  /// JSON text of a string in ASCII, so that it can stand in a header field.
  public static func quoted(_ text: String) -> String {
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
