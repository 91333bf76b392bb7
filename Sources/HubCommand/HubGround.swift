internal import HubAdmin
internal import HubBus
internal import HubConfig
internal import HubGateway
internal import HubJournal
internal import HubKit
internal import HubRouting
internal import HubTransform
internal import HubTransport
internal import Logging
internal import ServiceLifecycle

/// What stays the same while a hub runs, whatever configuration is in force.
struct HubGround: Sendable {
  let configFolder: String
  let journal: Journal
  let directory: LiveDirectory
  let pool: TransformPool
  let loop = CurlLoop()
  let clock: any HubClock
  let logger: Logger
  /// Endpoints that are played by this process.
  var mocked: MockedEndpoints?

  init(
    configuration: HubConfiguration, configFolder: String, journal: Journal, clock: any HubClock, logger: Logger
  ) throws {
    self.configFolder = configFolder
    self.journal = journal
    self.clock = clock
    self.logger = logger
    do { directory = try LiveDirectory(folder: configFolder) } catch { throw Failure("\(error)") }
    pool = TransformPool(limits: HubAssembly.transformLimits(configuration), program: .own(logger: logger))
  }
}

// MARK: - What a configuration makes

/// One endpoint, made and not in use yet.
struct MadeEndpoint: Sendable {
  let settings: EndpointConfiguration
  /// The state of its connector's files.
  let kindDigest: String
  let endpoint: BusEndpoint
  /// The way in for its connector.
  let gateway: EndpointGateway
  /// What waits at it.
  let inbox: EndpointInbox
  /// The way out.
  let transport: any Transport
  let served: (any ServedInterface)?
  let signIn: (any SignInProvider)?
}

/// All that one configuration makes of the hub. Making it opens nothing and starts nothing, so that it can be made
/// beside the one in force, and thrown away.
struct Edition: Sendable {
  let configuration: HubConfiguration
  let endpoints: [MadeEndpoint]
  let setup: BusSetup
  /// What the door shows.
  let identity: TLSIdentity?

  /// What connectors answer when their far systems call.
  var served: [ServedInterfaces.Entry] {
    endpoints.compactMap { made in
      made.served.map {
        ServedInterfaces.Entry(endpoint: made.settings.name, mount: made.endpoint.descriptor?.mount, interface: $0)
      }
    }
  }

  /// Opens the ways in of the endpoints' connectors.
  func connect(to bus: Bus) {
    for made in endpoints {
      made.gateway.connect(to: bus)
      made.inbox.connect(to: bus)
    }
  }
}

extension HubGround {
  /// Makes what a configuration says.
  ///
  /// - Parameter current: the edition in force: endpoints about which nothing changed are taken from it, with their
  ///   sessions at far systems.
  /// - Throws: ``ConfigurationError`` with all that cannot be made.
  func edition(of configuration: HubConfiguration, after current: Edition? = nil) throws -> Edition {
    var complaints: [Complaint] = []
    var endpoints: [MadeEndpoint] = []
    let catalogue = Catalogue(configuration, in: configFolder, pool: pool)
    let formats = HubAssembly.formats(configuration)
    for written in configuration.endpoints {
      guard let kind = catalogue.connector(written.connector) else {
        complaints.append(written.complaint("no connector \(written.connector) is installed"))
        continue
      }
      let settings = mocked?.applied(to: written, kind) ?? written
      let policy = HubAssembly.policy(settings, of: kind.descriptor, windowMax: configuration.hub.limits.laneWindowMax)
      let isSame = { (made: MadeEndpoint) in
        made.settings.isSame(as: settings) && made.kindDigest == kind.digest && made.endpoint.policy == policy
      }
      if let same = current?.endpoints.first(where: isSame) {
        endpoints.append(same)
        continue
      }
      do throws(ConfigurationError) { endpoints.append(try made(settings, kind, policy, formats)) } catch {
        complaints += error.complaints
      }
    }
    if let complaint = configuration.hub.gateway.https?.complaint { complaints.append(complaint) }
    guard complaints.isEmpty else { throw ConfigurationError(complaints) }
    let inspector: AttachmentInspector
    do { inspector = try self.inspector(configuration) } catch {
      throw ConfigurationError([.ofSignatures("\(error)")])
    }
    return Edition(
      configuration: configuration, endpoints: endpoints,
      setup: setup(configuration, endpoints: endpoints.map(\.endpoint), inspector),
      identity: HubAssembly.gatewaySettings(configuration).identity)
  }

  private func made(
    _ settings: EndpointConfiguration, _ kind: ConnectorKind, _ policy: EndpointPolicy, _ formats: FormatCatalogue
  ) throws(ConfigurationError) -> MadeEndpoint {
    if let tls = settings.tls {
      do throws(TLSFault) { try TLSFault.check(tls) } catch {
        throw ConfigurationError([settings.complaint(error.words)])
      }
    }
    let (gateway, inbox) = (EndpointGateway(endpoint: settings.name), EndpointInbox())
    let transport = loop.transport(
      for: settings.name, HubAssembly.transportOptions(settings), recorder: nil)
    var parts: ConnectorParts
    do {
      parts = try kind.configured(settings.settings)(
        ConnectorContext(
          endpoint: settings.name, transport: transport, gateway: gateway, inbox: inbox, record: inbox, clock: clock,
          directory: directory, logger: logger))
    } catch let error as SettingError {
      throw ConfigurationError([settings.complaint("\(error.name): \(error.message)")])
    } catch {
      throw ConfigurationError([settings.complaint("\(error)")])
    }
    if settings.isNext {
      guard parts.outbound != nil else {
        throw ConfigurationError([settings.complaint("its connector cannot send; a second version only sends")])
      }
      // What the far system brings by itself comes in by the first version, and once.
      (parts.sources, parts.served, parts.signIn) = ([], nil, nil)
    }
    let outbound = try guised(parts.outbound, settings, formats)
    let endpoint = BusEndpoint(
      name: settings.name, connector: settings.connector, outbound: outbound, sources: parts.sources,
      resident: parts.resident, policy: policy, pollEvery: settings.poll?.every ?? .seconds(5),
      pollLimit: settings.poll?.limit ?? 50, descriptor: kind.descriptor)
    return MadeEndpoint(
      settings: settings, kindDigest: kind.digest, endpoint: endpoint, gateway: gateway, inbox: inbox,
      transport: transport, served: parts.served, signIn: parts.signIn)
  }

  /// What an endpoint's `format:` asks for.
  private func guised(
    _ outbound: (any OutboundAdapter)?, _ settings: EndpointConfiguration, _ formats: FormatCatalogue
  ) throws(ConfigurationError) -> (any OutboundAdapter)? {
    guard let format = settings.format else { return outbound }
    guard let outbound, let guised = GuisedOutbound(outbound, as: format, formats: formats, pool: pool) else {
      let known = formats.codecs.filter { $0.guise != nil }.map(\.name).joined(separator: ", ")
      throw ConfigurationError([
        settings.complaint(
          (
            en: "format: its connector does not send in \(format); there is: \(known)",
            vi: "format: bộ kết nối không gửi được dạng \(format); hiện có: \(known)"
          ))
      ])
    }
    return guised
  }

  private func setup(
    _ configuration: HubConfiguration, endpoints: [BusEndpoint], _ inspector: AttachmentInspector
  ) -> BusSetup {
    let book = RouteBook(digest: configuration.digest, routes: configuration.routes)
    let formats = HubAssembly.formats(configuration)
    return BusSetup(
      planner: Planner(
        book: book, pool: pool, formats: formats, directory: directory, origin: HubAssembly.origin(in: journal)),
      admission: Admission(
        book: book, formats: formats, directory: directory, pool: pool, secrets: SecretRules(configuration.hub),
        inspector: inspector),
      endpoints: endpoints,
      limits: HubAssembly.busLimits(configuration))
  }
}

extension EndpointConfiguration {
  /// Whether another configuration says the same of it; where that stands in the files does not matter.
  func isSame(as other: EndpointConfiguration) -> Bool {
    name == other.name && connector == other.connector && settings == other.settings
      && (concurrency, timeout, connectTimeout, responseBytesMax)
        == (other.concurrency, other.timeout, other.connectTimeout, other.responseBytesMax)
      && (retry, allow, onDoubt, poll, tls) == (other.retry, other.allow, other.onDoubt, other.poll, other.tls)
      && (next, isNext, format) == (other.next, other.isNext, other.format)
  }

  fileprivate func complaint(_ message: String) -> Complaint { complaint((message, message)) }

  fileprivate func complaint(_ words: (en: String, vi: String)) -> Complaint {
    Complaint(
      severity: .error, file: place.file, line: place.line, column: place.column, code: "endpoint",
      message: "The endpoint \(name) cannot be made: \(words.en)",
      vi: "Không tạo được điểm kết nối \(name): \(words.vi)")
  }
}

extension Complaint {
  /// Whom signatures are held against cannot be read.
  fileprivate static func ofSignatures(_ reason: String) -> Complaint {
    Complaint(
      severity: .error, file: "hub.yaml", line: 1, column: 1, code: "signatures",
      message: "signatures: \(reason)", vi: "signatures: \(reason)")
  }
}
