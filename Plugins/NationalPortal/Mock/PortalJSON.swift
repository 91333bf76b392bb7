internal import FoundationEssentials
internal import HubKit

/// A JSON value as the portal's side reads and writes it.
enum PortalJSON: Sendable, Hashable, Codable {
  case text(String)
  case number(Int)
  case list([PortalJSON])
  case object([String: PortalJSON])
  /// Booleans, fractions and null: the portal takes none of them.
  case other

  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if let text = try? value.decode(String.self) {
      self = .text(text)
    } else if let members = try? value.decode([String: PortalJSON].self) {
      self = .object(members)
    } else if let items = try? value.decode([PortalJSON].self) {
      self = .list(items)
    } else if (try? value.decode(Bool.self)) == nil, let number = try? value.decode(Int.self) {
      self = .number(number)
    } else {
      self = .other
    }
  }

  func encode(to encoder: any Encoder) throws {
    var value = encoder.singleValueContainer()
    switch self {
    case .text(let text): try value.encode(text)
    case .number(let number): try value.encode(number)
    case .list(let items): try value.encode(items)
    case .object(let members): try value.encode(members)
    case .other: try value.encodeNil()
    }
  }

  static func read(_ bytes: [UInt8]) -> PortalJSON? { try? JSONDecoder().decode(PortalJSON.self, from: Data(bytes)) }

  var bytes: [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(self)).map(Array.init) ?? []
  }

  subscript(name: String) -> PortalJSON? {
    get { if case .object(let members) = self { members[name] } else { nil } }
    set {
      guard case .object(var members) = self else { return }
      members[name] = newValue
      self = .object(members)
    }
  }

  var string: String? { if case .text(let text) = self { text } else { nil } }

  var items: [PortalJSON] { if case .list(let items) = self { items } else { [] } }

  /// Whether every value inside is a string.
  var hasOnlyStrings: Bool {
    switch self {
    case .text: true
    case .number, .other: false
    case .list(let items): items.allSatisfy(\.hasOnlyStrings)
    case .object(let members): members.values.allSatisfy(\.hasOnlyStrings)
    }
  }

  func response(status: Int = 200) -> ServedResponse {
    .json(status: status, String(decoding: bytes, as: UTF8.self))
  }
}
