public import HubKit

/// How large an XML document may be in memory. Entities are never expanded, so these bound all that a sender can cause.
public struct XMLLimits: Sendable, Hashable {
  /// Deepest nesting of elements.
  public var depthMax: Int
  /// Names, attributes and text together, in bytes.
  public var textBytesMax: Int
  /// Most attributes of one element.
  public var attributesMax: Int
  /// Longest name, in bytes.
  public var nameBytesMax: Int

  /// Creates limits.
  public init(
    depthMax: Int = 64, textBytesMax: Int = 1 << 20, attributesMax: Int = 64, nameBytesMax: Int = 256
  ) {
    self.depthMax = depthMax
    self.textBytesMax = textBytesMax
    self.attributesMax = attributesMax
    self.nameBytesMax = nameBytesMax
  }
}

/// Counts what a listener keeps and complains at the limit.
public struct XMLGauge {
  private let limits: XMLLimits
  private let counted: String
  private var textBytes = 0
  /// What an element costs besides its names and text: a million empty ones must be no way round the limit.
  private static let elementBytes = 16

  /// Creates a gauge that stands at zero.
  ///
  /// - Parameter counted: what is counted, for the complaint.
  public init(limits: XMLLimits, counted: String = "names and text") {
    self.limits = limits
    self.counted = counted
  }

  /// Takes a start tag.
  ///
  /// - Parameters:
  ///   - depth: how many elements are open around it.
  ///   - path: where it stands, for the complaint.
  /// - Throws: ``InvalidMessage`` when a limit is passed.
  public mutating func enter(
    _ element: XMLStart, depth: Int, at place: XMLPlace, path: @autoclosure () -> String? = nil
  ) throws(InvalidMessage) {
    guard depth < limits.depthMax else {
      throw place.complaint("xml-depth", "elements are nested deeper than the \(limits.depthMax) levels allowed")
    }
    guard element.attributes.count <= limits.attributesMax else {
      throw place.complaint(
        "xml-attributes", "an element has more than the \(limits.attributesMax) attributes allowed", path: path())
    }
    var size = Self.elementBytes + element.name.byteCount
    var longest = element.name.byteCount
    for attribute in element.attributes {
      longest = max(longest, attribute.name.byteCount)
      size += attribute.name.byteCount + attribute.value.utf8.count
    }
    guard longest <= limits.nameBytesMax else {
      throw place.complaint("xml-name", "a name is longer than the \(limits.nameBytesMax) bytes allowed")
    }
    try charge(size, at: place, path: path())
  }

  /// Takes text.
  ///
  /// - Throws: ``InvalidMessage`` when the limit is passed.
  public mutating func charge(
    _ byteCount: Int, at place: XMLPlace, path: @autoclosure () -> String? = nil
  ) throws(InvalidMessage) {
    textBytes += byteCount
    guard textBytes <= limits.textBytesMax else {
      throw place.complaint(
        "xml-text-too-long", "\(counted) are more than the \(limits.textBytesMax) bytes allowed", path: path())
    }
  }
}
