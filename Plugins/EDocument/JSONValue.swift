internal import FoundationEssentials
internal import HubKit

/// A JSON value whose objects keep their order when they are written. What is read comes ordered by key.
enum JSONValue: Sendable {
  case null
  case flag(Bool)
  case number(String)
  case text(String)
  case list([JSONValue])
  case object([(key: String, value: JSONValue)])

  subscript(key: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.key == key }?.value
  }

  /// A text, number or flag as text.
  var scalar: String? {
    switch self {
    case .text(let text), .number(let text): text
    case .flag(let flag): flag ? "true" : "false"
    case .null, .list, .object: nil
    }
  }

  var elements: [JSONValue] {
    switch self {
    case .list(let list): list
    case .null: []
    default: [self]
    }
  }

  /// JSON text without spaces.
  var text: String {
    var out = ""
    write(to: &out)
    return out
  }

  private func write(to out: inout String) {
    switch self {
    case .null: out += "null"
    case .flag(let flag): out += flag ? "true" : "false"
    case .number(let digits): out += digits
    case .text(let text): Self.write(text, to: &out)
    case .list(let list): Self.write(list, between: "[", "]", to: &out) { $0.write(to: &$1) }
    case .object(let members):
      Self.write(members, between: "{", "}", to: &out) { member, out in
        Self.write(member.key, to: &out)
        out += ":"
        member.value.write(to: &out)
      }
    }
  }

  private static func write<Part>(
    _ parts: [Part], between open: String, _ close: String, to out: inout String, _ each: (Part, inout String) -> Void
  ) {
    out += open
    for (index, part) in parts.enumerated() {
      if index > 0 { out += "," }
      each(part, &out)
    }
    out += close
  }

  private static func write(_ text: String, to out: inout String) {
    out += "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case "\r": out += "\\r"
      case "\t": out += "\\t"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: out.unicodeScalars.append(scalar)
      }
    }
    out += "\""
  }
}

extension JSONValue: Decodable {
  private struct Key: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  init(from decoder: any Decoder) throws {
    if let container = try? decoder.container(keyedBy: Key.self) {
      let keys = container.allKeys.sorted { $0.stringValue < $1.stringValue }
      self = .object(try keys.map { ($0.stringValue, try container.decode(JSONValue.self, forKey: $0)) })
      return
    }
    if var container = try? decoder.unkeyedContainer() {
      var list: [JSONValue] = []
      while !container.isAtEnd { list.append(try container.decode(JSONValue.self)) }
      self = .list(list)
      return
    }
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let flag = try? container.decode(Bool.self) {
      self = .flag(flag)
    } else if let number = try? container.decode(Int.self) {
      self = .number(String(number))
    } else if let number = try? container.decode(Double.self) {
      self = .number(String(number))
    } else {
      self = .text(try container.decode(String.self))
    }
  }

  static func parse(_ json: [UInt8]) throws(InvalidMessage) -> JSONValue {
    do { return try JSONDecoder().decode(JSONValue.self, from: Data(json)) } catch {
      throw InvalidMessage(rule: "json-syntax", "the canonical document is no JSON")
    }
  }
}
