internal import HubKit

// The backlog of an endpoint lies on the disk; memory holds a window of it. An exchange all of whose deliveries wait on
// the disk is not in memory at all: it sleeps until a page of the shelf brings it back.

extension BusCore {
  /// An exchange that the journal had on a shelf.
  struct Shelved {
    var seat: ExchangeSeat
    var entries: [TimelineEntry]
    /// How those of its children ended that are settled.
    var ended: [ExchangeID: ExchangeState] = [:]
  }

  /// A delivery that waits on the disk from now on.
  struct ShelfPlace: Equatable {
    var sequence: Int64
    /// From 1.
    var delivery: Int
    var endpoint: String
    var lane: EndpointSeat.LaneName
    var principal: String
    var byteCount: Int
    var expiry: Timestamp?
  }

  /// Takes note of what waits on the disk when the hub starts: how many for each endpoint, and whose it is. Nothing of
  /// it is read before all else is restored: a lane may be barred.
  mutating func takeStock(_ counts: [String: Int], _ loads: [String: OpenLoad]) {
    for (principal, load) in loads { openByPrincipal[principal, default: OpenLoad()] += load }
    for load in loads.values {
      asleepCount += load.count
      openBytes += load.bytes
    }
    stock = counts.keys.sorted()
    for (name, count) in counts {
      let seat = endpointSeat(name)
      seat.shelf.loadedTo = 0
      seat.shelf.count = count
    }
  }

  /// Begins to read what waits on the disk.
  mutating func readStock(_ effects: inout [Effect]) {
    for name in stock ?? [] { touch(name) }
    stock = nil
  }

  /// Whether a delivery has to wait on the disk, or for the page that is being read.
  mutating func mustWait(_ ref: DeliveryRef, _ delivery: DeliverySeat, _ seat: ExchangeSeat) -> Bool {
    let name = delivery.planned.endpoint
    // Questions are not repeated later, and plans of those that still ask hold up their whole key.
    guard !seat.isQuestion, delivery.planned.role != .call, endpoints[name]?.policy.inbox == nil else { return false }
    let lane = EndpointSeat.LaneName(ref, delivery.planned)
    guard endpoints[name]?.admits(seat.sequence, lane: lane) == false else { return false }
    if endpoints[name]?.shelf.reading != nil {
      endpoints[name]?.shelf.undecided.append(ref)
    } else {
      exchanges[ref.exchange]?.deliveries[ref.number - 1].isShelved = true
      endpoints[name]?.shelf.count += 1
      exchanges[ref.exchange]?.isOnShelf = true
    }
    return true
  }

  /// What the journal has to put on the shelf with the next record of an exchange: where one of its deliveries waits on
  /// the disk, all that have not ended are there, since a restart reads such exchanges from the shelf alone.
  mutating func newOnShelf(_ id: ExchangeID) -> [ShelfPlace] {
    guard let seat = exchanges[id], seat.isOnShelf else { return [] }
    var places: [ShelfPlace] = []
    for (index, delivery) in seat.deliveries.enumerated() where !delivery.state.isEnd && !delivery.hasShelfRow {
      exchanges[id]?.deliveries[index].hasShelfRow = true
      let ref = DeliveryRef(exchange: id, number: index + 1)
      places.append(
        ShelfPlace(
          sequence: seat.sequence, delivery: ref.number, endpoint: delivery.planned.endpoint,
          lane: EndpointSeat.LaneName(ref, delivery.planned), principal: seat.principal, byteCount: seat.byteCount,
          expiry: seat.expiry))
    }
    return places
  }

  /// Lets go of an exchange of which everything that has not ended waits on the disk.
  mutating func putToSleep(_ id: ExchangeID, _ effects: inout [Effect]) {
    guard let seat = exchanges[id], seat.isOnShelf else { return }
    guard seat.isPlanned, plansHeldBack[id] == nil, !seat.isQuestion, seat.openChildren.isEmpty, seat.unwritten.isEmpty,
      seat.deliveries.allSatisfy({ $0.state.isEnd || $0.isShelved })
    else { return }
    exchanges[id] = nil
    asleepCount += 1
    if seat.expiry != nil { dropStaleTimers() }
    effects.append(.asleep(id))
  }

  /// A page of a shelf is here.
  mutating func take(
    _ page: [Shelved], of name: String, _ reading: Shelf.Reading, isLast: Bool, _ now: Timestamp,
    _ effects: inout [Effect]
  ) {
    let last = page.last?.seat.sequence
    let undecided = endpoints[name]?.endReading(through: isLast ? nil : last) ?? []
    for shelved in page { wake(shelved, now, &effects) }
    for ref in undecided {
      guard let seat = exchanges[ref.exchange] else { continue }
      let delivery = seat.deliveries[ref.number - 1]
      guard !delivery.state.isEnd else { continue }
      open(ref, delivery, seat, now)
      writeDown(ref.exchange, now, &effects)
    }
    if endpoints[name]?.isGone ?? true {
      endpoints[name]?.wasRead(reading, through: isLast ? nil : last)
    } else if let lane = reading.lane, endpoints[name]?.lanes[lane]?.queue.isEmpty == true {
      endpoints[name]?.endLane(lane)
    }
    touch(name)
  }

  /// Opens those deliveries of an exchange for which there is room now.
  mutating func wake(_ shelved: Shelved, _ now: Timestamp, _ effects: inout [Effect]) {
    let id = shelved.seat.id
    guard !purged.contains(id) else { return }
    if exchanges[id] == nil {
      var seat = shelved.seat
      guard !seat.restore(shelved.entries, ended: shelved.ended) else { return }
      seat.isOnShelf = true
      let parked = parkWhatIsInDoubt(&seat, now)
      for index in seat.deliveries.indices where !seat.deliveries[index].state.isEnd {
        seat.deliveries[index].isShelved = true
        seat.deliveries[index].hasShelfRow = true
      }
      exchanges[id] = seat
      asleepCount -= 1
      for ref in parked { barLane(of: ref, seat) }
    }
    guard let seat = exchanges[id] else { return }
    // After a restart an earlier message of its key may still have to be planned.
    if let key = seat.orderingKey, let first = gates[key]?.first, first.sequence < seat.sequence {
      guard plansHeldBack[id] == nil else { return }
      plansHeldBack[id] = .some(nil)
      gates[key]?.insert(Gated(sequence: seat.sequence, id: id)) { $0.sequence <= seat.sequence }
      return
    }
    var isAwake = false
    for (index, delivery) in seat.deliveries.enumerated() where delivery.isShelved {
      let ref = DeliveryRef(exchange: id, number: index + 1)
      let lane = EndpointSeat.LaneName(ref, delivery.planned)
      guard endpoints[delivery.planned.endpoint]?.admits(seat.sequence, lane: lane) != false else {
        endpoints[delivery.planned.endpoint]?.leave(seat.sequence, lane: lane)
        continue
      }
      takeOffShelf(ref)
      isAwake = true
      if let awake = exchanges[id] { open(ref, awake.deliveries[index], awake, now) }
    }
    if let expiry = seat.expiry {
      if expiry <= now { return expire(id, now, &effects) }
      if isAwake { timers.add(expiry, .expiry(id)) }
    }
    writeDown(id, now, &effects)
  }

  /// It waits in memory from now on, or has ended.
  mutating func takeOffShelf(_ ref: DeliveryRef) {
    guard let delivery = exchanges[ref.exchange]?.deliveries[ref.number - 1], delivery.isShelved else { return }
    exchanges[ref.exchange]?.deliveries[ref.number - 1].isShelved = false
    guard let count = endpoints[delivery.planned.endpoint]?.shelf.count else { return }
    endpoints[delivery.planned.endpoint]?.shelf.count = max(0, count - 1)
  }
}
