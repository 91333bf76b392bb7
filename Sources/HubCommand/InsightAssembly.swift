internal import HubBus
internal import HubConfig
internal import HubInsight
internal import HubJournal
internal import HubKit

extension HubGround {
  /// The service that follows the journal: it counts overdue documents, and sends indicators when hub.yaml asks for it.
  func insight(_ configuration: HubConfiguration, through gateway: any Gateway, console: Console) -> InsightService {
    let settings = configuration.hub.insight.map {
      InsightSettings(every: $0.every, minInterval: $0.minInterval, organisation: configuration.hub.organisation)
    }
    return InsightService(
      feed: EventFeed(journal: journal, scope: settings == nil ? DocumentReading.scope : nil), gateway: gateway,
      settings: settings, watch: { DocumentWatch(console.inForce.hub.documents) }, clock: clock, logger: logger)
  }
}

extension DocumentWatch {
  /// As hub.yaml says.
  init(_ settings: HubSettings.Documents) {
    self.init(arrivalWithin: settings.arrivalWithin, watchFor: settings.watchFor)
  }
}
