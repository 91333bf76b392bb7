internal import FoundationEssentials

/// A JSON value of any shape. Its text has members in the order of their names and no spaces, so that one value has
/// one text, whoever wrote it.
public enum JSONValue: Sendable, Hashable {
  /// `null`.
  case null
  /// `true` or `false`.
  case flag(Bool)
  /// A number without a fraction that fits 64 bits.
  case whole(Int)
  /// Any other number, to the precision of a double.
  case number(Double)
  /// A string.
  case text(String)
  /// An array.
  case list([JSONValue])
  /// An object. Of members with the same name one is kept.
  case object([String: JSONValue])

  /// Reads UTF-8 text.
  ///
  /// - Returns: nil when it is no JSON text in UTF-8; a byte-order mark is none.
  public init?(_ bytes: [UInt8]) {
    guard JSONBytes.areStrict(bytes), let value = try? JSONDecoder().decode(JSONValue.self, from: Data(bytes)) else {
      return nil
    }
    self = value
  }

  /// The one text of this value. Empty when a ``number(_:)`` inside is not finite: none that was read is.
  public var bytes: [UInt8] { JSONBytes.of(self) ?? [] }

  /// A member of an object; nil when there is none, or for anything but an object, where setting changes nothing.
  public subscript(name: String) -> JSONValue? {
    get { if case .object(let members) = self { members[name] } else { nil } }
    set {
      guard case .object(var members) = self else { return }
      members[name] = newValue
      self = .object(members)
    }
  }

  /// The text of a string; nil for anything else.
  public var string: String? { if case .text(let text) = self { text } else { nil } }

  /// Items of a list; empty for anything else.
  public var items: [JSONValue] { if case .list(let items) = self { items } else { [] } }
}

extension JSONValue: Codable {
  /// Takes whatever stands there.
  public init(from decoder: any Decoder) throws {
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

  /// Writes the value as it is.
  public func encode(to encoder: any Encoder) throws {
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
