import Foundation
import HubBus
import HubInsight
import HubKit
import HubRouting
import HubTesting
import HubTransform
import Logging
import Synchronization

@testable import HubJournal

/// A real bus on a real journal, with endpoints that answer by script.
final class SmallHub: Sendable {
  let folder: TemporaryDirectory
  let journal: Journal
  let bus: Bus
  let pool = TransformPool(program: nil)

  /// Types beginning with `ask.` go nowhere: no route takes them.
  init(
    outbound: [String: any OutboundAdapter], folder: TemporaryDirectory? = nil,
    retry: Duration = .milliseconds(5), attemptsMax: Int = 3
  ) throws {
    self.folder = try folder ?? TemporaryDirectory("insight")
    let clock = SystemClock()
    journal = try Journal.open(
      JournalOptions(directory: self.folder.file("journal")), keys: Self.keys, clock: clock)
    let routes = [
      Route(
        name: "indicators", match: RouteMatch(["type": [Pattern("vn.haiphong.ioc.indicators")]]),
        to: [.endpoint(EndpointAddress("operations-centre"))]),
      Route(
        name: "both", match: RouteMatch(["type": [Pattern("vn.gov.edoc.document")]]),
        to: [.endpoint(EndpointAddress("axis")), .endpoint(EndpointAddress("city"))]),
      Route(
        name: "questions", match: RouteMatch(["service": [Pattern("population/*")]]),
        to: [.endpoint(EndpointAddress("city"))]),
      Route(
        name: "fallback", match: RouteMatch(["type": [Pattern("vn.haiphong.fallback")]]),
        to: [.endpoint(EndpointAddress("city"))], fallback: EndpointAddress("axis")),
      Route(name: "one", match: RouteMatch(["type": [Pattern("vn.*")]]), to: [.endpoint(EndpointAddress("city"))]),
    ]
    let book = RouteBook(digest: "small", routes: routes)
    let formats = FormatCatalogue([], limits: CodecLimits())
    let planner = Planner(book: book, pool: pool, formats: formats, directory: NobodyKnown()) { _, _, _ in nil }
    let policy = EndpointPolicy(attemptsMax: attemptsMax, backoffFirst: retry, backoffFactor: 1, backoffMax: retry)
    bus = Bus(
      journal: journal,
      setup: BusSetup(
        planner: planner, admission: Admission(book: book, formats: formats, directory: NobodyKnown(), pool: pool),
        endpoints: outbound.map { BusEndpoint(name: $0, connector: "test", outbound: $1, policy: policy) },
        limits: BusLimits(freeDiskBytesMin: 0, drain: .seconds(1))),
      pinnedBook: { _ in nil }, masking: Masking(secret: [1]), observer: Silent(),
      clock: clock, logger: Logger(label: "test"))
  }

  static let keys = JournalKeys(master: [UInt8](0..<32))

  /// Runs bus and, if given, insight while `body` runs.
  func running(
    insight settings: InsightSettings? = nil, _ body: (SmallHub) async throws -> Void
  ) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await self.bus.run() }
      if let settings {
        let service = InsightService(
          feed: EventFeed(journal: journal), gateway: bus, settings: settings, clock: SystemClock(),
          logger: Logger(label: "test"))
        group.addTask { try await service.run() }
      }
      try await waitUntil("the bus accepts") { self.bus.snapshot().isAccepting }
      try await body(self)
      group.cancelAll()
    }
  }

  func close() async {
    pool.shutdown()
    await journal.close()
  }

  /// Hands in a message and waits for its end.
  @discardableResult
  func send(
    _ type: String, _ id: String, from principal: Principal = .endpoint("test"),
    change: (inout Envelope) -> Void = { _ in }
  ) async throws -> Receipt {
    var envelope = Envelope(id: id, source: "/test", type: type, dataContentType: "text/plain")
    change(&envelope)
    let receipt = try await bus.accept(
      [Message(envelope: envelope, body: .inline(Array(id.utf8)), principal: principal)], advancing: nil)[0]
    _ = await bus.outcome(of: receipt, within: .seconds(30))
    return receipt
  }

  /// The figures that follow from the journal, read anew.
  func rebuilt(pageSize: Int = 7) async throws -> IndicatorProjection {
    let feed = EventFeed(journal: journal)
    var projection = IndicatorProjection()
    while true {
      let events = try await feed.events(after: projection.sequence, limit: pageSize)
      for event in events { projection.apply(event) }
      guard events.count == pageSize else { return projection }
    }
  }
}

struct Silent: BusObserver {
  func accepted(type: String, at time: Timestamp) {}
  func settled(_ state: ExchangeState) {}
  func refused(_ refusal: NotAccepted, principal: Principal, type: String, at time: Timestamp) {}
}

/// Answers by the message's id: `reject…`, `flaky…` (fails once), `away…` (an outage once), else takes it.
final class Scripted: OutboundAdapter {
  private let seen = Mutex<[String: Int]>([:])

  func deliver(_ delivery: Delivery) async throws(AdapterError) -> Reply {
    let times = seen.withLock { seen in
      seen[delivery.id, default: 0] += 1
      return seen[delivery.id] ?? 0
    }
    let id = delivery.envelope.id
    if id.hasPrefix("reject") { throw AdapterError(.reject, code: "no", reason: "No.") }
    if id.hasPrefix("hopeless") { throw AdapterError(.retry(after: nil), code: "again", reason: "Later.") }
    if id.hasPrefix("flaky"), times == 1 { throw AdapterError(.retry(after: nil), code: "again", reason: "Later.") }
    if id.hasPrefix("away"), times == 1 { throw AdapterError(.outage(after: nil), code: "away", reason: "Away.") }
    return Reply(code: "0")
  }

  func probe() async throws(AdapterError) {}
}

/// Asks until a condition holds; fails after a minute.
func waitUntil(_ what: String, _ condition: @Sendable () async throws -> Bool) async throws {
  let clock = ContinuousClock()
  let end = clock.now + .seconds(60)
  while try await !condition() {
    guard clock.now < end else { throw TestingError("not within a minute: \(what)") }
    try await Task.sleep(for: .milliseconds(5))
  }
}
