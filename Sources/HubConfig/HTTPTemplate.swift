/// Text with places to be filled: `{name}` stands for a value, `{{` and `}}` for the braces themselves.
public struct HTTPTemplate: Sendable, Hashable {
  /// A piece of the text.
  public enum Part: Sendable, Hashable {
    /// Stands as it is.
    case text(String)
    /// A value goes here.
    case name(String)
  }

  /// In order.
  public let parts: [Part]

  /// No text at all.
  static let empty = HTTPTemplate(parts: [])

  private init(parts: [Part]) {
    self.parts = parts
  }

  /// Reads a template.
  ///
  /// - Returns: nil when a brace has no partner or holds no name.
  public init?(_ text: String) {
    var parts: [Part] = []
    var literal = ""
    var rest = text[...]
    while let character = rest.popFirst() {
      switch character {
      case "{" where rest.first == "{", "}" where rest.first == "}":
        literal.append(character)
        rest.removeFirst()
      case "{":
        guard let end = rest.firstIndex(of: "}") else { return nil }
        let name = rest[..<end]
        guard !name.isEmpty, name.utf8.allSatisfy(Self.mayStandInName) else { return nil }
        if !literal.isEmpty { parts.append(.text(literal)) }
        literal = ""
        parts.append(.name(String(name)))
        rest = rest[rest.index(after: end)...]
      case "}": return nil
      default: literal.append(character)
      }
    }
    if !literal.isEmpty { parts.append(.text(literal)) }
    self.parts = parts
  }

  /// The names in it, in order.
  public var names: [String] {
    parts.compactMap { if case .name(let name) = $0 { name } else { nil } }
  }

  /// Fills the places.
  ///
  /// - Parameter value: gives what a name stands for; nil when there is no such value.
  /// - Returns: nil when a value is missing.
  public func filled(_ value: (String) -> String?) -> String? {
    var text = ""
    for part in parts {
      switch part {
      case .text(let literal): text += literal
      case .name(let name):
        guard let found = value(name) else { return nil }
        text += found
      }
    }
    return text
  }

  private static func mayStandInName(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"):
      true
    default: false
    }
  }
}
