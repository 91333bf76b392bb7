/// One setting of a connector: declared once, it drives checks, JSON Schema, documentation, redaction and forms.
public struct Setting: Sendable, Hashable {
  /// What values a setting takes.
  public enum Kind: Sendable, Hashable {
    /// Any text.
    case text
    /// A whole number within bounds.
    case integer(ClosedRange<Int>)
    /// `true` or `false`.
    case flag
    /// A duration such as `250ms`, `30s`, `5m`, `2h`, `35d`.
    case duration
    /// An absolute URL of `http`, `https`, or for files `sftp` or `ftps`.
    case url
    /// A reference to a secret: `file:<path>` or `env:<NAME>`; never the secret itself.
    case secret
    /// One of a few words.
    case choice([String])
    /// A list of texts.
    case list
    /// Texts by name.
    case map
  }

  /// Name in the configuration, in lowerCamelCase.
  public var name: String
  /// What values it takes.
  public var kind: Kind
  /// Value when it is left out; nil for one that must be given or may be absent.
  public var defaultValue: SettingValue?
  /// Whether leaving it out is an error.
  public var required: Bool
  /// A value that makes sense.
  public var example: String
  /// What it does, in a sentence.
  public var help: String

  /// Declares a setting.
  public init(
    _ name: String, _ kind: Kind, default defaultValue: SettingValue? = nil, required: Bool = false,
    example: String, help: String
  ) {
    self.name = name
    self.kind = kind
    self.defaultValue = defaultValue
    self.required = required
    self.example = example
    self.help = help
  }
}

/// A value of a setting, checked against its kind.
public enum SettingValue: Sendable, Hashable {
  /// A text, a URL or a choice.
  case text(String)
  /// A whole number.
  case integer(Int)
  /// A flag.
  case flag(Bool)
  /// A duration.
  case duration(Duration)
  /// A secret, resolved when the hub runs, unresolved while it only checks.
  case secret(Secret)
  /// A list of texts.
  case list([String])
  /// Texts by name.
  case map([String: String])
}

/// The checked settings of one endpoint or mock.
public struct SettingValues: Sendable, Hashable {
  private let values: [String: SettingValue]

  /// Takes checked values; those left out are filled from the declarations' defaults.
  public init(_ values: [String: SettingValue], declared: [Setting] = []) {
    var all = values
    for setting in declared where all[setting.name] == nil { all[setting.name] = setting.defaultValue }
    self.values = all
  }

  /// The same with another value for one setting.
  public func with(_ name: String, _ value: SettingValue) -> SettingValues {
    SettingValues(values.merging([name: value], uniquingKeysWith: { $1 }))
  }

  /// The value itself; nil: there is none.
  public subscript(name: String) -> SettingValue? { values[name] }

  /// A text, URL or choice.
  public func text(_ name: String) -> String? {
    if case .text(let value)? = values[name] { value } else { nil }
  }

  /// A whole number.
  public func integer(_ name: String) -> Int? {
    if case .integer(let value)? = values[name] { value } else { nil }
  }

  /// A flag; false when absent.
  public func flag(_ name: String) -> Bool {
    if case .flag(let value)? = values[name] { value } else { false }
  }

  /// A duration.
  public func duration(_ name: String) -> Duration? {
    if case .duration(let value)? = values[name] { value } else { nil }
  }

  /// A secret.
  public func secret(_ name: String) -> Secret? {
    if case .secret(let value)? = values[name] { value } else { nil }
  }

  /// A list; empty when absent.
  public func list(_ name: String) -> [String] {
    if case .list(let value)? = values[name] { value } else { [] }
  }

  /// A map; empty when absent.
  public func map(_ name: String) -> [String: String] {
    if case .map(let value)? = values[name] { value } else { [:] }
  }
}

/// Settings that cannot work together.
public struct SettingError: Error, Hashable {
  /// Which setting.
  public var name: String
  /// What is wrong and what to do.
  public var message: String

  /// Creates an error.
  public init(_ name: String, _ message: String) {
    self.name = name
    self.message = message
  }
}

/// A secret value that does not print itself.
public struct Secret: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// Where it comes from, as in `file:/etc/lgsp/axis.key`.
  public let reference: String
  private let value: String?

  /// Creates a secret; `value` is nil while a configuration is only checked.
  public init(reference: String, value: String?) {
    self.reference = reference
    self.value = value
  }

  /// The secret itself, for the one place that needs it; nil while a configuration is only checked.
  public func reveal() -> String? { value }

  /// The reference, never the value.
  public var description: String { reference }
  /// The reference, never the value.
  public var debugDescription: String { reference }
  /// The reference alone, so that `dump` and whatever else looks inside finds no value.
  public var customMirror: Mirror { Mirror(self, children: ["reference": reference]) }
}
