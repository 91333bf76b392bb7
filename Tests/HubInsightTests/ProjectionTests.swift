import HubBus
import HubKit
import HubTesting
import Testing

@testable import HubInsight

/// What must hold for any events.
@Suite struct ProjectionTests {
  static let seeds: [UInt64] = Array(1...25)

  @Test(arguments: seeds)
  func `A prefix, kept as a snapshot, and the rest make the whole, byte for byte`(seed: UInt64) throws {
    let events = FeedMaker.events(seed: seed, count: 400)
    let whole = try IndicatorProjection(events).snapshot()
    var random = SeededRandom(seed: seed)
    for _ in 0..<5 {
      let cut = Int.random(in: 0...events.count, using: &random)
      var later = try IndicatorProjection(snapshot: IndicatorProjection(events.prefix(cut)).snapshot())
      for event in events.dropFirst(cut) { later.apply(event) }
      #expect(try later.snapshot() == whole, "cut at \(cut)")
    }
  }

  @Test(arguments: seeds)
  func `Events that come again change nothing, in whatever order`(seed: UInt64) throws {
    let events = FeedMaker.events(seed: seed, count: 300)
    var random = SeededRandom(seed: seed &+ 1)
    var projection = IndicatorProjection()
    var seen: [FeedEvent] = []
    for event in events {
      projection.apply(event)
      seen.append(event)
      for _ in 0..<3 { projection.apply(seen[Int.random(in: 0..<seen.count, using: &random)]) }
    }
    for event in events.shuffled(using: &random) { projection.apply(event) }
    #expect(try projection.snapshot() == IndicatorProjection(events).snapshot())
  }

  @Test(arguments: seeds)
  func `Days add up to the total while none is forgotten`(seed: UInt64) {
    let projection = IndicatorProjection(FeedMaker.events(seed: seed, count: 500))
    #expect(projection.days.count > 5 && projection.days.count < IndicatorProjection.daysMax)
    let days = projection.days.values
    #expect(days.map(\.exchanges.received).reduce(0, +) == projection.total.exchanges.received)
    #expect(days.map(\.dossiers.received).reduce(0, +) == projection.total.dossiers.received)
    #expect(days.map(\.documents.carried).reduce(0, +) == projection.total.documents.carried)
    let waits = days.flatMap(\.endpoints.values).map(\.waiting.count).reduce(0, +)
    #expect(waits == projection.total.endpoints.values.map(\.waiting.count).reduce(0, +))
  }

  @Test(arguments: seeds)
  func `Every dossier is received once and ends at most once`(seed: UInt64) {
    let events = FeedMaker.events(seed: seed, count: 800)
    let codes = Set(
      events.flatMap(\.news).compactMap { news -> String? in
        if case .received(_, let envelope) = news, envelope.type.contains("dossier") { envelope.subject } else { nil }
      })
    let projection = IndicatorProjection(events)
    let dossiers = projection.total.dossiers
    let ended = dossiers.finishedOnTime + dossiers.finishedLate + dossiers.finishedUndated + dossiers.endedOtherwise
    #expect(dossiers.received == codes.count)
    #expect(ended + projection.dossiers.openCount == codes.count)
  }

  @Test(arguments: seeds)
  func `What the hub itself sends changes no figure and is no news`(seed: UInt64) throws {
    let events = FeedMaker.events(seed: seed, count: 400)
    let others = events.filter { event in
      !event.news.contains { news in
        switch news {
        case .received(let origin, _), .settled(_, let origin, _): origin.principal == "hub:insight"
        case .ended(_, let delivery), .attemptFailed(let delivery): delivery.origin.principal == "hub:insight"
        case .refusedAtTheDoor(_, _, let principal): principal == "hub:insight"
        }
      }
    }
    #expect(others.count < events.count)
    let time = Timestamp(seconds: 1_900_000_000)
    let (all, without) = (IndicatorProjection(events), IndicatorProjection(others))
    #expect(all.newsSequence == without.newsSequence)
    #expect(try all.indicators(at: time).json() == without.indicators(at: time).json())
  }

  @Test func `A refusal of the hub's own message is no news, or it would bring the next one`() {
    var projection = IndicatorProjection()
    projection.apply(
      FeedEvent(
        sequence: 1, at: Timestamp(seconds: 0),
        news: [.refusedAtTheDoor(code: "no-route", count: 1, principal: "hub:insight")]))
    #expect(projection.sequence == 1 && projection.newsSequence == 0)
    #expect(projection.total.refusedAtTheDoor.isEmpty)
  }

  @Test func `Old days are forgotten and stay in the total`() {
    var projection = IndicatorProjection()
    for number in 0..<200 {
      projection.apply(
        FeedEvent(
          sequence: Int64(number + 1), at: Timestamp(seconds: Int64(number) * 86_400),
          news: [.refusedAtTheDoor(code: "invalid", count: 1, principal: "agency:H24.1")]))
    }
    #expect(projection.days.count == IndicatorProjection.daysMax)
    #expect(projection.days["1970-07-19"] != nil && projection.days["1970-01-01"] == nil)
    #expect(projection.total.refusedAtTheDoor == ["invalid": 200])
  }

  @Test func `A day begins at midnight in the city`() {
    var projection = IndicatorProjection()
    for (number, time) in ["2026-11-22T16:59:59Z", "2026-11-22T17:00:00Z"].enumerated() {
      guard let at = Timestamp(rfc3339: time) else {
        Issue.record("no time")
        return
      }
      projection.apply(
        FeedEvent(
          sequence: Int64(number + 1), at: at,
          news: [.refusedAtTheDoor(code: "invalid", count: 1, principal: "agency:H24.1")]))
    }
    #expect(projection.days.keys.sorted() == ["2026-11-22", "2026-11-23"])
  }

  @Test func `Names beyond the limit are counted together`() {
    var counts: [String: Int] = [:]
    for number in 0..<3000 { counts.add(1, to: "H24.\(number)") }
    #expect(counts.count == Figures.namesMax + 1)
    #expect(counts[Figures.others] == 1000)
    #expect(counts.values.reduce(0, +) == 3000)
  }
}
