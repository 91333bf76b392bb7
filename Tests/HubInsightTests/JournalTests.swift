import HubBus
import HubJournal
import HubKit
import HubTesting
import Synchronization
import Testing

@testable import HubInsight

/// The figures against what a real bus wrote into a real journal.
@Suite(.timeLimit(.minutes(3))) struct JournalTests {
  /// Some of everything.
  private static func traffic(_ hub: SmallHub) async throws {
    for number in 1...6 { try await hub.send("vn.gov.edoc.document", "d\(number)") }
    try await hub.send("vn.gov.edoc.document", "reject-1")
    try await hub.send("vn.gov.edoc.status", "flaky-1")
    try await hub.send("vn.gov.edoc.status", "away-1")
    try await hub.send("vn.gov.edoc.status", "hopeless-1")
    for (number, status) in ["registered", "in-progress", "finished", "returned"].enumerated() {
      try await hub.send("vn.haiphong.dossier.status", "s\(number)") { envelope in
        envelope.subject = "H24-1"
        envelope.time = Timestamp(seconds: 1_795_300_000 + Int64(number))
        envelope.extensions = ["dossierstatus": status, "duetime": "2026-12-01T00:00:00+07:00"]
      }
    }
    try await hub.send("vn.gov.dvcqg.dossier", "p1") { envelope in
      envelope.subject = "H24-2"
      envelope.extensions = ["duetime": "2020-01-01T00:00:00+07:00"]
    }
    try await hub.send("vn.lgsp.service.call", "q1") { envelope in
      envelope.extensions = ["service": "population/verify", "purpose": "dossier H24-1", "sender": "H24.1"]
    }
    // The same again is a duplicate, and no second exchange.
    try await hub.send("vn.gov.edoc.document", "d1")
    await #expect(throws: NotAccepted.self) { try await hub.send("unknown.type", "x1") }
    await #expect(throws: NotAccepted.self) { try await hub.send("", "x2") }
  }

  /// Returns once the journal has all of ``traffic(_:)``: refusals are written down after they were told.
  private static func rest(_ hub: SmallHub) async throws {
    try await waitUntil("the journal has all") {
      let refused = try hub.journal.events(after: 0, limit: 1000).count { $0.kind == "refused" }
      return try hub.journal.statistics().open == 0 && refused == 2
    }
  }

  @Test func `Figures of the bus's journal equal a direct count of its exchanges`() async throws {
    let hub = try SmallHub(outbound: ["axis": Scripted(), "city": Scripted(), "operations-centre": Scripted()])
    try await hub.running { hub in
      try await Self.traffic(hub)
      try await Self.rest(hub)
      let figures = try await hub.rebuilt().indicators(at: Timestamp(seconds: 1_795_400_000))
      var query = SearchQuery()
      query.limit = 1000
      let views = try hub.bus.history.search(query)
      #expect(figures.total.exchanges.received == views.count)
      #expect(figures.total.exchanges.delivered == views.count { $0.state == .delivered })
      #expect(figures.total.exchanges.partly == views.count { $0.state == .partly })
      #expect(figures.total.exchanges.failed == views.count { $0.state == .failed })
      #expect(views.contains { $0.state == .failed } && views.contains { $0.state == .delivered })
      let documents = views.filter { $0.type == "vn.gov.edoc.document" }
      #expect(figures.total.documents.received == documents.count)
      #expect(figures.total.documents.carried == documents.count { $0.state != .failed })
      for name in ["axis", "city"] {
        let endpoint = try #require(figures.total.endpoints[name])
        let deliveries = views.flatMap(\.deliveries).filter { $0.endpoint == name }
        #expect(endpoint.delivered == deliveries.count { $0.state == .delivered })
        #expect(endpoint.refused == deliveries.count { $0.state == .refused })
        #expect(endpoint.parked == deliveries.count { $0.state == .parked })
        #expect(endpoint.waiting.count == endpoint.delivered)
        let events = views.flatMap(\.events).filter { $0.endpoint == name }
        #expect(endpoint.failedAttempts == events.count { $0.name == "retry" || $0.name == "outage" })
      }
      #expect(figures.total.endpoints["city"]?.parked == 1)
      #expect((figures.total.endpoints["city"]?.failedAttempts ?? 0) >= 2)
      #expect(figures.total.refusedAtTheDoor == ["no-route": 1, "invalid": 1])
      #expect(figures.total.lookups.byAgency == ["H24.1": 1])
      #expect(
        figures.total.dossiers
          == .init(
            received: 2, finishedOnTime: 1, finishedLate: 0, finishedUndated: 0, endedOtherwise: 0))
      #expect(figures.openDossiers == .init(open: 1, overdue: 1))
    }
    await hub.close()
  }

  @Test func `Made anew in pages of any size, also by a reader of its own, the figures are the same bytes`()
    async throws
  {
    let hub = try SmallHub(outbound: ["axis": Scripted(), "city": Scripted(), "operations-centre": Scripted()])
    var incremental = IndicatorProjection()
    let feed = EventFeed(journal: hub.journal)
    try await hub.running { hub in
      try await Self.traffic(hub)
      try await Self.rest(hub)
    }
    // Record by record, as a follower sees them that asks all the time.
    while let event = try await feed.events(after: incremental.sequence, limit: 1).first { incremental.apply(event) }
    let bytes = try incremental.snapshot()
    for size in [1, 2, 3, 17, 1000] {
      #expect(try await hub.rebuilt(pageSize: size).snapshot() == bytes, "pages of \(size)")
    }
    await hub.close()
    let reader = try Journal.open(
      JournalOptions(directory: hub.folder.file("journal"), isReadOnly: true), keys: SmallHub.keys, clock: SystemClock()
    )
    var other = IndicatorProjection()
    let events = try await EventFeed(journal: reader).events(after: 0, limit: 10_000)
    for event in events { other.apply(event) }
    // Closing wrote nothing that counts.
    let time = Timestamp(seconds: 1_795_400_000)
    #expect(try other.indicators(at: time).json() == incremental.indicators(at: time).json())
    await reader.close()
  }

  @Test func `A feed that begins in the middle tells the same as one that was there from the beginning`() async throws {
    let hub = try SmallHub(outbound: ["axis": Scripted(), "city": Scripted(), "operations-centre": Scripted()])
    try await hub.running { hub in
      try await Self.traffic(hub)
      try await Self.rest(hub)
    }
    let whole = try await EventFeed(journal: hub.journal).events(after: 0, limit: 10_000)
    #expect(whole.count > 20)
    for event in whole {
      let fresh = try await EventFeed(journal: hub.journal).events(after: event.sequence - 1, limit: 1)
      #expect(fresh == [event])
    }
    #expect(try hub.journal.statistics().sequence == whole.last?.sequence)
    await hub.close()
  }

  @Test func `Refusals that the audit log only counted are counted too`() async throws {
    let hub = try SmallHub(outbound: ["city": Scripted()])
    try await hub.running { hub in
      for number in 1...60 {
        await #expect(throws: NotAccepted.self) { try await hub.send("unknown.type", "x\(number)") }
      }
    }
    await hub.close()
    let reader = try Journal.open(
      JournalOptions(directory: hub.folder.file("journal"), isReadOnly: true), keys: SmallHub.keys,
      clock: SystemClock())
    var projection = IndicatorProjection()
    for event in try await EventFeed(journal: reader).events(after: 0, limit: 1000) { projection.apply(event) }
    let refused = projection.indicators(at: Timestamp(seconds: 0)).total.refusedAtTheDoor
    #expect(refused["no-route"] ?? 0 > 0 && refused[FeedEvent.unrecorded] ?? 0 > 0)
    #expect(refused.values.reduce(0, +) == 60)
    await reader.close()
  }

  @Test func `A delivery that took another one's place is told at its own endpoint, also from the middle`() async throws
  {
    let hub = try SmallHub(outbound: ["axis": FirstOnly(), "city": Scripted(), "operations-centre": Scripted()])
    try await hub.running { hub in
      try await hub.send("vn.haiphong.fallback", "reject-1")
      try await waitUntil("the journal has all") { try hub.journal.statistics().open == 0 }
    }
    let figures = try await hub.rebuilt().indicators(at: Timestamp(seconds: 0)).total.endpoints
    #expect(figures["city"]?.refused == 1 && figures["city"]?.delivered == 0)
    #expect(figures["axis"]?.delivered == 1 && figures["axis"]?.failedAttempts == 1)
    let whole = try await EventFeed(journal: hub.journal).events(after: 0, limit: 10_000)
    for event in whole {
      let fresh = try await EventFeed(journal: hub.journal).events(after: event.sequence - 1, limit: 1)
      #expect(fresh == [event])
    }
    await hub.close()
  }
}

/// Fails once, then takes everything.
private final class FirstOnly: OutboundAdapter {
  private let hasFailed = Mutex(false)

  func deliver(_ delivery: Delivery) async throws(AdapterError) -> Reply {
    let isFirst = hasFailed.withLock { hasFailed in
      defer { hasFailed = true }
      return !hasFailed
    }
    if isFirst { throw AdapterError(.retry(after: nil), code: "again", reason: "Later.") }
    return Reply(code: "0")
  }

  func probe() async throws(AdapterError) {}
}
