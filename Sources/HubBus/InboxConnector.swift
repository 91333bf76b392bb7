public import HubKit

/// The endpoint of agencies that cannot be called: what is sent there waits until they fetch it. It belongs to the bus,
/// has no far system, and stands in the configuration like any other endpoint.
public struct InboxConnector: Connector {
  /// What it is.
  public static let descriptor = ConnectorDescriptor(
    name: "inbox", summary: "A box in the hub itself, from which agencies fetch what is for them (GET /v1/inbox).",
    certificate: "A",
    settings: [
      Setting(
        "countMax", .integer(1...1_000_000), default: .integer(10_000), example: "10000",
        help: "Most messages that wait for one agency; what comes beyond is parked."),
      Setting(
        "mebibytesMax", .integer(1...1_048_576), default: .integer(1024), example: "1024",
        help: "Most MiB that wait for one agency."),
      Setting(
        "lease", .duration, default: .duration(.seconds(60)), example: "60s",
        help: "How long an agency may hold what it fetched before it is offered again."),
      Setting(
        "ageAlarm", .duration, default: .duration(.seconds(86_400)), example: "1d",
        help: "When the oldest message has waited so long, the console says so."),
    ])

  /// What the settings say.
  public let limits: EndpointPolicy.InboxLimits

  /// Reads the settings.
  public init(settings: SettingValues) throws(SettingError) {
    let lease = settings.duration("lease") ?? .seconds(60)
    guard lease >= .seconds(1) else { throw SettingError("lease", "must be at least 1s") }
    limits = EndpointPolicy.InboxLimits(
      countMax: settings.integer("countMax") ?? 10_000, bytesMax: (settings.integer("mebibytesMax") ?? 1024) << 20,
      lease: lease, ageAlarm: settings.duration("ageAlarm") ?? .seconds(86_400))
  }

  /// Nothing is sent anywhere.
  public func make(_ context: ConnectorContext) throws(AdapterError) -> ConnectorParts { ConnectorParts() }
}
