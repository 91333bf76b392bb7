public import HubKit

/// The endpoint of agencies that cannot be called: what is sent there waits until they fetch it. It belongs to the bus,
/// has no far system, and stands in the configuration like any other endpoint.
public struct InboxConnector: Connector {
  /// What it is.
  public static let descriptor = ConnectorDescriptor(
    name: "inbox", summary: "A box in the hub itself, from which agencies fetch what is for them (GET /v1/inbox).",
    certificate: "A", settings: InboxLimits.settings, isInbox: true)

  /// Checks the settings.
  public init(settings: SettingValues) throws(SettingError) { _ = try InboxLimits(settings) }

  /// Nothing is sent anywhere.
  public func make(_ context: ConnectorContext) throws(AdapterError) -> ConnectorParts { ConnectorParts() }
}
