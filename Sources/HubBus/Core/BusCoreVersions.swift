public import HubKit
internal import HubRouting

// Two versions of an endpoint: which one takes a delivery. It is decided once, when the plan of an exchange is applied,
// and is written down before the first attempt; from then on the delivery belongs to that version.
//
// What has an order follows what is before it: while a lane has something at one version, new messages of that lane go
// there too, whatever the rule or a person says. Plans of one ordering key are applied in the order of receipt, so all
// that is before a message has its place when the message gets its own.

extension BusCore {
  /// A lane of an endpoint that has two versions.
  struct VersionedLane: Hashable {
    let current: String
    let next: String
    let lane: EndpointSeat.LaneName
  }

  /// Where a lane has something: the version, and the sequence of the newest.
  struct Home: Equatable {
    let endpoint: String
    let newest: Int64
  }

  /// What the disk says of where lanes have something.
  enum Homes {
    case asked
    /// No entry: nothing of a lane is on the disk.
    case found([VersionedLane: Home])
  }

  /// Notes whether any endpoint has two versions, or had them: where none has, nobody chooses.
  mutating func noteVersions() {
    hasVersions = endpoints.contains { name, seat in
      seat.policy.next != nil || EndpointVersionName.endpoint(ofNext: name) != nil
    }
  }

  /// Puts each delivery of a plan at the version that takes it.
  mutating func choose(_ plan: inout Plan, for id: ExchangeID) {
    var found: [VersionedLane: Home] = [:]
    if case .found(let homes)? = homes.removeValue(forKey: id) { found = homes }
    guard let seat = exchanges[id] else { return }
    switch plan {
    case .routed(var routed) where !routed.isWritten:
      for index in routed.deliveries.indices {
        routed.deliveries[index].place(at: version(for: routed.deliveries[index], seat, found))
      }
      plan = .routed(routed)
    case .calls(let route, var calls, let keys, let microseconds):
      for index in calls.indices { calls[index].place(at: version(for: calls[index], seat, found)) }
      plan = .calls(route: route, calls: calls, keys: keys, microseconds: microseconds)
    case .routed, .invalid, .unroutable: break
    }
  }

  /// The version of an endpoint that takes a delivery; the endpoint itself where it has but one.
  func version(
    for planned: PlannedDelivery, _ seat: ExchangeSeat, _ found: [VersionedLane: Home] = [:]
  ) -> String {
    guard hasVersions, let next = next(of: planned.endpoint) else { return planned.endpoint }
    if let lane = versionedLane(of: planned, next), let home = home(of: lane, found[lane]) { return home }
    let isNext =
      endpoints[planned.endpoint]?.versionOrder?.isNext
      ?? next.rule.takesNext(
        key: planned.orderingKey ?? seat.subject, id: seat.id.text, receivedAt: seat.receivedAt)
    return isNext ? next.name : planned.endpoint
  }

  /// Whether the disk has to be asked first where the lanes of an exchange's plan have something. Then it is, and the
  /// plan keeps its place at the gate of its key meanwhile.
  mutating func mustLocate(_ id: ExchangeID, _ effects: inout [Effect]) -> Bool {
    guard case .routed(let routed)?? = plansHeldBack[id], !routed.isWritten else { return false }
    switch homes[id] {
    case .asked: return true
    case .found: return false
    case nil: break
    }
    let lanes = routed.deliveries.compactMap { planned -> VersionedLane? in
      guard let next = next(of: planned.endpoint), let lane = versionedLane(of: planned, next),
        hasUnread(lane.current) || hasUnread(lane.next)
      else { return nil }
      return lane
    }
    guard !lanes.isEmpty else { return false }
    homes[id] = .asked
    effects.append(.locate(id, lanes))
    return true
  }

  /// The disk has said where lanes have something.
  mutating func take(
    _ found: [VersionedLane: Home], of id: ExchangeID, _ now: Timestamp, _ effects: inout [Effect]
  ) {
    guard let key = exchanges[id]?.orderingKey else { return homes[id] = nil }
    homes[id] = .found(found)
    passThrough(key, now, &effects)
  }

  /// Whether deliveries to an endpoint are chosen among two versions, so that the choice is written down before the
  /// first attempt: after a crash it might be another one, and both versions would have the message.
  func isVersioned(_ name: String) -> Bool {
    guard hasVersions, let policy = endpoints[name]?.policy else { return false }
    return policy.next != nil || policy.isNext
  }

  /// Once more under a new name: to the far side it is a new message, and its version is chosen anew.
  func resent(_ planned: PlannedDelivery, _ seat: ExchangeSeat) -> PlannedDelivery {
    let current = EndpointVersionName.endpoint(ofNext: planned.endpoint) ?? planned.endpoint
    guard endpoints[current]?.isGone == false else { return planned }
    var planned = planned
    planned.endpoint = current
    planned.place(at: version(for: planned, seat))
    return planned
  }

  // MARK: - Where a lane has something

  private func next(of name: String) -> EndpointPolicy.Next? {
    guard let current = endpoints[name], !current.isGone else {
      // While both are gone what comes is parked behind what was parked before: they may come back.
      let next = EndpointVersionName.next(of: name)
      return endpoints[next] == nil ? nil : EndpointPolicy.Next(name: next, rule: .never)
    }
    return current.policy.next.flatMap { endpoints[$0.name]?.isGone == false ? $0 : nil }
  }

  private func versionedLane(of planned: PlannedDelivery, _ next: EndpointPolicy.Next) -> VersionedLane? {
    planned.orderingKey.map {
      VersionedLane(current: planned.endpoint, next: next.name, lane: .key($0, receiver: planned.receiver))
    }
  }

  /// The version at which the newest of a lane's deliveries is; nil: there is none.
  ///
  /// - Parameter found: what the disk has of it. It may know of newer ones than memory, and the other way round.
  private func home(of lane: VersionedLane, _ found: Home?) -> String? {
    let homes = [lane.current, lane.next].compactMap { name in
      newest(lane.lane, at: name).map { Home(endpoint: name, newest: $0) }
    }
    return (homes + [found].compactMap { $0 }).max { $0.newest < $1.newest }?.endpoint
  }

  /// Sequence of the last delivery of a lane that waits, is under way, or waits for a person.
  private func newest(_ name: EndpointSeat.LaneName, at endpoint: String) -> Int64? {
    guard let seat = endpoints[endpoint] else { return nil }
    // Where they go is decided when the page that is being read is here.
    let undecided = seat.shelf.undecided.compactMap { ref -> Int64? in
      guard let exchange = exchanges[ref.exchange],
        EndpointSeat.LaneName(ref, exchange.deliveries[ref.number - 1].planned) == name
      else { return nil }
      return exchange.sequence
    }
    guard let lane = seat.lanes[name] else { return undecided.max() }
    // The rest of it is on the disk.
    if lane.loadedTo != nil { return .max }
    return ([lane.queue.last?.sequence, lane.barriers.last?.sequence].compactMap { $0 } + undecided).max()
  }

  /// Whether something waits on the disk for an endpoint of which memory knows no lane.
  private func hasUnread(_ name: String) -> Bool { endpoints[name]?.shelf.loadedTo != nil }
}

extension PlannedDelivery {
  /// Puts it at a version of its endpoint; what that one answers is not asked of it in shadow as well.
  fileprivate mutating func place(at version: String) {
    endpoint = version
    if let shadow, EndpointAddress(text: shadow).endpoint == version { self.shadow = nil }
  }
}

/// A person's word on which version of an endpoint new messages take.
public struct VersionOrder: Sendable, Hashable {
  /// Whether they take the second one.
  public var isNext: Bool
  /// Since when.
  public var since: Timestamp
  /// Who.
  public var by: String
  /// Why, in a sentence.
  public var reason: String
}
