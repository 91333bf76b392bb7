internal import HubKit

// Ends: what is written when, the last step of an exchange, expiry, and timers.

extension BusCore {
  /// Ends a delivery that is not under way without an attempt.
  mutating func end(
    _ ref: DeliveryRef, _ state: DeliveryState, code: String, _ reason: String, fault: Fault? = nil, _ now: Timestamp
  ) {
    let name: TimelineEntry.Name = state == .expired ? .expired : state == .abandoned ? .abandoned : .parked
    var entry = TimelineEntry(name, at: now, delivery: ref.number)
    entry.code = code
    entry.detail = reason
    takeOffShelf(ref)
    exchanges[ref.exchange]?.unwritten.append(entry)
    exchanges[ref.exchange]?.deliveries[ref.number - 1].state = state
    exchanges[ref.exchange]?.deliveries[ref.number - 1].reason = reason
    exchanges[ref.exchange]?.deliveries[ref.number - 1].fault = fault ?? Fault(.hub, .expired, code: code)
  }

  /// Ends what could not be sent in time. What is under way ends by itself, unless somebody waits for the answer: then
  /// it is abandoned.
  mutating func expire(_ id: ExchangeID, _ now: Timestamp, _ effects: inout [Effect]) {
    guard let seat = exchanges[id], let expiry = seat.expiry else { return }
    if seat.isQuestion { return endQuestion(id, "Nothing came of it by \(expiry).", now, &effects) }
    for (index, delivery) in seat.deliveries.enumerated() where !delivery.state.isEnd && !delivery.isUnderway {
      withdraw(DeliveryRef(exchange: id, number: index + 1), delivery)
      end(
        DeliveryRef(exchange: id, number: index + 1), .expired, code: "expired",
        "It expired at \(expiry) before it could be sent.", now)
    }
    writeDown(id, now, &effects)
  }

  mutating func withdraw(_ ref: DeliveryRef, _ delivery: DeliverySeat) {
    let name = delivery.planned.endpoint
    endpoints[name]?.withdraw(ref, lane: EndpointSeat.LaneName(ref, delivery.planned))
    touch(name)
  }

  /// Nobody waits for the answer any more: what was not sent never will be, what was sent is let go, and nothing is
  /// repeated.
  mutating func endQuestion(_ id: ExchangeID, _ why: String, _ now: Timestamp, _ effects: inout [Effect]) {
    guard let seat = exchanges[id], seat.isQuestion else { return }
    for (index, delivery) in seat.deliveries.enumerated() where !delivery.state.isEnd {
      let ref = DeliveryRef(exchange: id, number: index + 1)
      if let lease = leases.removeValue(forKey: ref) {
        endpoints[lease.endpoint]?.finish(lease.lane, reached: false)
        exchanges[id]?.deliveries[index].isUnderway = false
        end(ref, .abandoned, code: "deadline", "It had been fetched. \(why)", now)
      } else if delivery.isUnderway {
        orphans[ref] = (delivery.planned.endpoint, EndpointSeat.LaneName(ref, delivery.planned))
        exchanges[id]?.deliveries[index].isUnderway = false
        effects.append(.cancel(ref))
        let fault = Fault(.farSystem, .abandoned, code: "deadline")
        end(ref, .abandoned, code: "deadline", "It had been sent. \(why)", fault: fault, now)
      } else {
        withdraw(ref, delivery)
        end(ref, .expired, code: "deadline", "It had not been sent. \(why)", now)
      }
    }
    if !seat.isPlanned {
      let fault =
        seat.failureFault ?? exchanges[id]?.deliveries.last?.fault ?? Fault(.hub, .expired, code: "deadline")
      exchanges[id]?.isPlanned = true
      exchanges[id]?.failure = why
      exchanges[id]?.failureFault = fault
    }
    writeDown(id, now, &effects)
  }

  /// Sends a delivery that its endpoint has surely not taken to the one that stands in for it. What is in doubt stays
  /// where it is: else a payment could be made twice.
  mutating func replace(_ ref: DeliveryRef, _ now: Timestamp) {
    guard let seat = exchanges[ref.exchange], let text = seat.deliveries[ref.number - 1].planned.fallback else {
      return
    }
    let old = seat.deliveries[ref.number - 1].planned
    let parts = text.split(separator: "/", maxSplits: 1).map(String.init)
    var planned = PlannedDelivery(
      endpoint: parts[0], receiver: old.receiver, orderingKey: old.orderingKey,
      operation: parts.count > 1 ? parts[1] : nil, role: old.role, call: old.call, isOptional: old.isOptional)
    planned.endpoint = version(for: planned, seat)
    var entry = TimelineEntry(.fallback, at: now, delivery: ref.number)
    entry.deliveries = [planned]
    exchanges[ref.exchange]?.unwritten.append(entry)
    exchanges[ref.exchange]?.deliveries[ref.number - 1].isReplaced = true
    let delivery = DeliverySeat(planned)
    exchanges[ref.exchange]?.deliveries.append(delivery)
    open(DeliveryRef(exchange: ref.exchange, number: seat.deliveries.count + 1), delivery, seat, now)
  }

  /// When the last question on the way has ended: the route is planned again with the answers, or fails for want of
  /// one.
  private mutating func goOnAfterCalls(_ id: ExchangeID, _ effects: inout [Effect]) {
    guard let seat = exchanges[id], !seat.isPlanned, !seat.isPlanning, seat.deliveries.allSatisfy(\.state.isEnd) else {
      return
    }
    let lost = seat.deliveries.first { $0.state != .delivered && !$0.isReplaced && !($0.planned.isOptional ?? false) }
    if let lost {
      exchanges[id]?.fail(for: lost)
      openGate(of: seat)
    } else {
      exchanges[id]?.isPlanning = true
      effects.append(.plan(id))
    }
  }

  /// Writes the steps that no record holds yet, and lets go of the exchange when all its deliveries have ended.
  mutating func writeDown(_ id: ExchangeID, _ now: Timestamp, _ effects: inout [Effect]) {
    goOnAfterCalls(id, &effects)
    guard let seat = exchanges[id] else { return }
    let state = seat.state
    var record = Record(
      exchange: id, entries: seat.unwritten, state: state, keys: seat.unwrittenKeys, route: seat.route,
      book: seat.book, hasDeadLetters: seat.hasDeadLetters, shelved: newOnShelf(id),
      leavesShelf: seat.isOnShelf && state.isSettled, redelivered: seat.redelivered(state))
    guard state.isSettled else {
      if !seat.unwritten.isEmpty || !record.shelved.isEmpty {
        exchanges[id]?.unwritten = []
        exchanges[id]?.unwrittenKeys = []
        effects.append(.record(record))
      }
      return putToSleep(id, &effects)
    }
    let isWell = state == .delivered
    let outcome = Outcome(state: state, reason: isWell ? nil : seat.reason, fault: isWell ? nil : seat.fault)
    var entry = TimelineEntry(.settled, at: now)
    entry.state = outcome.state
    entry.detail = outcome.reason
    record.entries.append(entry)
    effects.append(.record(record))
    effects.append(.settled(id, outcome))
    forget(seat)
    guard let parent = seat.parent, exchanges[parent]?.openChildren.remove(id) != nil else { return }
    exchanges[parent]?.childEnds.append(state)
    if exchanges[parent]?.isSettled == true { writeDown(parent, now, &effects) }
  }

  private mutating func forget(_ seat: ExchangeSeat) {
    exchanges[seat.id] = nil
    openByPrincipal[seat.principal]? -= OpenLoad(count: 1, bytes: seat.byteCount)
    openBytes -= seat.byteCount
    if openByPrincipal[seat.principal]?.count == 0 { openByPrincipal[seat.principal] = nil }
    if seat.expiry != nil { dropStaleTimers() }
  }

  /// An expiry that nobody waits for any more is in `timers`.
  mutating func dropStaleTimers() {
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
      case .lease(let ref): endLease(ref, now, &effects)
      }
    }
  }
}
