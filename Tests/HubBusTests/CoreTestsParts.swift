import HubKit
import Testing

@testable import HubBus

@Suite("The core: parts, copies and inboxes")
struct CoreTestsParts {
  private func split(_ hub: inout CoreDriver, into count: Int) -> (parent: ExchangeID, children: [ExchangeID]) {
    let parent = hub.receive(sequence: 1)
    let seats = (0..<count).map { hub.seat(Int64($0 + 2), parent: parent) }
    hub.handle(
      .planned(
        parent,
        .routed(
          BusCore.Routed(route: "r", deliveries: [], microseconds: 1, children: seats.map(\.id), isWritten: true))))
    for seat in seats {
      hub.handle(.received(seat))
      hub.plan(seat.id, to: ["a"])
    }
    return (parent, seats.map(\.id))
  }

  @Test("A message that was split settles after its parts, and is written once more only then")
  func parts() {
    var hub = CoreDriver()
    let (parent, children) = split(&hub, into: 3)
    for child in children.dropLast() { hub.succeed(child.delivery()) }
    #expect(hub.outcomes[parent] == nil)
    #expect(hub.names(parent) == [])
    hub.succeed(children[2].delivery())
    #expect(hub.outcomes[parent] == Outcome(state: .delivered))
    #expect(hub.names(parent) == [.settled])
    #expect(hub.core.isEmpty)
  }

  @Test("A part that fails makes the whole partly delivered; the dead letter is the part's")
  func lostPart() {
    var hub = CoreDriver()
    let (parent, children) = split(&hub, into: 2)
    hub.succeed(children[0].delivery())
    hub.fail(children[1].delivery(), .reject)
    #expect(hub.outcomes[parent]?.state == .partly)
    #expect(hub.records.last { $0.exchange == parent }?.hasDeadLetters == false)
    #expect(hub.records.last { $0.exchange == children[1] }?.hasDeadLetters == true)
  }

  @Test("After a restart the whole waits for the parts that are open and remembers how the others ended")
  func partsAfterRestart() {
    var hub = CoreDriver()
    let parent = hub.seat(1)
    let (done, open) = (hub.seat(2), hub.seat(3, parent: parent.id))
    var routed = TimelineEntry(.routed, at: hub.now)
    routed.deliveries = []
    var split = TimelineEntry(.split, at: hub.now)
    split.children = [done.id, open.id]
    hub.handle(.restored(parent, entries: [routed, split], ended: [done.id: .failed]))
    hub.handle(.restored(open, entries: []))
    #expect(hub.plans == [open.id])
    hub.plan(open.id, to: ["a"])
    hub.succeed(open.id.delivery())
    #expect(hub.outcomes[parent.id]?.state == .partly)
    var late = CoreDriver()
    late.handle(.restored(parent, entries: [routed, split], ended: [done.id: .delivered, open.id: .delivered]))
    #expect(late.outcomes[parent.id] == Outcome(state: .delivered))
  }

  @Test("Parts that end while the whole still waits at its gate are not waited for")
  func partsBeforeTheGate() {
    var hub = CoreDriver()
    let first = hub.receive(sequence: 1, key: "k")
    let parent = hub.receive(sequence: 2, key: "k")
    let part = hub.seat(3, parent: parent)
    hub.handle(
      .planned(
        parent,
        .routed(BusCore.Routed(route: "r", deliveries: [], microseconds: 1, children: [part.id], isWritten: true))))
    hub.handle(.received(part))
    hub.plan(part.id, to: ["a"])
    hub.succeed(part.id.delivery())
    #expect(hub.outcomes[parent] == nil)
    hub.plan(first, to: ["a"], key: "k")
    hub.succeed(first.delivery())
    #expect(hub.outcomes[parent] == Outcome(state: .delivered))
    #expect(hub.core.isEmpty)
  }

  @Test("What becomes of a copy changes nothing")
  func copies() {
    var hub = CoreDriver(["a": .patient(), "b": .patient()])
    let id = hub.receive()
    hub.plan(
      id,
      [
        PlannedDelivery(endpoint: "a", receiver: nil, orderingKey: nil),
        PlannedDelivery(endpoint: "b", receiver: nil, orderingKey: nil, role: .tap),
      ])
    hub.succeed(id.delivery())
    hub.fail(id.delivery(2), .reject)
    #expect(hub.outcomes[id] == Outcome(state: .delivered))
    #expect(hub.records.last?.hasDeadLetters == false)
  }

  // MARK: - Inboxes

  private let ward = OrganisationCode("H24.105")
  private let other = OrganisationCode("H24.106")

  private func inbox(countMax: Int = 10, bytesMax: Int = 1000) -> CoreDriver {
    CoreDriver([
      "a": EndpointPolicy(
        inbox: .init(countMax: countMax, bytesMax: bytesMax, lease: .seconds(60), ageAlarm: .seconds(3600)))
    ])
  }

  private func send(
    _ hub: inout CoreDriver, to receiver: OrganisationCode?, key: String? = nil, bytes: Int = 1
  ) -> ExchangeID {
    let seat = hub.seat(Int64(hub.plans.count + 1), byteCount: bytes)
    hub.handle(.received(seat))
    hub.plan(seat.id, [PlannedDelivery(endpoint: "a", receiver: receiver, orderingKey: key)])
    return seat.id
  }

  private func fetch(_ hub: inout CoreDriver, _ agency: OrganisationCode?, _ token: String = "t") -> [DeliveryRef] {
    guard let agency else { return [] }
    let leased = hub.core.lease("a", for: agency, limit: 10, token: token, at: hub.now)
    hub.take(leased.effects)
    return leased.refs
  }

  private func acknowledge(
    _ hub: inout CoreDriver, _ ref: DeliveryRef, _ agency: OrganisationCode?, _ token: String = "t",
    _ result: Result<Reply, AdapterError> = .success(Reply(code: "ack"))
  ) -> InboxAnswer? {
    guard let agency else { return nil }
    let (answer, effects) = hub.core.acknowledge(ref, by: agency, token: token, result, at: hub.now)
    hub.take(effects)
    return answer
  }

  @Test("Nothing is sent to an inbox; its agency fetches what is its own, in order for each key, and acknowledges")
  func inboxOrder() {
    var hub = inbox()
    let first = send(&hub, to: ward, key: "k")
    let second = send(&hub, to: ward, key: "k")
    let third = send(&hub, to: ward)
    _ = send(&hub, to: other)
    #expect(hub.attempts.isEmpty)
    #expect(fetch(&hub, ward) == [first.delivery(), third.delivery()])
    #expect(fetch(&hub, ward) == [])
    #expect(acknowledge(&hub, first.delivery(), other) == .unknown)
    #expect(acknowledge(&hub, first.delivery(), ward, "stranger") == .leaseEnded)
    #expect(acknowledge(&hub, first.delivery(), ward) == .done)
    #expect(hub.outcomes[first] == Outcome(state: .delivered))
    #expect(acknowledge(&hub, first.delivery(), ward) == .unknown)
    #expect(fetch(&hub, ward) == [second.delivery()])
  }

  @Test("A lease that ends without a word offers the message again, in its place, and its old token is worth nothing")
  func leaseEnds() {
    var hub = inbox()
    let first = send(&hub, to: ward, key: "k")
    let second = send(&hub, to: ward, key: "k")
    #expect(fetch(&hub, ward, "one") == [first.delivery()])
    hub.pass(.seconds(60))
    #expect(fetch(&hub, ward, "two") == [first.delivery()])
    #expect(acknowledge(&hub, first.delivery(), ward, "one") == .leaseEnded)
    #expect(acknowledge(&hub, first.delivery(), ward, "two") == .done)
    #expect(fetch(&hub, ward, "three") == [second.delivery()])
  }

  @Test("What an agency refuses is a dead letter and bars its lane only")
  func refusal() {
    var hub = inbox()
    let first = send(&hub, to: ward, key: "k")
    let second = send(&hub, to: ward, key: "k")
    let third = send(&hub, to: ward, key: "other")
    _ = fetch(&hub, ward)
    let no = AdapterError(.reject, code: "nack", reason: "Không đúng thẩm quyền")
    #expect(acknowledge(&hub, first.delivery(), ward, "t", .failure(no)) == .done)
    #expect(hub.outcomes[first]?.reason == "Không đúng thẩm quyền")
    #expect(hub.records.last?.hasDeadLetters == true)
    #expect(acknowledge(&hub, third.delivery(), ward) == .done)
    #expect(fetch(&hub, ward) == [])
    #expect(hub.core.exchanges[second]?.deliveries[0].state == .held)
  }

  @Test("What a full inbox parks bars its lane: nothing overtakes it")
  func fullKeepsOrder() {
    var hub = inbox(countMax: 1)
    let first = send(&hub, to: ward, key: "other")
    let parked = send(&hub, to: ward, key: "k")
    #expect(hub.outcomes[parked]?.state == .failed)
    #expect(fetch(&hub, ward) == [first.delivery()])
    #expect(acknowledge(&hub, first.delivery(), ward) == .done)
    let behind = send(&hub, to: ward, key: "k")
    #expect(fetch(&hub, ward) == [])
    #expect(hub.core.exchanges[behind]?.deliveries[0].state == .held)
  }

  @Test("An inbox from which somebody has not fetched for too long says who and since when")
  func ageAlarm() {
    var hub = inbox()
    let since = hub.now
    let first = send(&hub, to: ward)
    hub.pass(.seconds(3600))
    #expect(hub.core.inboxAlarm("a", at: hub.now) == nil)
    hub.pass(.seconds(1))
    let alarm = hub.core.inboxAlarm("a", at: hub.now)
    #expect(alarm?.contains("H24.105 has not fetched what waits since \(since)") == true)
    _ = fetch(&hub, ward)
    #expect(acknowledge(&hub, first.delivery(), ward) == .done)
    #expect(hub.core.inboxAlarm("a", at: hub.now) == nil)
  }

  @Test("An inbox that is full by number or by bytes parks what comes beyond, for one agency only")
  func full() {
    var hub = inbox(countMax: 2, bytesMax: 100)
    _ = send(&hub, to: ward)
    _ = send(&hub, to: ward)
    let beyond = send(&hub, to: ward)
    #expect(hub.outcomes[beyond]?.state == .failed)
    #expect(hub.records.last?.hasDeadLetters == true)
    let large = send(&hub, to: other, bytes: 101)
    #expect(hub.outcomes[large]?.state == .failed)
    let fits = send(&hub, to: other, bytes: 100)
    #expect(fetch(&hub, other) == [fits.delivery()])
    #expect(acknowledge(&hub, fits.delivery(), other) == .done)
    let again = send(&hub, to: other, bytes: 100)
    #expect(hub.outcomes[again] == nil)
  }
}
