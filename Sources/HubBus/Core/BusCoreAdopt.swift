internal import HubKit

// Another configuration: endpoints that are new, that go on under another policy, and that are gone.

extension BusCore {
  /// How many deliveries of an endpoint that is gone are parked at a time: everybody else waits meanwhile.
  private static let parkedAtOnce = 256

  /// Goes on with these endpoints. One that is not among them is kept as gone: its attempts under way end as they
  /// would have, what waits is parked, and should it come back its lanes are barred as after a restart.
  mutating func adopt(_ policies: [String: EndpointPolicy]) {
    for (name, policy) in policies.sorted(by: { $0.key < $1.key }) {
      endpointSeat(name).adopt(policy)
      touch(name)
    }
    for name in endpoints.keys.sorted() where policies[name] == nil {
      endpoints[name]?.retire()
      touch(name)
    }
    noteVersions()
  }

  /// Parks the next ones that wait at an endpoint that is gone, and comes back for the others.
  mutating func parkSome(of name: String, _ now: Timestamp, _ effects: inout [Effect]) {
    for _ in 0..<Self.parkedAtOnce {
      guard let ref = endpoints[name]?.popLeaving() else {
        if stock == nil, let reading = endpoints[name]?.beginClearing() { effects.append(.read(name, reading)) }
        return
      }
      guard let seat = exchanges[ref.exchange] else { continue }
      let delivery = seat.deliveries[ref.number - 1]
      guard !delivery.state.isEnd, !delivery.isUnderway else { continue }
      endpoints[name]?.withdraw(ref, lane: EndpointSeat.LaneName(ref, delivery.planned))
      parkForWantOfEndpoint(ref, delivery, now)
      writeDown(ref.exchange, now, &effects)
    }
    timers.add(now, .endpoint(name))
  }

  mutating func parkForWantOfEndpoint(_ ref: DeliveryRef, _ delivery: DeliverySeat, _ now: Timestamp) {
    let reason = "Endpoint \(delivery.planned.endpoint) is not configured any more."
    park(ref, delivery, code: "no-endpoint", reason, now)
  }
}
