internal import HubKit

// What a person orders: dead letters are put back, sent anew or given up, endpoints are stopped and let go.

extension BusCore {
  /// What a person wants done with an exchange.
  struct Order {
    enum Action {
      /// Back to its place, under the same name.
      case redeliver
      /// Once more, under a new name.
      case resend
      /// Never.
      case drop
    }

    var action: Action
    /// Which delivery, from 1; nil: all of which it can be said.
    var delivery: Int?
    var by: String
    var reason: String
    /// Digest of the configuration in use, by which an unfit message is planned again.
    var configuration: String
    /// The redelivery job that gives it; nil: a person gives it himself.
    var job: Int64?
  }

  /// What came of an order.
  struct OrderEnd {
    /// The deliveries that it was about, and where they stand; empty for a message that was unfit.
    var deliveries: [(ref: DeliveryRef, state: DeliveryState)]
    /// What bars lanes no more once the order is on the disk; see ``lift(_:at:)``.
    var barriers: [(ref: DeliveryRef, planned: PlannedDelivery)] = []
  }

  /// Does what a person orders, or says why not.
  ///
  /// - Parameter settled: the exchange as the journal has it, with its end, when it is not open: nothing may have
  ///   happened to it since it was read.
  mutating func carryOut(
    _ order: Order, of id: ExchangeID, settled: (seat: ExchangeSeat, state: ExchangeState)?, at now: Timestamp
  ) -> (Result<OrderEnd, OrderRefusal>, [Effect]) {
    var effects: [Effect] = []
    do throws(OrderRefusal) {
      guard let seat = exchanges[id] ?? settled?.seat else {
        throw OrderRefusal(.unknown, "Không có giao dịch \(id)", "no exchange \(id) is known")
      }
      let targets = try targets(of: order, seat, now)
      if order.action == .drop {
        drop(targets, order, seat, settledAs: exchanges[id] == nil ? settled?.state : nil, now, &effects)
      } else {
        if exchanges[id] == nil, let settled { reopen(settled.seat, as: settled.state, for: order, targets) }
        if targets.isEmpty {
          replan(id, order, now, &effects)
        } else {
          redeliver(targets, order, id, now, &effects)
        }
      }
      let isAsleep = effects.contains { if case .asleep(id) = $0 { true } else { false } }
      let end = end(of: order, targets, id, seat, gone: isAsleep ? .waiting : .parked)
      finish(now, &effects)
      return (.success(end), effects)
    } catch {
      return (.failure(error), effects)
    }
  }

  /// - Parameter gone: where deliveries stand whose exchange is not in memory any more.
  private func end(
    of order: Order, _ targets: [Int], _ id: ExchangeID, _ before: ExchangeSeat, gone: DeliveryState
  ) -> OrderEnd {
    let deliveries = exchanges[id]?.deliveries ?? (order.action == .drop ? before.deliveries : [])
    var end = OrderEnd(deliveries: [])
    for (index, target) in targets.enumerated() {
      let number = order.action == .resend ? before.deliveries.count + index + 1 : target
      let state = deliveries.indices.contains(number - 1) ? deliveries[number - 1].state : gone
      end.deliveries.append((DeliveryRef(exchange: id, number: number), state))
      guard order.action == .drop else { continue }
      end.barriers.append((DeliveryRef(exchange: id, number: target), before.deliveries[target - 1].planned))
    }
    return end
  }

  // MARK: - Back on its way

  /// A settled exchange is open again.
  private mutating func reopen(
    _ seat: ExchangeSeat, as state: ExchangeState, for order: Order, _ targets: [Int]
  ) {
    // What gets a plan takes its turn at the gate; what has one goes to its place in its lane.
    let isPlannedAgain = targets.isEmpty || targets.contains { seat.isLostCall($0) }
    admit(seat, atGate: isPlannedAgain)
    if let expiry = seat.expiry, !isPlannedAgain { timers.add(expiry, .expiry(seat.id)) }
    guard let parent = seat.parent, let end = exchanges[parent]?.childEnds.firstIndex(of: state) else { return }
    exchanges[parent]?.childEnds.remove(at: end)
    exchanges[parent]?.openChildren.insert(seat.id)
  }

  private mutating func replan(_ id: ExchangeID, _ order: Order, _ now: Timestamp, _ effects: inout [Effect]) {
    var entry = order.entry(.replanned, at: now)
    entry.configuration = order.configuration
    exchanges[id]?.take(entry)
    exchanges[id]?.unwritten.append(entry)
    writeDown(id, now, &effects)
    effects.append(.plan(id))
  }

  private mutating func redeliver(
    _ targets: [Int], _ order: Order, _ id: ExchangeID, _ now: Timestamp, _ effects: inout [Effect]
  ) {
    for number in targets {
      guard let before = exchanges[id] else { continue }
      let old = before.deliveries[number - 1]
      var entry = order.entry(order.action == .resend ? .resent : .redriven, at: now, delivery: number)
      if order.action == .resend { entry.deliveries = [resent(old.planned, before)] }
      exchanges[id]?.take(entry)
      exchanges[id]?.unwritten.append(entry)
      guard let seat = exchanges[id] else { continue }
      let goes = order.action == .resend ? seat.deliveries.count : number
      open(DeliveryRef(exchange: id, number: goes), seat.deliveries[goes - 1], seat, now)
      // Its inbox may be full again: then it stands where it stood.
      guard exchanges[id]?.deliveries[number - 1].isDeadLetter == false else { continue }
      free(DeliveryRef(exchange: id, number: number), old.planned)
      let planned = seat.deliveries[goes - 1].planned
      let lane = EndpointSeat.LaneName(DeliveryRef(exchange: id, number: goes), planned)
      endpoints[planned.endpoint]?.markFreed(lane)
    }
    writeDown(id, now, &effects)
  }

  private mutating func free(_ ref: DeliveryRef, _ planned: PlannedDelivery) {
    let name = planned.endpoint
    for follower in endpoints[name]?.free(EndpointSeat.LaneName(ref, planned), of: ref) ?? []
    where state(of: follower) == .held {
      exchanges[follower.exchange]?.deliveries[follower.number - 1].state = .waiting
    }
    touch(name)
  }

  private func state(of ref: DeliveryRef) -> DeliveryState? {
    guard let deliveries = exchanges[ref.exchange]?.deliveries, deliveries.indices.contains(ref.number - 1) else {
      return nil
    }
    return deliveries[ref.number - 1].state
  }

  // MARK: - Given up

  private mutating func drop(
    _ targets: [Int], _ order: Order, _ seat: ExchangeSeat, settledAs state: ExchangeState?, _ now: Timestamp,
    _ effects: inout [Effect]
  ) {
    var entries = targets.map { order.entry(.dropped, at: now, delivery: $0) }
    if entries.isEmpty { entries = [order.entry(.dropped, at: now)] }
    if let state {
      var left = seat
      for entry in entries { left.take(entry) }
      effects.append(
        .record(
          Record(
            exchange: seat.id, entries: entries, state: state, keys: [], route: seat.route,
            hasDeadLetters: left.hasDeadLetters, shelved: [], leavesShelf: false)))
    } else {
      for entry in entries { exchanges[seat.id]?.take(entry) }
      exchanges[seat.id]?.unwritten += entries
      writeDown(seat.id, now, &effects)
    }
  }

  /// Lets lanes go whose dead letters were given up. Called once that is on the disk: after a crash nothing may stand
  /// in front again that others have overtaken.
  mutating func lift(_ barriers: [(ref: DeliveryRef, planned: PlannedDelivery)], at now: Timestamp) -> [Effect] {
    var effects: [Effect] = []
    for (ref, planned) in barriers { free(ref, planned) }
    finish(now, &effects)
    return effects
  }

  // MARK: - Endpoints

  /// Which version of an endpoint new messages take; nil: as its rule says. Kept while there is no second one: it may
  /// come back.
  mutating func setVersion(_ order: VersionOrder?, of name: String) { endpoints[name]?.versionOrder = order }

  /// Stops an endpoint, or lets it go and tries it at once.
  ///
  /// - Returns: nil when there is no such endpoint.
  mutating func setStop(_ stop: EndpointStop?, of name: String, at now: Timestamp) -> [Effect]? {
    guard endpoints[name] != nil else { return nil }
    var effects: [Effect] = []
    endpoints[name]?.setStop(stop)
    touch(name)
    finish(now, &effects)
    return effects
  }
}

extension BusCore.Order {
  fileprivate func entry(_ name: TimelineEntry.Name, at now: Timestamp, delivery: Int? = nil) -> TimelineEntry {
    var entry = TimelineEntry(name, at: now, delivery: delivery)
    entry.by = by
    entry.detail = reason
    entry.job = job
    return entry
  }
}

extension ExchangeSeat {
  /// Whether a delivery is a call for want of which there is no plan.
  func isLostCall(_ number: Int) -> Bool {
    let delivery = deliveries[number - 1]
    return delivery.planned.role == .call && delivery.isDeadLetter && delivery.needsPerson
      && !deliveries.contains { $0.planned.role != .call }
  }

  /// What a person ordered, from the step that tells it: the same now and after a restart.
  mutating func take(_ entry: TimelineEntry) {
    switch entry.name {
    case .replanned:
      // What was asked on the way is asked again: the programs may have been at fault.
      for index in deliveries.indices { deliveries[index].isReplaced = true }
      (isPlanned, isPlanning, isUnfit, isDropped) = (false, true, false, false)
      (route, failure, failureFault) = (nil, nil, nil)
      configuration = entry.configuration
      job = entry.job
    case .redriven:
      guard let number = known(entry.delivery) else { return }
      // A person has looked at what the far system has.
      isFromEarlierEpoch = false
      if isLostCall(number) {
        (isPlanned, isPlanning, failure, failureFault) = (false, false, nil, nil)
      }
      deliveries[number - 1] = DeliverySeat(deliveries[number - 1].planned)
      deliveries[number - 1].job = entry.job
    case .resent:
      guard let number = known(entry.delivery) else { return }
      deliveries[number - 1].isReplaced = true
      deliveries += (entry.deliveries ?? []).map(DeliverySeat.init)
    case .dropped:
      guard let number = known(entry.delivery) else {
        isDropped = true
        return
      }
      deliveries[number - 1].isDropped = true
    case .purged:
      isDropped = true
      for index in deliveries.indices where deliveries[index].isDeadLetter { deliveries[index].isDropped = true }
    default: break
    }
  }

  private func known(_ number: Int?) -> Int? {
    number.flatMap { deliveries.indices.contains($0 - 1) ? $0 : nil }
  }
}

extension EndpointSeat {
  /// Why whoever waits is told at once that nothing can be asked here.
  func away(_ name: String, at now: Timestamp) -> (fault: Fault, reason: String)? {
    if let stop {
      return (
        Fault(.hub, .unavailable, code: "endpoint-stopped"),
        "\(name) was paused by an operator at \(stop.since): \(stop.reason)"
      )
    }
    guard let until = pausedUntil, until > now else { return nil }
    return (
      Fault(.farSystem, .unavailable, code: "endpoint-paused", retryAfter: until - now),
      "\(name) is away until \(until): \(pausedReason ?? "no reason is known")"
    )
  }
}
