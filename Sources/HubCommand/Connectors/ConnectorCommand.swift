internal import ArgumentParser

/// `lgsp connector`: what connectors there are, and whether they do what they must.
struct ConnectorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "connector",
    abstract: "Bộ kết nối: tạo mới, thử, liệt kê, xem / connectors: make one, test, list, show.",
    discussion: """
      Bộ kết nối nằm trong connectors/<tên>/ của thư mục cấu hình (manifest hoặc tiến trình riêng), hoặc được biên dịch
      sẵn trong lgsp (swift). Luồng không phân biệt ba cách này / a connector lies in connectors/<name>/ of the
      configuration, or is compiled into lgsp; routes cannot tell.

      Ví dụ / examples:
        lgsp connector new cemetery-register --hosting manifest
        lgsp connector test cemetery-register
        lgsp connector list
        lgsp connector show edocument
      """,
    subcommands: [
      ConnectorNewCommand.self, ConnectorTestCommand.self, ConnectorListCommand.self, ConnectorShowCommand.self,
    ])
}
