public import HubKit

/// Lets persons sign in with VNeID: the hub is the relying party of OpenID Connect Core 1.0, authorization code flow
/// with PKCE. It sends and fetches no messages.
public struct VNeIDConnector: Connector {
  /// What it is.
  public static let descriptor = ConnectorDescriptor(
    name: "vneid", summary: "VNeID, the national electronic identity: persons sign in to the control bus with it.",
    certificate: "B", settings: VNeIDSettings.declared, failures: failures)

  private let settings: VNeIDSettings

  /// Checks settings against each other.
  public init(settings: SettingValues) throws(SettingError) {
    self.settings = try VNeIDSettings(settings)
  }

  /// Makes the endpoint: it only signs persons in.
  public func make(_ context: ConnectorContext) throws(AdapterError) -> ConnectorParts {
    ConnectorParts(
      signIn: VNeIDSignIn(settings: settings, transport: context.transport, clock: context.clock))
  }
}
