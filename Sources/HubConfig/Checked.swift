internal import HubKit
internal import HubRouting

/// A value that keeps to its declaration.
struct Checked {
  enum Value {
    case text(String)
    case integer(Int)
    case number(Double)
    case flag(Bool)
    case duration(Duration)
    /// In bytes.
    case size(Int)
    case secret(Secret)
    case list([Checked])
    case map([CheckedEntry])
    case object(CheckedObject)
    /// Settings of a connector, not checked yet.
    case settings(YamlNode)
  }

  var value: Value
  var place: SourcePlace
}

struct CheckedEntry {
  var key: String
  var place: SourcePlace
  var value: Checked
}

/// A group of keys that keeps to its declaration, with defaults filled in. The accessors are asked only for what is
/// declared; a test asks for every one, so that their last resort is never seen.
struct CheckedObject {
  var fields: [String: Checked]
  var place: SourcePlace

  subscript(name: String) -> Checked? { fields[name] }

  func text(_ name: String) -> String? {
    if case .text(let value)? = fields[name]?.value { value } else { nil }
  }

  func string(_ name: String) -> String { text(name) ?? "" }

  func code(_ name: String) -> OrganisationCode? { text(name).flatMap(OrganisationCode.init) }

  func integer(_ name: String) -> Int {
    if case .integer(let value)? = fields[name]?.value { value } else { 0 }
  }

  func number(_ name: String) -> Double {
    if case .number(let value)? = fields[name]?.value { value } else { 0 }
  }

  func flag(_ name: String) -> Bool {
    if case .flag(let value)? = fields[name]?.value { value } else { false }
  }

  func duration(_ name: String) -> Duration? {
    if case .duration(let value)? = fields[name]?.value { value } else { nil }
  }

  func span(_ name: String) -> Duration { duration(name) ?? .zero }

  func size(_ name: String) -> Int {
    if case .size(let value)? = fields[name]?.value { value } else { 0 }
  }

  func secret(_ name: String) -> Secret? {
    if case .secret(let value)? = fields[name]?.value { value } else { nil }
  }

  func items(_ name: String) -> [Checked] {
    fields[name]?.items ?? []
  }

  func texts(_ name: String) -> [String] { items(name).compactMap(\.text) }

  func objects(_ name: String) -> [CheckedObject] { items(name).compactMap(\.object) }

  func entries(_ name: String) -> [CheckedEntry] {
    if case .map(let entries)? = fields[name]?.value { entries } else { [] }
  }

  /// Texts by name.
  func textMap(_ name: String) -> [String: String] {
    Dictionary(
      entries(name).compactMap { entry in entry.value.text.map { (entry.key, $0) } }, uniquingKeysWith: { $1 })
  }

  func object(_ name: String) -> CheckedObject? { fields[name]?.object }

  func address(_ name: String) -> ListenAddress? { text(name).flatMap { ListenAddress($0) } }

  /// The place of a value; the group's own when it was left out.
  func place(_ name: String) -> SourcePlace { fields[name]?.place ?? place }
}

extension Checked {
  var items: [Checked] {
    if case .list(let items) = value { items } else { [] }
  }

  var text: String? {
    if case .text(let value) = value { value } else { nil }
  }

  var object: CheckedObject? {
    if case .object(let value) = value { value } else { nil }
  }
}
