internal import HubKit

// A person has the content of an exchange removed: nothing of it goes out any more, whatever state it is in.

extension BusCore {
  /// Who orders it, and why.
  struct PurgeOrder {
    var by: String
    var reason: String
    /// The step's code on what ends for it.
    static let code = "purged"
  }

  /// Ends all that has not ended, gives up all that waits for a person, and notes who ordered it and why.
  ///
  /// - Parameters:
  ///   - shelved: the exchange as the journal has it, when it waits on the disk.
  ///   - settled: the same with its end, when it has settled.
  /// - Returns: what bars lanes no more once the order is on the disk; nil: no such exchange is known.
  mutating func purge(
    _ id: ExchangeID, _ order: PurgeOrder, shelved: Shelved?, settled: (seat: ExchangeSeat, state: ExchangeState)?,
    at now: Timestamp
  ) -> (barriers: [(ref: DeliveryRef, planned: PlannedDelivery)]?, effects: [Effect]) {
    var effects: [Effect] = []
    // Pages of a shelf that were read before still hold it.
    purged.insert(id)
    if exchanges[id] == nil, let shelved { takeUp(shelved) }
    guard let seat = exchanges[id] ?? settled?.seat else { return (nil, []) }
    let barriers = seat.deliveries.enumerated().filter { $0.element.isDeadLetter }.map { index, delivery in
      (DeliveryRef(exchange: id, number: index + 1), delivery.planned)
    }
    var entry = TimelineEntry(.purged, at: now)
    entry.by = order.by
    entry.detail = order.reason
    if exchanges[id] != nil {
      endAll(of: id, order, now, &effects)
      exchanges[id]?.take(entry)
      exchanges[id]?.unwritten.append(entry)
      writeDown(id, now, &effects)
    } else if let settled {
      effects.append(
        .record(
          Record(
            exchange: id, entries: [entry], state: settled.state, keys: [], route: seat.route, hasDeadLetters: false,
            shelved: [], leavesShelf: false)))
    }
    finish(now, &effects)
    return (barriers, effects)
  }

  /// What slept on the disk is in memory again, and none of its deliveries is opened.
  private mutating func takeUp(_ shelved: Shelved) {
    var seat = shelved.seat
    guard !seat.restore(shelved.entries, ended: shelved.ended) else { return }
    seat.isOnShelf = true
    for index in seat.deliveries.indices where !seat.deliveries[index].state.isEnd {
      seat.deliveries[index].isShelved = true
      seat.deliveries[index].hasShelfRow = true
    }
    exchanges[seat.id] = seat
    asleepCount -= 1
  }

  private mutating func endAll(of id: ExchangeID, _ order: PurgeOrder, _ now: Timestamp, _ effects: inout [Effect]) {
    guard let seat = exchanges[id] else { return }
    for (index, delivery) in seat.deliveries.enumerated() where !delivery.state.isEnd {
      let ref = DeliveryRef(exchange: id, number: index + 1)
      if let lease = leases.removeValue(forKey: ref) {
        endpoints[lease.endpoint]?.finish(lease.lane, reached: false)
        endPurged(ref, "It had been fetched. \(order.reason)", now)
      } else if delivery.isUnderway {
        orphans[ref] = (delivery.planned.endpoint, EndpointSeat.LaneName(ref, delivery.planned))
        effects.append(.cancel(ref))
        endPurged(ref, "It was being sent, and may have arrived. \(order.reason)", now)
      } else {
        if !delivery.isShelved { withdraw(ref, delivery) }
        endPurged(ref, "It had not been sent. \(order.reason)", now)
      }
    }
    guard let ended = exchanges[id], !ended.isPlanned else { return }
    exchanges[id]?.isPlanned = true
    exchanges[id]?.isPlanning = false
    exchanges[id]?.failure = "It was purged. \(order.reason)"
    exchanges[id]?.failureFault = Fault(.hub, .abandoned, code: PurgeOrder.code)
    plansHeldBack[id] = nil
    openGate(of: ended)
  }

  private mutating func endPurged(_ ref: DeliveryRef, _ why: String, _ now: Timestamp) {
    exchanges[ref.exchange]?.deliveries[ref.number - 1].isUnderway = false
    let fault = Fault(.hub, .abandoned, code: PurgeOrder.code)
    end(ref, .abandoned, code: PurgeOrder.code, why, fault: fault, now)
  }
}
