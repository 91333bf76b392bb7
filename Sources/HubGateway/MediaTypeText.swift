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
    let essence = text.prefix { $0 != ";" }
    let halves = trimmed(essence).split(separator: "/", omittingEmptySubsequences: false)
    return halves.count == 2 && halves.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy(isTokenByte) }
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
