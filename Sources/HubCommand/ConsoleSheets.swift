internal import HubAdmin
internal import HubBus
internal import HubConfig
internal import HubInsight
internal import HubKit

extension EndpointSheet {
  /// An endpoint of a configuration.
  ///
  /// - Parameter compiled: what is known besides the configuration's own connectors.
  /// - Returns: nil when there is no endpoint of that name, or nobody knows its connector.
  init?(_ name: String, in configuration: HubConfiguration, compiled: [ConnectorDescriptor]) {
    guard let endpoint = configuration.endpoint(name) else { return nil }
    let known = compiled + configuration.manifests.map(\.descriptor)
    guard let descriptor = known.first(where: { $0.name == endpoint.connector }) else { return nil }
    self.init(
      endpoint: name, connector: descriptor.name, version: descriptor.version, summary: descriptor.summary,
      settings: descriptor.settings.map { setting in
        EndpointSheet.Setting(
          name: setting.name, kind: setting.kind.words, help: setting.help, isRequired: setting.required,
          standard: setting.defaultValue?.words, example: setting.example,
          value: endpoint.settings.value(of: setting).map { .init($0) })
      })
  }
}

extension EndpointSheet.Value {
  /// A secret is never shown, nor where it lies.
  fileprivate init(_ value: SettingValue) {
    if case .secret = value { self = .hidden } else { self = .plain(value.words) }
  }
}

extension Console {
  func documents(in month: CalendarMonth) async -> DocumentMonth? {
    let reading = DocumentReading(EventFeed(journal: journal, scope: DocumentReading.scope))
    var documents = try? await reading.month(month, at: clock.now, by: DocumentWatch(inForce.hub.documents))
    documents?.name(by: directory)
    return documents
  }

  func sheet(ofEndpoint name: String) -> EndpointSheet? {
    EndpointSheet(name, in: inForce, compiled: compiled)
  }
}
