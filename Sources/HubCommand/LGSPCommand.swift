internal import ArgumentParser

/// `lgsp`: one binary for operators, connector developers and testers.
struct LGSPCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lgsp",
    abstract: "LGSP Hub: nền tảng tích hợp, chia sẻ dữ liệu. Routes, transforms, records what agencies exchange.",
    discussion: """
      Lần đầu / first steps:
        lgsp check Config                      kiểm tra cấu hình / look the configuration over
        lgsp run --config Config               chạy / run the hub
        lgsp send van-ban.edxml --as H24.12 --wait
        lgsp trace <id>                        hồ sơ, văn bản đã đi đâu / what happened to it
        lgsp document 123/SNV-VP               văn bản ở từng nơi nhận / a document at each receiver

      Mã thoát / exit codes: 0 được / done, 1 có lỗi / something is wrong, 3 bị từ chối hoặc treo / refused or
      parked, 4 không gọi được hub / the hub cannot be reached, 5 không tìm thấy / not found, 6 có khác biệt / answers
      differ (compare), 64 sai cú pháp / usage.
      """,
    version: HubVersion.current,
    subcommands: [
      RunCommand.self, CheckCommand.self, TryCommand.self, ReloadCommand.self, ConnectorCommand.self,
      CredentialsCommand.self, MockCommand.self, SendCommand.self, CallCommand.self, InboxCommand.self,
      TraceCommand.self, DocumentCommand.self, SearchCommand.self, CompareCommand.self, DeadLettersCommand.self,
      RedeliverCommand.self, PurgeCommand.self, IncidentsCommand.self, EndpointCommand.self, JournalCommand.self,
      AgencyCommand.self, SchemaCommand.self, RecordCommand.self, ReplayCommand.self, DemoCommand.self,
      InsightCommand.self, SignatureCommand.self, TransformWorkerCommand.self, SignatureChildCommand.self,
    ])
}

/// The product's version, as told by `--version`, the status page and outbound requests.
enum HubVersion {
  static let current = "0.1.0"
}
