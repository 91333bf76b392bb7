public import HubKit

/// The national portal in memory, behind the city's adapter: sessions, services, dossiers that citizens have filed.
/// What is ours and not the national contract stands in the README beside the connector.
public struct NationalPortalMock: ConnectorMock {
  /// What it is.
  public static let descriptor = ConnectorDescriptor(
    name: "national-portal",
    summary: "The national portal in memory: login and session, DongBoHoSoMC, progress, statuses, lists, files.",
    certificate: "B",
    settings: [
      Setting("username", .text, default: .text("lgsp"), example: "lgsp-haiphong", help: "The city's account."),
      Setting(
        "password", .secret, example: "file:../Data/national-portal.password",
        help: "Its password; left out: nobody can log in."),
      Setting(
        "dstcode", .text, default: .text("VN:GOV:000.00.00.G22:vpcpdvcprovider"),
        example: "VN:GOV:000.00.00.G22:vpcpdvcprovider", help: "Code of the portal's service; another one is refused."),
      Setting(
        "sessionLifetime", .duration, default: .duration(.seconds(900)), example: "15m",
        help: "How long a session lasts."
      ),
      Setting(
        "strictCodes", .flag, default: .flag(true), example: "false",
        help: "Whether progress is refused for dossiers that the portal does not have."),
    ])

  /// What it answers.
  public let interface: any ServedInterface

  /// Creates the portal in its first state.
  public init(settings: SettingValues, clock: any HubClock) throws(SettingError) {
    let account = PortalAccount(
      username: settings.text("username") ?? "lgsp", password: settings.secret("password")?.reveal(),
      dstcode: settings.text("dstcode") ?? "", sessionLifetime: settings.duration("sessionLifetime") ?? .seconds(900))
    interface = PortalDesk(
      state: PortalState(isStrict: settings.flag("strictCodes")), account: account, clock: clock)
  }
}

/// Who may log in, and where.
struct PortalAccount: Sendable {
  var username: String
  /// Nil: nobody can log in.
  var password: String?
  var dstcode: String
  var sessionLifetime: Duration
}
