import HubKit
import Testing

@testable import HubBus

/// The machine's clock is set forward or back by an hour: waits take as long as they were meant to.
@Suite("The core when the clock is set")
struct CoreTestsClock {
  static let jumps: [Duration] = [.seconds(-3600), .seconds(3600)]

  @Test("A failed attempt is repeated after its wait, not after the jump", arguments: jumps)
  func rest(jump: Duration) {
    var hub = CoreDriver(["a": .patient()])
    let id = hub.send()
    hub.fail(id.delivery(), .retry(after: .seconds(10)))
    hub.pass(.seconds(4))
    hub.setClock(by: jump)
    hub.pass(.seconds(5))
    #expect(hub.underway.isEmpty)
    hub.pass(.seconds(2))
    #expect(hub.underway == [id.delivery()])
  }

  @Test("An endpoint pauses for as long as it would have, and then one delivery feels the way", arguments: jumps)
  func pause(jump: Duration) throws {
    var hub = CoreDriver(["a": .patient()])
    let first = hub.send()
    let second = hub.send()
    hub.fail(first.delivery(), .outage(after: .seconds(10)))
    hub.fail(second.delivery(), .outage(after: nil))
    hub.pass(.seconds(4))
    hub.setClock(by: jump)
    let third = hub.send()
    hub.pass(.seconds(5))
    #expect(hub.underway.isEmpty)
    hub.pass(.seconds(2))
    #expect(hub.underway.count == 1)
    hub.succeed(try #require(hub.underway.first))
    #expect(hub.underway.count == 2 && hub.attempts.contains { $0.ref == third.delivery() })
  }

  @Test("Whoever has fetched may acknowledge as long as he was told, and not longer", arguments: jumps)
  func lease(jump: Duration) throws {
    let agency = try #require(OrganisationCode("H24.1"))
    var hub = CoreDriver(["box": EndpointPolicy(inbox: InboxLimits(lease: .seconds(60)))])
    for _ in 0..<2 {
      let id = hub.receive()
      hub.plan(id, [PlannedDelivery(endpoint: "box", receiver: agency, orderingKey: nil)])
    }
    let leased = hub.core.lease("box", for: agency, limit: 2, token: "t", at: hub.now)
    hub.take(leased.effects)
    try #require(leased.refs.count == 2)
    hub.setClock(by: jump)
    hub.pass(.seconds(59))
    let (answer, effects) = hub.core.acknowledge(
      leased.refs[0], by: agency, token: "t", .success(Reply(code: "ack")), at: hub.now)
    hub.take(effects)
    #expect(answer == .done)
    hub.pass(.seconds(2))
    #expect(
      hub.core.acknowledge(leased.refs[1], by: agency, token: "t", .success(Reply(code: "")), at: hub.now).0
        == .leaseEnded)
    #expect(hub.core.lease("box", for: agency, limit: 2, token: "u", at: hub.now).refs == [leased.refs[1]])
  }

  @Test("A question ends when its caller's patience does", arguments: jumps)
  func deadline(jump: Duration) {
    var hub = CoreDriver(["a": .patient()])
    let seat = hub.seat(1, deadline: .seconds(30), asks: true)
    hub.handle(.received(seat))
    hub.plan(seat.id, to: ["a"])
    hub.pass(.seconds(10))
    hub.setClock(by: jump)
    hub.pass(.seconds(19))
    #expect(hub.outcomes.isEmpty)
    hub.pass(.seconds(2))
    #expect(hub.outcomes[seat.id]?.state == .failed)
    #expect(hub.cancelled == [seat.id.delivery()])
  }

  @Test("An expiry is a moment: it comes at once when the clock passes it, and later when the clock goes back")
  func expiry() {
    var ahead = CoreDriver(["a": .patient()])
    let early = ahead.send(expiry: .seconds(600))
    ahead.fail(early.delivery(), .retry(after: .seconds(300)))
    ahead.setClock(by: .seconds(3600))
    ahead.pass(.milliseconds(1))
    #expect(ahead.outcomes[early]?.state == .failed)

    var back = CoreDriver(["a": .patient()])
    let late = back.send(expiry: .seconds(600))
    back.fail(late.delivery(), .retry(after: .seconds(1200)))
    back.setClock(by: .seconds(-3600))
    back.pass(.seconds(700))
    #expect(back.outcomes.isEmpty, "by the clock its time has not come")
    back.pass(.seconds(600))
    #expect(back.underway == [late.delivery()])
  }

  @Test("A poisonous message is still told from a far system that is away", arguments: jumps)
  func poison(jump: Duration) {
    var hub = CoreDriver(["a": .patient(concurrency: 1, attemptsMax: 2)])
    let poison = hub.send(key: "poison")
    for _ in 0..<40 where hub.outcomes[poison] == nil {
      _ = hub.send()
      hub.pass(.seconds(1))
      while let ref = hub.underway.first {
        hub.now = hub.now + .milliseconds(1)
        if ref == poison.delivery() { hub.fail(ref, .outage(after: nil)) } else { hub.succeed(ref) }
        if ref == poison.delivery(), hub.names(poison).count == 4 { hub.setClock(by: jump) }
      }
    }
    #expect(hub.names(poison) == [.routed, .outage, .outage, .outage, .retry, .parked, .settled])
  }

  @Test("What rested when the hub stopped rests no longer after the start, though the clock went back meanwhile")
  func restart() {
    var hub = CoreDriver(["a": .patient()])
    let id = hub.send()
    hub.fail(id.delivery(), .retry(after: .seconds(10)))
    let seat = hub.core.exchanges[id]
    let steps = hub.steps(id)
    var next = CoreDriver(["a": .patient()])
    next.now = hub.now + .seconds(-3600)
    if let seat {
      next.handle(
        .restored(
          ExchangeSeat(
            id: id, sequence: 1, receivedAt: seat.receivedAt, expiry: nil, principal: "agency", orderingKey: nil),
          entries: steps))
    }
    next.pass(.seconds(11))
    #expect(next.underway == [id.delivery()])
  }
}
