import HubKit
import HubRouting
import Testing

@testable import HubBus

@Suite("The core: two versions of an endpoint")
struct CoreTestsVersions {
  private static func policies(
    _ rule: VersionRule = .never, window: Int = 1000, concurrency: Int = 8
  ) -> [String: EndpointPolicy] {
    var first = EndpointPolicy(
      concurrency: concurrency, attemptsMax: 5, backoffFirst: .seconds(1), windowMax: window)
    var second = first
    first.next = .init(name: "a@next", rule: rule)
    second.isNext = true
    return ["a": first, "a@next": second]
  }

  private static func order(_ isNext: Bool) -> VersionOrder {
    VersionOrder(isNext: isNext, since: Timestamp(seconds: 1), by: "an", reason: "thử")
  }

  private func endpoint(_ hub: CoreDriver, _ id: ExchangeID) -> String? {
    hub.core.exchanges[id]?.deliveries.first?.planned.endpoint
  }

  @Test("The choice is in the plan, which is written before the first attempt")
  func written() {
    var hub = CoreDriver(Self.policies(.keys([Pattern("n*")])))
    let (old, new) = (hub.send(key: "o1"), hub.send(key: "n1"))
    #expect(hub.steps(old).first?.deliveries?.map(\.endpoint) == ["a"])
    #expect(hub.steps(new).first?.deliveries?.map(\.endpoint) == ["a@next"])
    #expect(hub.synced == [old.delivery(), new.delivery()])
  }

  @Test("What began on one version ends on it, through retries, a roll back and a restart")
  func endsWhereItBegan() {
    var hub = CoreDriver(Self.policies())
    hub.core.setVersion(Self.order(true), of: "a")
    let id = hub.send(key: "k")
    hub.fail(id.delivery(), .retry(after: nil))
    hub.core.setVersion(Self.order(false), of: "a")
    hub.pass(.seconds(2))
    #expect(hub.underway == [id.delivery()] && endpoint(hub, id) == "a@next")
    var again = CoreDriver(Self.policies())
    again.now = hub.now
    again.handle(.restored(again.seat(1, key: "k"), entries: hub.steps(id)))
    again.handle(.restoredAll)
    #expect(again.core.exchanges.values.first?.deliveries.map(\.planned.endpoint) == ["a@next"])
  }

  @Test("A new message follows what its key has at the other version; other keys go at once")
  func follows() {
    var hub = CoreDriver(Self.policies())
    hub.core.setVersion(Self.order(true), of: "a")
    let first = hub.send(key: "k")
    hub.core.setVersion(nil, of: "a")
    let (second, other) = (hub.send(key: "k"), hub.send(key: "j"))
    #expect(endpoint(hub, second) == "a@next" && endpoint(hub, other) == "a")
    #expect(hub.underway == [first.delivery(), other.delivery()])
    hub.succeed(first.delivery())
    hub.succeed(second.delivery())
    let third = hub.send(key: "k")
    #expect(endpoint(hub, third) == "a", "its lane is empty: the choice holds again")
  }

  @Test("Behind a dead letter a new message waits at the same version, until a person has decided")
  func followsDeadLetters() {
    var hub = CoreDriver(Self.policies())
    hub.core.setVersion(Self.order(true), of: "a")
    let dead = hub.send(key: "k")
    hub.core.setVersion(Self.order(false), of: "a")
    hub.fail(dead.delivery(), .reject)
    let follower = hub.send(key: "k")
    #expect(endpoint(hub, follower) == "a@next" && hub.state(follower.delivery()) == .held)
  }

  @Test("What lies on the disk only is followed too: the disk is asked, and the key waits for its word")
  func followsTheDisk() {
    var hub = CoreDriver(Self.policies(window: 2, concurrency: 1))
    let early = ["k0", "k1", "k2", "k3"].map { hub.send(key: $0) }
    hub.bringHomes()
    #expect(hub.asleep == Set(early.dropFirst(2)))
    hub.core.setVersion(Self.order(true), of: "a")
    let (third, free) = (hub.send(key: "k3"), hub.send(key: "free"))
    let behind = hub.send(key: "k3")
    #expect(hub.locating.map(\.id) == [third, free])
    #expect(hub.core.exchanges[behind]?.isPlanned == false)
    hub.bringHomes()
    #expect(hub.steps(third).first?.deliveries?.map(\.endpoint) == ["a"])
    #expect(hub.steps(free).first?.deliveries?.map(\.endpoint) == ["a@next"])
    hub.bringHomes()
    #expect(hub.steps(behind).first?.deliveries?.map(\.endpoint) == ["a"])
    var sent: [ExchangeID] = []
    while let ref = hub.underway.first {
      sent.append(ref.exchange)
      hub.succeed(ref)
      hub.bringPages()
    }
    #expect(sent.filter { $0 != free } == early + [third, behind])
    #expect(hub.core.isEmpty && hub.core.homes.isEmpty)
  }

  @Test("A share is one of keys, and of subjects where there is no order")
  func shares() {
    var hub = CoreDriver(Self.policies(.share(0.5), window: 10_000, concurrency: 10_000))
    let keys = (0..<2000).map { "k\($0)" }
    let next = keys.filter { key in
      let id = hub.send(key: key)
      return endpoint(hub, id) == "a@next"
    }
    #expect((900...1100).contains(next.count))
    #expect(next == keys.filter { VersionRule.share(0.5).takesNext(key: $0, id: "", receivedAt: hub.now) })
  }

  @Test("A call on the way and a stand-in are chosen as well")
  func callsAndFallbacks() {
    var policies = Self.policies(.from(Timestamp(seconds: 1)))
    policies["b"] = EndpointPolicy(attemptsMax: 1)
    var hub = CoreDriver(policies)
    let asking = hub.receive()
    let call = PlannedDelivery(endpoint: "a", receiver: nil, orderingKey: nil, role: .call, call: "c")
    hub.handle(.planned(asking, .calls(route: "r", calls: [call], microseconds: 1)))
    #expect(endpoint(hub, asking) == "a@next")
    let message = hub.receive()
    hub.plan(message, [PlannedDelivery(endpoint: "b", receiver: nil, orderingKey: nil, fallback: "a")])
    hub.fail(message.delivery(), .reject)
    #expect(hub.core.exchanges[message]?.deliveries.map(\.planned.endpoint) == ["b", "a@next"])
  }

  @Test(
    "When the second version is gone from the configuration, new messages take the first, and what is sent anew too")
  func gone() {
    var hub = CoreDriver(Self.policies())
    hub.core.setVersion(Self.order(true), of: "a")
    let dead = hub.send(key: "k")
    hub.fail(dead.delivery(), .reject)
    hub.handle(.adopt(["a": EndpointPolicy()]))
    let id = hub.send(key: "k")
    #expect(endpoint(hub, id) == "a")
    let order = BusCore.Order(action: .resend, delivery: 1, by: "an", reason: "r", configuration: "c")
    var seat = hub.seats[dead] ?? hub.seat(1)
    seat.restore(hub.steps(dead))
    let (_, effects) = hub.core.carryOut(order, of: dead, settled: (seat, .failed), at: hub.now)
    hub.take(effects)
    #expect(hub.core.exchanges[dead]?.deliveries.map(\.planned.endpoint) == ["a@next", "a"])
  }

  @Test("An order is kept while its endpoint has one version only: it may get the second one back")
  func kept() {
    var hub = CoreDriver(Self.policies())
    hub.core.setVersion(Self.order(true), of: "a")
    hub.handle(.adopt(["a": EndpointPolicy()]))
    hub.handle(.adopt(Self.policies()))
    let id = hub.send(key: "k")
    #expect(endpoint(hub, id) == "a@next")
  }
}
