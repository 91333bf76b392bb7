import HubKit

/// A place in a document that holds personal data.
public struct PersonalPlace: Sendable, Hashable {
  /// A pattern of JSON Pointers (RFC 6901): `*` stands for any one step (an item of an array, a member that only a
  /// pattern names), `**` for any number of steps (where a schema refers to itself). The empty pattern is the whole
  /// document.
  public var path: String
  /// The only values that there can be; empty: any.
  public var choices: [String]

  /// Names a place.
  public init(_ path: String, choices: [String] = []) {
    self.path = path
    self.choices = choices
  }
}

/// Where a JSON Schema marks personal data.
///
/// - Parameter text: a JSON Schema; a property is personal when its schema has `"x-personal-data": true`.
/// - Returns: the places, sorted, each once. Empty when nothing is marked or the text is not JSON.
public func personalPlaces(inSchema text: String) -> [PersonalPlace] {
  guard let schema = try? JSONTree(Array(text.utf8)) else { return [] }
  var walk = PersonalWalk(root: schema)
  walk.visit(schema, at: "", through: [])
  return walk.places
}

/// Walks through a schema as values would be checked against it.
private struct PersonalWalk {
  private let root: JSONTree
  private var found: [String: [String]] = [:]
  /// Places at which a schema comes back to one that encloses it, and where that one began.
  private var returns: [(from: String, to: String)] = []
  /// A schema may name others often; this bounds the walk.
  private var stepsLeft = 100_000

  init(root: JSONTree) {
    self.root = root
  }

  /// What was found, with everything below a return said once more for any depth.
  var places: [PersonalPlace] {
    var all = found
    for (from, to) in returns {
      for (pattern, choices) in found where pattern == to || pattern.hasPrefix(to + "/") {
        all["\(from)/**\(pattern.dropFirst(to.count))"] = choices
      }
    }
    return all.map { PersonalPlace($0.key, choices: $0.value) }.sorted { $0.path < $1.path }
  }

  mutating func visit(_ schema: JSONTree, at path: String, through references: [(name: String, path: String)]) {
    stepsLeft -= 1
    guard stepsLeft > 0, !schema.members.isEmpty else { return }
    if case .bool(true)? = schema["x-personal-data"] { found[path, default: []] += Self.choices(schema) }
    if let name = schema["$ref"]?.text { follow(name, at: path, through: references) }
    for word in ["allOf", "anyOf", "oneOf"] {
      for part in schema[word]?.items ?? [] { visit(part, at: path, through: references) }
    }
    for word in ["if", "then", "else", "not"] {
      if let part = schema[word] { visit(part, at: path, through: references) }
    }
    for part in schema["dependencies"]?.members ?? [] { visit(part.value, at: path, through: references) }
    visitChildren(schema, at: path, through: references)
  }

  /// What a schema, or that of its items, lists as possible.
  private static func choices(_ schema: JSONTree) -> [String] {
    ((schema["enum"] ?? schema["items"]?["enum"])?.items ?? []).compactMap(\.text)
  }

  private mutating func visitChildren(
    _ schema: JSONTree, at path: String, through references: [(name: String, path: String)]
  ) {
    for property in schema["properties"]?.members ?? [] {
      visit(property.value, at: "\(path)/\(pointerStep(property.name))", through: references)
    }
    for property in schema["patternProperties"]?.members ?? [] {
      visit(property.value, at: "\(path)/*", through: references)
    }
    for word in ["items", "additionalItems", "contains", "additionalProperties"] {
      guard let part = schema[word] else { continue }
      for each in part.items.isEmpty ? [part] : part.items { visit(each, at: "\(path)/*", through: references) }
    }
  }

  private mutating func follow(
    _ name: String, at path: String, through references: [(name: String, path: String)]
  ) {
    if name == "#" || references.contains(where: { $0.name == name }) {
      returns.append((path, references.first { $0.name == name }?.path ?? ""))
      return
    }
    guard let target = target(of: name) else { return }
    visit(target, at: path, through: references + [(name, path)])
  }

  /// The schema that a local reference names, by pointer or by `$id`.
  private func target(of name: String) -> JSONTree? {
    guard name.hasPrefix("#") else { return nil }
    var here = root
    for step in name.dropFirst().split(separator: "/") {
      let decoded = percentDecoded(String(step))
        .replacing("~1", with: "/").replacing("~0", with: "~")
      if let index = Int(decoded), here.items.indices.contains(index) {
        here = here.items[index]
      } else if let next = here[decoded] {
        here = next
      } else {
        return nil
      }
    }
    return here
  }
}

/// A fragment of a URI without its percent escapes.
private func percentDecoded(_ text: String) -> String {
  let parts = text.split(separator: "%", omittingEmptySubsequences: false)
  var bytes = Array(parts[0].utf8)
  for part in parts.dropFirst() {
    guard let byte = UInt8(part.prefix(2), radix: 16) else { return text }
    bytes.append(byte)
    bytes += Array(part.dropFirst(2).utf8)
  }
  return String(decoding: bytes, as: UTF8.self)
}
