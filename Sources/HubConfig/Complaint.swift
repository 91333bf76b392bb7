public import HubRouting

/// One thing in the configuration that is wrong or looks wrong: where, what, and what to do.
public struct Complaint: Sendable, Hashable, Codable {
  /// How bad it is.
  public enum Severity: String, Sendable, Hashable, Codable {
    /// The hub does not start.
    case error
    /// The hub starts; someone should look.
    case warning
  }

  /// How bad it is.
  public var severity: Severity
  /// Path of the file, relative to the configuration folder.
  public var file: String
  /// Line, from 1.
  public var line: Int
  /// Column in Unicode scalars, from 1.
  public var column: Int
  /// Stable word for machines, as in `unknown-key`.
  public var code: String
  /// What is wrong and what would be right, in English.
  public var message: String
  /// The same in Vietnamese.
  public var vi: String
  /// The nearest right word, when there is one.
  public var suggestion: String?

  /// Creates a complaint.
  public init(
    severity: Severity, file: String, line: Int = 1, column: Int = 1, code: String, message: String, vi: String,
    suggestion: String? = nil
  ) {
    self.severity = severity
    self.file = file
    self.line = line
    self.column = column
    self.code = code
    self.message = message
    self.vi = vi
    self.suggestion = suggestion
  }

  /// The place as one value.
  public var place: SourcePlace { SourcePlace(file: file, line: line, column: column) }
}

extension Complaint: CustomStringConvertible {
  /// One line for a person: `hub.yaml:3:5: error: ...`.
  public var description: String { "\(place): \(severity.rawValue): \(message) [\(code)]" }
}

extension Complaint: Comparable {
  /// Orders by place, then errors before warnings.
  public static func < (left: Complaint, right: Complaint) -> Bool {
    (left.place, left.severity.rawValue, left.code) < (right.place, right.severity.rawValue, right.code)
  }
}

/// The configuration cannot be used; at least one complaint is an error.
public struct ConfigurationError: Error, Hashable, CustomStringConvertible {
  /// All that was found, in order of place.
  public var complaints: [Complaint]

  /// Creates the error.
  public init(_ complaints: [Complaint]) {
    self.complaints = complaints.sorted()
  }

  /// One line for each complaint.
  public var description: String { complaints.map(\.description).joined(separator: "\n") }
}

/// What is said about a mistake, in both languages.
struct Phrase {
  var code: String
  var en: String
  var vi: String
  var suggestion: String?

  init(_ code: String, en: String, vi: String, suggestion: String? = nil) {
    self.code = code
    self.en = en + (suggestion.map { " Did you mean `\($0)`?" } ?? "")
    self.vi = vi + (suggestion.map { " Có phải ý bạn là `\($0)`?" } ?? "")
    self.suggestion = suggestion
  }
}

/// Gathers complaints while a configuration is read.
struct Complaints {
  private(set) var list: [Complaint] = []

  var hasErrors: Bool { list.contains { $0.severity == .error } }

  mutating func error(_ phrase: Phrase, at place: SourcePlace) {
    add(phrase, .error, place)
  }

  mutating func warning(_ phrase: Phrase, at place: SourcePlace) {
    add(phrase, .warning, place)
  }

  mutating func append(_ more: [Complaint]) {
    list += more
  }

  private mutating func add(_ phrase: Phrase, _ severity: Complaint.Severity, _ place: SourcePlace) {
    let complaint = Complaint(
      severity: severity, file: place.file, line: place.line, column: place.column, code: phrase.code,
      message: phrase.en, vi: phrase.vi, suggestion: phrase.suggestion)
    // What is read twice (an anchor and its aliases) is told once.
    if list.last != complaint { list.append(complaint) }
  }
}
