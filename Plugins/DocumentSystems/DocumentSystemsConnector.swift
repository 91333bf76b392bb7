public import HubKit

/// A document management system (hệ thống quản lý văn bản và điều hành) of one or more agencies, which talks to the hub
/// as it would to the national document axis: the hub serves the axis' own interface, so that only an address changes.
public struct DocumentSystemsConnector: Connector {
  /// What it is.
  public static let descriptor = ConnectorDescriptor(
    name: "document-systems",
    summary: "Agencies' document systems, for which the hub serves the national axis' interface under /vxp/.",
    certificate: "B", settings: DocumentSystemsSettings.declared,
    events: [
      .init("vn.gov.edoc.document", "A document that an agency sends."),
      .init("vn.gov.edoc.status", "What became of a document that an agency received."),
    ],
    failures: failures, isInbox: true, mount: "vxp")

  private let settings: DocumentSystemsSettings

  /// Checks settings.
  public init(settings: SettingValues) throws(SettingError) {
    self.settings = try DocumentSystemsSettings(settings)
  }

  /// Makes what the system calls; what is sent to the endpoint waits until the system fetches it.
  public func make(_ context: ConnectorContext) throws(AdapterError) -> ConnectorParts {
    guard settings.secret.reveal() != nil else {
      throw AdapterError(
        .outage(after: nil), code: "secret-missing", reason: "the key \(settings.secret.reference) cannot be read")
    }
    return ConnectorParts(
      served: DocumentSystemsServed(
        settings: settings, office: DocumentOffice(settings: settings, context: context), clock: context.clock))
  }
}
