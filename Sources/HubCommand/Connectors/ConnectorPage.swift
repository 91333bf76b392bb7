internal import HubKit

/// What a connector is, for its page in the catalogue.
struct ConnectorPage: Encodable {
  struct Row: Encodable {
    var name: String
    var summary: String
    /// Of an operation: whether it changes nothing at the far system; nil: it is none.
    var isRead: Bool?
  }

  struct SettingRow: Encodable {
    var name: String
    var kind: String
    var required: Bool
    var `default`: String?
    var example: String
    var help: String
  }

  var connector: String
  var version: String
  var hosting: String
  var level: String
  var summary: String
  var settings: [SettingRow]
  var operations: [Row]
  var events: [Row]
  var failures: [Row]
  /// An endpoint as it stands in `endpoints/`.
  var example: String

  init(_ kind: ConnectorKind) {
    let descriptor = kind.descriptor
    connector = descriptor.name
    version = descriptor.version
    hosting = kind.hosting.rawValue
    level = descriptor.certificate
    summary = descriptor.summary
    settings = descriptor.settings.map { setting in
      SettingRow(
        name: setting.name, kind: setting.kind.words, required: setting.required,
        default: setting.defaultValue.map(\.words), example: setting.example, help: setting.help)
    }
    let rows = { (list: [ConnectorDescriptor.Operation]) in list.map { Row(name: $0.name, summary: $0.summary) } }
    operations = descriptor.operations.map { Row(name: $0.name, summary: $0.summary, isRead: $0.isRead) }
    events = rows(descriptor.events)
    failures = rows(descriptor.failures)
    example = Self.example(descriptor)
  }

  private static func example(_ descriptor: ConnectorDescriptor) -> String {
    var lines = ["name: \(descriptor.name)", "connector: \(descriptor.name)"]
    let shown = descriptor.settings.filter(\.required)
    if !shown.isEmpty { lines += ["settings:"] + shown.map { "  \($0.name): \($0.example)" } }
    return lines.joined(separator: "\n")
  }

  /// The page as Markdown.
  var markdown: String {
    var text = "## `\(connector)` \(version)\n\n\(summary)\n\n"
    text += "Cách chạy / hosting: \(hosting). Mức tin cậy / level: **\(level)**.\n"
    if !settings.isEmpty {
      text += "\n| Thiết lập – Setting | Kiểu – Kind | Mặc định – Default | Ý nghĩa – Meaning |\n|---|---|---|---|\n"
      for row in settings {
        let standard = row.required ? "**bắt buộc – required**" : row.default.map { "`\($0)`" } ?? "–"
        text += "| `\(row.name)` | \(row.kind) | \(standard) | \(row.help.replacing("|", with: "\\|")) |\n"
      }
    }
    text += Self.table("Nghiệp vụ – Operation", operations)
    text +=
      events.isEmpty
      ? "\nKhông tự mang bản tin nào vào / brings no messages in by itself.\n"
      : Self.table("Bản tin mang vào – Event", events)
    text +=
      failures.isEmpty
      ? "\nKhông có mã lỗi riêng / has no codes of failure of its own.\n" : Self.table("Mã lỗi – Failure", failures)
    return text + "\n```yaml\n\(example)\n```\n"
  }

  private static func table(_ title: String, _ rows: [Row]) -> String {
    guard !rows.isEmpty else { return "" }
    return "\n| \(title) | Ý nghĩa – Meaning |\n|---|---|\n"
      + rows.map { row in
        let mark = row.isRead == true ? " *(chỉ đọc – reads only)*" : ""
        return "| `\(row.name)` | \(row.summary.replacing("|", with: "\\|"))\(mark) |\n"
      }.joined()
  }
}
