import HubKit
import Testing

@testable import HubBus

@Suite("The core: another configuration while it works")
struct CoreTestsAdopt {
  private let agency = OrganisationCode("H24.1")

  @Test("What waits for an endpoint that is gone is parked; what is under way there ends; nobody else is held up")
  func gone() {
    var hub = CoreDriver(["a": .patient(concurrency: 1), "b": .patient(concurrency: 1)])
    let underway = hub.send(to: ["a"])
    let waiting = hub.send(to: ["a"])
    let both = hub.send(to: ["a", "b"])
    hub.handle(.adopt(["b": .patient(concurrency: 1)]))
    #expect(hub.outcomes[waiting]?.state == .failed)
    #expect(hub.steps(waiting).first { $0.name == .parked }?.code == "no-endpoint")
    #expect(hub.records.last { $0.exchange == waiting }?.hasDeadLetters == true)
    hub.succeed(underway.delivery())
    #expect(hub.outcomes[underway]?.state == .delivered)
    #expect(hub.underway == [both.delivery(2)])
    hub.succeed(both.delivery(2))
    #expect(hub.outcomes[both]?.state == .partly)
    #expect(hub.core.isEmpty)
  }

  @Test("An attempt that fails at an endpoint that is gone is not repeated", arguments: [true, false])
  func failsWhileGone(isOutage: Bool) {
    var hub = CoreDriver(["a": .patient()])
    let first = hub.send(key: "k")
    let second = hub.send(key: "k")
    hub.handle(.adopt([:]))
    #expect(hub.state(second.delivery()) == .waiting, "it stays behind the one that is under way")
    hub.fail(first.delivery(), isOutage ? .outage(after: nil) : .retry(after: nil))
    #expect(hub.names(first) == [.routed, isOutage ? .outage : .retry, .parked, .settled])
    #expect(hub.names(second).suffix(2) == [.parked, .settled])
    hub.pass(.seconds(3600))
    #expect(hub.attempts.count == 1)
    #expect(hub.core.isEmpty)
  }

  @Test("What comes for an endpoint that is gone is parked at once, and its lane is barred when it comes back")
  func comesBack() {
    var hub = CoreDriver(["a": .patient()])
    hub.handle(.adopt([:]))
    let parked = hub.send(key: "k")
    #expect(hub.outcomes[parked]?.state == .failed)
    hub.handle(.adopt(["a": .patient()]))
    let behind = hub.send(key: "k")
    let free = hub.send(key: "other")
    #expect(hub.underway == [free.delivery()])
    #expect(hub.state(behind.delivery()) == .held)
  }

  @Test("A dead letter from before a restart bars its lane at an endpoint that comes only later")
  func restoredBeforeItsEndpoint() {
    var hub = CoreDriver([:])
    let old = hub.seat(1)
    var parked = TimelineEntry(.parked, at: hub.now, delivery: 1)
    parked.code = "no-endpoint"
    var routed = TimelineEntry(.routed, at: hub.now)
    routed.deliveries = [PlannedDelivery(endpoint: "a", receiver: nil, orderingKey: "k")]
    hub.handle(.restored(old, entries: [routed, parked, TimelineEntry(.settled, at: hub.now)]))
    hub.handle(.adopt(["a": .patient()]))
    let behind = hub.receive(sequence: 2)
    hub.plan(behind, to: ["a"], key: "k")
    #expect(hub.state(behind.delivery()) == .held)
    #expect(hub.attempts.isEmpty)
  }

  @Test("A new endpoint takes what is planned for it, and one with more room starts more at once")
  func newAndWider() {
    var hub = CoreDriver(["a": .patient(concurrency: 1)])
    let ids = (0..<3).map { _ in hub.send() }
    #expect(hub.underway.count == 1)
    hub.handle(.adopt(["a": .patient(concurrency: 3), "b": .patient()]))
    #expect(Set(hub.underway) == Set(ids.map { $0.delivery() }))
    let new = hub.send(to: ["b"])
    #expect(hub.underway.last == new.delivery())
  }

  @Test("An endpoint that is paused stays so, and its lanes keep their order")
  func staysPaused() {
    var hub = CoreDriver(["a": .patient()])
    let first = hub.send(key: "k")
    let second = hub.send(key: "k")
    hub.fail(first.delivery(), .outage(after: .seconds(30)))
    hub.handle(.adopt(["a": .patient(concurrency: 9)]))
    #expect(hub.underway.isEmpty)
    hub.pass(.seconds(30))
    #expect(hub.underway == [first.delivery()])
    hub.succeed(first.delivery())
    #expect(hub.underway == [second.delivery()])
  }

  @Test("A long row is parked in steps, between which everybody else goes on; what is left when it comes back goes on")
  func inSteps() {
    var hub = CoreDriver(["a": .patient(concurrency: 1), "b": .patient()])
    let ids = (0..<700).map { _ in hub.send() }
    hub.handle(.adopt(["b": .patient()]))
    #expect(hub.outcomes.count == 256)
    let other = hub.send(to: ["b"])
    #expect(hub.underway.contains(other.delivery()))
    hub.pass(.zero)
    #expect(hub.outcomes.count == 699)
    hub.succeed(ids[0].delivery())
    #expect(hub.outcomes.count == 700)

    var again = CoreDriver(["a": .patient(concurrency: 1)])
    for _ in 0..<700 { _ = again.send() }
    again.handle(.adopt([:]))
    again.handle(.adopt(["a": .patient(concurrency: 1)]))
    again.pass(.seconds(1))
    #expect(again.outcomes.count == 256)
    while let ref = again.underway.first { again.succeed(ref) }
    #expect(again.outcomes.count == 700)
    #expect(again.core.isEmpty)
  }

  @Test("A draining hub parks nothing: the next start does")
  func draining() {
    var hub = CoreDriver(["a": .patient(concurrency: 1)])
    _ = hub.send()
    let waiting = hub.send()
    hub.handle(.drain)
    hub.handle(.adopt([:]))
    #expect(hub.outcomes[waiting] == nil)
  }

  @Test("What stands in takes over, unless the attempt may have arrived", arguments: [true, false])
  func fallback(isInDoubt: Bool) {
    var hub = CoreDriver(["a": .patient(), "b": .patient()])
    let id = hub.receive()
    var planned = PlannedDelivery(endpoint: "a", receiver: nil, orderingKey: nil)
    planned.fallback = "b"
    hub.plan(id, [planned])
    hub.handle(.adopt(["b": .patient()]))
    hub.fail(id.delivery(), isInDoubt ? .inDoubt : .retry(after: nil))
    #expect(hub.underway == (isInDoubt ? [] : [id.delivery(2)]))
  }

  @Test("What an agency has fetched may be acknowledged though its inbox is gone; else it is parked in the end")
  func inbox() throws {
    let agency = try #require(agency)
    let box = EndpointPolicy(inbox: .init(lease: .seconds(60)))
    var hub = CoreDriver(["a": box])
    let ids = (0..<2).map { _ in
      let id = hub.receive()
      hub.plan(id, [PlannedDelivery(endpoint: "a", receiver: agency, orderingKey: nil)])
      return id
    }
    let leased = hub.core.lease("a", for: agency, limit: 2, token: "t", at: hub.now)
    hub.take(leased.effects)
    #expect(leased.refs.count == 2)
    hub.handle(.adopt([:]))
    let (answer, effects) = hub.core.acknowledge(
      ids[0].delivery(), by: agency, token: "t", .success(Reply(code: "ack")), at: hub.now)
    hub.take(effects)
    #expect(answer == .done)
    #expect(hub.outcomes[ids[0]]?.state == .delivered)
    hub.pass(.seconds(61))
    #expect(hub.outcomes[ids[1]]?.state == .failed)
    #expect(hub.core.isEmpty)
  }

  @Test("An endpoint that stops being an inbox is sent what waited there, and the other way round")
  func changesKind() throws {
    let agency = try #require(agency)
    let box = EndpointPolicy(inbox: .init(lease: .seconds(60)))
    var hub = CoreDriver(["a": box])
    func send() -> ExchangeID {
      let id = hub.receive()
      hub.plan(id, [PlannedDelivery(endpoint: "a", receiver: agency, orderingKey: "k")])
      return id
    }
    let first = send()
    hub.handle(.adopt(["a": .patient()]))
    #expect(hub.underway == [first.delivery()])
    let second = send()
    hub.handle(.adopt(["a": box]))
    hub.succeed(first.delivery())
    #expect(hub.core.endpoints["a"]?.loads[agency]?.count == 1)
    #expect(hub.core.lease("a", for: agency, limit: 5, token: "t", at: hub.now).refs == [second.delivery()])
  }
}
