/// A name as it was written (prefix) and as it is meant (namespace).
public struct XMLName: Sendable, Hashable {
  /// Local part.
  public var local: String
  /// Namespace URI; empty for none.
  public var namespace: String
  /// Prefix as written; empty for none. Two names that differ only here mean the same.
  public var prefix: String

  /// Creates a name.
  public init(_ local: String, namespace: String = "", prefix: String = "") {
    self.local = local
    self.namespace = namespace
    self.prefix = prefix
  }

  /// Length as written, in bytes, without the colon.
  public var byteCount: Int { prefix.utf8.count + local.utf8.count }

  /// Whether it means this, whatever the prefix.
  public func means(_ local: String, in namespace: String) -> Bool {
    self.local == local && self.namespace == namespace
  }
}

/// One attribute. Namespace declarations are not attributes here.
public struct XMLAttribute: Sendable, Hashable {
  /// Its name; an attribute without a prefix has no namespace.
  public var name: XMLName
  /// Its value, references resolved.
  public var value: String

  /// Creates an attribute.
  public init(_ name: XMLName, _ value: String) {
    self.name = name
    self.value = value
  }
}
