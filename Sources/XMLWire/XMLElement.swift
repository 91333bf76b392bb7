/// An element of a document that carries data: child elements in order, and text. Where text and elements are mixed,
/// their order among each other is not kept.
public struct XMLElement: Sendable, Hashable {
  /// Its name.
  public var name: XMLName
  /// Attributes in order.
  public var attributes: [XMLAttribute]
  /// Child elements in order.
  public var children: [XMLElement]
  /// All text directly inside, exactly as sent; CDATA and references resolved.
  public var rawText: String

  /// Creates an element.
  public init(_ name: XMLName, attributes: [XMLAttribute] = [], children: [XMLElement] = [], text: String = "") {
    self.name = name
    self.attributes = attributes
    self.children = children
    rawText = text
  }

  /// The text without the white space around it, which senders pad values with.
  public var text: String { rawText.trimmingWhiteSpace() }

  /// The first child with that local name, whatever its namespace.
  public subscript(_ local: String) -> XMLElement? { children.first { $0.name.local == local } }

  /// The element at a path of local names below this one.
  public func at(_ path: String...) -> XMLElement? {
    path.reduce(XMLElement?.some(self)) { element, local in element?[local] }
  }

  /// The trimmed text of a child; nil when the child is absent or blank.
  public func value(_ local: String) -> String? {
    guard let text = self[local]?.text, !text.isEmpty else { return nil }
    return text
  }

  /// The value of an attribute by local name, whatever its namespace.
  public func attribute(_ local: String) -> String? { attributes.first { $0.name.local == local }?.value }

  /// This element and all below it for which a condition holds, in the order of the document.
  public func all(where matches: (XMLElement) -> Bool) -> [XMLElement] {
    (matches(self) ? [self] : []) + children.flatMap { $0.all(where: matches) }
  }
}

extension String {
  /// Without XML white space at both ends (XML 1.0 section 2.3).
  public func trimmingWhiteSpace() -> String {
    let isWhite: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\n" || $0 == "\r" || $0 == "\r\n" }
    guard let first = firstIndex(where: { !isWhite($0) }), let last = lastIndex(where: { !isWhite($0) }) else {
      return ""
    }
    return String(self[first...last])
  }

  /// Whether all of it is XML white space.
  public var isWhiteSpace: Bool { utf8.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D } }
}
