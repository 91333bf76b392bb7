public import HubKit

/// Electronic documents of state agencies (edXML, QCVN 102:2016) over the document axis (trục liên thông văn bản).
public struct EDocumentConnector: Connector {
  /// What it is.
  public static let descriptor = ConnectorDescriptor(
    name: "edocument",
    summary: "Documents and status messages in edXML (QCVN 102:2016) over the axis' pull-then-acknowledge interface.",
    certificate: "B", settings: EDocumentSettings.declared,
    events: [
      .init("vn.gov.edoc.document", "A document for an agency of the city."),
      .init("vn.gov.edoc.status", "What became of a document that the city sent."),
      .init("vn.gov.edoc.malformed", "Something that the axis gave and nobody can read: for an operator."),
    ], failures: failures)

  /// edXML, recognised by its root element, and its guise in JSON.
  public static let codecs: [any Codec] = [EdXMLCodec(), EDocumentJSONCodec()]

  private let settings: EDocumentSettings

  /// Checks settings.
  public init(settings: SettingValues) throws(SettingError) {
    self.settings = try EDocumentSettings(settings)
  }

  /// Makes the sender and the source `received`.
  public func make(_ context: ConnectorContext) throws(AdapterError) -> ConnectorParts {
    let client = try AxisClient(settings: settings, transport: context.transport, clock: context.clock)
    return ConnectorParts(
      outbound: EDocumentOutbound(client: client, organisation: settings.organisation),
      sources: [
        EDocumentSource(client: client, pageSize: settings.pageSize, clock: context.clock, logger: context.logger)
      ], agencies: EDocumentAgencies(client: client))
  }
}
