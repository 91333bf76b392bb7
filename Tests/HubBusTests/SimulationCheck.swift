import HubKit

@testable import HubBus

/// What must hold in every run, whatever happens.
struct SimulationCheck {
  private struct Lane: Hashable {
    let endpoint: String
    let receiver: OrganisationCode?
    let key: String
  }

  private let planned: [DeliveryRef: PlannedDelivery]
  private let messageCount: Int
  private let expiries: [ExchangeID: Timestamp]
  private let policies: [String: EndpointPolicy]
  private(set) var complaints: [String] = []

  // Of one life.
  private(set) var underway: Set<DeliveryRef> = []
  private var settledNow: Set<ExchangeID> = []
  private var sleptNow = 0
  private var notBefore: [DeliveryRef: Timestamp] = [:]
  private var barredNow: Set<Lane> = []
  private var wakes: [Timestamp] = []
  // Of all lives.
  private var settledForGood: Set<ExchangeID> = []
  private var barredForGood: Set<Lane> = []
  private var sequences: [ExchangeID: Int64] = [:]
  private var lastArrival: [Lane: (Int64, Int)] = [:]
  private var arrivedOnce: Set<DeliveryRef> = []
  private var receipts: Set<ExchangeID> = []

  init(messages: [SimulatedMessage], policies: [String: EndpointPolicy]) {
    self.policies = policies
    var planned: [DeliveryRef: PlannedDelivery] = [:]
    for message in messages {
      guard case .routed(let routed) = message.plan else { continue }
      for (index, delivery) in routed.deliveries.enumerated() {
        planned[DeliveryRef(exchange: message.id, number: index + 1)] = delivery
      }
    }
    self.planned = planned
    messageCount = messages.count
    expiries = Dictionary(
      messages.compactMap { message in message.expiry.map { (message.id, $0) } },
      uniquingKeysWith: { first, _ in first })
  }

  mutating func complain(_ text: String) { complaints.append(text) }

  func endpoint(of ref: DeliveryRef) -> String? { planned[ref]?.endpoint }

  private func lane(_ ref: DeliveryRef) -> Lane? {
    guard let delivery = planned[ref], let key = delivery.orderingKey else { return nil }
    return Lane(endpoint: delivery.endpoint, receiver: delivery.receiver, key: key)
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
    guard let policy = policies[endpoint], planned[ref]?.endpoint == endpoint else {
      return complain("\(ref.id) was sent to \(endpoint)")
    }
    if !underway.insert(ref).inserted { complain("\(ref.id) was sent while it was under way") }
    let busy = underway.count { planned[$0]?.endpoint == endpoint }
    if busy > policy.concurrency { complain("\(busy) attempts at once at \(endpoint)") }
    if number > policy.attemptsMax {
      complain("attempt \(number) of \(ref.id), where \(policy.attemptsMax) are allowed")
    }
    if settledNow.contains(ref.exchange) || settledForGood.contains(ref.exchange) {
      complain("\(ref.id) was sent after it was settled")
    }
    if let time = notBefore[ref], now < time { complain("\(ref.id) was sent before its wait was over") }
    if let expiry = expiries[ref.exchange], wall >= expiry { complain("\(ref.id) was sent after it expired") }
    guard let lane = lane(ref) else { return }
    if barredNow.contains(lane) || barredForGood.contains(lane) { complain("\(ref.id) was sent through a barred lane") }
    if underway.contains(where: { $0 != ref && self.lane($0) == lane }) {
      complain("two at once in the lane of \(ref.id)")
    }
  }

  mutating func answered(_ ref: DeliveryRef) { underway.remove(ref) }

  /// The far side has it, for the first time or again.
  ///
  /// - Parameter isEcho: the hub that sent it is dead. When the message expired before the next life could repeat it,
  ///   its successor may have arrived first: no sender can call back what is on the wire.
  mutating func arrived(_ ref: DeliveryRef, isEcho: Bool) {
    let mayBeLate = isEcho && expiries[ref.exchange] != nil
    let isFirst = arrivedOnce.insert(ref).inserted
    if !isFirst, planned[ref].flatMap({ policies[$0.endpoint] })?.onDoubt == .park {
      complain("\(ref.id) arrived again where nothing may be repeated in doubt")
    }
    guard isFirst, !mayBeLate, let lane = lane(ref), let sequence = sequences[ref.exchange]
    else { return }
    if let last = lastArrival[lane], last >= (sequence, ref.number) { complain("\(ref.id) arrived out of order") }
    lastArrival[lane] = (sequence, ref.number)
  }

  mutating func recorded(_ record: BusCore.Record, skew: Duration) {
    for entry in record.entries {
      guard let number = entry.delivery else { continue }
      let ref = DeliveryRef(exchange: record.exchange, number: number)
      if entry.name == .retry { notBefore[ref] = entry.until.map { $0 + (.zero - skew) } }
      if entry.name == .parked || entry.name == .refused, let lane = lane(ref) { barredNow.insert(lane) }
    }
    if record.entries.isEmpty, record.shelved.isEmpty { complain("an empty record") }
  }

  mutating func settled(_ id: ExchangeID, _ outcome: Outcome) {
    if !settledNow.insert(id).inserted || settledForGood.contains(id) { complain("\(id) settled twice") }
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
      let busy = underway.count { planned[$0]?.endpoint == name }
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
    settledNow = []
    notBefore = [:]
    barredNow = []
    wakes = []
    for (id, steps) in journal.steps {
      if steps.last?.name == .settled { settledForGood.insert(id) }
      for entry in steps where entry.name == .parked || entry.name == .refused {
        if let lane = entry.delivery.flatMap({ lane(DeliveryRef(exchange: id, number: $0)) }) {
          barredForGood.insert(lane)
        }
      }
    }
  }
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
    if !core.gates.isEmpty || !core.plansHeldBack.isEmpty { complain("plans are left") }
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

  /// The journal tells one life of each exchange, without gaps and repetitions.
  private mutating func checkSteps(
    _ message: SimulatedMessage, _ steps: [TimelineEntry], _ core: BusCore, _ taken: Set<DeliveryRef>,
    isOnShelf: Bool
  ) {
    let id = message.id
    let open = core.exchanges[id]
    if open == nil, steps.last?.name != .settled, !isOnShelf { complain("\(id) was lost: \(steps.map(\.name))") }
    if isOnShelf, steps.last?.name == .settled { complain("\(id) has settled and is on the shelf") }
    if isOnShelf, open == nil, !waitsBehindBarredLane(message, steps) { complain("\(id) sleeps for ever") }
    if let open {
      let waits = !open.deliveries.contains { $0.state == .waiting && !$0.isShelved }
      if !waits || open.deliveries.isEmpty { complain("\(id) hangs: \(open.deliveries.map(\.state))") }
    }
    if steps.count(where: { $0.name == .settled }) > 1 { complain("\(id) was settled twice in the journal") }
    let plans = steps.count { [.routed, .invalid, .unroutable].contains($0.name) }
    if plans > 1 || (plans == 0 && !steps.isEmpty) { complain("\(id) has \(plans) plans in the journal") }
    guard case .routed(let routed) = message.plan else { return }
    for number in 1...routed.deliveries.count {
      checkDelivery(
        DeliveryRef(exchange: id, number: number), steps.filter { $0.delivery == number },
        steps.last?.name == .settled, taken)
    }
  }

  /// Whether each of its deliveries that has not ended stands behind one that was parked or refused.
  private func waitsBehindBarredLane(_ message: SimulatedMessage, _ steps: [TimelineEntry]) -> Bool {
    guard case .routed(let routed) = message.plan else { return false }
    let ends: [TimelineEntry.Name] = [.delivered, .refused, .parked, .expired]
    return (1...routed.deliveries.count).allSatisfy { number in
      if steps.contains(where: { $0.delivery == number && ends.contains($0.name) }) { return true }
      let lane = lane(DeliveryRef(exchange: message.id, number: number))
      return lane.map { barredNow.contains($0) || barredForGood.contains($0) } ?? false
    }
  }

  private mutating func checkDelivery(
    _ ref: DeliveryRef, _ steps: [TimelineEntry], _ isSettled: Bool, _ taken: Set<DeliveryRef>
  ) {
    let ends = steps.filter { [.delivered, .refused, .parked, .expired].contains($0.name) }
    if ends.count > 1 || (isSettled && ends.count != 1) { complain("\(ref.id) has \(ends.count) ends") }
    if let end = ends.first, end != steps.last { complain("\(ref.id) went on after its end") }
    let numbers = steps.filter { $0.name != .outage && $0.name != .attempting }.compactMap(\.attempt)
    if numbers != Array(1..<numbers.count + 1) { complain("\(ref.id) counts its attempts \(numbers)") }
    let isDelivered = ends.first?.name == .delivered
    if isDelivered, !taken.contains(ref) { complain("\(ref.id) never arrived") }
    if ends.first?.name == .refused, taken.contains(ref) { complain("\(ref.id) was refused, and yet it arrived") }
  }
}
