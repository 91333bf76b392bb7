public import HubKit

/// The JSON Schema (2020-12) of the whole configuration, for editors: one definition for each kind of file under
/// `$defs`, made from the declarations that also drive the check.
///
/// A YAML editor takes it by a first line such as `# yaml-language-server: $schema=../schema.json#/$defs/routes`.
///
/// - Parameter connectors: what is installed; the settings of endpoints depend on it.
/// - Returns: JSON text that ends with a line break; the same declarations give the same bytes.
public func configurationSchema(connectors: [ConnectorDescriptor]) -> String {
  var writer = SchemaWriter()
  let connectors = connectors.sorted { $0.name < $1.name }
  writer.add("hub", HubDeclarations.file)
  writer.addOneOrList("endpoints", of: "endpoint")
  writer.addOneOrList("routes", of: "route")
  writer.add("manifest", ManifestDeclarations.file)
  writer.add("mock", ScenarioDeclarations.file)
  writer.add("contract", ContractDeclarations.file)
  writer.add("mocks", EndpointDeclarations.mockFile)
  writer.add("agencies", AccessDeclarations.agencyFile)
  writer.add("access", AccessDeclarations.accessFile)
  writer.define(EndpointDeclarations.endpoint, settingsOf: connectors)
  writer.define(RouteDeclarations.route)
  for connector in connectors { writer.define(ObjectShape(settingsOf: connector)) }
  let root: JSONText = .object([
    ("$schema", .string("https://json-schema.org/draft/2020-12/schema")),
    ("title", .string("LGSP Hub configuration")),
    ("description", .string("Made by `lgsp schema` from the declarations in the program; do not edit.")),
    ("$defs", .object(writer.definitions)),
  ])
  return root.written() + "\n"
}

extension JSONText {
  fileprivate static func reference(_ name: String) -> JSONText {
    .object([("$ref", .string("#/$defs/\(name)"))])
  }

  fileprivate static func oneOrList(_ name: String) -> JSONText {
    .object([
      (
        "anyOf", .list([reference(name), .object([("type", .string("array")), ("items", reference(name))])])
      )
    ])
  }
}

/// Turns declarations into definitions.
private struct SchemaWriter {
  private(set) var definitions: [(key: String, value: JSONText)] = []
  private var known: Set<String> = []

  /// Defines what one kind of file holds.
  mutating func add(_ name: String, _ shape: ObjectShape) {
    let value = schema(of: .object(shape))
    definitions.append((name, value))
  }

  /// Defines a kind of file that holds one group, or a list of them.
  mutating func addOneOrList(_ name: String, of item: String) {
    definitions.append((name, .oneOrList(item)))
  }

  /// Defines a group of keys, and those inside it, once.
  mutating func define(_ shape: ObjectShape, settingsOf connectors: [ConnectorDescriptor] = []) {
    guard known.insert(shape.definitionName).inserted else { return }
    let position = definitions.count
    definitions.append((shape.definitionName, .flag(true)))
    var pairs = keys(of: shape)
    if !connectors.isEmpty {
      pairs.append(("allOf", .list(connectors.map(settingsRule))))
    }
    definitions[position].value = .object(pairs)
  }

  /// The schema of a shape; groups inside it are defined on the way.
  mutating func schema(of shape: Shape) -> JSONText {
    .object(pairs(of: shape))
  }

  private mutating func keys(of shape: ObjectShape) -> [(key: String, value: JSONText)] {
    var properties: [(key: String, value: JSONText)] = []
    for field in shape.fields {
      var pairs = pairs(of: field.shape)
      pairs.append(("description", .string("\(field.vi)\n\(field.help)")))
      if let text = field.defaultText { pairs.append(("default", defaultValue(text, of: field.shape))) }
      properties.append((field.name, .object(pairs)))
    }
    var result: [(key: String, value: JSONText)] = [
      ("type", .string("object")), ("additionalProperties", .flag(false)), ("properties", .object(properties)),
    ]
    let required = shape.fields.filter(\.required).map(\.name)
    if !required.isEmpty { result.append(("required", .strings(required))) }
    if !shape.exactlyOneOf.isEmpty {
      result.append(("oneOf", .list(shape.exactlyOneOf.map { .object([("required", .strings([$0]))]) })))
    }
    return result
  }

  /// When `connector` is this one, `settings` are its own.
  private func settingsRule(_ connector: ConnectorDescriptor) -> JSONText {
    let isIt: JSONText = .object([("const", .string(connector.name))])
    let settings = JSONText.reference(ObjectShape(settingsOf: connector).definitionName)
    var then: [(key: String, value: JSONText)] = [("properties", .object([("settings", settings)]))]
    if connector.settings.contains(where: \.required) { then.append(("required", .strings(["settings"]))) }
    return .object([
      ("if", .object([("properties", .object([("connector", isIt)])), ("required", .strings(["connector"]))])),
      ("then", .object(then)),
    ])
  }

  private func defaultValue(_ text: String, of shape: Shape) -> JSONText {
    switch shape {
    case .integer: Int(text.filter { $0 != "_" }).map(JSONText.integer) ?? .string(text)
    case .number: Double(text).map(JSONText.number) ?? .string(text)
    case .flag: .flag(text == "true")
    default: .string(text)
    }
  }

  private mutating func pairs(of shape: Shape) -> [(key: String, value: JSONText)] {
    switch shape {
    case .text(let form): return textPairs(form)
    case .integer(let range):
      return [
        ("type", .string("integer")), ("minimum", .integer(range.lowerBound)), ("maximum", .integer(range.upperBound)),
      ]
    case .number(let range):
      return [
        ("type", .string("number")), ("minimum", .number(range.lowerBound)), ("maximum", .number(range.upperBound)),
      ]
    case .flag: return [("type", .string("boolean"))]
    case .duration: return durationPairs
    case .size: return [("type", .string("string")), ("pattern", .string("^[0-9]+(B|KiB|MiB|GiB|TiB)$"))]
    case .choice(let words): return [("enum", .strings(words))]
    case .wordOr(let words, let other):
      return [("anyOf", .list([.object([("enum", .strings(words))]), schema(of: other)]))]
    case .secret: return [("type", .string("string")), ("pattern", .string("^(file|env|credential):.+"))]
    case .list(let item, let min):
      let items: [(key: String, value: JSONText)] = [("type", .string("array")), ("items", schema(of: item))]
      return min > 0 ? items + [("minItems", .integer(min))] : items
    case .oneOrMany(let item):
      let one = schema(of: item)
      let many: JSONText = .object([("type", .string("array")), ("items", one), ("minItems", .integer(1))])
      return [("anyOf", .list([one, many]))]
    case .map(let form, let item):
      var pairs: [(key: String, value: JSONText)] = [("type", .string("object"))]
      if let expression = form.expression {
        pairs.append(("propertyNames", .object([("pattern", .string(expression))])))
      }
      return pairs + [("additionalProperties", schema(of: item))]
    case .object(let shape):
      define(shape)
      return [("$ref", .string("#/$defs/\(shape.definitionName)"))]
    case .either(let scalar, let other): return [("anyOf", .list([schema(of: scalar), schema(of: other)]))]
    case .settings: return [("type", .string("object"))]
    }
  }

  private var durationPairs: [(key: String, value: JSONText)] {
    [("type", .string("string")), ("pattern", .string("^[0-9]+(ms|s|m|h|d)$"))]
  }

  private func textPairs(_ form: TextForm) -> [(key: String, value: JSONText)] {
    if let expression = form.expression {
      return [("type", .string("string")), ("pattern", .string(expression))]
    }
    // YAML reads `200` and `true` as no texts; the hub takes them as such.
    return [("type", .strings(["string", "number", "boolean"]))]
  }
}

extension ObjectShape {
  /// The group's name under `$defs`: `hub.yaml` becomes `hub-file`, `settings of http` `http-settings`.
  fileprivate var definitionName: String {
    if name.hasPrefix("settings of ") { return "\(name.dropFirst(12))-settings" }
    if name.hasSuffix(".yaml") { return "\(name.dropLast(5))-file" }
    return switch name {
    case "hub", "access": "\(name)-item"
    case "endpoint", "route", "agency": name
    default: "\(name)-item"
    }
  }
}
