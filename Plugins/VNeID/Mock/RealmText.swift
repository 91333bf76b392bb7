internal import FoundationEssentials
internal import HubKit
internal import JSONWire

extension ServedResponse {
  /// An answer with a value as JSON, not to be stored.
  static func unstored(status: Int = 200, _ value: some Encodable) -> ServedResponse {
    var response = ServedResponse.encoding(status: status, value)
    response.headers.append(HeaderField("Cache-Control", "no-store"))
    return response
  }

  /// An error as RFC 6749 section 5.2 has it.
  static func refusal(_ status: Int, _ error: String, _ description: String) -> ServedResponse {
    .unstored(status: status, ["error": error, "error_description": description])
  }

  static func page(status: Int = 200, title: String, _ inside: String) -> ServedResponse {
    let html = """
      <!DOCTYPE html>
      <html lang="vi"><head><meta charset="utf-8"><title>\(title)</title>
      <meta name="viewport" content="width=device-width, initial-scale=1"></head>
      <body><h1>\(title)</h1>
      \(inside)
      </body></html>

      """
    return ServedResponse(
      status: status, headers: [HeaderField("Content-Type", "text/html; charset=utf-8")], body: Array(html.utf8))
  }

  static func redirect(to url: String) -> ServedResponse {
    ServedResponse(status: 302, headers: [HeaderField("Location", url), HeaderField("Cache-Control", "no-store")])
  }
}

/// Base64 with the URL alphabet, without padding (RFC 7515 section 2).
enum Base64URL {
  static func encode(_ bytes: some Sequence<UInt8>) -> String {
    Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
  }
}

/// Forms, queries and markup.
enum RealmText {
  /// Fields of a form body; those that repeat keep their first value. Nil when it is malformed.
  static func form(_ body: [UInt8]) -> [String: String]? {
    guard let text = String(validating: body, as: UTF8.self) else { return nil }
    var fields: [String: String] = [:]
    for pair in text.split(separator: "&") {
      let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map { decoded($0) }
      guard let name = halves[0], let value = halves.count > 1 ? halves[1] : "" else { return nil }
      if fields[name] == nil { fields[name] = value }
    }
    return fields
  }

  /// A name or value without its encoding; nil when it is malformed or not UTF-8.
  static func decoded(_ text: Substring) -> String? {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
      case UInt8(ascii: "%"):
        let digits = rest.prefix(2)
        guard digits.count == 2, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
          let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
        else { return nil }
        bytes.append(value)
        rest = rest.dropFirst(2)
      default: bytes.append(byte)
      }
    }
    return String(validating: bytes, as: UTF8.self)
  }

  static func encoded(_ text: String) -> String {
    text.utf8.map { byte in
      let scalar = Unicode.Scalar(byte)
      if byte < 0x80, Character(scalar).isLetter || Character(scalar).isNumber || "-._~".unicodeScalars.contains(scalar)
      {
        return String(scalar)
      }
      return (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
    }.joined()
  }

  static func query(_ fields: [(String, String)]) -> String {
    fields.map { "\(encoded($0.0))=\(encoded($0.1))" }.joined(separator: "&")
  }

  static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
      .replacing("\"", with: "&quot;")
  }

  /// 128 random bits in hex.
  static func random() -> String {
    (0..<16).map { _ in
      let digits = String(UInt8.random(in: .min ... .max), radix: 16)
      return digits.count == 1 ? "0\(digits)" : digits
    }.joined()
  }
}
