internal import HubKit

// Inboxes: what waits for agencies that cannot be called. Fetching leases a delivery, acknowledging ends it; a lease
// that ends without a word puts it back into its lane, at its place.

extension BusCore {
  /// Who has fetched a delivery, and until when.
  struct Lease {
    let token: String
    let agency: OrganisationCode
    var until: Timestamp
    let endpoint: String
    let lane: EndpointSeat.LaneName
  }

  /// Why an inbox cannot take a delivery.
  func inboxRefusal(_ delivery: DeliverySeat, _ seat: ExchangeSeat, _ endpoint: EndpointSeat) -> String? {
    guard let limits = endpoint.policy.inbox else { return nil }
    let load = endpoint.loads[delivery.planned.receiver] ?? EndpointSeat.Load()
    guard load.count >= limits.countMax || load.bytes + seat.byteCount > limits.bytesMax else { return nil }
    let whose = delivery.planned.receiver?.text ?? "nobody"
    return "The inbox of \(whose) is full: \(load.count) messages, \(load.bytes) bytes."
  }

  /// What an operator should know of an inbox: who has not fetched for too long.
  func inboxAlarm(_ name: String, at now: Timestamp) -> String? {
    guard let endpoint = endpoints[name], let limits = endpoint.policy.inbox else { return nil }
    let heads = endpoint.lanes.values.compactMap(\.queue.first).compactMap { place in
      exchanges[place.ref.exchange].map { (since: $0.receivedAt, receiver: place.receiver) }
    }
    guard let oldest = heads.min(by: { $0.since < $1.since }), now - oldest.since > limits.ageAlarm else { return nil }
    return "\(oldest.receiver?.text ?? "-") has not fetched what waits since \(oldest.since). "
      + "\(oldest.receiver?.text ?? "-") chưa đến lấy bản tin chờ từ \(oldest.since)."
  }

  /// Hands out what is first in an agency's lanes.
  ///
  /// - Parameters:
  ///   - type: which kind is wanted; nil: any.
  ///   - token: names the lease.
  ///   - renewing: whether what is held under that name already comes first, its time begun anew.
  mutating func lease(
    _ name: String, for agency: OrganisationCode, type: String? = nil, limit: Int, token: String,
    renewing: Bool = false, at now: Timestamp
  ) -> (refs: [DeliveryRef], until: Timestamp, effects: [Effect]) {
    var effects: [Effect] = []
    guard let limits = endpoints[name]?.policy.inbox, !isDraining else { return ([], now, []) }
    let until = now + limits.lease
    let seats = exchanges
    let isWanted = type.map { type in { (ref: DeliveryRef) in seats[ref.exchange]?.type == type } }
    var refs = renewing ? held(name, by: agency, token, at: now).filter { isWanted?($0) != false } : []
    refs.removeLast(max(0, refs.count - limit))
    for ref in refs {
      leases[ref]?.until = until
      timers.add(until, .lease(ref))
    }
    while refs.count < limit, let (lane, ref) = endpoints[name]?.startFirst(for: agency, where: isWanted) {
      guard let seat = exchanges[ref.exchange] else {
        endpoints[name]?.finish(lane, reached: false)
        continue
      }
      if let expiry = seat.expiry, expiry <= now {
        endpoints[name]?.putBack(lane)
        expire(ref.exchange, now, &effects)
        continue
      }
      exchanges[ref.exchange]?.deliveries[ref.number - 1].isUnderway = true
      leases[ref] = Lease(token: token, agency: agency, until: until, endpoint: name, lane: lane)
      timers.add(until, .lease(ref))
      refs.append(ref)
    }
    finish(now, &effects)
    return (refs, until, effects)
  }

  /// What an agency holds under a token, in the order of receipt.
  private func held(_ name: String, by agency: OrganisationCode, _ token: String, at now: Timestamp) -> [DeliveryRef] {
    let own = leases.filter { _, lease in
      lease.token == token && lease.endpoint == name && lease.agency == agency && lease.until > now
    }
    return own.keys.sorted {
      (exchanges[$0.exchange]?.sequence ?? 0, $0.number) < (exchanges[$1.exchange]?.sequence ?? 0, $1.number)
    }
  }

  /// How many deliveries of a type lie in an inbox for an agency, leased or not; nil: of any type.
  func inboxCount(_ name: String, for agency: OrganisationCode, type: String?) -> Int {
    guard let endpoint = endpoints[name], endpoint.policy.inbox != nil else { return 0 }
    guard let type else { return endpoint.loads[agency]?.count ?? 0 }
    return endpoint.lanes.values.reduce(0) { count, lane in
      count + lane.queue.all.count { $0.receiver == agency && exchanges[$0.ref.exchange]?.type == type }
    }
  }

  /// Takes in that an agency has a delivery, or refuses it.
  mutating func acknowledge(
    _ ref: DeliveryRef, by agency: OrganisationCode, token: String, _ result: Result<Reply, AdapterError>,
    at now: Timestamp
  ) -> (InboxAnswer, [Effect]) {
    guard let seat = exchanges[ref.exchange], seat.deliveries.indices.contains(ref.number - 1) else {
      return (.unknown, [])
    }
    let delivery = seat.deliveries[ref.number - 1]
    // What was fetched before the endpoint stopped being an inbox may still be acknowledged.
    guard delivery.planned.receiver == agency,
      leases[ref] != nil || endpoints[delivery.planned.endpoint]?.policy.inbox != nil
    else {
      return (.unknown, [])
    }
    guard let lease = leases[ref], lease.token == token, lease.until > now else { return (.leaseEnded, []) }
    leases[ref] = nil
    let attempt = Attempt(result: result, microseconds: 0, sent: nil, jitter: 0)
    return (.done, handle(.attempted(ref, attempt), at: now))
  }

  /// The time of a lease is over: its delivery is offered again.
  mutating func endLease(_ ref: DeliveryRef, _ now: Timestamp, _ effects: inout [Effect]) {
    guard let lease = leases[ref], lease.until <= now else { return }
    putBack(ref, lease)
    if let expiry = exchanges[ref.exchange]?.expiry, expiry <= now { expire(ref.exchange, now, &effects) }
  }

  /// The hub cannot hand out now what an agency has fetched: it is offered again.
  mutating func giveBack(_ ref: DeliveryRef, token: String) {
    guard let lease = leases[ref], lease.token == token else { return }
    putBack(ref, lease)
  }

  private mutating func putBack(_ ref: DeliveryRef, _ lease: Lease) {
    leases[ref] = nil
    exchanges[ref.exchange]?.deliveries[ref.number - 1].isUnderway = false
    endpoints[lease.endpoint]?.putBack(lease.lane)
    touch(lease.endpoint)
  }
}
