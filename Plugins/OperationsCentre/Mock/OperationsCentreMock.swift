public import HubKit

/// An operations centre in memory: checks token and form of the figures, keeps the newest, fails when told. The
/// interface is ours, not a national contract; everything under `/_mock/` is for tests and the demo only.
public struct OperationsCentreMock: ConnectorMock {
  /// What it is.
  public static let descriptor = ConnectorDescriptor(
    name: "operations-centre", summary: "An operations centre in memory: token, form, newest figures of each day.",
    certificate: "C",
    settings: [
      Setting(
        "token", .text, default: .text("khoa-trinh-dien-trung-tam-dieu-hanh"),
        example: "khoa-trinh-dien-trung-tam-dieu-hanh",
        help: "Token that callers must show; for demonstration, never one that is used elsewhere."),
      Setting(
        "keptMax", .integer(1...100_000), default: .integer(1000), example: "1000",
        help: "Figures whose bytes are kept; of older ones only name and digest stay."),
    ])

  /// What it answers.
  public let interface: any ServedInterface

  /// Creates an operations centre that has no figures yet.
  public init(settings: SettingValues, clock: any HubClock) throws(SettingError) {
    let token = settings.text("token") ?? "khoa-trinh-dien-trung-tam-dieu-hanh"
    guard !token.isEmpty else { throw SettingError("token", "is empty: nobody could be told from anybody else.") }
    interface = CentreDesk(CentreState(keptMax: settings.integer("keptMax") ?? 1000), token: token, clock: clock)
  }
}
