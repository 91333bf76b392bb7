internal import FoundationEssentials
public import HubKit

/// JSON text with members in the order of their names and no spaces, so that the same value always gives the same
/// bytes.
public enum JSONBytes {
  /// The text of a value; nil when JSON has none for it, as for a number that is not finite.
  public static func of(_ value: some Encodable) -> [UInt8]? {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(value)).map { [UInt8]($0) }
  }

  /// Whether nothing stands there that `JSONDecoder` takes and RFC 8259 does not: a byte-order mark, another encoding
  /// (which has zeros, and UTF-8 JSON has none), a comma behind the last member.
  static func areStrict(_ bytes: [UInt8]) -> Bool {
    guard bytes.first != 0xEF, !bytes.contains(0), String(validating: bytes, as: UTF8.self) != nil else { return false }
    var (isString, isEscape, isBehindComma) = (false, false, false)
    for byte in bytes {
      switch byte {
      case _ where isEscape: isEscape = false
      case UInt8(ascii: "\\") where isString: isEscape = true
      case UInt8(ascii: "\""): (isString, isBehindComma) = (!isString, false)
      case _ where isString, UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"): break
      case UInt8(ascii: "]") where isBehindComma, UInt8(ascii: "}") where isBehindComma: return false
      default: isBehindComma = byte == UInt8(ascii: ",")
      }
    }
    return true
  }
}

extension ServedResponse {
  /// An answer with a value as JSON; status 500 without content when JSON has no text for it.
  public static func encoding(status: Int = 200, _ value: some Encodable) -> ServedResponse {
    guard let bytes = JSONBytes.of(value) else { return ServedResponse(status: 500) }
    return ServedResponse(status: status, headers: [HeaderField("Content-Type", "application/json")], body: bytes)
  }
}

extension JSONValue {
  /// An answer with this value.
  public func response(status: Int = 200) -> ServedResponse { .encoding(status: status, self) }
}
