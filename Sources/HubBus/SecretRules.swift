public import HubKit

/// What is said about marks of state secrets: none passes, save what a person has named as a false alarm.
public struct SecretRules: Sendable, Hashable {
  /// A false alarm that a person has named.
  public struct Allowance: Sendable, Hashable {
    /// What is not taken for a mark.
    public enum What: Sendable, Hashable {
      /// Marks in a text that holds this phrase.
      case phrase(String)
      /// All marks of the document with this id.
      case document(String)
      /// All marks of the document with this number and notation.
      case notation(String)
    }

    /// What is not taken for a mark.
    public var what: What
    /// Why.
    public var why: String
    /// Since when it counts no more; nil: it has no end.
    public var until: Timestamp?

    /// Creates an allowance.
    public init(_ what: What, why: String, until: Timestamp? = nil) {
      self.what = what
      self.why = why
      self.until = until
    }
  }

  /// The false alarms.
  public var allowances: [Allowance]

  /// Takes the false alarms.
  public init(allowances: [Allowance] = []) {
    self.allowances = allowances
  }

  /// Judges marks.
  ///
  /// - Parameter now: decides which allowances have ended.
  /// - Returns: the first that counts, and a note for each allowance that was used.
  func judge(
    _ marks: [SecretMark], of examination: Examination, at now: Timestamp
  ) -> (mark: SecretMark?, notes: [Violation]) {
    var notes: [Violation] = []
    for mark in marks {
      guard let allowance = allowances.first(where: { $0.covers(mark, of: examination, at: now) }) else {
        return (mark, notes)
      }
      notes.append(
        Violation(rule: "secret-allowed", message: "\(mark.degree): allowed, \(allowance.why)", path: mark.place))
    }
    return (nil, notes)
  }
}

extension SecretRules.Allowance {
  func covers(_ mark: SecretMark, of examination: Examination, at now: Timestamp) -> Bool {
    if let until, now >= until { return false }
    func isKey(_ name: String, _ value: String) -> Bool {
      examination.businessKeys.contains { $0.name == name && $0.value == value }
    }
    return switch what {
    case .phrase(let phrase): SecretRules.folded(mark.text).contains(SecretRules.folded(phrase))
    case .document(let id): examination.subject == id || isKey("document", id)
    case .notation(let notation): isKey("notation", notation)
    }
  }
}

extension SecretRules {
  /// A text in which case and white space make no difference. Strings compare by their letters, however composed.
  fileprivate static func folded(_ text: String) -> String {
    text.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }
}
