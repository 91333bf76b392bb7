public import HubKit

/// The document axis for many systems and agencies: its interface on a real socket, with state, faults on demand and
/// offices that answer. It keeps everything in memory and runs no timers: what has to happen happens when a request
/// arrives or when it is told to tick.
public struct EDocumentMock: ConnectorMock {
  /// What it is.
  public static let descriptor = ConnectorDescriptor(
    name: "edocument",
    summary: "A document axis in memory: signed header parameters, pull then acknowledge, one item for each receiver.",
    certificate: "B",
    settings: [
      Setting(
        "systems", .map, example: "{hub.demo: demo-key}",
        help: "Systems that have an account: name and demonstration key, never a key that is used elsewhere."),
      Setting(
        "agencies", .map, example: "{H24.12: hub.demo}", help: "Agencies by code, each with the system that owns it."),
    ])

  /// What it answers.
  public let interface: any ServedInterface

  /// Creates the axis in its first state.
  public init(settings: SettingValues, clock: any HubClock) throws(SettingError) {
    var state = AxisState(startedAt: clock.now)
    for (system, secret) in settings.map("systems") { state.systems[system] = secret }
    for (code, system) in settings.map("agencies").sorted(by: { $0.key < $1.key }) {
      guard state.systems[system] != nil else {
        throw SettingError("agencies", "'\(code)' belongs to '\(system)', which is not among systems")
      }
      state.register(AxisState.Agency(code: code, name: code, system: system))
    }
    interface = AxisDesk(state, clock: clock)
  }
}
