internal import ArgumentParser
internal import HubKit
internal import HubTesting
internal import HubTransform

/// `lgsp connector list`: what is there, and how far it is proved.
struct ConnectorListCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "Liệt kê bộ kết nối và chứng nhận / list connectors and their certificates.",
    discussion: "Ví dụ / example:  lgsp connector list --json")

  @Flag(help: "Mảng JSON / a JSON array.")
  var json = false
  @OptionGroup var location: ConfigLocation

  private struct Row: Encodable {
    var connector: String
    var version: String
    var hosting: String
    var level: String
    var certificate: String
    var date: String?
    var summary: String
  }

  func run() async throws {
    try await reporting {
      let shelf = try ConnectorShelf(configFolder: location.folder)
      defer { shelf.pool.shutdown() }
      let rows = shelf.entries.map { entry in
        let descriptor = entry.kind.descriptor
        return Row(
          connector: descriptor.name, version: descriptor.version, hosting: entry.kind.hosting.rawValue,
          level: descriptor.certificate, certificate: entry.standing, date: entry.certificate?.date,
          summary: descriptor.summary)
      }
      if json { return try Output.json(rows) }
      Output.table(
        ["BỘ KẾT NỐI / CONNECTOR", "PHIÊN BẢN", "CÁCH CHẠY", "MỨC", "CHỨNG NHẬN / CERTIFICATE"],
        rows.map { row in
          let words = ["valid": "còn hiệu lực / valid", "stale": "đã cũ / stale", "none": "chưa có / none"]
          let date = row.date.map { " \($0.prefix(10))" } ?? ""
          return [row.connector, row.version, row.hosting, row.level, (words[row.certificate] ?? "") + date]
        })
    }
  }
}

/// `lgsp connector show`: settings, operations, events, failures of one.
struct ConnectorShowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract:
      "Xem thiết lập, nghiệp vụ, bản tin, mã lỗi và ví dụ / show settings, operations, events, failures, example.",
    discussion: """
      Ví dụ / examples:
        lgsp connector show population
        lgsp connector show > Documentation/connectors.md      tất cả / all of them
      """)

  @Argument(help: "Tên bộ kết nối, hoặc thư mục của nó; để trống: tất cả / name or folder; none: all.")
  var name: String?
  @Flag(help: "Một đối tượng JSON / one JSON object.")
  var json = false
  @OptionGroup var location: ConfigLocation

  func run() async throws {
    try await reporting {
      guard let name else { return try showAll() }
      let (shelf, entry) = try ConnectorShelf.find(name, configFolder: location.folder)
      defer { shelf.pool.shutdown() }
      let page = ConnectorPage(entry.kind)
      if json { try Output.json(page, pretty: true) } else { Output.line(page.markdown) }
    }
  }

  private func showAll() throws {
    let shelf = try ConnectorShelf(configFolder: location.folder)
    defer { shelf.pool.shutdown() }
    let pages = shelf.entries.map { ConnectorPage($0.kind) }
    if json { return try Output.json(pages, pretty: true) }
    let head = """
      # Bộ kết nối – Connectors

      <!-- Made by `lgsp connector show`; do not edit. -->

      """
    Output.line(head + "\n" + pages.map(\.markdown).joined(separator: "\n"))
  }
}
