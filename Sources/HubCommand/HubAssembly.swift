internal import Foundation
internal import HubAdmin
internal import HubBus
internal import HubConfig
internal import HubGateway
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

  /// Opens the journal, makes the endpoints, and puts the bus and the door together. Nothing runs yet.
  static func assemble(configFolder: String, logger: Logger) async throws -> HubAssembly {
    let files: ConfigFiles
    do { files = try ConfigFiles(folder: configFolder) } catch { throw Failure("\(error)") }
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
    let parts = try HubParts(
      configuration: configuration, files: files, configFolder: configFolder, journal: journal, clock: clock,
      logger: logger)
    return try parts.assemble(journal: journal)
  }

  init(services: [any Service], journal: Journal, loop: CurlLoop, pool: TransformPool) {
    self.services = services
    self.journal = journal
    self.loop = loop
    self.pool = pool
  }

  /// Ends what outlives the services: outbound connections, mapping workers, and last the journal.
  func close() async {
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
    return options
  }

  /// The journal's keys: 32 bytes in base64 behind the reference in hub.yaml.
  static func journalKeys(_ configuration: HubConfiguration) throws -> JournalKeys {
    JournalKeys(master: try keyBytes(configuration.hub.journal.key, "journal.key"))
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

/// The parts of a hub that both the daemon and the offline tools make.
struct HubParts {
  let configuration: HubConfiguration
  let directory: LiveDirectory
  let pool: TransformPool
  let formats: FormatCatalogue
  let book: RouteBook
  let loop = CurlLoop()
  /// The ways in of the endpoints' connectors.
  let gateways: [String: EndpointGateway]
  let signIns = SignInProviders()
  let clock: any HubClock
  let logger: Logger
  let configFolder: String

  init(
    configuration: HubConfiguration, files: ConfigFiles, configFolder: String, journal: Journal,
    clock: any HubClock, logger: Logger
  ) throws {
    self.configuration = configuration
    self.configFolder = configFolder
    self.clock = clock
    self.logger = logger
    do { directory = try LiveDirectory(folder: configFolder) } catch { throw Failure("\(error)") }
    pool = TransformPool(limits: HubAssembly.transformLimits(configuration))
    formats = HubAssembly.formats(configuration)
    book = RouteBook(digest: files.digest, routes: configuration.routes)
    gateways = Dictionary(
      configuration.endpoints.map { ($0.name, EndpointGateway(endpoint: $0.name)) }, uniquingKeysWith: { $1 })
  }

  /// The daemon's services.
  func assemble(journal: Journal) throws -> HubAssembly {
    let history = ExchangeHistory(journal: journal)
    let console = Console(journal: journal, configuration: configuration, clock: clock)
    let made = try configuration.endpoints.map { ($0, try parts(of: $0)) }
    let bus = try bus(journal: journal, observer: console, endpoints: made.map(endpoint))
    console.watch(bus)
    console.open(try signIns.desk(for: configuration.hub.signIn, clock: clock))
    for gateway in gateways.values { gateway.connect(to: bus) }
    let served = made.compactMap { endpoint, parts in parts.served.map { (endpoint.name, $0) } }
    let door = try door(
      bus: bus, history: history, console: console, served: Dictionary(served, uniquingKeysWith: { $1 }))
    let services: [(any Service)?] = [bus, insight(of: journal, through: bus), door, console.ownServer(logger: logger)]
    return HubAssembly(services: services.compactMap { $0 }, journal: journal, loop: loop, pool: pool)
  }

  private func bus(journal: Journal, observer: any BusObserver, endpoints: [BusEndpoint]) throws -> Bus {
    let origin = HubAssembly.origin(in: journal)
    let planner = Planner(book: book, pool: pool, formats: formats, directory: directory, origin: origin)
    let (pool, formats, directory) = (pool, formats, directory)
    return Bus(
      journal: journal, planner: planner,
      pinnedPlanner: { digest in
        HubAssembly.pinnedBook(digest, in: journal).map {
          Planner(book: $0, pool: pool, formats: formats, directory: directory, origin: origin)
        }
      },
      admission: Admission(book: book, formats: formats, directory: directory, pool: pool),
      endpoints: endpoints, limits: HubAssembly.busLimits(configuration),
      masking: try HubAssembly.masking(configuration), observer: observer, clock: clock, logger: logger)
  }

  private func parts(of settings: EndpointConfiguration) throws -> ConnectorParts {
    guard let type = Installation.current.connectors.first(where: { $0.descriptor.name == settings.connector }) else {
      throw Failure("Không có connector \(settings.connector) / no such connector is installed.")
    }
    do {
      return try type.init(settings: settings.settings).make(
        ConnectorContext(
          endpoint: settings.name,
          transport: loop.transport(
            for: settings.name, HubAssembly.transportOptions(settings, configFolder), recorder: nil),
          gateway: gateways[settings.name] ?? EndpointGateway(endpoint: settings.name), clock: clock,
          directory: directory, logger: logger))
    } catch let error as SettingError {
      throw Failure("\(settings.place): \(error.name): \(error.message)")
    } catch {
      throw Failure("\(settings.place): \(error)")
    }
  }

  private func endpoint(_ settings: EndpointConfiguration, _ parts: ConnectorParts) -> BusEndpoint {
    signIns.add(parts.signIn, of: settings.name)
    return BusEndpoint(
      name: settings.name, connector: settings.connector, outbound: parts.outbound, sources: parts.sources,
      policy: HubAssembly.policy(settings, windowMax: configuration.hub.limits.laneWindowMax),
      pollEvery: settings.poll?.every ?? .seconds(5), pollLimit: settings.poll?.limit ?? 50)
  }

  private func door(
    bus: Bus, history: ExchangeHistory, console: Console, served: [String: any ServedInterface]
  ) throws -> GatewayServer {
    var settings = try HubAssembly.gatewaySettings(configuration, configFolder)
    settings.connectionsMax = try DescriptorBudget.connectionsMax(configuration, logger)
    do {
      return try GatewayServer(
        settings: settings, gateway: bus,
        query: JournalQuery(bus: bus, history: history, directory: directory),
        credentials: LiveCredentials(directory: directory, clock: clock),
        codecs: Installation.current.connectorCodecs, clock: clock, logger: logger,
        tokenKey: .hmac(try HubAssembly.tokenKey(configuration)), inbox: bus, served: served,
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
