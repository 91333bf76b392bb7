internal import CoreMetrics
internal import HubAdmin
internal import HubBus
internal import HubConfig
internal import HubGateway
internal import HubJournal
internal import HubKit
internal import Hummingbird
internal import Synchronization

/// Gathers what the status page shows from bus and journal.
final class Console: HubOverview, BusObserver {
  private let flows = MinuteCounts()
  private let refusals = Mutex<[RefusalRow]>([])
  private let refusedCount = Mutex(0)
  private let journal: Journal
  private let configuration: HubConfiguration
  private let clock: any HubClock
  private let startedAt: Timestamp
  private let bus = Mutex<Bus?>(nil)

  init(journal: Journal, configuration: HubConfiguration, clock: any HubClock) {
    self.journal = journal
    self.configuration = configuration
    self.clock = clock
    startedAt = clock.now
  }

  /// The bus is made after the console, which observes it.
  func watch(_ bus: Bus) { self.bus.withLock { $0 = bus } }

  /// Adds the pages to the gateway's router.
  func mount(on router: Router<GatewayContext>) {
    AdminPages(overview: self, registry: MeterRegistry.shared, clock: clock)
      .mount(on: router, peer: { $0.remoteAddress })
  }

  func accepted(type: String, at time: Timestamp) { flows.add(to: type, at: time) }

  func refused(_ refusal: NotAccepted, principal: Principal, type: String, at time: Timestamp) {
    refusedCount.withLock { $0 += 1 }
    refusals.withLock { rows in
      rows.insert(
        RefusalRow(
          time: time, principal: principal.text, type: type.isEmpty ? nil : type, code: refusal.code.rawValue,
          reason: refusal.reason), at: 0)
      if rows.count > OverviewSnapshot.recentMax { rows.removeLast() }
    }
  }

  func snapshot() async -> OverviewSnapshot {
    let now = clock.now
    let statistics = try? journal.statistics()
    let snapshot = bus.withLock { $0 }?.snapshot()
    let states = statistics?.exchanges ?? [:]
    return OverviewSnapshot(
      takenAt: now, startedAt: startedAt, version: HubVersion.current, configurationDigest: configuration.digest,
      operatorName: configuration.hub.name,
      counts: ExchangeCounts(
        since: startedAt, received: states[.received] ?? 0, underway: states[.underway] ?? 0,
        delivered: states[.delivered] ?? 0, partly: states[.partly] ?? 0, failed: states[.failed] ?? 0,
        refused: refusedCount.withLock { $0 }, parked: 0),
      endpoints: (snapshot?.endpoints ?? []).map(Self.row), flows: flows.rows(at: now),
      recentExchanges: recentExchanges(), recentRefusals: refusals.withLock { $0 }, journal: journalStatus(statistics))
  }

  private static func row(_ endpoint: BusSnapshot.Endpoint) -> EndpointRow {
    EndpointRow(
      name: endpoint.name, connector: endpoint.connector,
      state: endpoint.pausedUntil != nil ? .down : endpoint.reason != nil ? .down : .running,
      since: endpoint.pausedSince, reason: endpoint.reason, nextTry: endpoint.pausedUntil, waiting: endpoint.waiting,
      inFlight: endpoint.underway, delivered: endpoint.delivered, failed: endpoint.failed,
      lastSuccess: endpoint.lastSuccess, p50: endpoint.p50, p95: endpoint.p95)
  }

  private func recentExchanges() -> [ExchangeRow] {
    var query = SearchQuery()
    query.limit = OverviewSnapshot.recentMax
    return ((try? ExchangeHistory(journal: journal).search(query)) ?? []).map { view in
      ExchangeRow(
        id: view.id, receivedAt: view.receivedAt, type: view.type, sender: view.sender?.text,
        receivers: view.receivers.map(\.text), state: view.state, reason: view.reason)
    }
  }

  private func journalStatus(_ statistics: JournalStatistics?) -> JournalStatus {
    JournalStatus(
      exchanges: statistics?.exchanges.values.reduce(0, +) ?? 0, events: statistics?.events ?? 0,
      bytes: (statistics?.databaseBytes ?? 0) + (statistics?.bodyBytes ?? 0), freeBytes: statistics?.freeBytes ?? 0,
      freeBytesMin: configuration.hub.limits.freeDiskBytesMin, oldestOpen: statistics?.oldestOpen)
  }
}

/// The process's meters: swift-metrics takes one registry for the life of a process.
enum MeterRegistry {
  static let shared: PrometheusRegistry = {
    let registry = PrometheusRegistry()
    MetricsSystem.bootstrap(registry)
    return registry
  }()
}
