public import HubKit

/// Writes an element tree in UTF-8, on one line, children in the order in which they stand.
public enum XMLWriter {
  /// Bound to the prefix `xml` in every document (Namespaces in XML 1.0 section 3).
  private static let xmlNamespace = "http://www.w3.org/XML/1998/namespace"

  /// Writes a document.
  ///
  /// - Parameters:
  ///   - root: the tree; prefixes in its names are not looked at.
  ///   - prefixes: the prefix of each namespace that occurs, declared on the root in this order. One of them may be the
  ///     empty prefix; then no name may be without a namespace.
  /// - Throws: ``InvalidMessage`` when a namespace has no prefix, or a name or character cannot stand in XML.
  public static func document(
    _ root: XMLElement, prefixes: [(prefix: String, namespace: String)]
  ) throws(InvalidMessage) -> [UInt8] {
    var out = Array("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".utf8)
    let scope = Dictionary(prefixes.map { ($0.namespace, $0.prefix) }) { first, _ in first }
    var declarations = ""
    for (prefix, namespace) in prefixes {
      declarations += prefix.isEmpty ? " xmlns=\"" : " xmlns:\(prefix)=\""
      declarations += XMLEscaping.escaped(namespace) + "\""
    }
    try write(root, scope: scope, declarations: declarations, to: &out)
    out.append(UInt8(ascii: "\n"))
    return out
  }

  private static func write(
    _ element: XMLElement, scope: [String: String], declarations: String = "", to out: inout [UInt8]
  ) throws(InvalidMessage) {
    let name = try tag(element.name, scope: scope, isAttribute: false)
    out.append(contentsOf: "<\(name)\(declarations)".utf8)
    for attribute in element.attributes {
      out.append(contentsOf: " \(try tag(attribute.name, scope: scope, isAttribute: true))=\"".utf8)
      try XMLEscaping.append(attribute.value, inAttribute: true, to: &out)
      out.append(UInt8(ascii: "\""))
    }
    if element.children.isEmpty, element.rawText.isEmpty {
      out.append(contentsOf: "/>".utf8)
      return
    }
    out.append(UInt8(ascii: ">"))
    try XMLEscaping.append(element.rawText, inAttribute: false, to: &out)
    for child in element.children { try write(child, scope: scope, to: &out) }
    out.append(contentsOf: "</\(name)>".utf8)
  }

  private static func tag(
    _ name: XMLName, scope: [String: String], isAttribute: Bool
  ) throws(InvalidMessage) -> String {
    guard isGood(name.local) else {
      throw InvalidMessage(rule: "xml-name", "an element or attribute has a name that XML does not allow")
    }
    if name.namespace.isEmpty {
      guard isAttribute || !scope.values.contains("") else {
        throw InvalidMessage(rule: "xml-namespace", "a name without a namespace stands where every name has one")
      }
      return name.local
    }
    if isAttribute, name.namespace == xmlNamespace { return "xml:\(name.local)" }
    guard let prefix = scope[name.namespace], !(isAttribute && prefix.isEmpty) else {
      throw InvalidMessage(rule: "xml-namespace", "the namespace \(name.namespace.prefix(128)) has no prefix")
    }
    return prefix.isEmpty ? name.local : "\(prefix):\(name.local)"
  }

  private static func isGood(_ name: String) -> Bool {
    !name.isEmpty
      && name.unicodeScalars.enumerated().allSatisfy { index, scalar in
        scalar.properties.isAlphabetic || scalar == "_"
          || (index > 0 && (scalar.properties.numericType != nil || scalar == "-" || scalar == "."))
      }
  }
}
