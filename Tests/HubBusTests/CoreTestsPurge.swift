import HubKit
import Testing

@testable import HubBus

@Suite("The core: what a person has removed goes nowhere any more")
struct CoreTestsPurge {
  @Test("What waits ends at once, its lane goes on, and who and why are written down")
  func waiting() throws {
    var hub = CoreDriver(["a": .patient(concurrency: 1)])
    let ids = (0..<3).map { _ in hub.send(key: "k") }
    hub.purge(ids[1])
    #expect(hub.outcomes[ids[1]]?.state == .failed)
    #expect(hub.names(ids[1]) == [.routed, .abandoned, .purged, .settled])
    let step = try #require(hub.steps(ids[1]).first { $0.name == .purged })
    #expect(step.by == "an" && step.detail == "secret")
    hub.succeed(ids[0].delivery())
    #expect(hub.underway == [ids[2].delivery()])
    hub.succeed(ids[2].delivery())
    #expect(hub.core.isEmpty)
  }

  @Test("What is being sent is cut off, and holds its lane until the attempt has ended")
  func underway() {
    var hub = CoreDriver(["a": .patient(concurrency: 1)])
    let ids = (0..<2).map { _ in hub.send(key: "k") }
    hub.purge(ids[0])
    #expect(hub.cancelled == [ids[0].delivery()])
    #expect(hub.outcomes[ids[0]]?.state == .failed)
    #expect(hub.underway == [ids[0].delivery()])
    hub.fail(ids[0].delivery(), .cancelled)
    #expect(hub.underway == [ids[1].delivery()])
    #expect(hub.settledTwice.isEmpty)
  }

  @Test("What has no plan yet gets none, and those of its key behind it are planned on")
  func unplanned() {
    var hub = CoreDriver(["a": .patient()])
    let first = hub.receive(key: "k")
    let second = hub.receive(key: "k")
    hub.plan(second, to: ["a"], key: "k")
    #expect(hub.underway.isEmpty)
    hub.purge(first)
    #expect(hub.outcomes[first]?.state == .failed)
    #expect(hub.underway == [second.delivery()])
    hub.plan(first, to: ["a"], key: "k")
    #expect(hub.underway == [second.delivery()], "its plan comes too late")
  }

  @Test("What sleeps on the disk is taken off the shelf, and no page brings it back")
  func asleep() {
    var hub = CoreDriver(["a": EndpointPolicy(concurrency: 1, windowMax: 2)])
    let ids = (0..<5).map { _ in hub.send(key: "k") }
    #expect(hub.asleep.contains(ids[3]))
    hub.succeed(ids[0].delivery())
    // Read before, brought after.
    let stale = hub.readings.first.map { reading in
      (reading, hub.shelf.page(reading.endpoint, reading.reading).compactMap(hub.shelved))
    }
    hub.purge(ids[3])
    #expect(hub.outcomes[ids[3]]?.state == .failed)
    if let (reading, page) = stale {
      hub.readings.removeFirst()
      hub.handle(
        .shelved(page, endpoint: reading.endpoint, reading.reading, isLast: page.count < reading.reading.limit))
    }
    for id in [ids[1], ids[2], ids[4]] {
      hub.bringPages()
      #expect(hub.underway == [id.delivery()])
      hub.succeed(id.delivery())
    }
    #expect(hub.core.isEmpty && hub.shelf.entries.isEmpty)
    #expect(hub.core.endpoints["a"]?.shelf.count == 0)
    #expect(hub.settledTwice.isEmpty)
    #expect(!hub.attempts.contains { $0.ref.exchange == ids[3] })
  }

  @Test("A dead letter is given up, and what it held back goes on once that is on the disk; also after a restart")
  func deadLetter() {
    var hub = CoreDriver(["a": .patient()])
    let ids = (0..<2).map { _ in hub.send(key: "k") }
    hub.fail(ids[0].delivery(), .reject)
    #expect(hub.underway.isEmpty)
    hub.purge(ids[0], lifts: false)
    #expect(hub.underway.isEmpty)
    #expect(hub.records.last?.hasDeadLetters == false)
    #expect(hub.names(ids[0]) == [.routed, .refused, .settled, .purged])
    var again = hub.restarted(["a": .patient()])
    for id in again.plans { again.plan(id, to: ["a"], key: "k") }
    #expect(again.underway == [ids[1].delivery()])
  }
}

extension CoreDriver {
  /// Has the content of an exchange that is known removed, as the shell does.
  mutating func purge(_ id: ExchangeID, lifts: Bool = true) {
    let isOpen = core.exchanges[id] != nil
    var settled: (seat: ExchangeSeat, state: ExchangeState)?
    if !isOpen, let state = outcomes[id]?.state, var seat = seats[id] {
      seat.restore(steps(id))
      settled = (seat, state)
    }
    let (barriers, effects) = core.purge(
      id, BusCore.PurgeOrder(by: "an", reason: "secret"), shelved: isOpen || settled != nil ? nil : shelved(id),
      settled: settled, at: now)
    take(effects)
    #expect(barriers != nil)
    if lifts { take(core.lift(barriers ?? [], at: now)) }
  }
}
