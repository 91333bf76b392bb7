internal import XMLWire

/// A name as it was written (prefix) and as it is meant (namespace).
public struct EdXMLName: Sendable, Hashable {
  /// Prefix as written; empty for none. Two names that differ only here mean the same.
  public var prefix: String
  /// Local part.
  public var local: String
  /// Namespace URI; empty for none.
  public var namespace: String

  /// Creates a name; without a namespace it is one of QCVN 102:2016.
  public init(_ local: String, namespace: String = EdXMLStandard.namespace, prefix: String = "") {
    self.local = local
    self.namespace = namespace
    self.prefix = prefix
  }

  init(_ name: XMLName) { self.init(name.local, namespace: name.namespace, prefix: name.prefix) }
}

/// One attribute. Namespace declarations are not attributes here.
public struct EdXMLAttribute: Sendable, Hashable {
  /// Its name; an attribute without a prefix has no namespace.
  public var name: EdXMLName
  /// Its value, references resolved.
  public var value: String

  /// Creates an attribute.
  public init(name: EdXMLName, value: String) {
    self.name = name
    self.value = value
  }
}

/// What stands inside an element.
public enum EdXMLNode: Sendable, Hashable {
  /// A child element.
  case element(EdXMLElement)
  /// Text exactly as sent, CDATA and references resolved.
  case text(String)
}

/// An element with everything inside it, in order. White space between child elements and comments are not kept;
/// every other text is kept exactly, padding included.
public struct EdXMLElement: Sendable, Hashable {
  /// Its name.
  public var name: EdXMLName
  /// Attributes in order.
  public var attributes: [EdXMLAttribute]
  /// Child elements and text in order.
  public var content: [EdXMLNode]

  /// Creates an element from nodes.
  public init(_ name: EdXMLName, attributes: [EdXMLAttribute] = [], content: [EdXMLNode] = []) {
    self.name = name
    self.attributes = attributes
    self.content = content
  }

  /// An element of the standard's namespace that holds a text.
  public init(_ local: String, text: String) {
    self.init(EdXMLName(local), content: text.isEmpty ? [] : [.text(text)])
  }

  /// An element of the standard's namespace that holds child elements.
  public init(_ local: String, children: [EdXMLElement]) {
    self.init(EdXMLName(local), content: children.map(EdXMLNode.element))
  }
}

extension EdXMLElement {
  /// The child elements, in order.
  public var children: [EdXMLElement] {
    content.compactMap { if case .element(let child) = $0 { child } else { nil } }
  }

  /// All text directly inside, exactly as sent.
  public var rawText: String {
    var text = ""
    for case .text(let part) in content { text += part }
    return text
  }

  /// The text without the white space around it, which senders pad values with.
  public var text: String { rawText.trimmingWhiteSpace() }

  /// The first child with that local name, whatever its namespace: real senders mix prefixed and default names.
  public subscript(_ local: String) -> EdXMLElement? {
    for case .element(let child) in content where child.name.local == local { return child }
    return nil
  }

  /// All children with that local name, in order.
  public func all(_ local: String) -> [EdXMLElement] { children.filter { $0.name.local == local } }

  /// The element at a path of local names below this one.
  public func at(_ path: String...) -> EdXMLElement? {
    path.reduce(EdXMLElement?.some(self)) { element, local in element?[local] }
  }

  /// The trimmed text of a child; nil when the child is absent or blank.
  public func value(_ local: String) -> String? {
    guard let text = self[local]?.text, !text.isEmpty else { return nil }
    return text
  }

  /// The value of an attribute by local name.
  public func attribute(_ local: String) -> String? { attributes.first { $0.name.local == local }?.value }

  /// Replaces the first child of that local name, or appends one.
  public mutating func set(_ child: EdXMLElement) {
    for (index, node) in content.enumerated() {
      if case .element(let old) = node, old.name.local == child.name.local {
        content[index] = .element(child)
        return
      }
    }
    content.append(.element(child))
  }

  /// Changes the element at a path of local names, making what is missing on the way.
  public mutating func update(_ path: ArraySlice<String>, _ change: (inout EdXMLElement) -> Void) {
    guard let first = path.first else { return change(&self) }
    var child = self[first] ?? EdXMLElement(EdXMLName(first))
    child.update(path.dropFirst(), change)
    set(child)
  }
}
