internal import CoreMetrics
internal import HubAdmin
internal import HubBus
internal import HubConfig
internal import HubGateway
internal import HubInsight
internal import HubJournal
internal import HubKit
internal import Hummingbird
internal import HummingbirdCore
internal import Logging
internal import ServiceLifecycle
internal import Synchronization

/// Gathers what the status page shows from bus and journal.
final class Console: HubOverview, BusObserver {
  /// Most connections to the server of its own; they come out of the reserve of ``DescriptorBudget``.
  private static let connectionsMax = 32

  private let flows = MinuteCounts()
  private let refusals = Mutex<[RefusalRow]>([])
  private let counts: Mutex<ExchangeCounts>
  let journal: Journal
  let directory: LiveDirectory
  private let configuration: Mutex<Configuration>
  let clock: any HubClock
  private let startedAt: Timestamp
  private let bus = Mutex<Bus?>(nil)
  private let insight = Mutex<InsightService?>(nil)
  private let signIn = Mutex<OperatorSignIn?>(nil)
  /// The connectors that are compiled in.
  let compiled = Installation.current.connectors.map { $0.descriptor }

  /// What is in force since when, and when another one was refused.
  private struct Configuration {
    var value: HubConfiguration
    var loadedAt: Timestamp
    var refusedAt: Timestamp?
  }

  init(journal: Journal, configuration: HubConfiguration, directory: LiveDirectory, clock: any HubClock) {
    self.journal = journal
    self.directory = directory
    self.clock = clock
    startedAt = clock.now
    self.configuration = Mutex(Configuration(value: configuration, loadedAt: startedAt))
    counts = Mutex(ExchangeCounts(since: startedAt))
  }

  /// The bus is made after the console, which observes it.
  func watch(_ bus: Bus) { self.bus.withLock { $0 = bus } }

  /// What follows the journal is made after the bus.
  func watch(_ insight: InsightService) { self.insight.withLock { $0 = insight } }

  /// Another configuration is in force.
  func adopt(_ configuration: HubConfiguration, at time: Timestamp) {
    self.configuration.withLock { $0 = Configuration(value: configuration, loadedAt: time) }
  }

  /// The configuration that is in force.
  var inForce: HubConfiguration { configuration.withLock { $0.value } }

  /// The hub was told to load its configuration again: what is in the files was refused, or is in force already.
  func looked(isRefused: Bool, at time: Timestamp) {
    configuration.withLock { $0.refusedAt = isRefused ? time : nil }
  }

  /// The desk at which operators sign in is made after the endpoints, before the pages are mounted.
  func open(_ signIn: OperatorSignIn?) { self.signIn.withLock { $0 = signIn } }

  /// The pages on a router: the gateway's, readable on this machine only, or that of ``ownServer(logger:)``. Where
  /// operators sign in, nobody else reads the status from elsewhere.
  func mount(on router: Router<GatewayContext>, readers: AdminAccess.Readers) {
    let signIn = signIn.withLock { $0 }
    AdminPages(
      overview: self, registry: MeterRegistry.shared,
      access: AdminAccess(status: signIn == nil ? readers : .loopback, metrics: readers), signIn: signIn, clock: clock
    ).mount(on: router, peer: { $0.remoteAddress }, isSecure: { await $0.isSecure() })
  }

  /// A server of its own for the pages, when `admin:` in hub.yaml names an address: whoever reaches it may read.
  func ownServer(logger: Logger) -> (any Service)? {
    guard let address = configuration.withLock({ $0.value.hub.admin }) else { return nil }
    let router = Router(context: GatewayContext.self)
    mount(on: router, readers: .anyone)
    return Application(
      router: router,
      configuration: ApplicationConfiguration(
        address: .hostname(address.host, port: address.port),
        availableConnectionsDelegate: MaximumAvailableConnections(Self.connectionsMax)), logger: logger)
  }

  func accepted(type: String, at time: Timestamp) { flows.add(to: type, at: time) }

  func settled(_ state: ExchangeState) {
    counts.withLock { counts in
      switch state {
      case .received, .underway: break
      case .delivered: counts.delivered += 1
      case .partly: counts.partly += 1
      case .failed: counts.failed += 1
      }
    }
  }

  func refused(_ refusal: NotAccepted, principal: Principal, type: String, at time: Timestamp) {
    counts.withLock { $0.refused += 1 }
    refusals.withLock { rows in
      rows.insert(
        RefusalRow(
          time: time, principal: principal.text, type: type.isEmpty ? nil : type, code: refusal.code.rawValue,
          reason: refusal.reason), at: 0)
      if rows.count > OverviewSnapshot.recentMax { rows.removeLast() }
    }
  }

  func snapshot() async -> OverviewSnapshot {
    let (now, configuration) = (clock.now, configuration.withLock { $0 })
    let statistics = try? journal.statistics()
    let snapshot = bus.withLock { $0 }?.snapshot()
    var counts = counts.withLock { $0 }
    counts.underway = snapshot?.open ?? 0
    counts.parked = (try? journal.deadLetterCount()) ?? 0
    return OverviewSnapshot(
      takenAt: now, startedAt: startedAt, version: HubVersion.current, configurationDigest: configuration.value.digest,
      configurationLoadedAt: configuration.loadedAt, configurationRefusedAt: configuration.refusedAt,
      operatorName: configuration.value.hub.name,
      counts: counts, overdueDocuments: insight.withLock { $0 }?.overdueDocuments,
      endpoints: (snapshot?.endpoints ?? []).map(Self.row), flows: flows.rows(at: now),
      recentExchanges: recentExchanges(), recentRefusals: refusals.withLock { $0 },
      journal: journalStatus(statistics, configuration.value.hub.limits))
  }

  /// An endpoint that a person has stopped says so, whatever the hub itself thinks of the far system.
  static func row(_ endpoint: BusSnapshot.Endpoint) -> EndpointRow {
    let stop = endpoint.stop
    return EndpointRow(
      name: endpoint.name, connector: endpoint.connector,
      state: stop != nil ? .paused : endpoint.reason == nil ? .running : .down,
      since: stop?.since ?? endpoint.pausedSince, reason: stop?.reason ?? endpoint.reason,
      nextTry: stop == nil ? endpoint.pausedUntil : nil, waiting: endpoint.waiting,
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

  private func journalStatus(_ statistics: JournalStatistics?, _ limits: HubSettings.Limits) -> JournalStatus {
    JournalStatus(
      exchanges: statistics?.exchanges.values.reduce(0, +) ?? 0, events: statistics?.events ?? 0,
      bytes: (statistics?.databaseBytes ?? 0) + (statistics?.bodyBytes ?? 0), freeBytes: statistics?.freeBytes ?? 0,
      freeBytesMin: limits.freeDiskBytesMin, oldestOpen: statistics?.oldestOpen)
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
