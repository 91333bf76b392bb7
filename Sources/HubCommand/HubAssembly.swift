internal import Foundation
internal import HubAdmin
internal import HubBus
internal import HubConfig
internal import HubGateway
internal import HubInsight
internal import HubJournal
internal import HubKit
internal import HubReplay
internal import HubRouting
internal import HubTransform
internal import HubTransport
internal import Logging
internal import ServiceLifecycle

/// Wires a hub together from its configuration: the only place that knows all rooms.
struct HubAssembly {
  /// In the order of their start; they stop in the reverse order, so the door closes before the bus.
  let services: [any Service]
  private let journal: Journal
  private let loop: CurlLoop
  private let pool: TransformPool
  private let mocked: MockedEndpoints?

  /// Opens the journal, makes the endpoints, and puts the bus and the door together. Nothing runs yet.
  ///
  /// - Parameters:
  ///   - mocks: endpoints that this process plays itself: `all`, or names with commas between them.
  ///   - hangups: each asks to load the configuration again.
  ///   - watches: whether a change of its files asks so too.
  static func assemble(
    configFolder: String, mocks: String? = nil, hangups: Hangups, watches: Bool = false, logger: Logger
  ) async throws -> HubAssembly {
    let files = try Site.files(in: configFolder)
    let configuration = try Site.load(files, secrets: .resolve(folder: configFolder))
    let clock = SystemClock()
    _ = MeterRegistry.shared
    let journal: Journal
    do {
      var options = try journalOptions(configuration, configFolder)
      options.onFailure = { endProcess($0, logger) }
      journal = try Journal.open(options, keys: journalKeys(configuration), clock: clock)
    } catch {
      throw Failure("\(error)")
    }
    try await journal.pin(configuration: files.digest, files: files.bundle())
    var ground = try HubGround(
      configuration: configuration, configFolder: configFolder, journal: journal, clock: clock, logger: logger)
    ground.mocked = try await MockedEndpoints.started(
      mocks, configuration, Catalogue(configuration, in: configFolder, pool: ground.pool), logger)
    let edition: Edition
    do { edition = try ground.edition(of: configuration) } catch let error as ConfigurationError {
      throw Failure("\(error)")
    }
    return try ground.assemble(edition, hangups: hangups, watches: watches)
  }

  init(services: [any Service], journal: Journal, loop: CurlLoop, pool: TransformPool, mocked: MockedEndpoints?) {
    self.mocked = mocked
    self.services = services
    self.journal = journal
    self.loop = loop
    self.pool = pool
  }

  /// Ends what outlives the services: outbound connections, mapping workers, and last the journal.
  func close() async {
    mocked?.end()
    await loop.shutdown()
    pool.shutdown()
    await journal.close()
  }
}

extension HubAssembly {
  /// The disk failed: what it holds now is not known, so the hub may promise nothing more and ends at once. A failed
  /// sync is never tried again, since the kernel may have forgotten the pages; the next start reads what is there.
  private static func endProcess(_ error: JournalError, _ logger: Logger) {
    logger.critical("the journal failed, the hub ends / sổ giao dịch lỗi, hub dừng", metadata: ["reason": "\(error)"])
    // EX_IOERR of sysexits.h: supervisors start the hub again, and the start checks the journal.
    exit(74)
  }
}

// MARK: - Places and keys

extension HubAssembly {
  /// Where the journal lies.
  static func journalDirectory(_ configuration: HubConfiguration, _ configFolder: String) throws -> String {
    configuredPath(configuration.hub.dataFolder, in: configFolder) + "/journal"
  }

  static func journalOptions(_ configuration: HubConfiguration, _ configFolder: String) throws -> JournalOptions {
    var options = JournalOptions(directory: try journalDirectory(configuration, configFolder))
    options.duplicateWindow = configuration.hub.journal.duplicateWindow
    options.keepEvents = configuration.hub.journal.keepEvents
    options.keepSegments = configuration.hub.journal.keepSegments
    return options
  }

  /// The journal's keys: 32 bytes in base64 behind the reference in hub.yaml.
  static func journalKeys(_ configuration: HubConfiguration) throws -> JournalKeys {
    JournalKeys(master: try keyBytes(configuration.hub.journal.key, "journal.key"))
  }

  /// The keys of a journal that holds the results of a replay: they follow from the journal's, so that there is no
  /// other secret to keep, and one is not taken for the other.
  static func resultsKeys(_ configuration: HubConfiguration) throws -> JournalKeys {
    let master = try keyBytes(configuration.hub.journal.key, "journal.key")
    return JournalKeys(master: KeyDerivation.key(from: master, purpose: "lgsp-hub replay results 1"))
  }

  static func keyBytes(_ secret: Secret?, _ name: String) throws -> [UInt8] {
    let text = secret?.reveal()?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
    guard let data = Data(base64Encoded: text), data.count >= 32 else {
      throw Failure(
        "\(name) (\(secret?.reference ?? "-")): cần 32 byte ngẫu nhiên dạng base64 / needs 32 random bytes in base64; "
          + "make it by: openssl rand -base64 32")
    }
    return Array(data.prefix(32))
  }
}

extension HubGround {
  /// The daemon's services, with a configuration in force from the start.
  ///
  /// - Parameters:
  ///   - hangups: each asks to load the configuration again.
  ///   - watches: whether a change of its files asks so too.
  func assemble(_ edition: Edition, hangups: Hangups, watches: Bool) throws -> HubAssembly {
    let configuration = edition.configuration
    let console = Console(journal: journal, configuration: configuration, directory: directory, clock: clock)
    let bus = try bus(edition, observer: console)
    console.watch(bus)
    let desk = try edition.desk(clock: clock)
    console.open(desk)
    edition.connect(to: bus)
    let insight = insight(configuration, through: bus, console: console)
    console.watch(insight)
    let served = ServedInterfaces(edition.served)
    let door = try door(configuration, bus: bus, console: console, served: served)
    let reloading = Reloading(
      ground: self, edition: edition, bus: bus, door: door, served: served, signIn: desk, console: console,
      hangups: hangups)
    let control = try HubAssembly.control(
      of: bus, configuration, configFolder, journal: journal, logger: logger)
    let services: [(any Service)?] = [
      bus, insight, door, console.ownServer(logger: logger), reloading, control,
      watches ? try Watching(folder: configFolder, reloading: reloading, mocked: mocked, pool: pool) : nil,
    ]
    return HubAssembly(services: services.compactMap { $0 }, journal: journal, loop: loop, pool: pool, mocked: mocked)
  }

  private func bus(_ edition: Edition, observer: any BusObserver) throws -> Bus {
    let (journal, installation) = (journal, Installation.current)
    return Bus(
      journal: journal, setup: edition.setup,
      pinnedBook: { digest in
        Installation.$current.withValue(installation) { HubAssembly.pinnedBook(digest, in: journal) }
      },
      masking: try HubAssembly.masking(edition.configuration), observer: observer, clock: clock, logger: logger)
  }

  private func door(
    _ configuration: HubConfiguration, bus: Bus, console: Console, served: ServedInterfaces
  ) throws -> GatewayServer {
    var settings = HubAssembly.gatewaySettings(configuration)
    settings.connectionsMax = try DescriptorBudget.connectionsMax(configuration, logger)
    do {
      return try GatewayServer(
        settings: settings, gateway: bus,
        query: JournalQuery(bus: bus, history: ExchangeHistory(journal: journal), directory: directory),
        credentials: LiveCredentials(directory: directory, clock: clock),
        codecs: Installation.current.connectorCodecs, clock: clock, logger: logger,
        tokenKey: .hmac(try HubAssembly.tokenKey(configuration)), inbox: bus, served: served,
        mounts: Set(Installation.current.connectors.compactMap { $0.descriptor.mount }).sorted(),
        ready: { bus.isAccepting ? [] : ["starting"] },
        extraRoutes: { if configuration.hub.admin == nil { console.mount(on: $0, readers: .loopback) } })
    } catch let error as GatewayStartError {
      throw Failure("\(error)")
    }
  }
}

/// What the door asks of the journal.
struct JournalQuery: ExchangeQuery {
  let bus: Bus
  let history: ExchangeHistory
  let directory: LiveDirectory

  func exchange(_ id: ExchangeID) async throws -> ExchangeView? { try history.exchange(id) }

  func answer(of id: ExchangeID) async throws -> Reply? { try await bus.answer(of: id) }

  func documents(_ text: String) async throws -> [DocumentLife] {
    let documents = DocumentHistory(history)
    return try documents.find(text).compactMap { try documents.life(of: $0) }
  }

  func mayObserve(_ agency: OrganisationCode) -> Bool { directory.mayObserve(agency) }
}

/// What the door asks of `agencies.yaml`.
struct LiveCredentials: CredentialCheck {
  let directory: LiveDirectory
  let clock: any HubClock

  func verify(clientID: String, secret: String) -> OrganisationCode? {
    guard let credential = directory.credential(clientID), credential.admits(secret, at: clock.now) else { return nil }
    return credential.agency
  }

  func isValid(credential id: String, of agency: OrganisationCode) -> Bool {
    directory.credential(id).map { $0.agency == agency && $0.isValid(at: clock.now) } ?? false
  }
}
