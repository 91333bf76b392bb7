internal import FoundationEssentials
internal import HubKit

/// Why a request is no message.
struct NotAnEvent: Error {
  let reason: String

  init(_ reason: String) { self.reason = reason }
}

/// A message as the receiving side reads it.
struct ReceivedEvent {
  /// How it came.
  enum Mode: String { case binary, structured, body }

  let mode: Mode
  /// CloudEvents attributes by name; empty in body mode.
  let attributes: [String: String]
  let mediaType: String?
  let body: [UInt8]
  /// The Idempotency-Key, without quotes; nil when there was none.
  let key: String?

  /// Reads a request in either mode of the CloudEvents HTTP binding, or a plain body.
  init(_ request: ServedRequest) throws(NotAnEvent) {
    key = request.headers["Idempotency-Key"].map { $0.filter { $0 != "\"" } }
    let contentType = request.headers["Content-Type"]
    if contentType?.lowercased().hasPrefix("application/cloudevents") == true {
      mode = .structured
      guard contentType?.lowercased().hasPrefix("application/cloudevents+json") == true else {
        throw NotAnEvent("of the structured formats only JSON is read")
      }
      (attributes, body) = try Self.structured(request.body)
      mediaType = attributes["datacontenttype"] ?? "application/json"
    } else {
      mediaType = contentType
      body = request.body
      attributes = try Self.binary(request.headers)
      mode = attributes.isEmpty ? .body : .binary
    }
    if mode != .body { try Self.check(attributes) }
  }

  private static func binary(_ headers: [HeaderField]) throws(NotAnEvent) -> [String: String] {
    var all: [String: String] = [:]
    for field in headers where field.name.lowercased().hasPrefix("ce-") {
      let name = String(field.name.lowercased().dropFirst(3))
      guard let value = decoded(field.value) else { throw NotAnEvent("ce-\(name) is not percent-encoded UTF-8") }
      guard all.updateValue(value, forKey: name) == nil else { throw NotAnEvent("ce-\(name) comes twice") }
    }
    return all
  }

  /// Undoes the percent-encoding of the HTTP binding, section 3.1.3.2.
  ///
  /// - Returns: nil when it does not decode to UTF-8, or a character stands there that should have been encoded.
  static func decoded(_ value: String) -> String? {
    let bytes = Array(value.utf8)
    var out: [UInt8] = []
    var index = 0
    while index < bytes.count {
      guard bytes[index] > 0x20, bytes[index] < 0x7F, bytes[index] != UInt8(ascii: "\"") else { return nil }
      if bytes[index] == UInt8(ascii: "%") {
        guard index + 2 < bytes.count,
          let byte = UInt8(String(decoding: bytes[index + 1...index + 2], as: UTF8.self), radix: 16)
        else { return nil }
        out.append(byte)
        index += 3
      } else {
        out.append(bytes[index])
        index += 1
      }
    }
    return String(validating: out, as: UTF8.self)
  }

  private static func structured(_ bytes: [UInt8]) throws(NotAnEvent) -> ([String: String], [UInt8]) {
    guard let members = JSONMembers(bytes)?.list else { throw NotAnEvent("the content is no JSON object") }
    var attributes: [String: String] = [:]
    var body: [UInt8] = []
    for (name, raw) in members {
      switch name {
      case "data": body = Array(raw)
      case "data_base64":
        guard let text = JSONMembers.text(raw), let data = Data(base64Encoded: text) else {
          throw NotAnEvent("data_base64 is no base64")
        }
        body = Array(data)
      default:
        guard let text = JSONMembers.text(raw) else { throw NotAnEvent("\(name) is no text") }
        attributes[name] = text
      }
    }
    return (attributes, body)
  }

  /// CloudEvents 1.0.2, section 3.
  private static func check(_ attributes: [String: String]) throws(NotAnEvent) {
    guard attributes["specversion"] == "1.0" else { throw NotAnEvent("specversion must be 1.0") }
    for name in ["id", "source", "type"] where attributes[name, default: ""].isEmpty {
      throw NotAnEvent("\(name) is missing or empty")
    }
    for (name, value) in attributes {
      guard !name.isEmpty, name.utf8.allSatisfy({ (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) }) else {
        throw NotAnEvent("\(name) is no attribute name")
      }
      guard !value.isEmpty else { throw NotAnEvent("\(name) is empty") }
    }
    for name in ["time", "expirytime"] {
      guard let text = attributes[name] else { continue }
      guard Timestamp(rfc3339: text) != nil else { throw NotAnEvent("\(name) is no RFC 3339 time") }
    }
  }
}

/// The members of a JSON object with the bytes of their values as they were written.
struct JSONMembers {
  let list: [(name: String, raw: ArraySlice<UInt8>)]

  init?(_ bytes: [UInt8]) {
    struct Anything: Decodable { init(from decoder: any Decoder) throws {} }
    // The decoder checks the syntax; the walk below may then trust it.
    guard (try? JSONDecoder().decode([String: Anything].self, from: Data(bytes))) != nil else { return nil }
    var walk = Walk(bytes: bytes)
    list = walk.members()
  }

  /// A JSON string's text; nil for any other value.
  static func text(_ raw: ArraySlice<UInt8>) -> String? {
    try? JSONDecoder().decode(String.self, from: Data(raw))
  }

  private struct Walk {
    let bytes: [UInt8]
    var position = 0

    mutating func members() -> [(name: String, raw: ArraySlice<UInt8>)] {
      var list: [(name: String, raw: ArraySlice<UInt8>)] = []
      skip(while: { $0 != UInt8(ascii: "{") })
      position += 1
      while true {
        skip(while: { $0 <= 0x20 || $0 == UInt8(ascii: ",") })
        guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else { return list }
        let name = JSONMembers.text(value()) ?? ""
        skip(while: { $0 <= 0x20 || $0 == UInt8(ascii: ":") })
        list.append((name, value()))
      }
    }

    private mutating func skip(while condition: (UInt8) -> Bool) {
      while position < bytes.count, condition(bytes[position]) { position += 1 }
    }

    /// One value: up to the comma or brace that ends it at its own depth.
    private mutating func value() -> ArraySlice<UInt8> {
      let start = position
      var depth = 0
      var inText = false
      while position < bytes.count {
        let byte = bytes[position]
        if inText {
          if byte == UInt8(ascii: "\\") { position += 1 }
          if byte == UInt8(ascii: "\"") {
            inText = false
            if depth == 0 {
              position += 1
              return bytes[start..<position]
            }
          }
        } else {
          switch byte {
          case UInt8(ascii: "\""): inText = true
          case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
          case UInt8(ascii: "}"), UInt8(ascii: "]"):
            if depth == 0 { return trimmed(start) }
            depth -= 1
            if depth == 0 {
              position += 1
              return bytes[start..<position]
            }
          case UInt8(ascii: ",") where depth == 0: return trimmed(start)
          default: break
          }
        }
        position += 1
      }
      return bytes[start...]
    }

    private func trimmed(_ start: Int) -> ArraySlice<UInt8> {
      var end = position
      while end > start, bytes[end - 1] <= 0x20 { end -= 1 }
      return bytes[start..<end]
    }
  }
}
