public import HubKit

/// The city's own system for administrative procedures (hệ thống thông tin giải quyết thủ tục hành chính): takes
/// dossiers and tells what becomes of them.
public struct ProcedureSystemConnector: Connector {
  /// What it is.
  public static let descriptor = ConnectorDescriptor(
    name: "procedure-system",
    summary: "The city's system for administrative procedures: takes canonical dossiers, lists their statuses.",
    certificate: "C", settings: ProcedureSystemSettings.declared,
    events: [
      .init("vn.haiphong.dossier.progress", "A dossier has come to another step; `eventType` may name another type."),
      .init("vn.haiphong.procedure-system.malformed", "A record that nobody can read: for an operator."),
    ], failures: failures)

  private let settings: ProcedureSystemSettings

  /// Checks settings against each other.
  public init(settings: SettingValues) throws(SettingError) {
    self.settings = try ProcedureSystemSettings(settings)
  }

  /// Makes the sender and the source `events`.
  public func make(_ context: ConnectorContext) throws(AdapterError) -> ConnectorParts {
    let client = try ProcedureSystemClient(settings: settings, transport: context.transport, clock: context.clock)
    return ConnectorParts(
      outbound: ProcedureSystemOutbound(client: client, eventType: settings.eventType),
      sources: [ProcedureSystemSource(client: client, logger: context.logger)])
  }
}
