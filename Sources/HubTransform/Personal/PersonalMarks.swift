public import HubKit

/// Finds the marked places of a document.
public struct PersonalMarks: Sendable {
  /// A value at a marked place.
  public struct Value: Sendable, Hashable {
    /// JSON Pointer.
    public var place: String
    /// The text of a string, the digits of a number.
    public var text: String
    /// Whether the schema lists what can stand there.
    public var isChoice: Bool
  }

  private let patterns: [(steps: [String], place: PersonalPlace)]

  /// Takes the places.
  public init(_ places: [PersonalPlace]) {
    patterns = places.map { place in
      let steps = place.path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map {
        String($0).replacing("~1", with: "/").replacing("~0", with: "~")
      }
      return (steps, place)
    }
  }

  /// The mark of a place; nil: it has none.
  func mark(at path: [String]) -> PersonalPlace? {
    patterns.first { Self.matches($0.steps[...], path[...]) }?.place
  }

  /// Texts and numbers at marked places, with all below them.
  ///
  /// - Throws: ``InvalidMessage`` when it is not JSON.
  public func values(inJSON json: [UInt8]) throws(InvalidMessage) -> [Value] {
    var values: [Value] = []
    collect(try JSONTree(json), at: [], nil, &values)
    return values
  }

  private func collect(_ value: JSONTree, at path: [String], _ mark: PersonalPlace?, _ values: inout [Value]) {
    let mark = mark ?? self.mark(at: path)
    switch value {
    case .null, .bool: break
    case .number(let text), .string(let text):
      guard let mark, !text.isEmpty else { return }
      let place = path.map { "/" + pointerStep($0) }.joined()
      values.append(Value(place: place, text: text, isChoice: mark.choices.contains(text)))
    case .array(let items):
      for (index, item) in items.enumerated() { collect(item, at: path + [String(index)], mark, &values) }
    case .object(let members):
      for member in members { collect(member.value, at: path + [member.name], mark, &values) }
    }
  }

  private static func matches(_ pattern: ArraySlice<String>, _ path: ArraySlice<String>) -> Bool {
    guard let step = pattern.first else { return path.isEmpty }
    if step == "**" {
      return matches(pattern.dropFirst(), path) || (!path.isEmpty && matches(pattern, path.dropFirst()))
    }
    guard let here = path.first, step == "*" || step == here else { return false }
    return matches(pattern.dropFirst(), path.dropFirst())
  }
}
