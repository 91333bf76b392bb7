/// One way in which what a configuration makes is not what was recorded.
public struct Difference: Sendable, Hashable {
  /// What differs.
  public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
    /// The door refuses it, or does not any more.
    case refusal
    /// Another route takes it.
    case route
    /// It breaks other rules of schema and mapping.
    case violations
    /// A call that was not made before: there is no reply to it.
    case newCall = "new-call"
    /// A call that is not made any more.
    case missingCall = "missing-call"
    /// What is handed to a connector.
    case body
    /// What a connector puts on the wire, although it is handed the same.
    case request
    /// How a delivery ends.
    case delivery
    /// How the exchange ends.
    case end
    /// What whoever asked gets.
    case answer
  }

  /// What differs.
  public var kind: Kind
  /// The route of the message, or of one of its parts, as it was recorded.
  public var route: String
  /// Whom it concerns: an endpoint, a call; empty: all whom the route sends to.
  public var subject: String
  /// Where: a JSON pointer, `header:content-type`, `path` …; empty: as a whole.
  public var place: String

  /// What was there, and what is made now: texts for an example.
  public struct Example: Sendable, Hashable {
    /// What was recorded; nil: nothing.
    public var recorded: String?
    /// What is made; nil: nothing.
    public var made: String?
    /// Both as a whole, for a view side by side.
    public var whole: [String?]
  }
}

/// Differences of one exchange, each with its example.
struct Differences {
  private(set) var all: [(difference: Difference, example: Difference.Example)] = []

  var isEmpty: Bool { all.isEmpty }

  mutating func add(
    _ kind: Difference.Kind, route: String?, subject: String = "", place: String = "", _ recorded: String?,
    _ made: String?, whole: [String?] = []
  ) {
    let difference = Difference(kind: kind, route: route ?? "-", subject: subject, place: place)
    guard !all.contains(where: { $0.difference == difference }) else { return }
    all.append((difference, Difference.Example(recorded: recorded, made: made, whole: whole)))
  }

  mutating func remove(where condition: (Difference, Difference.Example) -> Bool) {
    all.removeAll { condition($0.difference, $0.example) }
  }
}
