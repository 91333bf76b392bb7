internal import FoundationEssentials
internal import HTTPTypes
internal import HubKit

/// Reads the envelope of a binary-mode event from header fields (CloudEvents 1.0.2 HTTP binding, section 3.1).
struct BinaryEvent {
  let envelope: Envelope
  /// True when the content has to say what the event is.
  let lacksType: Bool

  /// Reads header fields.
  ///
  /// A request without any `ce-` field whose content is called XML gets an id and a source from the door, so that a
  /// document can be handed in with one line of curl.
  ///
  /// - Throws: ``InvalidMessage`` with all that is wrong.
  init(_ headers: HTTPFields, agency: OrganisationCode, settings: GatewaySettings)
    throws(InvalidMessage)
  {
    var rules = AttributeRules(
      countMax: settings.attributesMax, bytesMax: settings.attributeBytesMax
    ) { "ce-\($0)" }
    let contentType = headers.text(of: .contentType)
    var found = false
    for field in headers {
      let name = field.name.canonicalName
      guard name.hasPrefix("ce-") else { continue }
      found = true
      if name == "ce-datacontenttype" {
        rules.complain(
          "attribute-name", "datacontenttype",
          "in binary mode the media type stands in Content-Type")
      } else {
        rules.add(String(Substring(name.utf8.dropFirst(3))), Self.decoded(field.value))
      }
    }
    if !found, contentType.flatMap(MediaTypeText.init)?.isXML == true {
      rules.add("specversion", "1.0")
      rules.add("id", UUID().uuidString.lowercased())
      rules.add("source", "/agencies/\(agency)")
    }
    if let contentType { rules.add("datacontenttype", contentType) }
    lacksType = rules["type"] == nil
    envelope = try rules.envelope(typeRequired: !lacksType)
  }

  /// A field's value as an attribute's value: quotes and percent-encoding are undone once (section 3.1.3.2). Bytes
  /// that are no UTF-8 become U+FFFD, which the rules refuse.
  static func decoded(_ value: String) -> String {
    guard value.utf8.contains(UInt8(ascii: "%")) || value.utf8.first == UInt8(ascii: "\"") else { return value }
    let bytes = unquoted(Array(value.utf8))
    guard bytes.contains(UInt8(ascii: "%")) else { return String(decoding: bytes, as: UTF8.self) }
    var plain: [UInt8] = []
    var index = 0
    while index < bytes.count {
      if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count, isHex(bytes[index + 1]),
        isHex(bytes[index + 2])
      {
        let digits = String(decoding: bytes[(index + 1)...(index + 2)], as: UTF8.self)
        plain.append(UInt8(digits, radix: 16) ?? 0)
        index += 3
      } else {
        plain.append(bytes[index])
        index += 1
      }
    }
    return String(decoding: plain, as: UTF8.self)
  }

  private static func unquoted(_ bytes: [UInt8]) -> [UInt8] {
    let quote = UInt8(ascii: "\"")
    guard bytes.count >= 2, bytes.first == quote, bytes.last == quote else { return bytes }
    var plain: [UInt8] = []
    var escaped = false
    for byte in bytes[1..<(bytes.count - 1)] {
      if !escaped, byte == UInt8(ascii: "\\") {
        escaped = true
      } else {
        plain.append(byte)
        escaped = false
      }
    }
    return plain
  }
}
