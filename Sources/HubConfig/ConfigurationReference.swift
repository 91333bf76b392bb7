public import HubKit

/// The reference of the whole configuration in Markdown, made from the declarations that also drive the check:
/// Vietnamese first, then English.
///
/// - Parameter connectors: what is installed; each gets a table of its settings.
public func configurationReference(connectors: [ConnectorDescriptor]) -> String {
  var writer = ReferenceWriter()
  for (title, shape) in [
    ("hub.yaml", HubDeclarations.file), ("endpoints/*.yaml", EndpointDeclarations.endpoint),
    ("routes/*.yaml", RouteDeclarations.route), ("mocks.yaml", EndpointDeclarations.mockFile),
    ("connectors/*/manifest.yaml", ManifestDeclarations.file),
    ("connectors/*/mock.yaml", ScenarioDeclarations.file),
    ("connectors/*/contract.yaml", ContractDeclarations.file),
    ("agencies.yaml", AccessDeclarations.agencyFile), ("access.yaml", AccessDeclarations.accessFile),
  ] {
    writer.text += "## `\(title)`\n\n"
    writer.table(of: shape, under: "")
  }
  for connector in connectors.sorted(by: { $0.name < $1.name }) {
    writer.text += "## `settings` – `connector: \(connector.name)`\n\n\(connector.summary)\n\n"
    writer.table(of: ObjectShape(settingsOf: connector), under: "")
  }
  return writer.text
}

private struct ReferenceWriter {
  var text = "# Cấu hình – Configuration\n\n<!-- Made by the program from its declarations; do not edit. -->\n\n"

  /// One table for the group, with the groups inside it as further rows.
  mutating func table(of shape: ObjectShape, under path: String) {
    text += "| Khóa – Key | Giá trị – Value | Mặc định – Default | Ý nghĩa – Meaning |\n|---|---|---|---|\n"
    rows(of: shape, under: path)
    text += "\n"
  }

  private mutating func rows(of shape: ObjectShape, under path: String) {
    for field in shape.fields {
      let name = path.isEmpty ? field.name : "\(path).\(field.name)"
      let standard = field.required ? "**bắt buộc – required**" : field.defaultText.map { "`\($0)`" } ?? "–"
      let meaning = field.vi == field.help ? field.help : "\(field.vi)<br>\(field.help)"
      text += "| `\(name)` | \(cell(field.shape.words.en)) | \(standard) | \(cell(meaning)) |\n"
      if let inner = field.shape.innerObject { rows(of: inner.shape, under: name + inner.mark) }
    }
  }

  private func cell(_ text: String) -> String {
    text.replacing("|", with: "\\|")
  }
}

extension Shape {
  /// The group of keys inside, and `[]` when there may be several.
  fileprivate var innerObject: (shape: ObjectShape, mark: String)? {
    switch self {
    case .object(let shape): (shape, "")
    case .list(let item, _), .oneOrMany(let item): item.innerObject.map { ($0.shape, "[]") }
    case .either(_, let other): other.innerObject
    default: nil
    }
  }
}
