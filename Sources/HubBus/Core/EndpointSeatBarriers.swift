internal import HubKit

// Barriers: a delivery that was parked or refused bars its lane at its own place, until a person has decided about it.
// What comes before it goes on, what comes behind it waits, so that it can be put back where it was.

extension EndpointSeat {
  /// A delivery that waits for a person, at its place in a lane.
  struct Barrier: Equatable {
    let sequence: Int64
    let ref: DeliveryRef
  }

  /// Bars a lane at the place of a delivery. A head that is under way or rests is let through.
  ///
  /// - Returns: who comes behind it.
  func hold(_ name: LaneName, by ref: DeliveryRef, sequence: Int64) -> [DeliveryRef] {
    let barrier = Barrier(sequence: sequence, ref: ref)
    var lane = lanes[name] ?? Lane()
    if !lane.barriers.contains(barrier) {
      let place = lane.barriers.firstIndex { barrier < $0 } ?? lane.barriers.endIndex
      lane.barriers.insert(barrier, at: place)
    }
    lanes[name] = lane
    if !lane.hasFixedHead { makeReady(name) }
    return lane.queue.all.filter { barrier < $0 }.map(\.ref)
  }

  /// Takes a barrier away.
  ///
  /// - Returns: who waited for it and may go now; empty when it barred nothing.
  func free(_ name: LaneName, of ref: DeliveryRef) -> [DeliveryRef] {
    guard let place = lanes[name]?.barriers.firstIndex(where: { $0.ref == ref }) else { return [] }
    lanes[name]?.barriers.remove(at: place)
    lanes[name]?.isFreed = true
    if lanes[name]?.hasFixedHead == false { makeReady(name) }
    guard let lane = lanes[name] else { return [] }
    return lane.queue.all.prefix { lane.barrier(before: $0) == nil }.map(\.ref)
  }

  /// Something goes to a lane by a person's order: the next attempt of the lane is made once that is on the disk.
  func markFreed(_ name: LaneName) { lanes[name]?.isFreed = true }

  /// Whether this is the first attempt of the lane since a person's order: it is on the disk before. Else a crash would
  /// put back in front what was overtaken, or give a new delivery's name away twice.
  func takeFreed(_ name: LaneName) -> Bool {
    guard lanes[name]?.isFreed == true else { return false }
    lanes[name]?.isFreed = false
    return true
  }

  /// What a lane does, for somebody who has just come in.
  func phase(of place: Place, in name: LaneName) -> Phase {
    // It may have come in before what barred the lane.
    if case .held? = lanes[name]?.phase { makeReady(name) }
    guard let lane = lanes[name] else { return .ready }
    return lane.barrier(before: place).map { .held(by: $0.ref) } ?? lane.phase
  }

  /// How many deliveries wait behind one that was parked or refused.
  func waitingCount(behind ref: DeliveryRef, in name: LaneName) -> Int {
    guard let lane = lanes[name], let barrier = lane.barriers.first(where: { $0.ref == ref }) else { return 0 }
    return lane.queue.all.count { barrier < $0 }
  }
}

extension EndpointSeat.Lane {
  /// Whether its head was tried already: nobody is put before it.
  var hasFixedHead: Bool {
    switch phase {
    case .underway, .resting: true
    case .ready, .held: false
    }
  }

  /// What keeps its head from going, or the next one that comes.
  func barring() -> EndpointSeat.Barrier? {
    queue.first.map(barrier(before:)) ?? barriers.first
  }

  /// The first barrier that a delivery would have to pass.
  func barrier(before place: EndpointSeat.Place) -> EndpointSeat.Barrier? {
    barriers.first.flatMap { $0 < place ? $0 : nil }
  }
}

// MARK: - The order of a lane: by receipt, then by number of the delivery

extension EndpointSeat.Place {
  static func < (left: Self, right: Self) -> Bool {
    (left.sequence, left.ref.number) < (right.sequence, right.ref.number)
  }
}

extension EndpointSeat.Barrier {
  static func < (left: Self, right: Self) -> Bool {
    (left.sequence, left.ref.number) < (right.sequence, right.ref.number)
  }

  static func < (left: Self, right: EndpointSeat.Place) -> Bool {
    (left.sequence, left.ref.number) < (right.sequence, right.ref.number)
  }
}
