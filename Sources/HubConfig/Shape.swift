/// One key of the configuration. The declarations are the only place where keys, types, ranges, defaults and meanings
/// stand: reading, the JSON Schema and the documentation all come from them.
struct Declaration: Sendable {
  /// The key, in lowerCamelCase.
  var name: String
  /// What values it takes.
  var shape: Shape
  /// Whether leaving it out is an error.
  var required: Bool
  /// What holds when it is left out, written as it would stand in the file; nil: nothing.
  var defaultText: String?
  /// A value that makes sense.
  var example: String
  /// What it does, in English.
  var help: String
  /// What it does, in Vietnamese.
  var vi: String

  init(
    _ name: String, _ shape: Shape, required: Bool = false, default defaultText: String? = nil, example: String = "",
    help: String, vi: String
  ) {
    self.name = name
    self.shape = shape
    self.required = required
    self.defaultText = defaultText
    self.example = example.isEmpty ? defaultText ?? "" : example
    self.help = help
    self.vi = vi
  }
}

/// What values a key takes.
indirect enum Shape: Sendable {
  /// One value in one of the forms below.
  case text(TextForm)
  case integer(ClosedRange<Int>)
  case number(ClosedRange<Double>)
  case flag
  /// `250ms`, `30s`, `5m`, `2h`, `35d`.
  case duration(ClosedRange<Duration>)
  /// `512B`, `32KiB`, `256MiB`, `10GiB`; in bytes.
  case size(ClosedRange<Int>)
  case choice([String])
  /// One of the words, or a single value that begins with a digit.
  case wordOr([String], Shape)
  /// `file:<path>`, `env:<NAME>` or `credential:<name>`.
  case secret
  /// A list with at least so many items.
  case list(Shape, min: Int)
  /// A list; a single item need not stand in brackets.
  case oneOrMany(Shape)
  /// Any keys of one form, all with values of one shape.
  case map(TextForm, Shape)
  case object(ObjectShape)
  /// The first for a single value, the second for a list or a map.
  case either(Shape, Shape)
  /// Settings whose declarations the connector named beside them holds; checked apart.
  case settings
}

/// A group of keys.
struct ObjectShape: Sendable {
  /// Its name in the JSON Schema and in complaints, as in `endpoint`.
  var name: String
  /// Its keys, in the order in which people should write them.
  var fields: [Declaration]
  /// When not empty: exactly one of these keys must be there.
  var exactlyOneOf: [String]
  /// Keys whose absence gets a complaint of its own elsewhere.
  var checkedElsewhere: Set<String>

  init(
    _ name: String, _ fields: [Declaration], exactlyOneOf: [String] = [], checkedElsewhere: Set<String> = []
  ) {
    self.name = name
    self.fields = fields
    self.exactlyOneOf = exactlyOneOf
    self.checkedElsewhere = checkedElsewhere
  }

  subscript(name: String) -> Declaration? { fields.first { $0.name == name } }
}

/// The forms that a text takes.
enum TextForm: Sendable, Hashable, CaseIterable {
  /// Anything but nothing.
  case any
  /// Lower-case letters, digits and hyphens: names of routes, endpoints, keys.
  case name
  /// An endpoint, or an endpoint and one of its operations.
  case target
  /// An organisation code.
  case organisation
  /// An organisation code in which `*` stands for any run of characters.
  case organisationPattern
  /// Any text in which `*` stands for any run of characters.
  case pattern
  /// A path; relative ones start at the configuration folder.
  case path
  /// Name of a file in `mappings/` or `schemas/`.
  case fileName
  /// `host:port` to listen on.
  case address
  /// `host`, `host:port`, an IP address with or without port, a network such as `10.0.0.0/8`, or `*`.
  case allowed
  /// A day of the calendar.
  case day
  /// An absolute http or https URL; the path may hold placeholders in braces.
  case url
  /// The same, or sftp or ftps: where a far system is.
  case farURL
  /// A jq program.
  case jq
  /// `{sender}/{subject}`.
  case keyTemplate
  /// Text with names in braces, as in `/graves/{values.plot}`.
  case template
  /// Name of a setting, in lowerCamelCase.
  case setting
  /// `1.4.0`.
  case version
  /// Name of an envelope attribute.
  case attribute
  /// An RFC 3339 time.
  case time
  /// `sha256:<salt>:<hash>`, both in base64.
  case hash
}
