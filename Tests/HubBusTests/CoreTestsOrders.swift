import HubKit
import Testing

@testable import HubBus

@Suite("The core: what operators order")
struct CoreTestsOrders {
  private let policies = ["a": EndpointPolicy.patient(attemptsMax: 2), "b": .patient()]

  /// One refused, two behind it in its lane.
  private func heldLane() -> (hub: CoreDriver, refused: ExchangeID, behind: [ExchangeID]) {
    var hub = CoreDriver(policies)
    let refused = hub.send(key: "k")
    let behind = [hub.send(key: "k"), hub.send(key: "k")]
    hub.fail(refused.delivery(), .reject)
    #expect(hub.underway.isEmpty)
    #expect(behind.map { hub.state($0.delivery()) } == [.held, .held])
    return (hub, refused, behind)
  }

  @Test("What was refused goes back to its place under its own name, and those behind it follow in order")
  func redeliver() throws {
    var (hub, refused, behind) = heldLane()
    let end = try hub.order(.redeliver, refused).get()
    #expect(end.deliveries.map(\.ref) == [refused.delivery()])
    #expect(end.deliveries.map(\.state) == [.waiting])
    for id in [refused] + behind {
      #expect(hub.underway == [id.delivery()])
      hub.succeed(id.delivery())
    }
    #expect(hub.attempts.map(\.number) == [1, 1, 1, 1], "attempts begin anew")
    #expect(hub.names(refused) == [.routed, .refused, .settled, .redriven, .delivered, .settled])
    #expect(hub.outcomes[refused]?.state == .delivered)
    let step = try #require(hub.steps(refused).first { $0.name == .redriven })
    #expect(step.by == "an")
    #expect(step.detail == "mended")
    #expect(hub.core.isEmpty)
  }

  @Test("The first attempt of a lane that a person let go waits until his order is on the disk")
  func orderFirst() throws {
    var (hub, refused, _) = heldLane()
    hub.synced = []
    _ = try hub.order(.redeliver, refused).get()
    #expect(hub.synced == [refused.delivery()])
    hub.succeed(refused.delivery())
    #expect(hub.synced == [refused.delivery()])
  }

  @Test("What fails again bars its lane again at the same place")
  func failsAgain() throws {
    var (hub, refused, behind) = heldLane()
    _ = try hub.order(.redeliver, refused).get()
    hub.fail(refused.delivery(), .retry(after: nil))
    hub.pass(.seconds(60))
    hub.fail(refused.delivery(), .retry(after: nil))
    #expect(hub.attempts.map(\.number) == [1, 1, 2])
    #expect(behind.map { hub.state($0.delivery()) } == [.held, .held])
    #expect(hub.records.last?.hasDeadLetters == true)
    _ = try hub.order(.redeliver, refused).get()
    #expect(hub.underway == [refused.delivery()])
  }

  @Test("A restart between any two steps changes nothing", arguments: 0...3)
  func restarts(after step: Int) throws {
    var (hub, refused, behind) = heldLane()
    func restart(_ here: Int) {
      guard here == step else { return }
      hub = hub.restarted(policies)
      for id in hub.plans { hub.plan(id, to: ["a"], key: "k") }
    }
    restart(0)
    _ = try hub.order(.redeliver, refused).get()
    restart(1)
    #expect(hub.underway == [refused.delivery()])
    hub.succeed(refused.delivery())
    restart(2)
    #expect(hub.underway == [behind[0].delivery()])
    hub.succeed(behind[0].delivery())
    restart(3)
    #expect(hub.underway == [behind[1].delivery()])
    hub.succeed(behind[1].delivery())
    #expect(hub.core.isEmpty)
  }

  @Test("What is given up lets its lane go, once that is on the disk, and stays failed", arguments: [false, true])
  func drop(restarts: Bool) throws {
    var (hub, refused, behind) = heldLane()
    if restarts { hub = hub.restarted(policies) }
    let end = try hub.order(.drop, refused, lifts: false).get()
    #expect(hub.underway.isEmpty, "nobody overtakes before the disk knows it")
    #expect(hub.records.last?.hasDeadLetters == false)
    #expect(hub.records.last?.state == .failed)
    if restarts {
      hub = hub.restarted(policies)
      for id in hub.plans { hub.plan(id, to: ["a"], key: "k") }
    } else {
      hub.take(hub.core.lift(end.barriers, at: hub.now))
    }
    for id in behind {
      #expect(hub.underway == [id.delivery()])
      hub.succeed(id.delivery())
    }
    #expect(hub.names(refused).suffix(1) == [.dropped])
    #expect(hub.core.isEmpty)
    #expect(throws: OrderRefusal.self) { try hub.order(.redeliver, refused).get() }
    #expect(throws: OrderRefusal.self) { try hub.order(.drop, refused).get() }
  }

  @Test("Two barriers in a lane: only the first is passed, what waits between them goes, the rest stays")
  func twoBarriers() throws {
    var hub = CoreDriver(["a": .patient(), "b": .patient()])
    let ids = (0..<4).map { _ in hub.receive(key: "k") }
    // The third has no endpoint any more, so it is parked without an attempt while the first is under way.
    for (index, id) in ids.enumerated() { hub.plan(id, to: index == 2 ? ["b"] : ["a"], key: "k") }
    hub.fail(ids[0].delivery(), .reject)
    hub.fail(ids[2].delivery(), .reject)
    #expect(hub.state(ids[1].delivery()) == .held)
    _ = try hub.order(.redeliver, ids[2]).get()
    #expect(hub.underway == [ids[2].delivery()], "another endpoint's lane is another lane")
    _ = try hub.order(.redeliver, ids[0]).get()
    hub.succeed(ids[0].delivery())
    hub.fail(ids[1].delivery(), .reject)
    #expect(hub.state(ids[3].delivery()) == .held)
    _ = try hub.order(.drop, ids[1]).get()
    #expect(hub.underway == [ids[2].delivery(), ids[3].delivery()])
  }

  @Test("A delivery of an exchange that is still open can be put back: two lanes must not wait for each other for ever")
  func openExchange() throws {
    var hub = CoreDriver(policies)
    let first = hub.receive()
    let second = hub.receive()
    let both = ["a", "b"].map { PlannedDelivery(endpoint: $0, receiver: nil, orderingKey: "k") }
    hub.plan(first, both)
    hub.plan(second, both)
    hub.fail(first.delivery(1), .reject)
    hub.succeed(first.delivery(2))
    hub.fail(second.delivery(2), .reject)
    #expect(hub.core.exchanges[second] != nil, "its other delivery is held")
    #expect(hub.records.last?.hasDeadLetters == true)
    _ = try hub.order(.redeliver, second, delivery: 2).get()
    #expect(hub.underway == [second.delivery(2)])
    #expect(throws: OrderRefusal.self) { try hub.order(.redeliver, second, delivery: 2).get() }
    #expect(throws: OrderRefusal.self) { try hub.order(.drop, second, delivery: 1).get() }
  }

  @Test("What was delivered is sent again only under a new name, which stands for the old one")
  func resend() throws {
    var hub = CoreDriver(policies)
    let id = hub.send(key: "k")
    hub.succeed(id.delivery())
    #expect(throws: OrderRefusal.self) { try hub.order(.redeliver, id).get() }
    let end = try hub.order(.resend, id).get()
    #expect(end.deliveries.map(\.ref) == [id.delivery(2)])
    #expect(hub.underway == [id.delivery(2)])
    hub = hub.restarted(policies)
    #expect(hub.underway == [id.delivery(2)])
    hub.fail(id.delivery(2), .reject)
    #expect(hub.outcomes[id]?.state == .failed)
    hub = hub.restarted(policies)
    let behind = hub.send(key: "k")
    #expect(hub.state(behind.delivery()) == .held)
    _ = try hub.order(.redeliver, id).get()
    #expect(hub.underway == [id.delivery(2)])
    hub.succeed(id.delivery(2))
    hub.succeed(behind.delivery())
    #expect(hub.core.isEmpty)
  }

  @Test("A parked delivery that is sent under a new name takes the old one's place before those behind it")
  func resendParked() throws {
    var (hub, refused, behind) = heldLane()
    _ = try hub.order(.resend, refused).get()
    for ref in [refused.delivery(2), behind[0].delivery(), behind[1].delivery()] {
      #expect(hub.underway == [ref])
      hub.succeed(ref)
    }
    #expect(hub.core.isEmpty)
  }

  @Test("What waits for its next attempt waits until then, although something was put before it meanwhile")
  func restIsKept() throws {
    var hub = CoreDriver(policies)
    let first = hub.send(key: "k")
    hub.succeed(first.delivery())
    let second = hub.send(key: "k")
    hub.fail(second.delivery(), .retry(after: .seconds(60)))
    _ = try hub.order(.resend, first).get()
    #expect(hub.underway.isEmpty, "the head of the lane was tried already: nobody is put before it")
    hub = hub.restarted(policies)
    #expect(hub.underway == [first.delivery(2)])
    hub.succeed(first.delivery(2))
    #expect(hub.underway.isEmpty)
    hub.pass(.seconds(60))
    #expect(hub.underway == [second.delivery()])
  }

  @Test("A message that was unfit is planned again by the configuration in use, also after a restart")
  func replan() throws {
    var hub = CoreDriver(policies)
    let id = hub.receive(key: "k")
    hub.handle(.planned(id, .invalid(route: "r", violations: [Violation(rule: "x", message: "y")], microseconds: 1)))
    #expect(hub.records.last?.hasDeadLetters == true)
    hub.plans = []
    #expect(try hub.order(.redeliver, id).get().deliveries.isEmpty)
    #expect(hub.plans == [id])
    #expect(hub.core.exchanges[id]?.configuration == "today")
    hub = hub.restarted(policies)
    #expect(hub.plans == [id])
    #expect(hub.core.exchanges[id]?.configuration == "today")
    let later = hub.receive(key: "k")
    hub.plan(later, to: ["a"], key: "k")
    #expect(hub.underway.isEmpty, "it takes its turn at the gate")
    hub.plan(id, to: ["a"], key: "k")
    hub.succeed(id.delivery())
    hub.succeed(later.delivery())
    #expect(hub.names(id).suffix(4) == [.replanned, .routed, .delivered, .settled])
    #expect(hub.core.isEmpty)
  }

  @Test("An unfit message that is given up is nobody's dead letter any more")
  func dropUnfit() throws {
    var hub = CoreDriver(policies)
    let id = hub.receive()
    hub.handle(.planned(id, .unroutable(reason: "nobody")))
    _ = try hub.order(.drop, id).get()
    #expect(hub.records.last?.hasDeadLetters == false)
    #expect(hub.names(id) == [.unroutable, .settled, .dropped])
    hub = hub.restarted(policies)
    #expect(hub.core.isEmpty)
  }

  @Test("A call for want of which an exchange failed is put again, and the route goes on with its answer")
  func lostCall() throws {
    var hub = CoreDriver(policies)
    let id = hub.receive(key: "k")
    let call = PlannedDelivery(endpoint: "b", receiver: nil, orderingKey: nil, role: .call, call: "person")
    hub.handle(.planned(id, .calls(route: "r", calls: [call], microseconds: 1)))
    hub.fail(id.delivery(), .reject)
    #expect(hub.outcomes[id]?.state == .failed)
    hub = hub.restarted(policies)
    _ = try hub.order(.redeliver, id).get()
    #expect(hub.underway == [id.delivery()])
    hub.plans = []
    hub.succeed(id.delivery())
    #expect(hub.plans == [id])
    hub.plan(id, to: ["a"], key: "k")
    hub.succeed(id.delivery(2))
    #expect(hub.outcomes[id]?.state == .delivered)
    #expect(hub.core.isEmpty)
  }

  @Test("Orders that make no sense are refused and change nothing")
  func refusals() {
    var hub = CoreDriver(policies)
    let expired = hub.send(expiry: .seconds(60))
    hub.fail(expired.delivery(), .reject)
    let underway = hub.send()
    let question = hub.seat(50, deadline: .seconds(30))
    hub.handle(.received(question))
    let gone = hub.send(to: ["gone"])
    hub.pass(.seconds(120))
    let before = hub.records.count
    let codes = [
      hub.code(.redeliver, expired), hub.code(.redeliver, underway, delivery: 1), hub.code(.resend, underway),
      hub.code(.redeliver, gone), hub.code(.drop, underway), hub.code(.redeliver, underway, delivery: 2),
      hub.code(.redeliver, hub.seat(99).id), hub.code(.redeliver, question.id),
    ]
    #expect(codes == [.senseless, .underway, .underway, .senseless, .senseless, .unknown, .unknown, .senseless])
    #expect(hub.records.count == before)
    hub.handle(.drain)
    #expect(hub.code(.redeliver, gone) == .unavailable)
  }
}

@Suite("The core: inboxes with parked messages, and endpoints that operators stop")
struct CoreTestsStops {
  private let agency = OrganisationCode("H24.1")

  @Test("What an inbox had no room for keeps its place: those before it are fetched, those behind it wait for it")
  func fullInbox() throws {
    let agency = try #require(agency)
    var hub = CoreDriver(["a": EndpointPolicy(inbox: .init(countMax: 2))])
    func send() -> ExchangeID {
      let id = hub.receive(key: "k")
      hub.plan(id, [PlannedDelivery(endpoint: "a", receiver: agency, orderingKey: "k")])
      return id
    }
    func fetch() -> [DeliveryRef] {
      let (refs, _, effects) = hub.core.lease("a", for: agency, limit: 1, token: "t", at: hub.now)
      hub.take(effects)
      for ref in refs {
        hub.take(hub.core.acknowledge(ref, by: agency, token: "t", .success(Reply(code: "ack")), at: hub.now).1)
      }
      return refs
    }
    let ids = [send(), send(), send()]
    #expect(hub.outcomes[ids[2]]?.state == .failed)
    #expect(fetch() == [ids[0].delivery()], "those before it go on")
    let behind = send()
    #expect(hub.state(behind.delivery()) == .held)
    #expect(fetch() == [ids[1].delivery()])
    #expect(fetch().isEmpty)
    _ = try hub.order(.redeliver, ids[2]).get()
    #expect(fetch() == [ids[2].delivery()])
    #expect(fetch() == [behind.delivery()])
    #expect(hub.core.isEmpty)
  }

  @Test("What is put back into an inbox that is still full stands where it stood")
  func stillFull() throws {
    let agency = try #require(agency)
    var hub = CoreDriver(["a": EndpointPolicy(inbox: .init(countMax: 1))])
    let ids = [hub.receive(key: "k"), hub.receive(key: "k")]
    for id in ids { hub.plan(id, [PlannedDelivery(endpoint: "a", receiver: agency, orderingKey: "k")]) }
    let end = try hub.order(.redeliver, ids[1]).get()
    #expect(end.deliveries.map(\.state) == [.parked])
    #expect(hub.records.last?.hasDeadLetters == true)
    #expect(hub.core.endpoints["a"]?.lanes.values.first?.barriers.map(\.ref) == [ids[1].delivery()])
  }

  @Test("What an agency refused is offered again in its place")
  func nack() throws {
    let agency = try #require(agency)
    var hub = CoreDriver(["a": EndpointPolicy(inbox: .init())])
    let ids = [hub.receive(key: "k"), hub.receive(key: "k")]
    for id in ids { hub.plan(id, [PlannedDelivery(endpoint: "a", receiver: agency, orderingKey: "k")]) }
    let (refs, _, _) = hub.core.lease("a", for: agency, limit: 5, token: "t", at: hub.now)
    #expect(refs == [ids[0].delivery()])
    let no = AdapterError(.reject, code: "nack", reason: "no")
    hub.take(hub.core.acknowledge(refs[0], by: agency, token: "t", .failure(no), at: hub.now).1)
    #expect(hub.core.lease("a", for: agency, limit: 5, token: "t", at: hub.now).refs.isEmpty)
    _ = try hub.order(.redeliver, ids[0]).get()
    #expect(hub.core.lease("a", for: agency, limit: 5, token: "t", at: hub.now).refs == [ids[0].delivery()])
  }

  @Test("A stopped endpoint sends nothing and spends no attempt; when it is let go everything goes in order")
  func stop() {
    var hub = CoreDriver(["a": .patient(), "b": .patient()])
    let before = hub.send(key: "k")
    hub.stop("a")
    hub.succeed(before.delivery())
    let ids = [hub.send(key: "k"), hub.send(key: "k")]
    let other = hub.send(to: ["b"])
    hub.pass(.seconds(3600))
    #expect(hub.underway == [other.delivery()])
    #expect(hub.core.endpoints["a"]?.isPaused(at: hub.now) == false, "this is no pause of the hub's own")
    hub.resume("a")
    hub.succeed(ids[0].delivery())
    hub.succeed(ids[1].delivery())
    #expect(hub.attempts.allSatisfy { $0.number == 1 })
  }

  @Test("Letting an endpoint go ends the hub's own wait too")
  func endsTheWait() {
    var hub = CoreDriver(["a": .patient()])
    let id = hub.send()
    hub.fail(id.delivery(), .outage(after: .seconds(3600)))
    #expect(hub.underway.isEmpty)
    hub.resume("a")
    #expect(hub.underway == [id.delivery()])
  }

  @Test("Whoever asks a stopped endpoint is told at once")
  func question() {
    var hub = CoreDriver(["a": .patient()])
    hub.stop("a")
    let seat = hub.seat(1, deadline: .seconds(30))
    hub.handle(.received(seat))
    hub.plan(seat.id, to: ["a"])
    #expect(hub.outcomes[seat.id]?.fault == Fault(.hub, .unavailable, code: "endpoint-stopped"))
  }
}

extension CoreDriver {
  /// Gives an order as the shell does: what is not open is read from the journal, and lanes go once it is written.
  mutating func order(
    _ action: BusCore.Order.Action, _ id: ExchangeID, delivery: Int? = nil, lifts: Bool = true, job: Int64? = nil
  ) -> Result<BusCore.OrderEnd, OrderRefusal> {
    var settled: (seat: ExchangeSeat, state: ExchangeState)?
    if core.exchanges[id] == nil, var seat = seats[id] {
      seat.restore(steps(id))
      settled = (seat, records.last { $0.exchange == id }?.state ?? .received)
    }
    let order = BusCore.Order(
      action: action, delivery: delivery, by: "an", reason: "mended", configuration: "today", job: job)
    let (result, effects) = core.carryOut(order, of: id, settled: settled, at: now)
    outcomes[id] = nil
    take(effects)
    if lifts, case .success(let end) = result { take(core.lift(end.barriers, at: now)) }
    return result
  }

  mutating func code(
    _ action: BusCore.Order.Action, _ id: ExchangeID, delivery: Int? = nil
  ) -> OrderRefusal.Code? {
    guard case .failure(let refusal) = order(action, id, delivery: delivery) else { return nil }
    return refusal.code
  }

  mutating func stop(_ endpoint: String) {
    take(core.setStop(EndpointStop(since: now, by: "an", reason: "works"), of: endpoint, at: now) ?? [])
  }

  mutating func resume(_ endpoint: String) { take(core.setStop(nil, of: endpoint, at: now) ?? []) }

  /// A new core that takes up what the journal holds: what is open, and what waits for a person.
  func restarted(_ policies: [String: EndpointPolicy]) -> CoreDriver {
    var hub = CoreDriver(policies)
    hub.now = now
    hub.records = records
    hub.nextSequence(after: seats.values.map(\.sequence).max() ?? 0)
    for seat in seats.values.sorted(by: { $0.sequence < $1.sequence }) {
      hub.seats[seat.id] = seat
      let last = records.last { $0.exchange == seat.id }
      guard !(last?.state.isSettled ?? false) || last?.hasDeadLetters == true else { continue }
      hub.handle(.restored(seat, entries: steps(seat.id)))
    }
    return hub
  }
}
