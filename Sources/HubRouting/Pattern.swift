/// A text in which `*` stands for any run of characters, also none: `vn.gov.edoc.*`, `H24.*`, `*`.
public struct Pattern: Sendable, Hashable, CustomStringConvertible {
  /// The pattern as written.
  public let text: String
  private let bytes: [UInt8]
  /// What stands before the first `*`: all of the pattern when it has none.
  let literalPrefix: [UInt8]
  /// True when the pattern has no `*` and so matches one text only.
  public let isLiteral: Bool

  /// Takes a pattern; every text is one.
  public init(_ text: String) {
    self.text = text
    bytes = Array(text.utf8)
    literalPrefix = Array(bytes.prefix { $0 != star })
    isLiteral = literalPrefix.count == bytes.count
  }

  /// The pattern as written.
  public var description: String { text }

  /// Whether the whole of `value` fits; upper and lower case differ.
  public func matches(_ value: String) -> Bool {
    if isLiteral { return text == value }
    var value = value
    return value.withUTF8(fits)
  }

  /// Whether every text that fits `other` fits this pattern too.
  ///
  /// A `*` of `other` is read as a character that no literal equals: only a `*` of ours can take it in.
  public func covers(_ other: Pattern) -> Bool {
    if other.isLiteral { return matches(other.text) }
    return !isLiteral && other.bytes.withUnsafeBufferPointer(fits)
  }

  /// Greedy match with one point of return, the last `*`: time is at most the product of both lengths.
  private func fits(_ value: UnsafeBufferPointer<UInt8>) -> Bool {
    var position = 0
    var pattern = 0
    var retry: (pattern: Int, position: Int)?
    while position < value.count {
      if pattern < bytes.count, bytes[pattern] == star {
        retry = (pattern + 1, position)
        pattern += 1
      } else if pattern < bytes.count, bytes[pattern] == value[position] {
        pattern += 1
        position += 1
      } else if let last = retry {
        retry = (last.pattern, last.position + 1)
        pattern = last.pattern
        position = last.position + 1
      } else {
        return false
      }
    }
    return bytes[pattern...].allSatisfy { $0 == star }
  }
}

private let star = UInt8(ascii: "*")
