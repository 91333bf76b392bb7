import HTTPTypes
public import HubKit
public import Hummingbird
import Logging

/// The control bus's pages: the status page at `/`, the same as JSON at `/status.json`, the settings of each
/// endpoint at `/endpoints/<name>`, documents by month at `/documents` and `/documents.csv`, and `/metrics` for
/// Prometheus.
/// They only read, and hold no personal data but the name of the operator who looks. With ``OperatorSignIn`` also the
/// way to sign in and out.
public struct AdminPages: Sendable {
  private let cache: SnapshotCache
  private let documents: DocumentPages
  private let overview: any HubOverview
  private let registry: PrometheusRegistry
  private let access: AdminAccess
  private let signIn: OperatorSignIn?

  /// Creates the pages.
  ///
  /// - Parameters:
  ///   - overview: where the figures come from.
  ///   - registry: the meters behind `/metrics`; the same that swift-metrics was given at start.
  ///   - access: who may read.
  ///   - signIn: lets operators in from elsewhere, to all but the metrics; nil: nobody signs in.
  ///   - clock: says how old the last snapshot is.
  public init(
    overview: any HubOverview, registry: PrometheusRegistry, access: AdminAccess = AdminAccess(),
    signIn: OperatorSignIn? = nil, clock: any HubClock
  ) {
    self.overview = overview
    cache = SnapshotCache(overview, clock: clock, lifetime: .seconds(1))
    documents = DocumentPages(overview, clock: clock)
    self.registry = registry
    self.access = access
    self.signIn = signIn
  }

  /// Adds the pages to a router.
  ///
  /// - Parameters:
  ///   - router: the gateway's.
  ///   - peer: the address, without port, from which a request's connection comes; nil when it has none.
  ///   - isSecure: whether that connection has TLS.
  public func mount<Context: RequestContext>(
    on router: some RouterMethods<Context>, peer: @escaping @Sendable (Context) -> String?,
    isSecure: @escaping @Sendable (Context) async -> Bool = { _ in false }
  ) {
    router.get("/") { request, context in
      await statusPage(request, from: peer(context), logger: context.logger)
    }
    router.get("/status.json") { request, context in
      guard admits(request, from: peer(context), to: access.status) || person(request) != nil else {
        return Response.refused
      }
      return await answer { try json($0) }
    }
    router.get("/endpoints/:name") { request, context in
      endpointPage(request, context.parameters.get("name") ?? "", from: peer(context), logger: context.logger)
    }
    for (path, isFile) in [("/documents", false), ("/documents.csv", true)] {
      router.get(RouterPath(path)) { request, context in
        if let refusal = refusal(of: request, from: peer(context), logger: context.logger) { return refusal }
        return await documents.answer(
          month: request.uri.queryParameters["month"].map(String.init), isFile: isFile)
      }
    }
    router.get("/metrics") { request, context in
      guard admits(request, from: peer(context), to: access.metrics) else { return Response.refused }
      return await answer { metrics($0) }
    }
    guard let signIn else { return }
    @Sendable func call(_ request: Request, _ context: Context) async -> BrowserCall {
      BrowserCall(
        request, peer: peer(context), isSecure: await isSecure(context), publicURL: signIn.publicURL)
    }
    router.get("/sign-in") { request, context in
      await SignInRoutes(signIn: signIn, logger: context.logger).begin(await call(request, context))
    }
    router.get("/sign-in/callback") { request, context in
      await SignInRoutes(signIn: signIn, logger: context.logger).finish(
        await call(request, context), state: request.uri.queryParameters["state"].map(String.init) ?? "",
        code: request.uri.queryParameters["code"].map(String.init) ?? "")
    }
    router.post("/sign-out") { request, context in
      SignInRoutes(signIn: signIn, logger: context.logger).end(await call(request, context))
    }
  }

  private func admits(_ request: Request, from peer: String?, to readers: AdminAccess.Readers) -> Bool {
    let caller = AdminAccess.Caller(
      peer: peer, host: request.head.authority, isForwarded: Self.forwarding.contains { request.headers[$0] != nil })
    return AdminAccess.admits(caller, to: readers)
  }

  /// The operator whose session the browser holds.
  private func person(_ request: Request) -> SignedInPerson? {
    guard let signIn else { return nil }
    let call = BrowserCall(request, peer: nil, isSecure: false, publicURL: nil)
    return signIn.person(call.session)
  }

  private func answer(with page: (OverviewSnapshot) throws -> Response) async -> Response {
    do {
      return try page(await cache.snapshot())
    } catch {
      return Response.text(status: .internalServerError, "the figures cannot be written as JSON: \(error)")
    }
  }

  /// Header fields by which a proxy says for whom it speaks (RFC 7239 section 4, and what came before it).
  private static let forwarding: [HTTPField.Name] = ["Forwarded", "X-Forwarded-For", "X-Real-IP"]
    .compactMap { HTTPField.Name($0) }

  private func statusPage(_ request: Request, from peer: String?, logger: Logger) async -> Response {
    if let refusal = refusal(of: request, from: peer, logger: logger) { return refusal }
    let person = person(request)
    let viewer = viewer(person)
    return await answer { snapshot in
      let nonce = RandomText.bits(128)
      return .document(
        nonce: nonce, hasForm: person != nil,
        StatusPage(snapshot: snapshot, viewer: viewer, nonce: nonce).html)
    }
  }

  /// What is told to those who may not read a page; nil: they may.
  private func refusal(of request: Request, from peer: String?, logger: Logger) -> Response? {
    guard person(request) == nil, !admits(request, from: peer, to: access.status) else { return nil }
    return signIn.map { SignInRoutes(signIn: $0, logger: logger).refusal() } ?? .refused
  }

  private func endpointPage(_ request: Request, _ name: String, from peer: String?, logger: Logger) -> Response {
    if let refusal = refusal(of: request, from: peer, logger: logger) { return refusal }
    guard let sheet = overview.sheet(ofEndpoint: name) else {
      return .text(status: .notFound, "Không có điểm kết nối này / there is no such endpoint.")
    }
    let nonce = RandomText.bits(128)
    return .document(nonce: nonce, EndpointPage(sheet: sheet, nonce: nonce).html)
  }

  private func viewer(_ person: SignedInPerson?) -> StatusPage.Viewer {
    if let person { return .signedIn(name: person.name) }
    return signIn.map { .signedOut(title: $0.provider.title) } ?? .unnamed
  }

  private func json(_ snapshot: OverviewSnapshot) throws -> Response {
    .of(String(decoding: try snapshot.json(), as: UTF8.self), type: "application/json")
  }

  private func metrics(_ snapshot: OverviewSnapshot) -> Response {
    var text = PrometheusText()
    registry.write(to: &text)
    snapshot.write(to: &text)
    return .of(text.text, type: PrometheusText.mediaType)
  }
}
