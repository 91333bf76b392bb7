public import HubKit

/// VNeID's sign-in for a handful of invented persons: a realm `citizen` as Keycloak serves it, with a page on which to
/// choose who one is, codes, tokens signed by a key made at start, and faults on demand. Everything stays in memory.
public struct VNeIDMock: ConnectorMock {
  /// What it is.
  public static let descriptor = ConnectorDescriptor(
    name: "vneid", summary: "VNeID's sign-in for invented persons: a Keycloak realm with state and faults.",
    certificate: "B",
    settings: [
      Setting(
        "clients", .map, example: "{lgsp-haiphong: khoa-trinh-dien}",
        help: "Registered clients: name and demonstration secret, never a secret that is used elsewhere."),
      Setting(
        "redirects", .list, default: .list(["http://127.0.0.1:*", "http://localhost:*"]),
        example: "[\"http://127.0.0.1:8080/*\"]",
        help: "Addresses to which persons may come back; a star at the end stands for any rest."),
    ])

  /// What it answers.
  public let interface: any ServedInterface

  /// Creates the realm in its first state and makes its key.
  public init(settings: SettingValues, clock: any HubClock) throws(SettingError) {
    guard let key = RealmKey(number: 1) else {
      throw SettingError("clients", "could not be served: no RSA key could be made on this machine.")
    }
    let state = RealmState(clients: settings.map("clients"), redirects: settings.list("redirects"), key: key)
    interface = RealmInterface(state: state, clock: clock)
  }
}
