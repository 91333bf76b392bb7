internal import HubKit

// The machine's clock was set. Waits are lengths of time, and go on as if nothing had happened: or an endpoint that
// pauses for five seconds would pause for an hour when the clock is set back by one. An expiry is a moment that the
// sender named, and stays where it is.

extension BusCore {
  /// Takes in that the clock was set, before anything else happens by the new time.
  ///
  /// - Parameters:
  ///   - jump: by how much; negative: back.
  ///   - now: by the clock as it is now.
  mutating func clockWasSet(by jump: Duration, at now: Timestamp) -> [Effect] {
    for id in exchanges.keys { exchanges[id]?.clockWasSet(by: jump) }
    for name in endpoints.keys { endpoints[name]?.clockWasSet(by: jump) }
    for (ref, lease) in leases { leases[ref]?.until = lease.until + jump }
    let open = exchanges
    timers.clockWasSet(by: jump) { target in
      guard case .expiry(let id) = target else { return true }
      // The deadline of a question is so long after it was put.
      return open[id]?.isQuestion ?? true
    }
    var effects: [Effect] = []
    finish(now, &effects)
    return effects
  }
}

extension ExchangeSeat {
  fileprivate mutating func clockWasSet(by jump: Duration) {
    if let deadline {
      self.deadline = deadline + jump
      expiry = expiry.map { $0 + jump }
    }
    for index in deliveries.indices {
      deliveries[index].notBefore = deliveries[index].notBefore.map { $0 + jump }
      deliveries[index].lastOutage = deliveries[index].lastOutage.map { $0 + jump }
    }
  }
}
