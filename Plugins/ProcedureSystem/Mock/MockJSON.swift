internal import FoundationEssentials
internal import HubKit

/// A JSON value as the procedure system reads and writes it.
enum MockJSON: Sendable, Hashable, Codable {
  case text(String)
  case number(Int)
  case list([MockJSON])
  case object([String: MockJSON])
  case flag(Bool)
  /// Fractions and null, which no dossier needs.
  case other

  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if let text = try? value.decode(String.self) {
      self = .text(text)
    } else if let members = try? value.decode([String: MockJSON].self) {
      self = .object(members)
    } else if let items = try? value.decode([MockJSON].self) {
      self = .list(items)
    } else if let flag = try? value.decode(Bool.self) {
      self = .flag(flag)
    } else if let number = try? value.decode(Int.self) {
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
    case .flag(let flag): try value.encode(flag)
    case .other: try value.encodeNil()
    }
  }

  static func read(_ bytes: [UInt8]) -> MockJSON? { try? JSONDecoder().decode(MockJSON.self, from: Data(bytes)) }

  var bytes: [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(self)).map(Array.init) ?? []
  }

  subscript(name: String) -> MockJSON? {
    if case .object(let members) = self { members[name] } else { nil }
  }

  var string: String? { if case .text(let text) = self { text } else { nil } }

  func response(status: Int = 200) -> ServedResponse {
    .json(status: status, String(decoding: bytes, as: UTF8.self))
  }
}
