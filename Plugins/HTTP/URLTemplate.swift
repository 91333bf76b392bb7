internal import HubKit

/// A URL with places for parts of a message.
struct URLTemplate: Sendable {
  private enum Part: Sendable {
    case text(String)
    case place(String)
  }

  private let parts: [Part]

  /// Whether the URL differs from message to message.
  var hasPlaces: Bool { parts.contains { if case .place = $0 { true } else { false } } }

  /// Reads a template.
  init(_ text: String) throws(SettingError) {
    var parts: [Part] = []
    var rest = text[...]
    while let open = rest.firstIndex(of: "{") {
      guard let close = rest[open...].firstIndex(of: "}") else {
        throw SettingError("url", "has { without }.")
      }
      let name = String(rest[rest.index(after: open)..<close])
      guard ["receiver", "type", "id"].contains(name) else {
        throw SettingError("url", "has {\(name)}; known are {receiver}, {type} and {id}.")
      }
      parts += [.text(String(rest[..<open])), .place(name)]
      rest = rest[rest.index(after: close)...]
    }
    guard !rest.contains("}") else { throw SettingError("url", "has } without {.") }
    parts.append(.text(String(rest)))
    guard case .text(let start)? = parts.first, Self.hasHost(start) else {
      throw SettingError("url", "must begin with http:// or https:// and a host that is no placeholder.")
    }
    self.parts = parts
  }

  /// Whether the text before the first place already holds the whole authority: no message may choose the host.
  private static func hasHost(_ start: String) -> Bool {
    for scheme in ["http://", "https://"] where start.lowercased().hasPrefix(scheme) {
      let rest = start.dropFirst(scheme.count)
      return rest.first.map { $0 != "/" } ?? false
    }
    return false
  }

  /// The URL for one delivery.
  func url(for delivery: Delivery) throws(AdapterError) -> String {
    var url = ""
    for part in parts {
      switch part {
      case .text(let text): url += text
      case .place(let name):
        let value = Self.value(name, of: delivery)
        guard let value, !value.isEmpty, value != ".", value != ".." else {
          throw AdapterError(
            .reject, code: "no-\(name)", reason: "The address needs the message's \(name), which is missing or a dot.")
        }
        url += Self.encoded(value)
      }
    }
    return url
  }

  /// The part that is the same for all messages, up to the last slash before the first place.
  var fixedPart: String {
    guard hasPlaces, case .text(let start)? = parts.first else {
      if case .text(let all)? = parts.first { return all }
      return ""
    }
    return start.lastIndex(of: "/").map { String(start[...$0]) } ?? start
  }

  private static func value(_ name: String, of delivery: Delivery) -> String? {
    switch name {
    case "receiver": delivery.receiver?.text ?? delivery.envelope.receivers.first?.text
    case "type": delivery.envelope.type
    default: delivery.envelope.id
    }
  }

  /// Percent-encoding of everything but the unreserved characters (RFC 3986 section 2.3).
  static func encoded(_ text: String) -> String {
    PercentEncoding.encode(text) { byte in
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "A")...UInt8(ascii: "Z"):
        true
      default: "-._~".utf8.contains(byte)
      }
    }
  }
}

/// Percent-encoding of UTF-8.
enum PercentEncoding {
  private static let digits = Array("0123456789ABCDEF".utf8)

  /// Writes bytes for which `isPlain` is true as they are, all others as `%XX`.
  static func encode(_ text: String, isPlain: (UInt8) -> Bool) -> String {
    if text.utf8.allSatisfy(isPlain) { return text }
    var out: [UInt8] = []
    for byte in text.utf8 {
      if isPlain(byte) {
        out.append(byte)
      } else {
        out += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: out, as: UTF8.self)
  }
}
