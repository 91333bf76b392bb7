import HubKit
import Testing

@testable import HubBus

@Suite("The core: questions and calls on the way")
struct CoreTestsQuestions {
  private func ask(_ hub: inout CoreDriver, within: Duration = .seconds(5), fallback: String? = nil) -> ExchangeID {
    let seat = hub.seat(Int64(1000 + hub.plans.count), deadline: within)
    hub.handle(.received(seat))
    hub.plan(seat.id, [PlannedDelivery(endpoint: "a", receiver: nil, orderingKey: nil, fallback: fallback)])
    return seat.id
  }

  @Test("A question is answered, and its end is written like any other")
  func answered() {
    var hub = CoreDriver()
    let id = ask(&hub)
    hub.succeed(id.delivery())
    #expect(hub.outcomes[id] == Outcome(state: .delivered))
    #expect(hub.names(id) == [.routed, .delivered, .settled])
    #expect(hub.core.isEmpty)
  }

  @Test("At the deadline what was sent is abandoned and never repeated, and its lane is free once it ends")
  func deadlineAfterSending() {
    var hub = CoreDriver(["a": .patient(concurrency: 1)])
    let id = ask(&hub)
    let second = hub.send()
    hub.pass(.seconds(5))
    #expect(hub.outcomes[id]?.fault == Fault(.farSystem, .abandoned, code: "deadline"))
    #expect(hub.names(id) == [.routed, .abandoned, .settled])
    #expect(hub.cancelled == [id.delivery()])
    // The attempt still holds its place.
    #expect(hub.attempts.count == 1)
    hub.fail(id.delivery(), .cancelled)
    #expect(hub.attempts.map(\.ref) == [id.delivery(), second.delivery()])
    hub.succeed(second.delivery())
    hub.pass(.seconds(3600))
    #expect(hub.attempts.count == 2)
    #expect(hub.core.isEmpty && hub.core.orphans.isEmpty)
  }

  @Test("An answer after the deadline changes nothing")
  func lateAnswer() {
    var hub = CoreDriver()
    let id = ask(&hub)
    hub.pass(.seconds(5))
    let records = hub.records.count
    hub.succeed(id.delivery())
    #expect(hub.records.count == records)
    #expect(hub.settledTwice == [])
    #expect(hub.core.isEmpty && hub.core.orphans.isEmpty)
  }

  @Test("At the deadline what still waits for its turn expires and is never sent")
  func deadlineBeforeSending() {
    var hub = CoreDriver(["a": .patient(concurrency: 1)])
    let first = hub.send()
    let id = ask(&hub)
    hub.pass(.seconds(5))
    #expect(hub.outcomes[id]?.fault?.kind == .expired)
    #expect(hub.names(id) == [.routed, .expired, .settled])
    hub.succeed(first.delivery())
    #expect(hub.attempts.map(\.ref) == [first.delivery()])
  }

  @Test("A question whose plan is not made by the deadline ends all the same, and a plan that comes later is nothing")
  func deadlineBeforePlan() {
    var hub = CoreDriver()
    let seat = hub.seat(1, deadline: .seconds(5))
    hub.handle(.received(seat))
    hub.pass(.seconds(5))
    #expect(hub.outcomes[seat.id]?.state == .failed)
    hub.plan(seat.id, to: ["a"])
    #expect(hub.attempts.isEmpty)
    #expect(hub.core.isEmpty)
  }

  @Test("When the caller leaves, nothing is sent for him any more")
  func callerLeaves() {
    var hub = CoreDriver(["a": .patient(concurrency: 1)])
    let first = hub.send()
    let id = ask(&hub)
    hub.handle(.left(id))
    #expect(hub.outcomes[id]?.state == .failed)
    hub.succeed(first.delivery())
    #expect(hub.attempts.count == 1)
    // Whoever leaves a message that nobody waits for leaves nothing.
    let other = hub.send()
    hub.handle(.left(other))
    #expect(hub.outcomes[other] == nil)
  }

  @Test(
    "One attempt is all, and the fault says whose it is",
    arguments: [
      (AdapterError.Verdict.outage(after: nil), Fault.Kind.unavailable, TimelineEntry.Name.expired),
      (.retry(after: .seconds(3)), .unavailable, .refused), (.reject, .refused, .refused),
      (.inDoubt, .inDoubt, .abandoned),
    ])
  func faults(_ verdict: AdapterError.Verdict, _ kind: Fault.Kind, _ step: TimelineEntry.Name) {
    var hub = CoreDriver()
    let id = ask(&hub)
    hub.fail(id.delivery(), verdict)
    #expect(hub.outcomes[id]?.fault?.kind == kind)
    #expect(hub.outcomes[id]?.fault?.origin == .farSystem)
    #expect(hub.names(id) == [.routed, step, .settled])
    #expect(hub.records.last?.hasDeadLetters == false)
    hub.pass(.seconds(3600))
    #expect(hub.attempts.count == 1)
  }

  @Test("While the far system is away callers learn it at once, and afterwards they get through again")
  func paused() {
    var hub = CoreDriver()
    let first = ask(&hub)
    hub.fail(first.delivery(), .outage(after: .seconds(30)))
    let second = ask(&hub)
    #expect(hub.outcomes[second]?.fault?.code == "endpoint-paused")
    #expect(hub.outcomes[second]?.fault?.retryAfter == .seconds(30))
    #expect(hub.attempts.count == 1)
    hub.pass(.seconds(30))
    let third = ask(&hub)
    hub.succeed(third.delivery())
    #expect(hub.outcomes[third]?.state == .delivered)
  }

  @Test("A question that cannot reach its endpoint goes to the one that stands in, also when its own is paused")
  func fallback() {
    var hub = CoreDriver(["a": .patient(), "b": .patient()])
    let first = ask(&hub, fallback: "b/verify")
    hub.fail(first.delivery(), .outage(after: nil))
    #expect(hub.attempts.map(\.ref) == [first.delivery(), first.delivery(2)])
    hub.succeed(first.delivery(2))
    #expect(hub.outcomes[first] == Outcome(state: .delivered))
    #expect(hub.names(first) == [.routed, .expired, .fallback, .delivered, .settled])
    let second = ask(&hub, fallback: "b")
    #expect(hub.underway == [second.delivery(2)])
    hub.fail(second.delivery(2), .reject)
    #expect(hub.outcomes[second]?.fault?.kind == .refused)
  }

  @Test("After a restart a question is over: nobody waits, and nobody knows whether it was sent")
  func restart() {
    var hub = CoreDriver()
    let seat = hub.seat(1, deadline: .seconds(60))
    hub.handle(.received(seat))
    hub.plan(seat.id, to: ["a"])
    var routed = TimelineEntry(.routed, at: hub.now)
    routed.deliveries = [PlannedDelivery(endpoint: "a", receiver: nil, orderingKey: nil)]
    var next = CoreDriver()
    next.handle(.restored(seat, entries: [routed]))
    #expect(next.attempts.isEmpty)
    #expect(next.outcomes[seat.id]?.fault?.kind == .abandoned)
    #expect(next.names(seat.id) == [.abandoned, .settled])
    var early = CoreDriver()
    early.handle(.restored(seat, entries: []))
    #expect(early.plans.isEmpty)
    #expect(early.outcomes[seat.id]?.fault?.kind == .abandoned)
  }

  @Test("What is in doubt does not go to the one that stands in: it may have been taken")
  func inDoubtStays() {
    var hub = CoreDriver(["a": .patient(onDoubt: .park), "b": .patient()])
    let id = ask(&hub, fallback: "b")
    hub.fail(id.delivery(), .inDoubt)
    #expect(hub.outcomes[id]?.fault?.kind == .inDoubt)
    let payment = hub.receive()
    hub.plan(payment, [PlannedDelivery(endpoint: "a", receiver: nil, orderingKey: nil, fallback: "b")])
    hub.fail(payment.delivery(), .inDoubt)
    #expect(hub.outcomes[payment]?.state == .failed)
    #expect(hub.attempts.map(\.ref) == [id.delivery(), payment.delivery()])
  }

  @Test("Who looked at whom is on the disk before anybody is asked; other attempts do not wait")
  func lookUpsAreRecordedFirst() {
    var hub = CoreDriver(["a": .patient(), "b": .patient()])
    let person = BusinessKey(name: "citizen", value: "1", personal: true)
    let seat = hub.seat(1, deadline: .seconds(5), asks: true)
    hub.handle(.received(seat))
    hub.plan(seat.id, [PlannedDelivery(endpoint: "a", receiver: nil, orderingKey: nil)], keys: [person])
    #expect(hub.synced == [seat.id.delivery()])
    #expect(hub.names(seat.id) == [.routed])
    #expect(hub.records.last?.keys == [person])
    let other = hub.receive(sequence: 2)
    hub.plan(other, [PlannedDelivery(endpoint: "a", receiver: nil, orderingKey: nil)], keys: [person])
    #expect(hub.synced == [seat.id.delivery()])
    let dossier = hub.receive(sequence: 3)
    hub.handle(.planned(dossier, .calls(route: "r", calls: [call("person")], keys: [person], microseconds: 1)))
    #expect(hub.synced == [seat.id.delivery(), dossier.delivery()])
  }

  @Test("The caller gets the primary answer while a copy is still on its way, and the exchange settles after it")
  func answerBeforeCopies() {
    var hub = CoreDriver(["a": .patient(), "b": .patient()])
    let seat = hub.seat(1, deadline: .seconds(5))
    hub.handle(.received(seat))
    hub.plan(
      seat.id,
      [
        PlannedDelivery(endpoint: "a", receiver: nil, orderingKey: nil),
        PlannedDelivery(endpoint: "b", receiver: nil, orderingKey: nil, role: .tap),
      ])
    hub.succeed(seat.id.delivery())
    #expect(hub.answered[seat.id] == Outcome(state: .delivered))
    #expect(hub.outcomes[seat.id] == nil)
    hub.succeed(seat.id.delivery(2))
    #expect(hub.outcomes[seat.id] == Outcome(state: .delivered))
  }

  @Test("A look-up that the disk did not take is not made by the next attempt either, before the disk has it")
  func lookUpWaitsForTheDisk() {
    var hub = CoreDriver(["a": .patient()])
    let seat = hub.seat(1, asks: true)
    hub.handle(.received(seat))
    let person = BusinessKey(name: "citizen", value: "1", personal: true)
    hub.plan(seat.id, [PlannedDelivery(endpoint: "a", receiver: nil, orderingKey: nil)], keys: [person])
    hub.fail(seat.id.delivery(), .cancelled, code: BusCore.Attempt.notAnnounced)
    hub.pass(.seconds(60))
    #expect(hub.synced == [seat.id.delivery(), seat.id.delivery()])
    hub.fail(seat.id.delivery(), .retry(after: nil))
    hub.pass(.seconds(60))
    #expect(hub.attempts.count == 3)
    #expect(hub.synced.count == 2)
  }

  // MARK: - Calls

  private func call(_ name: String, optional: Bool = false) -> PlannedDelivery {
    PlannedDelivery(
      endpoint: "b", receiver: nil, orderingKey: nil, operation: "verify", role: .call, call: name,
      isOptional: optional)
  }

  private func calling(_ call: PlannedDelivery) -> BusCore.Plan {
    .calls(route: "r", calls: [call], microseconds: 1)
  }

  @Test("A route asks, is planned again with the answer, and then delivers; the call is no delivery to a receiver")
  func calls() {
    var hub = CoreDriver(["a": .patient(), "b": .patient()])
    let id = hub.receive()
    hub.handle(.planned(id, calling(call("person"))))
    #expect(hub.attempts.map(\.ref) == [id.delivery()])
    hub.succeed(id.delivery())
    #expect(hub.plans == [id, id])
    hub.plan(id, to: ["a"])
    #expect(hub.attempts.map(\.ref) == [id.delivery(), id.delivery(2)])
    hub.succeed(id.delivery(2))
    #expect(hub.outcomes[id] == Outcome(state: .delivered))
    #expect(hub.names(id) == [.calling, .delivered, .routed, .delivered, .settled])
    #expect(hub.core.isEmpty)
  }

  @Test("A required call that is refused fails the exchange and waits for a person; an optional one does not stop it")
  func lostCall() {
    var hub = CoreDriver(["a": .patient(), "b": .patient()])
    let id = hub.receive()
    hub.handle(.planned(id, calling(call("person"))))
    hub.fail(id.delivery(), .reject)
    #expect(hub.outcomes[id]?.state == .failed)
    #expect(hub.records.last?.hasDeadLetters == true)
    let other = hub.receive()
    hub.handle(.planned(other, calling(call("person", optional: true))))
    hub.fail(other.delivery(), .reject)
    #expect(hub.plans.last == other)
    hub.plan(other, to: ["a"])
    hub.succeed(other.delivery(2))
    #expect(hub.outcomes[other] == Outcome(state: .delivered))
    #expect(hub.records.last?.hasDeadLetters == false)
  }

  @Test("The order of receipt is held while an earlier message asks, and goes on when it fails for want of an answer")
  func orderHeldThroughCalls() {
    var hub = CoreDriver(["a": .patient(), "b": .patient()])
    let first = hub.receive(key: "k")
    hub.handle(.planned(first, calling(call("person"))))
    let second = hub.receive(key: "k")
    hub.plan(second, to: ["a"], key: "k")
    #expect(hub.attempts.map(\.ref) == [first.delivery()])
    hub.succeed(first.delivery())
    hub.plan(first, to: ["a"], key: "k")
    #expect(hub.underway == [first.delivery(2)])
    hub.succeed(first.delivery(2))
    #expect(hub.underway == [second.delivery()])
    hub.succeed(second.delivery())
    let third = hub.receive(key: "k")
    hub.handle(.planned(third, calling(call("person"))))
    let fourth = hub.receive(key: "k")
    hub.plan(fourth, to: ["a"], key: "k")
    hub.fail(third.delivery(), .reject)
    #expect(hub.underway == [fourth.delivery()])
    #expect(hub.core.gates.isEmpty == false || hub.core.plansHeldBack.isEmpty)
  }

  @Test("An optional call is tried once, and not while its endpoint is away: the message goes on")
  func optionalCallsWaitForNobody() {
    var hub = CoreDriver(["a": .patient(), "b": .patient()])
    let first = hub.receive()
    hub.handle(.planned(first, calling(call("person", optional: true))))
    hub.fail(first.delivery(), .outage(after: .seconds(60)))
    #expect(hub.plans == [first, first])
    hub.plan(first, to: ["a"])
    let second = hub.receive()
    hub.handle(.planned(second, calling(call("person", optional: true))))
    #expect(hub.plans == [first, first, second, second])
    hub.plan(second, to: ["a"])
    #expect(hub.underway == [first.delivery(2), second.delivery(2)])
  }

  @Test("A message that expires while a call of its waits its turn ends, and the endpoint goes on")
  func expiryAmidCalls() {
    var hub = CoreDriver(["a": .patient(), "b": .patient(concurrency: 1)])
    let busy = hub.receive()
    hub.plan(busy, to: ["b"])
    let late = hub.receive(expiry: .seconds(5))
    hub.handle(.planned(late, calling(call("person"))))
    hub.pass(.seconds(10))
    hub.succeed(busy.delivery())
    #expect(hub.outcomes[late]?.state == .failed)
    #expect(hub.attempts.map(\.ref) == [busy.delivery()])
    let past = hub.receive(expiry: .seconds(-1))
    hub.handle(.planned(past, calling(call("person"))))
    #expect(hub.outcomes[past]?.state == .failed)
    let next = hub.send(to: ["b"])
    hub.succeed(next.delivery())
    #expect(hub.outcomes[next]?.state == .delivered)
    #expect(hub.core.isEmpty)
  }

  @Test("After a restart an answered call is not made again, and one that was not is")
  func restartAmidCalls() {
    var hub = CoreDriver(["a": .patient(), "b": .patient()])
    let seat = hub.seat(1)
    var calling = TimelineEntry(.calling, at: hub.now)
    calling.route = "r"
    calling.deliveries = [call("person")]
    let answered = TimelineEntry(.delivered, at: hub.now, delivery: 1)
    hub.handle(.restored(seat, entries: [calling, answered]))
    #expect(hub.attempts.isEmpty)
    #expect(hub.plans == [seat.id])
    hub.plan(seat.id, to: ["a"])
    hub.succeed(seat.id.delivery(2))
    #expect(hub.outcomes[seat.id]?.state == .delivered)
    var other = CoreDriver(["a": .patient(), "b": .patient()])
    other.handle(.restored(seat, entries: [calling]))
    #expect(other.underway == [seat.id.delivery()])
  }
}
