import HubKit
import Testing

@testable import HubBus

@Suite("The core: retry, outage, poison, doubt and expiry")
struct CoreTestsFailures {
  private func times(_ hub: CoreDriver, since start: Timestamp) -> [Double] {
    hub.attempts.map { ($0.at - start).milliseconds / 1000 }
  }

  @Test("A failed attempt is repeated after a wait that doubles, and parked when the attempts are used up")
  func backoff() {
    var hub = CoreDriver(["a": .patient(attemptsMax: 4)])
    let start = hub.now
    let id = hub.send()
    for _ in 0..<4 {
      hub.fail(id.delivery(), .retry(after: nil))
      hub.pass(.seconds(100))
    }
    #expect(hub.attempts.map(\.number) == [1, 2, 3, 4])
    #expect(times(hub, since: start) == [0, 1, 102, 204])
    #expect(hub.names(id) == [.routed, .retry, .retry, .retry, .parked, .settled])
    #expect(hub.steps(id).last?.state == .failed)
    #expect(hub.core.isEmpty)
  }

  @Test("Jitter shortens a wait by at most a fifth, and the longest wait is kept to")
  func jitter() {
    let policy = EndpointPolicy.patient()
    #expect(policy.backoff(after: 1, jitter: 0) == .seconds(1))
    #expect(policy.backoff(after: 1, jitter: 1) == .milliseconds(800))
    #expect(policy.backoff(after: 3, jitter: 0.5) == .milliseconds(3600))
    #expect(policy.backoff(after: 1_000_000, jitter: 0) == .seconds(60))
    #expect(policy.wait(after: .seconds(1 << 60), failures: 1, jitter: 0) == EndpointPolicy.waitMax)
  }

  @Test("A wait that the far system names is kept when it is longer than the backoff, else the backoff is")
  func retryAfter() {
    var hub = CoreDriver(["a": .patient()])
    let start = hub.now
    let id = hub.send()
    hub.fail(id.delivery(), .retry(after: .seconds(30)))
    hub.pass(.seconds(30))
    hub.fail(id.delivery(), .retry(after: .milliseconds(1)))
    hub.pass(.seconds(2))
    #expect(times(hub, since: start) == [0, 30, 32])
  }

  @Test("A resting head keeps its lane waiting, and no other lane")
  func restingHead() {
    var hub = CoreDriver(["a": .patient()])
    let head = hub.send(key: "k")
    let follower = hub.send(key: "k")
    hub.fail(head.delivery(), .retry(after: .seconds(10)))
    let other = hub.send()
    #expect(hub.underway == [other.delivery()])
    hub.pass(.seconds(10))
    #expect(hub.underway == [other.delivery(), head.delivery()])
    hub.succeed(head.delivery())
    #expect(hub.underway == [other.delivery(), follower.delivery()])
  }

  @Test("An outage pauses the endpoint and spends no attempt, however often it comes")
  func outage() {
    var hub = CoreDriver(["a": .patient(attemptsMax: 2)])
    let id = hub.send()
    for _ in 0..<20 {
      hub.fail(id.delivery(), .outage(after: nil))
      let waiting = hub.send()
      #expect(!hub.underway.contains(waiting.delivery()))
      hub.pass(.seconds(60))
      while let other = hub.underway.first, other != id.delivery() {
        hub.fail(other, .outage(after: nil))
        hub.pass(.seconds(60))
      }
    }
    #expect(hub.attempts.allSatisfy { $0.number == 1 })
    #expect(hub.outcomes.isEmpty)
    while let ref = hub.underway.first { hub.succeed(ref) }
    #expect(hub.outcomes.count == 21)
    #expect(hub.core.isEmpty)
  }

  @Test("After a pause one delivery at a time feels whether the far system is back; its answer opens the door")
  func probing() {
    var hub = CoreDriver(["a": .patient(concurrency: 4)])
    let ids = (0..<8).map { _ in hub.send() }
    for id in ids.prefix(4) { hub.fail(id.delivery(), .outage(after: nil)) }
    #expect(hub.underway.isEmpty)
    #expect(hub.core.endpoints["a"]?.outagesInRow == 1, "one event, met by four attempts")
    #expect(hub.core.endpoints["a"]?.isPaused(at: hub.now) == true)
    #expect(hub.core.endpoints["a"]?.pausedReason == "It said broken.")
    hub.pass(.seconds(1))
    #expect(hub.underway.count == 1)
    hub.fail(hub.underway[0], .reject)
    #expect(hub.underway.count == 4)
    #expect(hub.core.endpoints["a"]?.pausedSince == nil)
  }

  @Test("Pauses grow with each outage, and a wait that the far system names is kept, but never below the first")
  func pauses() {
    var hub = CoreDriver(["a": .patient()])
    let id = hub.send()
    var waits: [Double] = []
    for after in [nil, nil, nil, Duration.seconds(600), .zero, nil] {
      hub.fail(id.delivery(), .outage(after: after))
      let until = hub.core.endpoints["a"]?.pausedUntil ?? hub.now
      waits.append((until - hub.now).milliseconds / 1000)
      hub.pass(until - hub.now)
    }
    #expect(waits == [1, 2, 4, 600, 1, 32])
    #expect(hub.underway == [id.delivery()])
  }

  @Test("A message that meets three outages while others pass is charged for the next, and parked in the end")
  func poison() {
    var hub = CoreDriver(["a": .patient(concurrency: 1, attemptsMax: 3)])
    let poison = hub.send(key: "poison")
    var passed = 0
    for _ in 0..<40 where hub.outcomes[poison] == nil {
      _ = hub.send()
      hub.pass(.seconds(1))
      while let ref = hub.underway.first {
        hub.now = hub.now + .milliseconds(1)
        if ref == poison.delivery() {
          hub.fail(ref, .outage(after: nil))
        } else {
          hub.succeed(ref)
          passed += 1
        }
      }
    }
    #expect(hub.names(poison) == [.routed, .outage, .outage, .outage, .retry, .retry, .parked, .settled])
    #expect(passed > 3)
    #expect(hub.outcomes[poison]?.state == .failed)
  }

  @Test("A message alone at an endpoint that is away is never taken for poison")
  func noPoisonAlone() {
    var hub = CoreDriver(["a": .patient(attemptsMax: 1)])
    let id = hub.send()
    for _ in 0..<10 {
      hub.fail(id.delivery(), .outage(after: nil))
      hub.pass(.seconds(60))
    }
    #expect(hub.steps(id).dropFirst().allSatisfy { $0.name == .outage })
    hub.succeed(id.delivery())
    #expect(hub.outcomes[id]?.state == .delivered)
  }

  @Test("In doubt is repeated or parked, as the endpoint's policy says")
  func inDoubt() {
    var hub = CoreDriver(["safe": .patient(), "payment": .patient(onDoubt: .park)])
    let id = hub.send(to: ["safe", "payment"])
    hub.fail(id.delivery(1), .inDoubt)
    hub.fail(id.delivery(2), .inDoubt)
    hub.pass(.seconds(60))
    #expect(hub.underway == [id.delivery(1)])
    hub.succeed(id.delivery(1))
    #expect(hub.names(id) == [.routed, .attempting, .retry, .parked, .delivered, .settled])
    #expect(hub.outcomes[id]?.state == .partly)
  }

  @Test("A message expires on time while it rests, waits behind another, is held, or its endpoint is away")
  func expiry() {
    var hub = CoreDriver(["a": .patient(), "held": .patient(), "away": .patient()])
    let resting = hub.send(expiry: .seconds(5))
    hub.fail(resting.delivery(), .retry(after: .seconds(50)))
    let head = hub.send(key: "k")
    let behind = hub.send(key: "k", expiry: .seconds(6))
    let refused = hub.send(to: ["held"], key: "k")
    hub.fail(refused.delivery(), .reject)
    let held = hub.send(to: ["held"], key: "k", expiry: .seconds(7))
    let outage = hub.send(to: ["away"])
    hub.fail(outage.delivery(), .outage(after: .seconds(900)))
    let waiting = hub.send(to: ["away"], expiry: .seconds(8))
    for (id, seconds) in [(resting, 5), (behind, 6), (held, 7), (waiting, 8)] {
      #expect(hub.outcomes[id] == nil)
      hub.pass(Timestamp(seconds: 1_700_000_000 + Int64(seconds)) - hub.now)
      #expect(hub.outcomes[id]?.state == .failed)
      #expect(hub.names(id).suffix(2) == [.expired, .settled])
    }
    hub.succeed(head.delivery())
    #expect(hub.core.exchanges.keys.sorted() == [outage])
  }

  @Test("What expires while an attempt is under way is not cut off, and not tried again")
  func expiryUnderway() {
    var hub = CoreDriver(["a": .patient()])
    let lucky = hub.send(expiry: .seconds(5))
    let unlucky = hub.send(expiry: .seconds(5))
    hub.pass(.seconds(10))
    hub.succeed(lucky.delivery())
    hub.fail(unlucky.delivery(), .retry(after: nil))
    #expect(hub.outcomes[lucky]?.state == .delivered)
    #expect(hub.names(unlucky) == [.routed, .retry, .expired, .settled])
    #expect(hub.core.isEmpty)
  }

  @Test("A message that expired before it was planned is never sent")
  func expiredBeforePlan() {
    var hub = CoreDriver(["a": .patient()])
    let id = hub.receive(expiry: .seconds(1), key: "k")
    hub.pass(.seconds(1))
    hub.plan(id, to: ["a"], key: "k")
    #expect(hub.attempts.isEmpty)
    #expect(hub.names(id) == [.routed, .expired, .settled])
    #expect(hub.core.isEmpty)
  }

  @Test("A lane whose resting head expired goes on, and the head's old timer wakes nobody too early")
  func staleLaneTimer() {
    var hub = CoreDriver(["a": .patient()])
    let start = hub.now
    let head = hub.send(key: "k", expiry: .seconds(5))
    let next = hub.send(key: "k")
    hub.fail(head.delivery(), .retry(after: .seconds(10)))
    hub.pass(.seconds(6))
    hub.fail(next.delivery(), .retry(after: .seconds(30)))
    hub.pass(.seconds(60))
    #expect(times(hub, since: start) == [0, 5, 36])
  }
}
