/// What is configured of one endpoint: its connector's settings as they are declared, with the values in force.
public struct EndpointSheet: Sendable, Hashable {
  /// One setting.
  public struct Setting: Sendable, Hashable {
    /// Its name in the file.
    public var name: String
    /// What values it takes, in words.
    public var kind: String
    /// What it does, in a sentence.
    public var help: String
    /// Whether it must be given.
    public var isRequired: Bool
    /// Its value when it is left out; nil: none.
    public var standard: String?
    /// A value that makes sense.
    public var example: String
    /// The value in force; nil: none. Of a secret never more than that it is there.
    public var value: Value?

    /// Creates a row.
    public init(
      name: String, kind: String, help: String, isRequired: Bool, standard: String?, example: String, value: Value?
    ) {
      self.name = name
      self.kind = kind
      self.help = help
      self.isRequired = isRequired
      self.standard = standard
      self.example = example
      self.value = value
    }
  }

  /// A value as far as it may be shown.
  public enum Value: Sendable, Hashable {
    /// As it would stand in the file.
    case plain(String)
    /// A secret that is there.
    case hidden
  }

  /// Name of the endpoint.
  public var endpoint: String
  /// Name of its connector.
  public var connector: String
  /// The connector's version.
  public var version: String
  /// The far system, in a sentence.
  public var summary: String
  /// Its settings, in the order of their declaration.
  public var settings: [Setting]

  /// Creates a sheet.
  public init(endpoint: String, connector: String, version: String, summary: String, settings: [Setting]) {
    self.endpoint = endpoint
    self.connector = connector
    self.version = version
    self.summary = summary
    self.settings = settings
  }
}
