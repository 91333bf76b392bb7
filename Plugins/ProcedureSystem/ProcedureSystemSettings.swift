internal import HubKit

/// The checked settings of one `procedure-system` endpoint.
struct ProcedureSystemSettings: Sendable {
  /// Base address; `/dossiers`, `/events` and `/ping` lie under it.
  let url: String
  let token: Secret
  /// Type of the events that go out.
  let eventType: String

  static let declared: [Setting] = [
    Setting(
      "url", .url, required: true, example: "https://tthc.example.vn/api",
      help: "Base address of the system; /dossiers, /events and /ping lie under it."),
    Setting(
      "token", .secret, required: true, example: "file:/etc/lgsp/secrets/procedure-system.token",
      help: "Bearer token of the hub's account."),
    Setting(
      "eventType", .text, default: .text("vn.haiphong.dossier.submitted"), example: "vn.haiphong.dossier.submitted",
      help: "Type of the events that are sent: what the message came as does not matter to the system."),
  ]

  init(_ values: SettingValues) throws(SettingError) {
    guard var address = values.text("url"), !address.isEmpty else {
      throw SettingError("url", "is missing: give the system's base address")
    }
    while address.hasSuffix("/") { address.removeLast() }
    guard !address.contains("?"), !address.contains("#") else {
      throw SettingError("url", "is a base address and can have neither ? nor #")
    }
    url = address
    guard let token = values.secret("token") else {
      throw SettingError("token", "is missing: name the token that the system gave out")
    }
    self.token = token
    eventType = values.text("eventType") ?? ""
    guard !eventType.isEmpty else { throw SettingError("eventType", "is empty") }
  }
}
