public import HubKit

/// The population database with a small synthetic population: its SOAP interface on a real socket, accounts with
/// derived passwords, a record of who asked about whom, and faults on demand. It keeps everything in memory and runs no
/// timers. Error codes and the wrapping of answers are ours: what C06 has published of them is nothing.
public struct PopulationMock: ConnectorMock {
  /// What it is.
  public static let descriptor = ConnectorDescriptor(
    name: "population",
    summary: "A population database in memory: 34 invented persons of both former provinces, over SOAP 1.1.",
    certificate: "B",
    settings: [
      Setting(
        "systems", .map, example: "{haiphong.lgsp: demo-key}",
        help: "Accounts: user name and demonstration secret, never a secret that is used elsewhere."),
      Setting(
        "url", .url, example: "https://dancuquocgia.example.vn/ws",
        help: "Address that callers hash into their passwords; left out: the one that they call."),
      Setting(
        "clockWindow", .duration, default: .duration(.seconds(300)), example: "5m",
        help: "How far a caller's timestamp may be from the mock's clock, either way."),
      Setting(
        "blockedOfficials", .list, default: .list(["CB-KHOA"]), example: "[CB-KHOA]",
        help: "Officials (MaCanBo) who may not ask."),
      Setting("apiKey", .text, example: "demo-api-key", help: "ApiKey that every call must carry; left out: none."),
    ])

  /// What it answers.
  public let interface: any ServedInterface

  /// Creates the database in its first state.
  public init(settings: SettingValues, clock: any HubClock) throws(SettingError) {
    for name in settings.map("systems").keys where name.isEmpty || name.contains(":") {
      throw SettingError("systems", "has '\(name)': a user name is not empty and has no colon (RFC 7617).")
    }
    let accounts = CitizenAccounts(
      secrets: settings.map("systems"), url: settings.text("url"),
      clockWindow: settings.duration("clockWindow") ?? .seconds(300), apiKey: settings.text("apiKey"))
    let blocked = settings.list("blockedOfficials")
    interface = CitizenDesk(CitizenState(accounts: accounts, blockedOfficials: Set(blocked)), clock: clock)
  }
}
