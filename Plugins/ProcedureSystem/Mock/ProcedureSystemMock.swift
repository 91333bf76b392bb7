public import HubKit

/// The city's procedure system in memory: takes dossiers, moves them from state to state, and lists what happened. All
/// of it is ours: there is no published interface of such a system.
public struct ProcedureSystemMock: ConnectorMock {
  /// What it is.
  public static let descriptor = ConnectorDescriptor(
    name: "procedure-system",
    summary: "The city's procedure system in memory: dossiers that move through their states, and the events of it.",
    certificate: "C",
    settings: [
      Setting(
        "token", .secret, example: "file:../Data/procedure-system.token",
        help: "The hub's bearer token; left out: nobody is let in."),
      Setting(
        "lively", .flag, default: .flag(false), example: "true",
        help: "Whether every dossier takes a step each time somebody asks for events."),
    ])

  /// What it answers.
  public let interface: any ServedInterface

  /// Creates the system in its first state.
  public init(settings: SettingValues, clock: any HubClock) throws(SettingError) {
    interface = ProcedureDesk(
      state: ProcedureState(epoch: clock.now.microseconds), token: settings.secret("token")?.reveal(),
      isLively: settings.flag("lively"), clock: clock)
  }
}
