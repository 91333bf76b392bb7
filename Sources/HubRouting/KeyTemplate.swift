public import HubKit

/// How a key is put together from the envelope: `{sender}/{subject}`.
public struct KeyTemplate: Sendable, Hashable, CustomStringConvertible {
  /// One piece of the template.
  private enum Piece: Sendable, Hashable {
    case literal(String)
    case attribute(String)
  }

  /// The template as written.
  public let text: String
  private let pieces: [Piece]

  /// Reads a template.
  ///
  /// - Throws: ``KeyTemplateError`` for a brace without its other half, an empty name, a name that no CloudEvents
  ///   attribute can have, or a template that names no attribute (all messages would wait for one another).
  public init(_ text: String) throws(KeyTemplateError) {
    self.text = text
    pieces = try Self.pieces(of: text)
  }

  /// The template as written.
  public var description: String { text }

  /// Names of the attributes that the key needs, in order.
  public var attributes: [String] {
    pieces.compactMap { piece in
      if case .attribute(let name) = piece { name } else { nil }
    }
  }

  /// The key of an envelope.
  ///
  /// - Returns: nil when the envelope lacks one of the attributes: such a message keeps no order.
  public func key(for envelope: Envelope) -> String? {
    var key = ""
    for piece in pieces {
      switch piece {
      case .literal(let text): key += text
      case .attribute(let name):
        guard let value = envelope[name], !value.isEmpty else { return nil }
        key += value
      }
    }
    return key
  }

  private static func pieces(of text: String) throws(KeyTemplateError) -> [Piece] {
    var pieces: [Piece] = []
    var rest = Substring(text)
    while let open = rest.firstIndex(where: { $0 == "{" || $0 == "}" }) {
      guard rest[open] == "{" else { throw .unopenedBrace }
      if open > rest.startIndex { pieces.append(.literal(String(rest[..<open]))) }
      guard let close = rest[open...].firstIndex(of: "}") else { throw .unclosedBrace }
      let name = String(rest[rest.index(after: open)..<close])
      guard AttributeName.isValid(name) else { throw .badAttribute(name) }
      pieces.append(.attribute(name))
      rest = rest[rest.index(after: close)...]
    }
    if !rest.isEmpty { pieces.append(.literal(String(rest))) }
    guard pieces.contains(where: { if case .attribute = $0 { true } else { false } }) else { throw .noAttribute }
    return pieces
  }
}

/// Why a text is no key template.
public enum KeyTemplateError: Error, Hashable {
  /// A `}` without a `{` before it.
  case unopenedBrace
  /// A `{` without a `}` after it.
  case unclosedBrace
  /// What stands between braces is not the name of an attribute.
  case badAttribute(String)
  /// Nothing stands between braces at all.
  case noAttribute
}

/// Names of envelope attributes.
public enum AttributeName {
  /// Names that the hub itself reads or writes; others are allowed, and carry what the sender likes.
  public static let known: [String] = [
    "id", "source", "type", "subject", "time", "datacontenttype", "dataschema", "specversion",
    ExtensionName.sender, ExtensionName.receiver, ExtensionName.service, ExtensionName.orderingKey,
    ExtensionName.purpose, ExtensionName.official, ExtensionName.expiry, ExtensionName.classification,
    ExtensionName.traceParent, ExtensionName.traceState,
  ]

  /// Whether a text can name an attribute: lower-case letters and digits (CloudEvents 1.0.2 section 3.1, "Attribute
  /// naming convention").
  public static func isValid(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.count <= 64
      && name.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) }
  }
}
