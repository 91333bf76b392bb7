public import HubKit

/// The city's intelligent operations centre (IOC, trung tâm điều hành thông minh): takes the indicators of all other
/// exchanges.
public struct OperationsCentreConnector: Connector {
  /// What it is.
  public static let descriptor = ConnectorDescriptor(
    name: "operations-centre",
    summary: "The city's operations centre (IOC): takes indicators as JSON. The interface is ours, not a national one.",
    certificate: "C", settings: OperationsCentreSettings.declared)

  private let settings: OperationsCentreSettings

  /// Checks settings.
  public init(settings: SettingValues) throws(SettingError) {
    self.settings = try OperationsCentreSettings(settings)
  }

  /// Makes the sender.
  public func make(_ context: ConnectorContext) throws(AdapterError) -> ConnectorParts {
    ConnectorParts(
      outbound: OperationsCentreOutbound(settings: settings, transport: context.transport, clock: context.clock))
  }
}
