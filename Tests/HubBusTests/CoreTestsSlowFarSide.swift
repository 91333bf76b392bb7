import HubKit
import Testing

@testable import HubBus

@Suite("The core: a far side that is slow for days, as the Party's operations system may be")
struct CoreTestsSlowFarSide {
  /// As the endpoint of Documentation/party-system.md has it.
  private static let policy = EndpointPolicy(
    concurrency: 2, timeout: .seconds(600), attemptsMax: 300, backoffFirst: .seconds(60), backoffFactor: 2,
    backoffMax: .seconds(2 * 3600), windowMax: 20)

  @Test("Three days of silence lose nothing, keep order, and what waits drains two at a time")
  func threeDays() {
    var hub = CoreDriver(["a": Self.policy])
    let start = hub.now
    var sent: [String: [ExchangeID]] = [:]
    // Connections refused, then taken and never answered, then refused again, while documents keep coming.
    for hour in 0..<72 {
      let key = "H24.2/document-\(hour % 5)"
      sent[key, default: []].append(hub.send(key: key, expiry: .seconds(10 * 86_400)))
      #expect(hub.underway.count <= 2)
      for ref in hub.underway {
        hub.fail(ref, (24..<48).contains(hour) ? .inDoubt : .outage(after: nil))
      }
      hub.bringPages()
      hub.pass(.seconds(3600))
      hub.bringPages()
    }
    #expect(hub.outcomes.isEmpty, "nobody gave up")
    #expect(hub.attempts.count < 72 * 4, "an endpoint that is silent is not hammered: \(hub.attempts.count)")

    var arrived: [ExchangeID] = []
    for _ in 0..<5000 where hub.outcomes.count < 72 {
      hub.bringPages()
      #expect(hub.underway.count <= 2)
      guard let ref = hub.underway.first else {
        hub.pass(.seconds(60))
        continue
      }
      hub.pass(.seconds(240))
      hub.succeed(ref)
      arrived.append(ref.exchange)
    }
    #expect(arrived.count == 72 && Set(arrived).count == 72)
    #expect(hub.outcomes.count == 72 && hub.outcomes.values.allSatisfy { $0.state == .delivered })
    #expect(hub.settledTwice.isEmpty)
    for (key, ids) in sent { #expect(arrived.filter { ids.contains($0) } == ids, "\(key)") }
    #expect(hub.now - start < .seconds(5 * 86_400))
    #expect(hub.core.isEmpty)
  }

  @Test("What is still not taken when its time is over ends as expired, and says so")
  func expires() {
    var hub = CoreDriver(["a": Self.policy])
    let id = hub.send(key: "k", expiry: .seconds(7 * 86_400))
    for _ in 0..<(8 * 24) {
      for ref in hub.underway { hub.fail(ref, .outage(after: nil)) }
      hub.pass(.seconds(3600))
    }
    #expect(hub.steps(id).contains { $0.name == .expired })
    #expect(hub.outcomes[id]?.state == .failed)
  }
}
