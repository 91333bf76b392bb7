public import HubKit
public import Hummingbird
internal import HummingbirdCore
internal import HummingbirdHTTP2
public import Logging
internal import NIOCore
public import ServiceLifecycle

/// The HTTPS door: agencies hand messages in and ask what became of them. A `Service`; it stops gracefully, which is
/// to say that requests under way are answered first.
public struct GatewayServer: Service {
  private let settings: GatewaySettings
  private let responder: RouterResponder<GatewayContext>
  private let signer: TokenSigner
  private let logger: Logger
  private let ports: PortBoard
  private let identity: ShownIdentity?

  /// The routes that it serves, as `METHOD /path`, in order of path.
  public let routes: [String]

  /// Makes the door; nothing is opened yet.
  ///
  /// - Parameters:
  ///   - settings: addresses and limits.
  ///   - gateway: takes what was handed in.
  ///   - query: knows what became of it.
  ///   - credentials: knows who may get a token.
  ///   - codecs: formats whose content names its own type, as edXML does: for those `type` may be left out.
  ///   - clock: the time, for tokens and limits.
  ///   - logger: for what an operator should know.
  ///   - tokenKey: signs tokens.
  ///   - inbox: what waits for agencies that cannot be called.
  ///   - served: what connectors answer when far systems call, by endpoint.
  ///   - mounts: first parts of paths at which connectors may stand by themselves, as in `vxp`.
  ///   - ready: why the hub is not ready yet, each reason a sentence; empty once it is. Asked for each `GET /ready`.
  ///   - extraRoutes: adds the routes of other rooms, such as `/` and `/metrics`. They need no token.
  /// - Throws: ``GatewayStartError`` when key, certificate or addresses cannot be used.
  public init(
    settings: GatewaySettings, gateway: any Gateway, query: any ExchangeQuery,
    credentials: any CredentialCheck,
    codecs: [any Codec], clock: any HubClock, logger: Logger, tokenKey: TokenKey, inbox: any InboxPort,
    served: ServedInterfaces = ServedInterfaces(), mounts: [String] = [],
    ready: @escaping @Sendable () async -> [String],
    extraRoutes: (Router<GatewayContext>) -> Void = { _ in }
  ) throws(GatewayStartError) {
    guard settings.plainAddress != nil || settings.secureAddress != nil else { throw .noAddress }
    self.settings = settings
    self.logger = logger
    identity = settings.secureAddress == nil ? nil : ShownIdentity(try ServerIdentity(settings.identity))
    signer = try TokenSigner(key: tokenKey, settings: settings, clock: clock)
    ports = PortBoard(
      expected: [settings.plainAddress, settings.secureAddress].count { $0 != nil })

    let list = RouteList()
    let router = Router(context: GatewayContext.self, options: .autoGenerateHeadEndpoints)
    router.add(middleware: ProblemMiddleware(routes: list, clock: clock))
    let token = TokenEndpoint(
      credentials: credentials, signer: signer,
      limiter: GuessLimiter(settings: settings, clock: clock),
      lifetime: settings.tokenLifetime)
    router.post("/oauth2/token", use: token.post)
    let exchanges = ExchangeEndpoint(
      gateway: gateway, query: query, codecs: codecs, settings: settings)
    router.group("/v1/exchanges")
      .add(middleware: BearerMiddleware(signer: signer, credentials: credentials))
      .post(use: exchanges.post)
      .get("{id}", use: exchanges.get)
      .get("{id}/reply", use: exchanges.reply)
    router.group("/v1/documents").add(middleware: BearerMiddleware(signer: signer, credentials: credentials))
      .get(use: DocumentEndpoint(query: query).get)
    let services = ServiceEndpoint(gateway: gateway, settings: settings)
    let calls = router.group("/v1/services").add(middleware: BearerMiddleware(signer: signer, credentials: credentials))
    for method in ServiceEndpoint.methods {
      calls.on("{provider}/{service}", method: method, use: services.call)
      calls.on("{provider}/{service}/**", method: method, use: services.call)
    }
    let inboxes = InboxEndpoint(inbox: inbox, bodies: gateway.bodies, settings: settings)
    router.group("/v1/inbox").add(middleware: BearerMiddleware(signer: signer, credentials: credentials))
      .get(use: inboxes.list)
      .get("{id}", use: inboxes.body)
      .post("{id}/ack", use: inboxes.acknowledge)
      .post("{id}/nack", use: inboxes.refuse)
    let serving = ServedMounts(
      interfaces: served, bodyBytesMax: settings.servedBytesMax,
      intake: BodyIntake(bodies: gateway.bodies, bytesMax: settings.bodyBytesMax))
    for method in ServedMounts.methods {
      router.on("/v1/served/{endpoint}/**", method: method, use: serving.answer)
      for mount in mounts {
        router.on("/\(mount)/**", method: method) { request, context in
          try await serving.answer(request, context, at: mount)
        }
      }
    }
    OpenEndpoints(ready: ready).add(to: router)
    extraRoutes(router)
    let all = router.routes.map { (path: $0.path.description, method: $0.method.rawValue) }
    list.fill(all)
    routes = all.sorted { ($0.path, $0.method) < ($1.path, $1.method) }.map {
      "\($0.method) \($0.path)"
    }
    responder = router.buildResponder()
  }

  /// Listens until the process is asked to stop.
  ///
  /// - Throws: ``GatewayStartError`` when an address cannot be listened on.
  public func run() async throws {
    await signer.prepare()
    var listeners: [any Service] = []
    if let address = settings.plainAddress {
      listeners.append(Listener(address: address, application: plainApplication(address)))
    }
    if let address = settings.secureAddress, let identity {
      listeners.append(
        Listener(address: address, application: secureApplication(address, identity)))
    }
    defer { ports.close() }
    try await ServiceGroup(configuration: .init(services: listeners, logger: logger)).run()
  }

  /// Waits until all addresses are listened on.
  ///
  /// - Returns: nil when the door closed before that.
  public func boundPorts() async -> BoundPorts? {
    await ports.wait()
  }

  /// Shows another certificate to whoever connects from now on; connections that are open go on.
  ///
  /// - Throws: ``GatewayStartError/badIdentity(reason:)`` when it cannot be used; the old one is shown then.
  public func show(_ identity: TLSIdentity) throws(GatewayStartError) {
    self.identity?.show(try ServerIdentity(identity))
  }

  private var http1: HTTP1Channel.Configuration {
    let settings = settings
    return HTTP1Channel.Configuration(
      additionalChannelHandlers: [ConnectionGuard(settings: settings)],
      idleTimeout: TimeAmount(settings.idleTimeout),
      httpDecoderConfiguration: .init(
        maxHeaderFieldSize: min(16 << 10, settings.headerBytesMax),
        maxHeaderListSize: settings.headerBytesMax,
        maxHeaderFieldCount: settings.headerFieldsMax))
  }

  private func plainApplication(_ address: ListenAddress) -> Application<
    RouterResponder<GatewayContext>
  > {
    application(address, .http1(configuration: http1)) { [ports] in ports.post(plain: $0) }
  }

  private func secureApplication(
    _ address: ListenAddress, _ identity: ShownIdentity
  ) -> Application<RouterResponder<GatewayContext>> {
    let configuration = HTTP2UpgradeChannel.Configuration(
      idleTimeout: settings.headTimeout, gracefulCloseTimeout: settings.lingerTimeout,
      streamConfiguration: http1)
    let timeout = settings.handshakeTimeout
    let server = HTTPServerBuilder { responder in
      GuardedChannel(
        base: try HTTP2UpgradeChannel(
          tlsConfiguration: identity.configuration, configuration: configuration,
          responder: responder),
        handshakeTimeout: timeout)
    }
    return application(address, server) { [ports] in ports.post(secure: $0) }
  }

  private func application(
    _ address: ListenAddress, _ server: HTTPServerBuilder,
    onBound: @escaping @Sendable (Int) -> Void
  ) -> Application<RouterResponder<GatewayContext>> {
    var requestLogger = logger
    requestLogger.handler = RequestLog(logger)
    return Application(
      responder: responder, server: server,
      configuration: .init(
        address: .hostname(address.host, port: address.port), backlog: 1024,
        availableConnectionsDelegate: MaximumAvailableConnections(settings.connectionsMax)),
      onServerRunning: { onBound($0.localAddress?.port ?? address.port) },
      logger: requestLogger)
  }
}
