internal import FoundationEssentials

/// A JSON value. Its text has sorted members and no spaces, so that one value has one text, whoever wrote it.
enum JSONValue: Sendable, Hashable {
  case null
  case flag(Bool)
  case whole(Int)
  case number(Double)
  case text(String)
  case list([JSONValue])
  case object([String: JSONValue])

  /// Reads UTF-8 text.
  ///
  /// - Returns: nil when it is no JSON text in UTF-8; a byte-order mark is none.
  init?(_ bytes: [UInt8]) {
    guard bytes.first != 0xEF, String(validating: bytes, as: UTF8.self) != nil,
      let value = try? JSONDecoder().decode(JSONValue.self, from: Data(bytes))
    else { return nil }
    self = value
  }

  /// The one text of this value.
  var bytes: [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Numbers that JSON does not have cannot come out of JSON text, and nothing else can fail.
    return (try? encoder.encode(self)).map(Array.init) ?? []
  }

  subscript(name: String) -> JSONValue? {
    if case .object(let members) = self { members[name] } else { nil }
  }

  /// The text of a string; nil for anything else.
  var string: String? { if case .text(let text) = self { text } else { nil } }

  /// What CloudEvents allows as an attribute's value (JSON format 1.0.2, section 2.2), as text; nil for anything else.
  var attribute: String? {
    switch self {
    case .text(let text): text
    case .whole(let number): String(number)
    case .flag(let flag): flag ? "true" : "false"
    case .null, .number, .list, .object: nil
    }
  }
}

extension JSONValue: Codable {
  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if let text = try? value.decode(String.self) {
      self = .text(text)
    } else if let members = try? value.decode([String: JSONValue].self) {
      self = .object(members)
    } else if let items = try? value.decode([JSONValue].self) {
      self = .list(items)
    } else if let flag = try? value.decode(Bool.self) {
      self = .flag(flag)
    } else if let whole = try? value.decode(Int.self) {
      self = .whole(whole)
    } else if let number = try? value.decode(Double.self) {
      self = .number(number)
    } else if value.decodeNil() {
      self = .null
    } else {
      throw DecodingError.dataCorruptedError(in: value, debugDescription: "no JSON value")
    }
  }

  func encode(to encoder: any Encoder) throws {
    var value = encoder.singleValueContainer()
    switch self {
    case .null: try value.encodeNil()
    case .flag(let flag): try value.encode(flag)
    case .whole(let whole): try value.encode(whole)
    case .number(let number): try value.encode(number)
    case .text(let text): try value.encode(text)
    case .list(let items): try value.encode(items)
    case .object(let members): try value.encode(members)
    }
  }
}
