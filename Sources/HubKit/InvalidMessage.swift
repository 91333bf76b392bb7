/// One thing that is wrong with a message: what, where, and what to do about it. It never quotes personal data.
public struct Violation: Sendable, Hashable, Codable {
  /// Stable word for machines, as in `json-syntax`, `schema`, `dtd-not-allowed`.
  public var rule: String
  /// What is wrong and what would be right, in a sentence.
  public var message: String
  /// Where in the document: a JSON Pointer (RFC 6901) or the path of element names.
  public var path: String?
  /// Line of the text, from 1.
  public var line: Int?
  /// Column of the line in characters, from 1.
  public var column: Int?

  /// Creates a violation.
  public init(rule: String, message: String, path: String? = nil, line: Int? = nil, column: Int? = nil) {
    self.rule = rule
    self.message = message
    self.path = path
    self.line = line
    self.column = column
  }
}

extension Violation: CustomStringConvertible {
  /// One line for a person, place first: `line 3, column 14: ...`.
  public var description: String {
    var places: [String] = []
    if let line { places.append("line \(line)") }
    if let column { places.append("column \(column)") }
    if let path, !path.isEmpty { places.append(path) }
    return places.isEmpty ? message : "\(places.joined(separator: ", ")): \(message)"
  }
}

/// The message itself is wrong: sending it again unchanged cannot help.
public struct InvalidMessage: Error, Hashable {
  /// Everything that was found, at least one.
  public var violations: [Violation]

  /// Creates the error from all that was found.
  public init(_ violations: [Violation]) {
    self.violations = violations
  }

  /// Creates the error from one violation.
  public init(
    rule: String, _ message: String, path: String? = nil, line: Int? = nil, column: Int? = nil
  ) {
    violations = [Violation(rule: rule, message: message, path: path, line: line, column: column)]
  }
}
