import HubJournal
import HubKit
import HubRouting
import HubTesting
import Synchronization
import Testing

@testable import HubBus

@Suite("Another configuration under a running bus")
struct AdoptionTests {
  @Test("What was received before keeps to its routes and goes to the new far side; attempts end where they began")
  func rules() async throws {
    let (old, new) = (Gate(isOpen: false), Gate(isOpen: true))
    let before = try RouteBook.marking("old", order: true, keep: .duration(.seconds(3600)))
    let hub = try SwapHub(before, [BusEndpoint(name: "e", connector: "test", outbound: old)])
    try await hub.running { hub in
      let first = try await hub.send("1")
      try await waitUntil("the first is under way") { old.arrivedCount == 1 }
      let second = try await hub.send("2")
      hub.adopt(try .marking("new"), [BusEndpoint(name: "e", connector: "test", outbound: new)])
      let third = try await hub.send("3")
      #expect(await hub.outcome(third)?.state == .delivered)
      #expect(old.taken.isEmpty && new.taken == [#"{"id":"3","by":"new"}"#])
      old.open()
      #expect(await hub.outcome(first)?.state == .delivered)
      #expect(await hub.outcome(second)?.state == .delivered)
      #expect(old.taken == [#"{"id":"1","by":"old"}"#])
      #expect(new.taken == [#"{"id":"3","by":"new"}"#, #"{"id":"2","by":"old"}"#])
      // An empty record ends with the commit that holds the ends.
      try await hub.journal.record([])
      while try await hub.journal.sweep(limit: 100) > 0 {}
      for receipt in [first, second] {
        let stored = try #require(try hub.journal.exchange(receipt.exchange))
        #expect(stored.body != nil && stored.configuration == "old", "its own route keeps it for an hour")
      }
      #expect(try hub.journal.exchange(third.exchange)?.body == nil)
    }
  }

  @Test("After a restart too an exchange keeps the order, the expiry and the mapping of its receipt")
  func restart() async throws {
    let before = try RouteBook.marking("old", order: true, expiry: .seconds(3600))
    let receipt = Mutex<Receipt?>(nil)
    let folder = try TemporaryDirectory("swap")
    let away = try SwapHub(before, [BusEndpoint(name: "e", connector: "test", outbound: Away())], folder: folder)
    try await away.running { hub in
      let sent = try await hub.send("1")
      receipt.withLock { $0 = sent }
      try await waitUntil("the far side is away") { hub.bus.snapshot().endpoints.first?.reason != nil }
    }
    let id = try #require(receipt.withLock { $0 }).exchange
    let next = try SwapHub(
      try .marking("new", route: "other"), [BusEndpoint(name: "e", connector: "test", outbound: Away())],
      earlier: [before], folder: folder)
    try await next.running { hub in
      let seat = try #require(hub.bus.state.withLock { $0.core.exchanges[id] })
      #expect(seat.orderingKey == "one lane")
      #expect(seat.expiry == seat.receivedAt + .seconds(3600))
      let gate = Gate(isOpen: true)
      hub.adopt(try .marking("newer"), [BusEndpoint(name: "e", connector: "test", outbound: gate)])
      let sent = try #require(receipt.withLock { $0 })
      #expect(await hub.outcome(sent)?.state == .delivered)
      #expect(gate.taken == [#"{"id":"1","by":"old"}"#])
    }
  }

  @Test("Sources of an endpoint that changed or is gone are let go before the next ones are asked; others go on")
  func polling() async throws {
    let book = try RouteBook.marking("old")
    let busy = Mutex(Busy())
    func endpoint(_ name: String, _ tag: String) -> BusEndpoint {
      BusEndpoint(
        name: name, connector: "test", outbound: nil,
        sources: [Patient { change in busy.withLock { $0.note(name, tag, change) } }], pollEvery: .milliseconds(1))
    }
    @Sendable func asked(_ tags: String...) async throws {
      try await waitUntil("\(tags) are asked") { busy.withLock { $0.now.values.sorted() } == tags }
    }
    let same = endpoint("same", "s1")
    let hub = try SwapHub(book, [same, endpoint("other", "o1"), endpoint("gone", "g1")])
    try await hub.running { hub in
      try await asked("g1", "o1", "s1")
      hub.adopt(book, [same, endpoint("other", "o2"), endpoint("new", "n1")])
      try await asked("n1", "o2", "s1")
      // Twice quickly: the one between is never asked, or has ended before.
      hub.adopt(book, [same, endpoint("other", "o3")])
      hub.adopt(book, [same, endpoint("other", "o4")])
      try await asked("o4", "s1")
      #expect(busy.withLock { $0.begun["s1"] } == 1)
      #expect(busy.withLock { $0.clashes } == 0)
    }
  }

  /// Who is asked now.
  private struct Busy {
    var now: [String: String] = [:]
    var begun: [String: Int] = [:]
    var clashes = 0

    mutating func note(_ endpoint: String, _ tag: String, _ begins: Bool) {
      guard begins else {
        now[endpoint] = nil
        return
      }
      if now.updateValue(tag, forKey: endpoint) != nil { clashes += 1 }
      begun[tag, default: 0] += 1
    }
  }
}

/// A far side that is always away.
private struct Away: OutboundAdapter {
  func deliver(_ delivery: Delivery) async throws(AdapterError) -> Reply {
    throw AdapterError(.outage(after: .milliseconds(20)), code: "away", reason: "Away.")
  }

  func probe() async throws(AdapterError) {}
}

/// A source that has nothing, and waits for it until it is let go.
private struct Patient: PollingSource {
  let name = "s"
  let note: @Sendable (_ begins: Bool) -> Void

  init(_ note: @escaping @Sendable (Bool) -> Void) { self.note = note }

  func poll(after cursor: String?, limit: Int, bodies: any BodyStore) async throws(AdapterError) -> Page {
    note(true)
    defer { note(false) }
    do { try await Task.sleep(for: .seconds(3600)) } catch {
      throw AdapterError(.cancelled, code: "cancelled", reason: "Let go.")
    }
    return Page(items: [])
  }

  func acknowledge(_ page: Page, refusals: [Int: NotAccepted]) async throws(AdapterError) {}
}
