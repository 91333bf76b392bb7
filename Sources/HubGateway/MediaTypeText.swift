/// A media type as it stands in `Content-Type` (RFC 9110 section 8.3.1).
struct MediaTypeText {
  /// Type and subtype, in lower case, without parameters.
  let essence: String
  /// The `charset` parameter, in lower case.
  let charset: String?

  /// Reads a field value.
  ///
  /// - Returns: nil when it is no media type.
  init?(_ text: String) {
    guard Self.isWellFormed(text) else { return nil }
    // Most senders write the bare type, in lower case.
    if text.utf8.allSatisfy(Self.isPlainByte) {
      (essence, charset) = (text, nil)
      return
    }
    let parts = text.split(separator: ";").map { trimmed($0) }
    essence = parts.first.map { $0.lowercased() } ?? ""
    let charset = parts.dropFirst().first { $0.lowercased().hasPrefix("charset=") }
    self.charset = charset.map { $0.dropFirst("charset=".count).lowercased().filter { $0 != "\"" } }
  }

  /// Whether the sender calls it XML.
  var isXML: Bool {
    essence == "application/xml" || essence == "text/xml" || essence.hasSuffix("+xml")
  }

  /// Whether the data of such an event is written as JSON within JSON (CloudEvents JSON format section 3.1.1).
  var isJSON: Bool {
    essence.hasSuffix("/json") || essence.hasSuffix("+json")
  }

  /// Whether a text has the form `type/subtype`, with or without parameters.
  static func isWellFormed(_ text: String) -> Bool {
    let essence = Substring(text.utf8.prefix { $0 != UInt8(ascii: ";") })
    var lengths = [0]
    for byte in trimmed(essence).utf8 {
      if byte == UInt8(ascii: "/") {
        lengths.append(0)
      } else if isTokenByte(byte) {
        lengths[lengths.count - 1] += 1
      } else {
        return false
      }
    }
    return lengths.count == 2 && !lengths.contains(0)
  }

  /// Neither the beginning of a parameter nor a space nor a capital.
  private static func isPlainByte(_ byte: UInt8) -> Bool {
    byte != UInt8(ascii: ";") && byte > 0x20 && !(UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
  }

  private static func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "a")...UInt8(ascii: "z"):
      true
    default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
  }
}

/// A text without spaces and tabs at its ends (OWS of RFC 9110 section 5.6.3). Looks at bytes: each request has some.
func trimmed(_ text: some StringProtocol) -> String {
  func isSpace(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
  let bytes = Substring(text).utf8
  guard let first = bytes.firstIndex(where: { !isSpace($0) }), let last = bytes.lastIndex(where: { !isSpace($0) })
  else {
    return ""
  }
  return String(Substring(bytes[first...last]))
}
