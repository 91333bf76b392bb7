internal import HubKit

// Ends: what is written when, the last step of an exchange, expiry, and timers.

extension BusCore {
  /// Ends a delivery that is not under way without an attempt.
  mutating func end(
    _ ref: DeliveryRef, _ state: DeliveryState, code: String, _ reason: String, _ now: Timestamp
  ) {
    var entry = TimelineEntry(state == .expired ? .expired : .parked, at: now, delivery: ref.number)
    entry.code = code
    entry.detail = reason
    exchanges[ref.exchange]?.unwritten.append(entry)
    exchanges[ref.exchange]?.deliveries[ref.number - 1].state = state
    exchanges[ref.exchange]?.deliveries[ref.number - 1].reason = reason
  }

  /// Ends what could not be sent in time; what is under way ends by itself.
  mutating func expire(_ id: ExchangeID, _ now: Timestamp, _ effects: inout [Effect]) {
    guard let seat = exchanges[id], let expiry = seat.expiry else { return }
    for (index, delivery) in seat.deliveries.enumerated() where !delivery.state.isEnd && !delivery.isUnderway {
      let ref = DeliveryRef(exchange: id, number: index + 1)
      let name = delivery.planned.endpoint
      endpoints[name]?.withdraw(ref, lane: EndpointSeat.LaneName(ref, delivery.planned))
      touch(name)
      end(ref, .expired, code: "expired", "It expired at \(expiry) before it could be sent.", now)
    }
    writeDown(id, now, &effects)
  }

  /// Writes the steps that no record holds yet, and lets go of the exchange when all its deliveries have ended.
  mutating func writeDown(_ id: ExchangeID, _ now: Timestamp, _ effects: inout [Effect]) {
    guard let seat = exchanges[id] else { return }
    let state = seat.state
    var record = Record(
      exchange: id, entries: seat.unwritten, state: state, keys: seat.unwrittenKeys, route: seat.route,
      hasDeadLetters: seat.hasDeadLetters)
    guard state.isSettled else {
      guard !seat.unwritten.isEmpty else { return }
      exchanges[id]?.unwritten = []
      exchanges[id]?.unwrittenKeys = []
      return effects.append(.record(record))
    }
    let outcome = Outcome(state: state, reason: state == .delivered ? nil : seat.reason)
    var entry = TimelineEntry(.settled, at: now)
    entry.state = outcome.state
    entry.detail = outcome.reason
    record.entries.append(entry)
    effects.append(.record(record))
    effects.append(.settled(id, outcome))
    forget(seat)
  }

  private mutating func forget(_ seat: ExchangeSeat) {
    exchanges[seat.id] = nil
    let left = (openByPrincipal[seat.principal] ?? 1) - 1
    openByPrincipal[seat.principal] = left == 0 ? nil : left
    guard seat.expiry != nil else { return }
    staleTimers += 1
    guard staleTimers > 64, staleTimers * 2 > timers.count else { return }
    staleTimers = 0
    let open = exchanges
    timers.removeAll { if case .expiry(let id) = $0 { open[id] == nil } else { false } }
  }

  /// Does all that is due.
  mutating func wakeUp(_ now: Timestamp, _ effects: inout [Effect]) {
    timers.woke()
    while let due = timers.popDue(now) {
      switch due {
      case .endpoint(let name): touch(name)
      case .lane(let lane, let name):
        endpoints[name]?.endRest(lane, at: now)
        touch(name)
      case .expiry(let id): expire(id, now, &effects)
      }
    }
  }
}
