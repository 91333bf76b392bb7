import HubKit
import Testing

@testable import HubBus

@Suite("The core: lanes, order and concurrency")
struct CoreTestsLanes {
  @Test("Messages with the same key go one after the other, in the order of their receipt")
  func order() {
    var hub = CoreDriver()
    let ids = (0..<3).map { _ in hub.send(key: "k") }
    for id in ids {
      #expect(hub.underway == [id.delivery()])
      hub.succeed(id.delivery())
    }
    #expect(hub.core.isEmpty)
  }

  @Test("Messages without a key don't wait for each other, up to the endpoint's concurrency")
  func concurrency() {
    var hub = CoreDriver(["a": .patient(concurrency: 3)])
    let ids = (0..<10).map { _ in hub.send() }
    #expect(hub.underway == ids.prefix(3).map { $0.delivery() })
    hub.succeed(ids[1].delivery())
    #expect(hub.underway == [ids[0], ids[2], ids[3]].map { $0.delivery() })
    #expect(hub.core.endpoints["a"]?.underway == 3)
    #expect(hub.core.endpoints["a"]?.waitingCount == 6)
  }

  @Test("Keys take turns: one with a hundred waiting messages does not hold up another's first")
  func fairTurns() {
    var hub = CoreDriver(["a": .patient(concurrency: 1)])
    let busy = (0..<100).map { _ in hub.send(key: "busy") }
    let quiet = hub.send(key: "quiet")
    hub.succeed(busy[0].delivery())
    #expect(hub.underway == [quiet.delivery()])
  }

  @Test("Plans that come out of order are applied in the order of receipt when the key is the same")
  func planOrder() {
    var hub = CoreDriver()
    let first = hub.receive(key: "k")
    let second = hub.receive(key: "k")
    hub.plan(second, to: ["a"], key: "k")
    #expect(hub.attempts.isEmpty)
    hub.plan(first, to: ["a"], key: "k")
    #expect(hub.underway == [first.delivery()])
    hub.succeed(first.delivery())
    #expect(hub.underway == [second.delivery()])
    hub.succeed(second.delivery())
    #expect(hub.core.isEmpty)
  }

  @Test("Plans follow the journal's sequence even when the core hears of the later message first")
  func receiptOrder() {
    var hub = CoreDriver()
    let second = hub.receive(sequence: 2, key: "k")
    let first = hub.receive(sequence: 1, key: "k")
    hub.plan(second, to: ["a"], key: "k")
    hub.plan(first, to: ["a"], key: "k")
    #expect(hub.underway == [first.delivery()])
  }

  @Test("A plan that turns out invalid lets the later plans of its key pass")
  func invalidPlanPasses() {
    var hub = CoreDriver()
    let first = hub.receive(key: "k")
    let second = hub.receive(key: "k")
    hub.plan(second, to: ["a"], key: "k")
    hub.handle(.planned(first, .unroutable(reason: "no")))
    #expect(hub.underway == [second.delivery()])
  }

  @Test("A parked head holds its lane of three, and neither other keys nor other endpoints")
  func parkedHead() {
    var hub = CoreDriver(["a": .patient(attemptsMax: 1), "b": .patient()])
    let head = hub.send(to: ["a", "b"], key: "k")
    let followers = (0..<2).map { _ in hub.send(to: ["a"], key: "k") }
    hub.fail(head.delivery(1), .retry(after: nil))
    #expect(followers.map { hub.state($0.delivery()) } == [.held, .held])
    hub.succeed(head.delivery(2))
    #expect(hub.outcomes[head]?.state == .partly)
    let late = hub.send(key: "k")
    #expect(hub.state(late.delivery()) == .held)
    let other = hub.send(key: "other")
    let keyless = hub.send()
    hub.pass(.seconds(3600))
    #expect(hub.underway == [other, keyless].map { $0.delivery() })
    #expect(hub.core.openByPrincipal["agency"]?.count == 5)
  }

  @Test("A refused head holds its lane too; without a key nothing is held")
  func refusedHead() {
    var hub = CoreDriver()
    let head = hub.send(key: "k")
    let follower = hub.send(key: "k")
    let keyless = hub.send()
    hub.fail(head.delivery(), .reject, code: "no")
    hub.fail(keyless.delivery(), .reject, code: "no")
    #expect(hub.outcomes[head] == Outcome(state: .failed, reason: "It said no."))
    #expect(hub.state(follower.delivery()) == .held)
    #expect(hub.names(keyless) == [.routed, .refused, .settled])
    #expect(hub.core.endpoints["a"]?.lanes.count == 1)
    #expect(hub.core.endpoints["a"]?.failedCount == 2)
  }

  @Test("What one receiver refuses does not hold up another one behind the same endpoint")
  func receiversHaveLanesOfTheirOwn() throws {
    var hub = CoreDriver()
    let one = try #require(OrganisationCode("H24.1"))
    let two = try #require(OrganisationCode("H24.2"))
    let deliveries = [one, two].map { PlannedDelivery(endpoint: "a", receiver: $0, orderingKey: "k") }
    let first = hub.receive(key: "k")
    hub.plan(first, deliveries)
    let second = hub.receive(key: "k")
    hub.plan(second, deliveries)
    hub.fail(first.delivery(1), .reject)
    hub.succeed(first.delivery(2))
    #expect(hub.state(second.delivery(1)) == .held)
    #expect(hub.underway == [second.delivery(2)])
  }

  @Test("One dead endpoint of ten leaves the other nine alone")
  func oneDeadOfTen() {
    let names = (0..<10).map { "e\($0)" }
    var hub = CoreDriver(Dictionary(uniqueKeysWithValues: names.map { ($0, .patient(concurrency: 2)) }))
    for round in 0..<50 {
      let id = hub.send(to: names, key: round % 2 == 0 ? "k" : nil)
      while let ref = hub.underway.first {
        if ref.number == 1 { hub.fail(ref, .outage(after: nil)) } else { hub.succeed(ref) }
      }
      #expect(hub.core.exchanges[id]?.deliveries.dropFirst().allSatisfy { $0.state == .delivered } == true)
    }
    #expect(hub.core.endpoints["e0"]?.waitingCount == 50)
    #expect(names.dropFirst().allSatisfy { hub.core.endpoints[$0]?.deliveredCount == 50 })
    #expect(hub.outcomes.isEmpty)
  }
}
