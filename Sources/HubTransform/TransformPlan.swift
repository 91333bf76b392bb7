/// A source text with the name of the file that it came from, so that complaints can name the place.
public struct ShapeSource: Sendable, Hashable {
  /// File name, as an author of configuration would say it.
  public var name: String
  /// The program, stylesheet or schema itself.
  public var text: String

  /// Creates a source.
  public init(name: String, text: String) {
    self.name = name
    self.text = text
  }

  /// Hashes the name and the length only: workers look sources up for every message, and texts are long.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(name)
    hasher.combine(text.utf8.count)
  }
}

/// A check of the message as it came.
public enum ValidationStep: Sendable, Hashable {
  /// JSON Schema draft 7, against the canonical document.
  case jsonSchema(ShapeSource)
  /// XML Schema 1.0, against the bytes of an XML body.
  case xsd(ShapeSource)
}

/// A change of shape. Each step works on what the step before it made.
public enum MapStep: Sendable, Hashable {
  /// A jq 1.6 program; it sees JSON and makes JSON.
  case jq(ShapeSource)
  /// An XSLT 1.0 stylesheet; it sees XML and makes what its `xsl:output` says.
  case xslt(ShapeSource)
}

/// Where a business key stands in a message.
public struct KeyRule: Sendable, Hashable {
  /// What kind of key it is, as in `document`.
  public var name: String
  /// A jq program over the message as it came. It yields a string or a number, an array of them, or null for no key.
  public var jq: ShapeSource
  /// True when the key names a person.
  public var personal: Bool

  /// Creates a rule.
  public init(name: String, jq: ShapeSource, personal: Bool = false) {
    self.name = name
    self.jq = jq
    self.personal = personal
  }
}

/// What a route does with one message, evaluated in one trip to a worker, in this order: ``when``, ``validate``,
/// ``keys``, ``map``, ``split``.
///
/// jq programs see the canonical document as `.`, the CloudEvents attributes as the object `$envelope`, the time of
/// receipt as `$now` (RFC 3339 text), and what was asked on the way as the object `$calls`. Stylesheets see the first
/// two as parameters: `now`, and `envelope-` with an
/// attribute's name, as in `<xsl:param name="envelope-sender"/>`. Nothing else is in reach: no clock, no environment,
/// no files, no network; so the same input always gives the same result.
public struct TransformPlan: Sendable, Hashable {
  /// Names the plan in complaints; usually the route.
  public var id: String
  /// Whether the route takes the message: a jq program whose one result is not `false` or `null`. In `when` and
  /// ``keys``, `.` is null for a body that is not JSON.
  public var when: ShapeSource?
  /// All of these are checked, also after one has failed.
  public var validate: [ValidationStep]
  /// What the message is made into; none: the body passes as it came.
  public var map: [MapStep]
  /// What the exchange can be found by.
  public var keys: [KeyRule]
  /// A jq program over the mapped message that gives an array: its items become messages of their own.
  public var split: ShapeSource?

  /// Creates a plan.
  public init(
    id: String, when: ShapeSource? = nil, validate: [ValidationStep] = [], map: [MapStep] = [], keys: [KeyRule] = [],
    split: ShapeSource? = nil
  ) {
    self.id = id
    self.when = when
    self.validate = validate
    self.map = map
    self.keys = keys
    self.split = split
  }

  /// Whether there is nothing to do, so that the message need not go to a worker at all.
  public var isEmpty: Bool { when == nil && validate.isEmpty && map.isEmpty && keys.isEmpty && split == nil }
}
