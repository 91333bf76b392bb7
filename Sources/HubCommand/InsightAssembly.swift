internal import HubBus
internal import HubConfig
internal import HubInsight
internal import HubJournal
internal import HubKit
internal import ServiceLifecycle

extension HubGround {
  /// The service that sends indicators; nil when hub.yaml does not ask for it.
  func insight(_ configuration: HubConfiguration, through gateway: any Gateway) -> (any Service)? {
    guard let settings = configuration.hub.insight else { return nil }
    return InsightService(
      feed: EventFeed(journal: journal), gateway: gateway,
      settings: InsightSettings(
        every: settings.every, minInterval: settings.minInterval, organisation: configuration.hub.organisation),
      clock: clock, logger: logger)
  }
}
