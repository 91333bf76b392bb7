import HubKit
import Testing

@testable import HubBus

@Suite("The core: the backlog lies on the disk, memory holds a window")
struct CoreTestsBacklog {
  private static func policy(window: Int, concurrency: Int = 1, attemptsMax: Int = 1) -> EndpointPolicy {
    EndpointPolicy(concurrency: concurrency, attemptsMax: attemptsMax, backoffFirst: .seconds(1), windowMax: window)
  }

  @Test("Beyond the window exchanges sleep on the disk, and all arrive in the order of receipt")
  func window() {
    var hub = CoreDriver(["a": Self.policy(window: 4)])
    let ids = (0..<50).map { _ in hub.send(key: "k") }
    #expect(hub.core.exchanges.count == 4)
    #expect(hub.core.openLoad.count == 50)
    #expect(hub.asleep == Set(ids.dropFirst(4)))
    for id in ids {
      #expect(hub.underway == [id.delivery()])
      hub.succeed(id.delivery())
      hub.bringPages()
      #expect(hub.core.exchanges.count <= 5)
    }
    #expect(hub.core.isEmpty && hub.shelf.entries.isEmpty)
    #expect(ids.allSatisfy { hub.outcomes[$0]?.state == .delivered })
    #expect(hub.settledTwice.isEmpty)
    #expect(hub.core.endpoints["a"]?.shelf.count == 0)
  }

  @Test("A dead endpoint's backlog takes nothing from another's")
  func others() {
    var hub = CoreDriver(["dead": Self.policy(window: 3), "well": Self.policy(window: 3)])
    for _ in 0..<20 { _ = hub.send(to: ["dead"]) }
    hub.fail(hub.underway[0], .outage(after: .seconds(3600)))
    for _ in 0..<20 {
      let id = hub.send(to: ["well"])
      hub.succeed(id.delivery())
      #expect(hub.outcomes[id]?.state == .delivered)
    }
    #expect(hub.core.exchanges.count == 3)
  }

  @Test("What comes while a page is being read finds its place when the page is here")
  func whileReading() {
    var hub = CoreDriver(["a": Self.policy(window: 2)])
    var ids = (0..<4).map { _ in hub.send(key: "k") }
    hub.succeed(ids[0].delivery())
    #expect(hub.readings.count == 1)
    ids.append(hub.send(key: "k"))
    ids.append(hub.send(key: "k"))
    for id in ids.dropFirst() {
      hub.bringPages()
      #expect(hub.underway == [id.delivery()])
      hub.succeed(id.delivery())
    }
    #expect(hub.core.isEmpty && hub.shelf.entries.isEmpty)
  }

  @Test("A copy that waits on the disk does not keep the other from being delivered")
  func copies() {
    var hub = CoreDriver(["a": Self.policy(window: 1), "b": Self.policy(window: 1)])
    let first = hub.send(to: ["a"])
    let both = hub.send(to: ["a", "b"])
    #expect(hub.underway == [first.delivery(), both.delivery(2)])
    hub.succeed(both.delivery(2))
    #expect(hub.asleep == [both])
    hub.succeed(first.delivery())
    hub.bringPages()
    #expect(hub.underway == [both.delivery(1)])
    hub.succeed(both.delivery(1))
    #expect(hub.outcomes[both]?.state == .delivered)
    #expect(hub.core.isEmpty && hub.shelf.entries.isEmpty)
  }

  @Test("Behind a barred lane memory holds a window too, and other lanes go on")
  func barredLane() {
    var hub = CoreDriver(["a": Self.policy(window: 2)])
    let head = hub.send(key: "barred")
    hub.fail(head.delivery(), .reject)
    let followers = (0..<10).map { _ in hub.send(key: "barred") }
    #expect(hub.core.exchanges.count == 2)
    for _ in 0..<10 {
      let id = hub.send(key: "free")
      #expect(hub.underway == [id.delivery()])
      hub.succeed(id.delivery())
      hub.bringPages()
    }
    #expect(hub.asleep == Set(followers.dropFirst(2)))
  }

  @Test("What sleeps on the disk expires too")
  func expiry() {
    var hub = CoreDriver(["a": Self.policy(window: 1)])
    _ = hub.send()
    let late = hub.send(expiry: .seconds(60))
    #expect(hub.asleep == [late])
    hub.now = hub.now + .seconds(61)
    hub.handle(.overdue(hub.shelf.expired(by: hub.now).compactMap { hub.shelved($0) }))
    #expect(hub.outcomes[late]?.state == .failed)
    #expect(hub.names(late) == [.routed, .expired, .settled])
    #expect(hub.shelf.entries.isEmpty && hub.core.asleepCount == 0)
  }

  @Test("After a restart nothing on the disk is read before the lanes that are barred are known")
  func restart() {
    var hub = CoreDriver(["a": Self.policy(window: 2)])
    let ids = (0..<6).map { _ in hub.send(key: "k") }
    var next = hub
    next.core = BusCore(endpoints: ["a": Self.policy(window: 2)])
    next.underway = []
    next.handle(.stock(hub.shelf.counts, ["agency": OpenLoad(count: 4, bytes: 0)]))
    for id in ids.prefix(2) { next.handle(.restored(hub.shelved(id)!.seat, entries: [])) }
    for id in ids.prefix(2) { next.plan(id, to: ["a"], key: "k") }
    #expect(next.underway.isEmpty && next.readings.isEmpty)
    next.handle(.restoredAll)
    for id in ids {
      next.bringPages()
      #expect(next.underway == [id.delivery()])
      next.succeed(id.delivery())
    }
    next.bringPages()
    #expect(next.core.isEmpty && next.shelf.entries.isEmpty)
  }

  @Test("What waited on the disk for an endpoint that is configured no more is parked")
  func removedEndpoint() {
    var hub = CoreDriver(["a": Self.policy(window: 1)])
    let ids = (0..<3).map { _ in hub.send() }
    var next = hub
    next.core = BusCore(endpoints: ["b": Self.policy(window: 1)])
    next.underway = []
    next.handle(.stock(hub.shelf.counts, ["agency": OpenLoad(count: 2, bytes: 0)]))
    next.handle(.restoredAll)
    next.bringPages()
    #expect(ids.dropFirst().allSatisfy { next.outcomes[$0]?.state == .failed })
    #expect(next.core.isEmpty && next.shelf.entries.isEmpty)
  }
}
