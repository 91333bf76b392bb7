import HTTPTypes
public import HubKit
public import Hummingbird

/// The control bus's pages: the status page at `/`, the same as JSON at `/status.json`, and `/metrics` for Prometheus.
/// They only read, and hold no personal data.
public struct AdminPages: Sendable {
  private let cache: SnapshotCache
  private let registry: PrometheusRegistry
  private let access: AdminAccess

  /// Creates the pages.
  ///
  /// - Parameters:
  ///   - overview: where the figures come from.
  ///   - registry: the meters behind `/metrics`; the same that swift-metrics was given at start.
  ///   - access: who may read.
  ///   - clock: says how old the last snapshot is.
  public init(
    overview: any HubOverview, registry: PrometheusRegistry, access: AdminAccess = AdminAccess(), clock: any HubClock
  ) {
    cache = SnapshotCache(overview, clock: clock, lifetime: .seconds(1))
    self.registry = registry
    self.access = access
  }

  /// Adds the pages to a router.
  ///
  /// - Parameters:
  ///   - router: the gateway's.
  ///   - peer: the address, without port, from which a request's connection comes; nil when it has none.
  public func mount<Context: RequestContext>(
    on router: some RouterMethods<Context>, peer: @escaping @Sendable (Context) -> String?
  ) {
    router.get("/") { request, context in
      await answer(to: request, from: peer(context), access.status) { statusPage($0) }
    }
    router.get("/status.json") { request, context in
      await answer(to: request, from: peer(context), access.status) { try json($0) }
    }
    router.get("/metrics") { request, context in
      await answer(to: request, from: peer(context), access.metrics) { metrics($0) }
    }
  }

  private func answer(
    to request: Request, from peer: String?, _ readers: AdminAccess.Readers,
    with page: (OverviewSnapshot) throws -> Response
  ) async -> Response {
    let caller = AdminAccess.Caller(
      peer: peer, host: request.head.authority, isForwarded: Self.forwarding.contains { request.headers[$0] != nil })
    guard AdminAccess.admits(caller, to: readers) else { return .refused }
    do {
      return try page(await cache.snapshot())
    } catch {
      return Response.text(status: .internalServerError, "the figures cannot be written as JSON: \(error)")
    }
  }

  /// Header fields by which a proxy says for whom it speaks (RFC 7239 section 4, and what came before it).
  private static let forwarding: [HTTPField.Name] = ["Forwarded", "X-Forwarded-For", "X-Real-IP"]
    .compactMap { HTTPField.Name($0) }

  private func statusPage(_ snapshot: OverviewSnapshot) -> Response {
    let nonce = Self.nonce()
    let policy = [
      "default-src 'none'", "script-src 'nonce-\(nonce)'", "style-src 'nonce-\(nonce)'", "img-src data:",
      "connect-src 'self'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
    ]
    return .of(
      StatusPage(snapshot: snapshot, nonce: nonce).html, type: "text/html; charset=utf-8",
      policy: policy.joined(separator: "; "))
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

  /// 128 random bits in hex.
  private static func nonce() -> String {
    (0..<4).map { _ in
      let part = String(UInt32.random(in: .min ... .max), radix: 16)
      return String(repeating: "0", count: 8 - part.count) + part
    }.joined()
  }
}

extension Response {
  /// A page with the fields that keep browsers from guessing, storing, framing or telling others.
  fileprivate static func of(
    status: HTTPResponse.Status = .ok, _ body: String, type: String, policy: String = "default-src 'none'"
  ) -> Response {
    let fields = [
      ("Content-Type", type), ("Cache-Control", "no-store"), ("Content-Security-Policy", policy),
      ("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY"), ("Referrer-Policy", "no-referrer"),
      ("Cross-Origin-Resource-Policy", "same-origin"),
    ]
    var headers = HTTPFields()
    for (name, value) in fields {
      if let name = HTTPField.Name(name) { headers.append(HTTPField(name: name, value: value)) }
    }
    return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: body)))
  }

  fileprivate static func text(status: HTTPResponse.Status, _ text: String) -> Response {
    of(status: status, "\(text)\n", type: "text/plain; charset=utf-8")
  }

  fileprivate static var refused: Response {
    text(
      status: .forbidden,
      """
      Trang này chỉ đọc được từ chính máy chạy hub; mục admin trong hub.yaml mở một địa chỉ riêng.
      This page can only be read on the hub's own machine; admin in hub.yaml gives it an address of its own.
      """)
  }
}
