import HubKit
import Testing

@testable import HubBus

@Suite("The core: drain, restart and wake-ups")
struct CoreTestsRestart {
  /// A new core that takes up what the journal holds of the old one's exchanges.
  private func restarted(
    _ old: CoreDriver, _ seats: [ExchangeSeat], _ policies: [String: EndpointPolicy] = ["a": .patient()]
  ) -> CoreDriver {
    var hub = CoreDriver(policies)
    hub.now = old.now
    for seat in seats { hub.handle(.restored(seat, entries: old.steps(seat.id))) }
    return hub
  }

  @Test("A draining core starts nothing, and takes in the end of what is under way")
  func drain() {
    var hub = CoreDriver(["a": .patient(concurrency: 1)])
    let first = hub.send()
    let second = hub.send()
    hub.handle(.drain)
    hub.succeed(first.delivery())
    #expect(hub.outcomes[first]?.state == .delivered)
    let third = hub.send()
    hub.pass(.seconds(600))
    #expect(hub.underway.isEmpty)
    #expect(hub.core.exchanges.keys.sorted() == [second, third])
  }

  @Test("What was being sent to an endpoint that parks in doubt is announced first, and parked after a crash")
  func crashWhilePaying() {
    let policies: [String: EndpointPolicy] = ["a": .patient(onDoubt: .park)]
    var hub = CoreDriver(policies)
    let seat = hub.seat(1)
    hub.handle(.received(seat))
    hub.plan(seat.id, to: ["a"])
    #expect(hub.underway == [seat.id.delivery()])
    #expect(hub.names(seat.id) == [.routed, .attempting])
    let next = restarted(hub, [seat], policies)
    #expect(next.attempts.isEmpty)
    #expect(next.outcomes[seat.id]?.state == .failed)
    #expect(next.names(seat.id) == [.parked, .settled])
  }

  @Test("After a restore, what may have been sent since the copy is parked where the endpoint asks for that")
  func restoredFromACopy() {
    let policies: [String: EndpointPolicy] = ["payment": .patient(onDoubt: .park), "b": .patient()]
    var hub = CoreDriver(policies)
    var old = hub.seat(1)
    old.isFromEarlierEpoch = true
    hub.handle(.restored(old, entries: []))
    hub.plan(old.id, to: ["payment", "b"])
    #expect(hub.underway == [old.id.delivery(2)])
    hub.succeed(old.id.delivery(2))
    #expect(hub.names(old.id) == [.routed, .parked, .delivered, .settled])
    #expect(hub.outcomes[old.id]?.state == .partly)
    let new = hub.seat(2)
    hub.handle(.received(new))
    hub.plan(new.id, to: ["payment"])
    #expect(hub.underway == [new.id.delivery()])
  }

  @Test("An attempt that fails after the drain is written down, and rests until the restart")
  func failAfterDrain() {
    var hub = CoreDriver(["a": .patient()])
    let seat = hub.seat(1)
    hub.handle(.received(seat))
    hub.plan(seat.id, to: ["a"])
    hub.handle(.drain)
    hub.fail(seat.id.delivery(), .retry(after: .seconds(20)))
    var next = restarted(hub, [seat])
    #expect(next.underway.isEmpty)
    next.pass(.seconds(20))
    #expect(next.attempts.map(\.number) == [2])
    next.succeed(seat.id.delivery())
    #expect(next.names(seat.id) == [.delivered, .settled])
    #expect(next.core.isEmpty)
  }

  @Test("A cancelled attempt leaves no record and is made again after the restart")
  func cancelled() {
    var hub = CoreDriver(["a": .patient()])
    let seat = hub.seat(1)
    hub.handle(.received(seat))
    hub.plan(seat.id, to: ["a"])
    hub.handle(.drain)
    hub.fail(seat.id.delivery(), .cancelled)
    #expect(hub.records.isEmpty)
    var next = restarted(hub, [seat])
    #expect(next.plans == [seat.id])
    next.plan(seat.id, to: ["a"])
    #expect(next.attempts.map(\.number) == [1])
    next.succeed(seat.id.delivery())
    #expect(next.names(seat.id) == [.routed, .delivered, .settled])
  }

  @Test("An adapter that calls an attempt cancelled while the hub is not stopping is not asked without a pause")
  func cancelledWithoutDrain() {
    var hub = CoreDriver(["a": .patient()])
    let id = hub.send()
    hub.fail(id.delivery(), .cancelled)
    #expect(hub.underway.isEmpty)
    hub.pass(.seconds(1))
    hub.succeed(id.delivery())
    #expect(hub.names(id) == [.routed, .delivered, .settled])
  }

  @Test("After a restart each delivery goes on where its last written step left it")
  func resume() {
    var hub = CoreDriver(["a": .patient(), "b": .patient(), "c": .patient()])
    let seat = hub.seat(1)
    hub.handle(.received(seat))
    hub.plan(seat.id, to: ["a", "b", "c"])
    hub.succeed(seat.id.delivery(1))
    hub.fail(seat.id.delivery(2), .retry(after: nil))
    var next = restarted(hub, [seat], ["a": .patient(), "b": .patient(), "c": .patient()])
    #expect(next.plans.isEmpty)
    #expect(next.underway == [seat.id.delivery(3)])
    next.succeed(seat.id.delivery(3))
    next.pass(.seconds(1))
    #expect(next.attempts.map(\.number) == [1, 2])
    next.succeed(seat.id.delivery(2))
    #expect(next.names(seat.id) == [.delivered, .delivered, .settled])
    #expect(next.outcomes[seat.id] == Outcome(state: .delivered))
    #expect(next.core.isEmpty)
  }

  @Test("A parked head still holds its follower after a restart, be its exchange open or settled", arguments: [1, 2])
  func parkedHead(deliveries: Int) {
    let policies = ["a": EndpointPolicy.patient(attemptsMax: 1), "b": .patient()]
    var hub = CoreDriver(policies)
    let head = hub.seat(1)
    let follower = hub.seat(2)
    for (seat, names) in [(head, Array(["a", "b"].prefix(deliveries))), (follower, ["a"])] {
      hub.handle(.received(seat))
      hub.plan(seat.id, to: names, key: "k")
    }
    hub.fail(head.id.delivery(), .retry(after: nil))
    #expect((hub.outcomes[head.id] != nil) == (deliveries == 1))
    var next = restarted(hub, [head, follower], policies)
    next.plan(follower.id, to: ["a"], key: "k")
    #expect(next.state(follower.id.delivery()) == .held)
    #expect(next.records.isEmpty, "what was settled is not settled again")
    if deliveries == 2 { next.succeed(head.id.delivery(2)) }
    next.pass(.seconds(600))
    #expect(next.core.exchanges.keys.sorted() == [follower.id])
    #expect(next.core.openByPrincipal["agency"]?.count == 1)
  }

  @Test("After a restart a planned message does not overtake an earlier one of its key that has no plan yet")
  func restoredOrder() {
    let policies = ["a": EndpointPolicy.patient(), "b": .patient()]
    var hub = CoreDriver(policies)
    let first = hub.seat(1, key: "k")
    let second = hub.seat(2, key: "k")
    hub.handle(.received(first))
    hub.handle(.received(second))
    hub.plan(first.id, to: ["a"], key: "k")
    hub.plan(second.id, to: ["b", "a"], key: "k")
    hub.succeed(second.id.delivery(1))
    var next = restarted(hub, [first, second], policies)
    #expect(next.attempts.isEmpty)
    next.plan(first.id, to: ["a"], key: "k")
    #expect(next.underway == [first.id.delivery()])
    next.succeed(first.id.delivery())
    next.succeed(second.id.delivery(2))
    #expect(next.core.isEmpty)
  }

  @Test("An endpoint that is gone after a restart parks its deliveries with a reason; the others go on")
  func endpointGone() {
    var hub = CoreDriver(["a": .patient(), "b": .patient()])
    let seat = hub.seat(1)
    hub.handle(.received(seat))
    hub.plan(seat.id, to: ["a", "b"])
    hub.fail(seat.id.delivery(1), .outage(after: nil))
    var next = restarted(hub, [seat], ["b": .patient()])
    #expect(next.names(seat.id) == [.parked])
    next.succeed(seat.id.delivery(2))
    #expect(next.outcomes[seat.id]?.state == .partly)
    #expect(next.outcomes[seat.id]?.reason?.contains("Endpoint a ") == true)
    #expect(next.names(seat.id) == [.parked, .delivered, .settled])
    #expect(next.core.isEmpty)
  }

  @Test("Outages met before a restart still count when poison is looked for")
  func outagesSurvive() {
    var hub = CoreDriver(["a": .patient(concurrency: 1)])
    let seat = hub.seat(1)
    hub.handle(.received(seat))
    hub.plan(seat.id, to: ["a"])
    for _ in 0..<3 {
      hub.fail(seat.id.delivery(), .outage(after: nil))
      hub.pass(.seconds(60))
    }
    var next = restarted(hub, [seat])
    next.now = next.now + .seconds(1)
    let other = next.receive(sequence: 2)
    next.plan(other, to: ["a"])
    next.succeed(other.delivery())
    next.fail(seat.id.delivery(), .outage(after: nil))
    #expect(next.names(seat.id) == [.retry])
  }

  @Test("A wake-up is asked for only when none comes soon enough, and none is missed")
  func wakeUps() {
    var hub = CoreDriver(["a": .patient(concurrency: 100)])
    let ids = (0..<4).map { _ in hub.send() }
    for (id, seconds) in zip(ids, [40, 10, 20, 30]) { hub.fail(id.delivery(), .retry(after: .seconds(seconds))) }
    #expect(hub.wakes.map { ($0 - hub.now) / .seconds(1) } == [40, 10])
    let start = hub.now
    hub.pass(.seconds(60))
    #expect(hub.attempts.suffix(4).map { ($0.at - start) / .seconds(1) } == [10, 20, 30, 40])
    #expect(hub.wakes.isEmpty)
  }

  @Test("A far wake-up is not asked for again each time that a near one has come")
  func noPileOfWakeUps() {
    var hub = CoreDriver(["a": .patient(concurrency: 100)])
    let far = hub.send()
    hub.fail(far.delivery(), .retry(after: .seconds(3600)))
    for _ in 0..<100 {
      let near = hub.send()
      hub.fail(near.delivery(), .retry(after: nil))
      hub.pass(.seconds(1))
      hub.succeed(near.delivery())
      #expect(hub.wakes.count == 1)
    }
  }

  @Test("A tick that comes too early, because the clock was set back, is asked for again")
  func earlyTick() {
    var hub = CoreDriver(["a": .patient()])
    let id = hub.send()
    hub.fail(id.delivery(), .retry(after: .seconds(10)))
    hub.wakes = []
    hub.now = hub.now - .seconds(100)
    hub.handle(.tick)
    #expect(hub.wakes.map { ($0 - hub.now) / .seconds(1) } == [110])
    hub.pass(.seconds(110))
    #expect(hub.underway == [id.delivery()])
  }

  @Test("Timers of messages that settled before their expiry don't pile up")
  func staleExpiryTimers() {
    var hub = CoreDriver()
    for _ in 0..<5000 {
      let id = hub.send(expiry: .seconds(86_400))
      hub.succeed(id.delivery())
    }
    #expect(hub.core.isEmpty)
    #expect(hub.core.timers.count < 200)
  }
}
