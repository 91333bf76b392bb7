import HubKit
import HubRouting

@testable import HubBus

/// What must hold in every run, whatever happens.
struct SimulationCheck {
  private struct Lane: Hashable {
    let endpoint: String
    let receiver: OrganisationCode?
    let key: String
  }

  private var planned: [DeliveryRef: PlannedDelivery]
  /// The version of its endpoint at which each is attempted, and that at which it began: to its end.
  private var versions: [DeliveryRef: String] = [:]
  private var begins: [DeliveryRef: String] = [:]
  /// Deliveries that come late by nature: of messages that were unfit at first, and what was sent under a new name.
  private var late: Set<DeliveryRef> = []
  /// Deliveries of each exchange: those of its plan, and what operators added since.
  private let plannedCounts: [ExchangeID: Int]
  private var counts: [ExchangeID: Int] = [:]
  private let messageCount: Int
  private let expiries: [ExchangeID: Timestamp]
  private let policies: [String: EndpointPolicy]
  private(set) var complaints: [String] = []

  // Of one life.
  private(set) var underway: Set<DeliveryRef> = []
  private var sleptNow = 0
  private var notBefore: [DeliveryRef: Timestamp] = [:]
  private var wakes: [Timestamp] = []
  // Of this life and of what the disk held at its start.
  private var settledIDs: Set<ExchangeID> = []
  private var barriers: Set<DeliveryRef> = []
  // Of all lives.
  var stopped: Set<String> = []
  private var sequences: [ExchangeID: Int64] = [:]
  private var lastArrival: [Lane: (Int64, Int)] = [:]
  private var arrivedOnce: Set<DeliveryRef> = []
  /// How often each has settled since it was last opened.
  private var settlements: [ExchangeID: Int] = [:]
  private var receipts: Set<ExchangeID> = []
  /// What a person has put back on its way: that may repeat what is in doubt.
  private var redriven: Set<DeliveryRef> = []

  init(messages: [SimulatedMessage], policies: [String: EndpointPolicy]) {
    self.policies = policies
    var planned: [DeliveryRef: PlannedDelivery] = [:]
    for message in messages {
      let isLate = if case .routed = message.plan { false } else { true }
      guard case .routed(let routed) = message.mended ?? message.plan else { continue }
      counts[message.id] = routed.deliveries.count
      for (index, delivery) in routed.deliveries.enumerated() {
        planned[DeliveryRef(exchange: message.id, number: index + 1)] = delivery
        if isLate { late.insert(DeliveryRef(exchange: message.id, number: index + 1)) }
      }
    }
    self.planned = planned
    plannedCounts = counts
    messageCount = messages.count
    expiries = Dictionary(
      messages.compactMap { message in message.expiry.map { (message.id, $0) } },
      uniquingKeysWith: { first, _ in first })
  }

  mutating func complain(_ text: String) { complaints.append(text) }

  func endpoint(of ref: DeliveryRef) -> String? { versions[ref] ?? planned[ref]?.endpoint }

  /// Both versions of an endpoint are one place here: their lanes are one lane, whose order must hold.
  private static func place(_ endpoint: String) -> String {
    EndpointVersionName.endpoint(ofNext: endpoint) ?? endpoint
  }

  private func lane(_ ref: DeliveryRef) -> Lane? {
    guard let delivery = planned[ref], let key = delivery.orderingKey else { return nil }
    return Lane(endpoint: Self.place(delivery.endpoint), receiver: delivery.receiver, key: key)
  }
}

extension SimulationCheck {
  /// Whether one of them has to wait for the other. What comes late by nature knows the order of its own version only.
  private func areOneLane(_ one: DeliveryRef, _ other: DeliveryRef) -> Bool {
    guard let lane = lane(one), lane == self.lane(other) else { return false }
    return !late.contains(one) && !late.contains(other) || endpoint(of: one) == endpoint(of: other)
  }
}

// MARK: - While it runs

extension SimulationCheck {
  /// The journal has a message.
  mutating func accepted(_ message: SimulatedMessage) {
    if sequences.updateValue(message.sequence, forKey: message.id) != nil { complain("\(message.id) was taken twice") }
  }

  /// Its sender has a receipt.
  mutating func receipted(_ id: ExchangeID, _ journal: SimulatedJournal) {
    if journal[id] == nil { complain("\(id) has a receipt and is not on the disk") }
    receipts.insert(id)
  }

  mutating func attempted(_ ref: DeliveryRef, at endpoint: String, _ number: Int, _ now: Timestamp, wall: Timestamp) {
    guard let policy = policies[endpoint], planned[ref].map({ Self.place($0.endpoint) }) == Self.place(endpoint) else {
      return complain("\(ref.id) was sent to \(endpoint)")
    }
    versions[ref] = endpoint
    if !underway.insert(ref).inserted { complain("\(ref.id) was sent while it was under way") }
    let busy = underway.count { self.endpoint(of: $0) == endpoint }
    if busy > policy.concurrency { complain("\(busy) attempts at once at \(endpoint)") }
    if number > policy.attemptsMax {
      complain("attempt \(number) of \(ref.id), where \(policy.attemptsMax) are allowed")
    }
    if settledIDs.contains(ref.exchange) { complain("\(ref.id) was sent after it was settled") }
    if stopped.contains(endpoint) { complain("\(ref.id) was sent to \(endpoint), which a person has stopped") }
    if let time = notBefore[ref], now < time { complain("\(ref.id) was sent before its wait was over") }
    if let expiry = expiries[ref.exchange], wall >= expiry { complain("\(ref.id) was sent after it expired") }
    if barriers.contains(where: { areOneLane($0, ref) && place($0) <= place(ref) }) {
      complain("\(ref.id) was sent through a barred lane")
    }
    if underway.contains(where: { $0 != ref && areOneLane($0, ref) }) {
      complain("two at once in the lane of \(ref.id)")
    }
  }

  /// It is on the wire: one that waited for the disk when the hub died never was.
  mutating func sent(_ ref: DeliveryRef, to endpoint: String) {
    guard let begin = begins.updateValue(endpoint, forKey: ref), begin != endpoint else { return }
    complain("\(ref.id) began at \(begin) and was sent to \(endpoint)")
  }

  mutating func answered(_ ref: DeliveryRef) { underway.remove(ref) }

  /// The far side has it, for the first time or again.
  ///
  /// - Parameter isEcho: the hub that sent it is dead. When the message expired before the next life could repeat it,
  ///   its successor may have arrived first: no sender can call back what is on the wire.
  mutating func arrived(_ ref: DeliveryRef, isEcho: Bool) {
    let mayBeLate = isEcho && expiries[ref.exchange] != nil
    let isFirst = arrivedOnce.insert(ref).inserted
    if !isFirst, !redriven.contains(ref), endpoint(of: ref).flatMap({ policies[$0] })?.onDoubt == .park {
      complain("\(ref.id) arrived again where nothing may be repeated in doubt")
    }
    guard isFirst, !mayBeLate, !late.contains(ref), let lane = lane(ref), let sequence = sequences[ref.exchange]
    else { return }
    if let last = lastArrival[lane], last >= (sequence, ref.number) { complain("\(ref.id) arrived out of order") }
    lastArrival[lane] = (sequence, ref.number)
  }

  mutating func recorded(_ record: BusCore.Record, skew: Duration) {
    for entry in record.entries {
      note(entry, of: record.exchange)
      guard let number = entry.delivery else { continue }
      let ref = DeliveryRef(exchange: record.exchange, number: number)
      if entry.name == .retry { notBefore[ref] = entry.until.map { $0 + (.zero - skew) } }
      if entry.name == .redriven {
        notBefore[ref] = nil
        redriven.insert(ref)
      }
    }
    if record.entries.isEmpty, record.shelved.isEmpty { complain("an empty record") }
  }

  mutating func settled(_ id: ExchangeID, _ outcome: Outcome) {
    settlements[id, default: 0] += 1
    if settlements[id] ?? 0 > 1 { complain("\(id) settled twice") }
    if outcome.state != .delivered, outcome.reason == nil { complain("\(id) is \(outcome.state) without a reason") }
  }

  mutating func fellAsleep(_ id: ExchangeID) {
    sleptNow += 1
    if underway.contains(where: { $0.exchange == id }) { complain("\(id) fell asleep while it was sent") }
  }

  mutating func asked(_ time: Timestamp) {
    if let earliest = wakes.min(), time >= earliest { complain("a wake-up was asked for that nobody needs") }
    wakes.append(time)
  }

  mutating func woke(_ time: Timestamp) {
    if let index = wakes.firstIndex(of: time) { wakes.remove(at: index) }
  }

  /// Counts agree after each input.
  mutating func alive(_ core: BusCore) {
    if core.openByPrincipal.values.reduce(0, { $0 + $1.count }) != core.openLoad.count {
      complain("the counts of principals are wrong")
    }
    if core.asleepCount < 0 { complain("fewer than none are asleep") }
    for (name, seat) in core.endpoints {
      let busy = underway.count { endpoint(of: $0) == name }
      let resident = seat.lanes.values.reduce(0) { count, lane in
        if case .held = lane.phase { count } else { count + lane.queue.count }
      }
      if seat.residentCount != resident { complain("\(name) counts \(seat.residentCount) in memory, not \(resident)") }
      if seat.underway != busy { complain("\(name) counts \(seat.underway) under way, there are \(busy)") }
    }
  }

  /// The hub is gone, and with it what no commit held.
  mutating func died(_ journal: SimulatedJournal) {
    underway = []
    notBefore = [:]
    wakes = []
    settledIDs = []
    barriers = []
    settlements = [:]
    counts = plannedCounts
    for (id, steps) in journal.steps {
      for entry in steps { note(entry, of: id) }
      if settledIDs.contains(id) { settlements[id] = 1 }
    }
  }

  /// What a step means for lanes and ends; the same from memory and from the disk.
  private mutating func note(_ entry: TimelineEntry, of id: ExchangeID) {
    let ref = entry.delivery.map { DeliveryRef(exchange: id, number: $0) }
    switch entry.name {
    case .parked, .refused: if let ref { barriers.insert(ref) }
    case .settled: settledIDs.insert(id)
    case .redriven, .resent, .replanned:
      settledIDs.remove(id)
      settlements[id] = 0
      if let ref { barriers.remove(ref) }
      guard let fresh = entry.deliveries?.first else { return }
      counts[id, default: 0] += 1
      let name = DeliveryRef(exchange: id, number: counts[id] ?? 0)
      planned[name] = fresh
      late.insert(name)
    case .dropped: if let ref { barriers.remove(ref) }
    default: break
    }
  }

  private func place(_ ref: DeliveryRef) -> (Int64, Int) { (sequences[ref.exchange] ?? 0, ref.number) }
}

// MARK: - At the end

extension SimulationCheck {
  mutating func end(_ core: BusCore, _ journal: SimulatedJournal, _ farSides: [String: SimulatedFarSide]) {
    let taken = Set(farSides.values.flatMap(\.taken))
    if taken.count != farSides.values.reduce(0, { $0 + $1.taken.count }) { complain("something was taken twice") }
    if journal.accepted.count != messageCount || receipts.count != messageCount {
      complain("not every message was accepted and has its receipt")
    }
    for message in journal.accepted {
      checkSteps(
        message, journal.steps[message.id] ?? [], core, taken, isOnShelf: journal.shelf.ids.contains(message.id))
    }
    if !wakes.isEmpty || core.timers.count > 0 { complain("timers are left") }
    if !core.gates.isEmpty || !core.plansHeldBack.isEmpty || !core.homes.isEmpty {
      complain("plans are left")
    }
    for (name, seat) in core.endpoints {
      let held = core.exchanges.values.reduce(0) { count, exchange in
        count + exchange.deliveries.count { $0.state == .held && $0.planned.endpoint == name }
      }
      if seat.waitingCount != held { complain("\(name) says that \(seat.waitingCount) wait, where \(held) are held") }
      for lane in seat.lanes.values {
        if case .held = lane.phase { continue }
        complain("a lane of \(name) is left")
      }
    }
  }

  /// The journal tells one life of each exchange, without gaps and repetitions, until a person opens it again.
  private mutating func checkSteps(
    _ message: SimulatedMessage, _ steps: [TimelineEntry], _ core: BusCore, _ taken: Set<DeliveryRef>,
    isOnShelf: Bool
  ) {
    let id = message.id
    let open = core.exchanges[id]
    let lives = steps.split(omittingEmptySubsequences: false) { [.redriven, .resent, .replanned].contains($0.name) }
    let isSettled = steps.last { $0.name != .dropped }?.name == .settled
    if open == nil, !isSettled, !isOnShelf { complain("\(id) was lost: \(steps.map(\.name))") }
    if isOnShelf, isSettled { complain("\(id) has settled and is on the shelf") }
    if isOnShelf, open == nil, !waitsBehindBarredLane(message, steps) { complain("\(id) sleeps for ever") }
    if let open {
      let waits = !open.deliveries.contains { $0.state == .waiting && !$0.isShelved }
      if !waits || open.deliveries.isEmpty { complain("\(id) hangs: \(open.deliveries.map(\.state))") }
    }
    if lives.contains(where: { $0.count { $0.name == .settled } > 1 }) {
      complain("\(id) was settled twice in the journal")
    }
    let plans = steps.count { [.routed, .invalid, .unroutable].contains($0.name) }
    let replans = steps.count { $0.name == .replanned }
    if plans > 1 + replans || (plans == 0 && !steps.isEmpty) { complain("\(id) has \(plans) plans in the journal") }
    for number in 0..<Self.deliveryCount(steps) {
      let number = number + 1
      let own = steps.filter { $0.delivery == number && $0.name != .dropped && $0.name != .resent }
      for life in own.split(omittingEmptySubsequences: false, whereSeparator: { $0.name == .redriven }) {
        checkDelivery(
          DeliveryRef(exchange: id, number: number), Array(life),
          isLast: life.endIndex == own.endIndex, isSettled: isSettled, taken)
      }
    }
  }

  private static func deliveryCount(_ steps: [TimelineEntry]) -> Int {
    steps.reduce(0) { $0 + ($1.deliveries?.count ?? 0) }
  }

  /// Whether each of its deliveries that has not ended stands behind one that was parked or refused.
  private func waitsBehindBarredLane(_ message: SimulatedMessage, _ steps: [TimelineEntry]) -> Bool {
    let ends: [TimelineEntry.Name] = [.delivered, .refused, .parked, .expired]
    return (0..<Self.deliveryCount(steps)).allSatisfy { index in
      let ref = DeliveryRef(exchange: message.id, number: index + 1)
      if let last = steps.last(where: { $0.delivery == ref.number && $0.name != .dropped }),
        ends.contains(last.name) || last.name == .resent
      {
        return true
      }
      return barriers.contains { self.lane($0) != nil && self.lane($0) == lane(ref) && place($0) <= place(ref) }
    }
  }

  private mutating func checkDelivery(
    _ ref: DeliveryRef, _ steps: [TimelineEntry], isLast: Bool, isSettled: Bool, _ taken: Set<DeliveryRef>
  ) {
    let ends = steps.filter { [.delivered, .refused, .parked, .expired].contains($0.name) }
    if ends.count > 1 || ((isSettled || !isLast) && ends.count != 1) { complain("\(ref.id) has \(ends.count) ends") }
    if let end = ends.first, end != steps.last { complain("\(ref.id) went on after its end") }
    let numbers = steps.filter { $0.name != .outage && $0.name != .attempting }.compactMap(\.attempt)
    if numbers != Array(1..<numbers.count + 1) { complain("\(ref.id) counts its attempts \(numbers)") }
    let isDelivered = ends.first?.name == .delivered
    if isDelivered, !taken.contains(ref) { complain("\(ref.id) never arrived") }
    if isLast, ends.first?.name == .refused, taken.contains(ref) { complain("\(ref.id) was refused, yet it arrived") }
  }
}
