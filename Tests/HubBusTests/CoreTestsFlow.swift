import HubKit
import Testing

@testable import HubBus

@Suite("The core: from receipt to settlement")
struct CoreTestsFlow {
  private let dossier = BusinessKey(name: "dossier", value: "7")

  @Test("A message that is planned, tried once and taken is settled as delivered, with two writes in all")
  func happyPath() {
    var hub = CoreDriver()
    let id = hub.receive()
    #expect(hub.plans == [id])
    hub.plan(id, [PlannedDelivery(endpoint: "a", receiver: nil, orderingKey: nil)], keys: [dossier])
    #expect(hub.records.isEmpty, "the plan is written with the first attempt")
    hub.succeed(id.delivery())
    #expect(hub.records.count == 1)
    #expect(hub.names(id) == [.routed, .delivered, .settled])
    #expect(hub.records.first?.keys == [dossier])
    #expect(hub.records.first?.hasDeadLetters == false)
    #expect(hub.outcomes == [id: Outcome(state: .delivered)])
    #expect(hub.core.isEmpty)
  }

  @Test("A business key is written once, with the first record")
  func keysOnce() {
    var hub = CoreDriver(["a": .patient()])
    let id = hub.receive()
    hub.plan(id, [PlannedDelivery(endpoint: "a", receiver: nil, orderingKey: nil)], keys: [dossier])
    hub.fail(id.delivery(), .retry(after: nil))
    hub.pass(.seconds(1))
    hub.succeed(id.delivery())
    #expect(hub.records.map(\.keys) == [[dossier], []])
    #expect(hub.names(id) == [.routed, .retry, .delivered, .settled])
  }

  @Test("An exchange of three deliveries settles once, when the last has ended, as what became of all of them")
  func partly() {
    var hub = CoreDriver(["a": .patient(), "b": .patient(), "c": .patient()])
    let id = hub.send(to: ["a", "b", "c"])
    hub.succeed(id.delivery(2))
    hub.fail(id.delivery(1), .reject, code: "no")
    #expect(hub.outcomes.isEmpty)
    hub.succeed(id.delivery(3))
    #expect(hub.outcomes[id] == Outcome(state: .partly, reason: "It said no."))
    #expect(hub.settledTwice.isEmpty)
    #expect(hub.records.last?.hasDeadLetters == true)
    #expect(hub.core.isEmpty)
  }

  @Test("An invalid message settles as failed at once and stays for a person to look at")
  func invalid() {
    var hub = CoreDriver()
    let id = hub.receive()
    let violation = Violation(rule: "schema", message: "A code is missing.")
    hub.handle(.planned(id, .invalid(route: "r", violations: [violation], microseconds: 3)))
    #expect(
      hub.outcomes[id]
        == Outcome(
          state: .failed, reason: violation.description, fault: Fault(.hub, .invalid, code: violation.rule)))
    #expect(hub.names(id) == [.invalid, .settled])
    #expect(hub.records.first?.hasDeadLetters == true)
    #expect(hub.records.first?.route == "r")
    #expect(hub.core.isEmpty)
  }

  @Test("A message that no route wants settles as failed with the reason")
  func unroutable() {
    var hub = CoreDriver()
    let id = hub.receive()
    hub.handle(.planned(id, .unroutable(reason: "Nobody wants it.")))
    #expect(
      hub.outcomes[id]
        == Outcome(state: .failed, reason: "Nobody wants it.", fault: Fault(.hub, .invalid, code: "no-route")))
    #expect(hub.names(id) == [.unroutable, .settled])
  }

  @Test("A plan or an answer for an exchange that nobody knows changes nothing")
  func unknown() {
    var hub = CoreDriver()
    let stranger = hub.seat(99).id
    hub.plan(stranger, to: ["a"])
    hub.succeed(stranger.delivery())
    #expect(hub.core.isEmpty)
    #expect(hub.records.isEmpty && hub.attempts.isEmpty)
  }

  @Test("A message that is reported as received twice is planned and counted once")
  func receivedTwice() {
    var hub = CoreDriver()
    let seat = hub.seat(1)
    hub.handle(.received(seat))
    hub.handle(.received(seat))
    hub.handle(.restored(seat, entries: []))
    #expect(hub.plans == [seat.id])
    #expect(hub.core.openByPrincipal["agency"]?.count == 1)
  }

  @Test("A second plan for the same exchange is ignored")
  func plannedTwice() {
    var hub = CoreDriver()
    let id = hub.send()
    hub.plan(id, to: ["a", "a"])
    #expect(hub.attempts.count == 1)
    hub.succeed(id.delivery())
    #expect(hub.outcomes[id]?.state == .delivered)
  }

  @Test("Open exchanges are counted by principal, and the count goes when they settle")
  func principals() {
    var hub = CoreDriver()
    let first = hub.send(principal: "x")
    let second = hub.send(principal: "x")
    let third = hub.send(principal: "y")
    #expect(hub.core.openByPrincipal.mapValues(\.count) == ["x": 2, "y": 1])
    hub.succeed(first.delivery())
    hub.fail(third.delivery(), .reject)
    #expect(hub.core.openByPrincipal.mapValues(\.count) == ["x": 1])
    hub.succeed(second.delivery())
    #expect(hub.core.openByPrincipal.isEmpty)
  }

  @Test("A late answer for an exchange that has settled changes nothing")
  func lateAnswer() {
    var hub = CoreDriver(["a": .patient(concurrency: 1)])
    let first = hub.send()
    let second = hub.send()
    hub.succeed(first.delivery())
    hub.fail(first.delivery(), .outage(after: nil))
    #expect(hub.records.count == 1)
    #expect(hub.core.endpoints["a"]?.underway == 1)
    #expect(hub.core.endpoints["a"]?.pausedUntil == nil)
    hub.succeed(second.delivery())
    #expect(hub.core.isEmpty)
  }

  @Test("A late answer for a delivery that has ended leaves its lane and the other deliveries alone")
  func lateAnswerOfOpenExchange() {
    var hub = CoreDriver(["a": .patient(), "b": .patient()])
    let id = hub.send(to: ["a", "b"], key: "k")
    let follower = hub.send(key: "k")
    hub.succeed(id.delivery(1))
    hub.succeed(id.delivery(1))
    #expect(hub.core.endpoints["a"]?.underway == 1, "the follower's own attempt is still under way")
    hub.succeed(follower.delivery())
    hub.succeed(id.delivery(2))
    #expect(hub.core.isEmpty)
    #expect(hub.settledTwice.isEmpty)
  }
}
