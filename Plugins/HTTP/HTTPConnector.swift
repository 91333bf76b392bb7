public import HubKit

/// Sends messages to an agency's own system over HTTP: the plain endpoint that most agencies need.
public struct HTTPConnector: Connector {
  /// What it is.
  public static let descriptor = ConnectorDescriptor(
    name: "http", summary: "An agency's own system that takes messages over HTTP, as CloudEvents or as plain bodies.",
    certificate: "A", settings: HTTPSettings.declared, failures: failures, reading: .bySafeMethod)

  private let settings: HTTPSettings

  /// Checks settings against each other.
  public init(settings: SettingValues) throws(SettingError) {
    self.settings = try HTTPSettings(settings)
  }

  /// Makes the endpoint: it only sends.
  public func make(_ context: ConnectorContext) throws(AdapterError) -> ConnectorParts {
    ConnectorParts(
      outbound: HTTPOutbound(settings: settings, transport: context.transport, clock: context.clock))
  }
}
