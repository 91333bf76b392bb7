import CoreMetrics
import HTTPTypes
import HubKit
import Hummingbird
import Logging
import NIOCore
import Synchronization
import Testing

@testable import HubAdmin

@Suite("Who may read the control bus")
struct AccessTests {
  @Test(arguments: [
    ("127.0.0.1", true), ("127.8.9.10", true), ("::1", true), ("::ffff:127.0.0.1", true), ("10.0.0.1", false),
    ("128.0.0.1", false), ("::2", false), ("127.0.0.1.evil.example", false), ("127.0.0", false),
    ("127.0.0.999", false), ("::ffff:10.0.0.1", false), ("", false),
  ])
  func `loopback is an address of this machine's own`(address: String, own: Bool) {
    #expect(AdminAccess.isLoopback(address) == own)
  }

  @Test(arguments: [
    (AdminAccess.Caller(peer: "127.0.0.1", host: "127.0.0.1:8080", isForwarded: false), true),
    (AdminAccess.Caller(peer: "::1", host: "[::1]:8080", isForwarded: false), true),
    (AdminAccess.Caller(peer: "127.0.0.1", host: "LocalHost", isForwarded: false), true),
    (AdminAccess.Caller(peer: "127.0.0.1", host: nil, isForwarded: false), true),
    (AdminAccess.Caller(peer: "127.0.0.1", host: "localhost:8080", isForwarded: true), false),
    (AdminAccess.Caller(peer: "127.0.0.1", host: "rebound.example:8080", isForwarded: false), false),
    (AdminAccess.Caller(peer: "192.168.1.7", host: "localhost:8080", isForwarded: false), false),
    (AdminAccess.Caller(peer: nil, host: "localhost:8080", isForwarded: false), false),
  ])
  func `who calls over a proxy, from outside or by another name does not sit here`(
    caller: AdminAccess.Caller, admitted: Bool
  ) {
    #expect(AdminAccess.admits(caller, to: .loopback) == admitted)
    #expect(AdminAccess.admits(caller, to: .anyone))
  }

  @Test func `by default all pages are for this machine only`() async throws {
    let pages = Pages()
    for path in ["/", "/status.json", "/metrics", "/documents", "/documents.csv"] {
      #expect(try await pages.get(path, peer: "127.0.0.1").status == .ok)
      let refused = try await pages.get(path, peer: "10.1.2.3")
      #expect(refused.status == .forbidden)
      #expect(refused.text.contains("hub.yaml"))
      #expect(!refused.text.contains("H99"))
      #expect(try await pages.get(path, peer: "127.0.0.1", [("X-Forwarded-For", "10.1.2.3")]).status == .forbidden)
    }
    #expect(pages.overview.calls == 1, "one snapshot serves all who ask within a second")
  }

  @Test func `status and metrics are opened one by one`() async throws {
    let pages = Pages(AdminAccess(metrics: .anyone))
    #expect(try await pages.get("/metrics", peer: "10.1.2.3").status == .ok)
    #expect(try await pages.get("/status.json", peer: "10.1.2.3").status == .forbidden)
  }

  @Test func `the page lets no script run but its own, and a new nonce each time`() async throws {
    let pages = Pages()
    let (first, second) = (try await pages.get("/", peer: "::1"), try await pages.get("/", peer: "::1"))
    let policy = try #require(first.headers["Content-Security-Policy"])
    let nonce = try #require(policy.firstMatch(of: /script-src 'nonce-([0-9a-f]{32})'/)?.1)
    #expect(policy.hasPrefix("default-src 'none';"))
    #expect(!policy.contains("unsafe"))
    #expect(first.text.contains("<script nonce=\"\(nonce)\">"))
    #expect(first.text.contains("<style nonce=\"\(nonce)\">"))
    #expect(!first.text.contains(" style="))
    #expect(!second.text.contains(nonce))
    #expect(first.headers["Cache-Control"] == "no-store")
  }

  @Test func `metrics hold the meters and the snapshot, each family once`() async throws {
    let pages = Pages()
    pages.registry.makeCounter(label: "lgsp_exchanges_accepted_total", dimensions: []).increment(by: 5)
    let answer = try await pages.get("/metrics", peer: "127.0.0.1")
    #expect(answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8")
    let read = try Exposition(answer.text)
    #expect(read.value("lgsp_exchanges_accepted_total") == 5)
    #expect(read.value("lgsp_endpoint_state", ["endpoint": "so-xay-dung", "state": "down"]) == 1)
    #expect(read.value("lgsp_endpoint_state", ["endpoint": "so-xay-dung", "state": "running"]) == 0)
    #expect(read.value("lgsp_exchanges_open", ["state": "underway"]) == 37)
    #expect(read.value("lgsp_journal_oldest_open_age_seconds") == 4210)
    #expect(read.value("lgsp_endpoint_last_success_time_seconds", ["endpoint": "so-y-te"]) == 0)
    #expect(read.samples.allSatisfy { $0.name.hasPrefix("lgsp_") })
  }
}

/// The pages on a router, asked without a socket: the peer's address is handed in where the socket would say it.
struct Pages {
  struct Source: RequestContextSource {
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let peer: String?
  }

  struct Context: RequestContext {
    typealias Source = Pages.Source

    var coreContext: CoreRequestContextStorage
    let peer: String?
    init(source: Source) {
      coreContext = CoreRequestContextStorage(source: source)
      peer = source.peer
    }
  }

  struct Answer {
    let status: HTTPResponse.Status
    let headers: [String: String]
    let text: String
  }

  final class Overview: HubOverview {
    private let count = Mutex(0)
    var calls: Int { count.withLock { $0 } }
    func snapshot() async -> OverviewSnapshot {
      count.withLock { $0 += 1 }
      return Samples.busy
    }
    func sheet(ofEndpoint name: String) -> EndpointSheet? { name == "axis" ? Samples.sheet : nil }
    func documents(in month: CalendarMonth) async -> DocumentMonth? {
      months.withLock { $0.append(month.text) }
      return Samples.documents(in: month)
    }
    /// Months that were counted.
    let months = Mutex<[String]>([])
  }

  struct StillClock: HubClock {
    var now: Timestamp { Samples.now }
    func sleep(until deadline: Timestamp) async throws {}
  }

  let overview = Overview()
  let registry = PrometheusRegistry()
  private let responder: RouterResponder<Context>

  init(_ access: AdminAccess = AdminAccess()) {
    let router = Router(context: Context.self)
    AdminPages(overview: overview, registry: registry, access: access, clock: StillClock())
      .mount(on: router) { $0.peer }
    responder = router.buildResponder()
  }

  func get(_ path: String, peer: String?, _ fields: [(String, String)] = []) async throws -> Answer {
    var headers = HTTPFields()
    for (name, value) in fields { headers[try #require(HTTPField.Name(name))] = value }
    let head = HTTPRequest(method: .get, scheme: "http", authority: "localhost:8080", path: path, headerFields: headers)
    let response = try await responder.respond(
      to: Request(head: head, body: RequestBody(buffer: ByteBuffer())), context: Context(source: Source(peer: peer)))
    let writer = Writer()
    try await response.body.write(writer)
    let named = response.headers.map { ($0.name.rawName, $0.value) }
    return Answer(
      status: response.status, headers: Dictionary(named) { first, _ in first },
      text: String(buffer: writer.taken.buffer))
  }

  /// Gathers what a response writes.
  private struct Writer: ResponseBodyWriter {
    final class Taken: Sendable {
      private let bytes = Mutex(ByteBuffer())
      var buffer: ByteBuffer { bytes.withLock { $0 } }
      func append(_ more: ByteBuffer) { bytes.withLock { _ = $0.writeImmutableBuffer(more) } }
    }

    let taken = Taken()
    mutating func write(_ buffer: ByteBuffer) async throws { taken.append(buffer) }
    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
  }
}
