public import HubKit

/// A JSON document whose values are looked up by their place.
public struct JSONPlaces: Sendable {
  private let tree: JSONTree

  /// Reads JSON text.
  ///
  /// - Throws: ``InvalidMessage`` when it is none.
  public init(_ json: [UInt8]) throws(InvalidMessage) {
    tree = try JSONTree(json)
  }

  /// The JSON text at a place; nil: there is nothing.
  public func text(at path: JSONPath) -> String? {
    var value: JSONTree? = tree
    for step in path.steps {
      switch step {
      case .member(let name): value = value?[name]
      case .item(let index): value = value.flatMap { $0.items.indices.contains(index) ? $0.items[index] : nil }
      }
    }
    return value.map { String(decoding: $0.json, as: UTF8.self) }
  }
}
