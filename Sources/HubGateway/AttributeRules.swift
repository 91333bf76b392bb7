internal import HubKit

/// Turns named attributes into an envelope, by the rules of CloudEvents 1.0.2 section 3; finds all faults, not one.
struct AttributeRules {
  let countMax: Int
  let bytesMax: Int
  /// Turns an attribute's name into the place where the sender wrote it, as in `ce-id` or `/0/id`.
  let place: (String) -> String

  private(set) var violations: [Violation] = []
  /// Values of the attributes in ``coreNames``, in that order.
  private var core = [String?](repeating: nil, count: coreNames.count)
  private var extensions: [String: String] = [:]
  private var count = 0

  init(countMax: Int, bytesMax: Int, place: @escaping (String) -> String) {
    self.countMax = countMax
    self.bytesMax = bytesMax
    self.place = place
    extensions.reserveCapacity(8)
  }

  /// The value of an attribute, if it was given.
  subscript(name: String) -> String? {
    if let place = Self.coreNames.firstIndex(of: name) { core[place] } else { extensions[name] }
  }

  /// Notes a fault.
  mutating func complain(_ rule: String, _ name: String, _ message: String) {
    violations.append(Violation(rule: rule, message: message, path: place(name)))
  }

  /// Takes an attribute after checking its name and the characters of its value.
  mutating func add(_ name: String, _ value: String) {
    guard Self.isName(name) else {
      let rule =
        "has lower-case letters and digits only, at most 64 (CloudEvents 1.0.2 section 3.1)"
      return complain("attribute-name", String(name.prefix(64)), "an attribute's name \(rule)")
    }
    guard self[name] == nil else {
      return complain("attribute-repeated", name, "the attribute stands there twice; send it once")
    }
    guard count < countMax else {
      if !violations.contains(where: { $0.rule == "too-many-attributes" }) {
        complain("too-many-attributes", name, "an event may have at most \(countMax) attributes")
      }
      return
    }
    guard value.utf8.count <= bytesMax else {
      return complain("attribute-too-long", name, "the value is longer than \(bytesMax) bytes")
    }
    guard value.utf8.allSatisfy(Self.isPrintable) || !value.unicodeScalars.contains(where: Self.isForbidden) else {
      return complain(
        "utf8", name, "the value holds bytes that are no UTF-8, or a control character")
    }
    count += 1
    if let place = Self.coreNames.firstIndex(of: name) { core[place] = value } else { extensions[name] = value }
  }

  /// The envelope.
  ///
  /// - Parameter typeRequired: false when the content says what it is.
  /// - Throws: ``InvalidMessage`` with everything that was found.
  mutating func envelope(typeRequired: Bool) throws(InvalidMessage) -> Envelope {
    let version = required("specversion")
    if let version, version != "1.0" {
      complain(
        "attribute-value", "specversion",
        "this hub reads CloudEvents 1.0, not \(version.prefix(16))")
    }
    let id = required("id")
    let source = required("source")
    let type = typeRequired ? required("type") : self["type"] ?? ""
    if type == "", self["type"] != nil {
      complain("attribute-value", "type", "the type may not be empty")
    }
    check("source", "a URI reference", Self.isURIReference)
    check("subject", "a text that is not empty") { !$0.isEmpty }
    check("time", "a time of RFC 3339, as in 2026-11-23T08:00:00Z") {
      Timestamp(rfc3339: $0) != nil
    }
    check("dataschema", "an absolute URI", Self.isAbsoluteURI)
    check("datacontenttype", "a media type, as in application/json", MediaTypeText.isWellFormed)
    guard violations.isEmpty, let id, let source, let type else { throw InvalidMessage(violations) }
    return Envelope(
      id: id, source: source, type: type, subject: self["subject"],
      time: self["time"].flatMap(Timestamp.init(rfc3339:)),
      dataContentType: self["datacontenttype"], dataSchema: self["dataschema"], extensions: extensions)
  }

  private static let coreNames = [
    "specversion", "id", "source", "type", "subject", "time", "datacontenttype", "dataschema",
  ]

  private mutating func required(_ name: String) -> String? {
    if violations.contains(where: { $0.path == place(name) }) { return nil }
    guard let value = self[name], !value.isEmpty else {
      complain(
        "attribute-missing", name,
        "CloudEvents requires the attribute `\(name)`; send it as `\(place(name))`")
      return nil
    }
    return value
  }

  private mutating func check(_ name: String, _ right: String, _ rule: (String) -> Bool) {
    guard let value = self[name], !value.isEmpty || name != "source", !rule(value) else {
      return
    }
    complain("attribute-value", name, "`\(name)` must be \(right)")
  }

  private static func isName(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.count <= 64
      && name.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) }
  }

  /// What most values have only.
  private static func isPrintable(_ byte: UInt8) -> Bool { (0x20..<0x7F).contains(byte) }

  /// Control characters, noncharacters, and U+FFFD, which the HTTP parser puts in place of bytes that are no UTF-8.
  private static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || scalar == "\u{FFFD}"
      || scalar.value & 0xFFFE == 0xFFFE || (0xFDD0...0xFDEF).contains(scalar.value)
  }

  private static func isURIReference(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    var index = 0
    while index < bytes.count {
      if bytes[index] == UInt8(ascii: "%") {
        guard index + 2 < bytes.count, isHex(bytes[index + 1]), isHex(bytes[index + 2]) else {
          return false
        }
        index += 2
      } else if !isURICharacter(bytes[index]) {
        return false
      }
      index += 1
    }
    return true
  }

  private static func isAbsoluteURI(_ text: String) -> Bool {
    guard let colon = text.firstIndex(of: ":"), let first = text.utf8.first else { return false }
    let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
    return letters.contains(first | 0x20) && isURIReference(text)
      && text.index(after: colon) < text.endIndex
  }

  /// Characters of RFC 3986 section 2.
  private static func isURICharacter(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "a")...UInt8(ascii: "z"):
      true
    default: otherURICharacters.contains(byte)
    }
  }

  private static let otherURICharacters = Array("-._~:/?#[]@!$&'()*+,;=".utf8)
}

/// Whether a byte is a hexadecimal digit.
func isHex(_ byte: UInt8) -> Bool { Character(Unicode.Scalar(byte)).isHexDigit && byte < 0x80 }
