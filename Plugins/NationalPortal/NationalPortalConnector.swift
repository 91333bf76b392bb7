public import HubKit

/// The National Public Service Portal (Cổng Dịch vụ công quốc gia): dossiers that citizens file there come in, dossiers
/// and their progress go out.
public struct NationalPortalConnector: Connector {
  /// What it is.
  public static let descriptor = ConnectorDescriptor(
    name: "national-portal",
    summary: "The National Public Service Portal (DVCQG): takes dossiers and progress, pushes and lists dossiers.",
    certificate: "B", settings: NationalPortalSettings.declared,
    operations: PortalOperation.allCases.map { ConnectorDescriptor.Operation($0.rawValue, $0.summary) },
    events: [
      .init("vn.gov.dvcqg.dossier", "A dossier that a citizen submitted at the portal."),
      .init("vn.gov.dvcqg.malformed", "A record of the portal that nobody can read: for an operator."),
    ], failures: failures)

  private let settings: NationalPortalSettings

  /// Checks settings against each other.
  public init(settings: SettingValues) throws(SettingError) {
    self.settings = try NationalPortalSettings(settings)
  }

  /// Makes the sender, the interface that the portal calls, and the source `dossiers` where it is asked for.
  public func make(_ context: ConnectorContext) throws(AdapterError) -> ConnectorParts {
    let client = try PortalClient(settings: settings, transport: context.transport, clock: context.clock)
    var parts = ConnectorParts(
      outbound: NationalPortalOutbound(client: client, usual: settings.operation, unit: settings.unit))
    if settings.polls {
      parts.sources = [
        NationalPortalSource(
          client: client, settings: settings, clock: context.clock, endpoint: context.endpoint, logger: context.logger)
      ]
    }
    if let credential = settings.push {
      guard let check = credential.check() else {
        throw AdapterError(
          .outage(after: nil), code: "secret-missing",
          reason: "the portal's secret \(credential.secret.reference) cannot be read")
      }
      parts.served = NationalPortalServed(
        check: check, bytesMax: settings.recordBytesMax, gateway: context.gateway, clock: context.clock,
        endpoint: context.endpoint)
    }
    return parts
  }
}
