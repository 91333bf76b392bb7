import HubKit
import HubRouting
import HubTesting

@testable import HubBus

/// Random numbers of a seed, with the chances and times that a simulation draws.
struct SimulationRandom: RandomNumberGenerator {
  private var numbers: SeededRandom

  init(seed: UInt64) { numbers = SeededRandom(seed: seed &* 0x9E37_79B9_7F4A_7C15 &+ 0x1234_5678_9ABC_DEF1) }

  mutating func next() -> UInt64 { numbers.next() }

  mutating func chance(_ probability: Double) -> Bool { Double.random(in: 0..<1, using: &self) < probability }

  mutating func milliseconds(_ range: ClosedRange<Int>) -> Duration {
    .milliseconds(Int.random(in: range, using: &self))
  }
}

/// One message of a run: all of it is fixed before the run begins.
struct SimulatedMessage {
  let id: ExchangeID
  /// Given by the journal when it accepts the message.
  var sequence: Int64 = 0
  let arrival: Timestamp
  let expiry: Timestamp?
  let principal: String
  let key: String?
  let plan: BusCore.Plan
  /// What a mended configuration makes of a message that was unfit.
  let mended: BusCore.Plan?

  var seat: ExchangeSeat {
    ExchangeSeat(
      id: id, sequence: sequence, receivedAt: arrival, expiry: expiry, principal: principal, orderingKey: key)
  }
}

/// A far side by script: it takes each delivery id once, and has bad days until `wellFrom`.
struct SimulatedFarSide {
  var policy: EndpointPolicy
  let outages: [Range<Timestamp>]
  let failing, losing, refusing, poisoned: Double
  let slowMax: Int
  let wellFrom: Timestamp
  /// From when it takes what it refused before.
  let mendedFrom: Timestamp
  /// What it took, in order.
  private(set) var taken: [DeliveryRef] = []
  private var known: Set<DeliveryRef> = []

  init(start: Timestamp, wellFrom: Timestamp, using random: inout SimulationRandom) {
    policy = EndpointPolicy(
      concurrency: .random(in: 1...4, using: &random), attemptsMax: .random(in: 1...5, using: &random),
      backoffFirst: random.milliseconds(50...2000), backoffFactor: 2, backoffMax: .seconds(8),
      onDoubt: random.chance(0.3) ? .park : .retry, windowMax: .random(in: 1...6, using: &random))
    var outages: [Range<Timestamp>] = []
    for _ in 0..<Int.random(in: 0...2, using: &random) {
      let from = start + random.milliseconds(0...30_000)
      outages.append(from..<from + random.milliseconds(100...20_000))
    }
    self.outages = outages
    let isCalm = random.chance(0.4)
    failing = isCalm ? 0 : 0.2
    losing = isCalm ? 0 : 0.1
    refusing = isCalm ? 0 : 0.05
    poisoned = isCalm ? 0 : 0.05
    slowMax = random.chance(0.3) ? 5000 : 100
    self.wellFrom = wellFrom
    mendedFrom = start + random.milliseconds(20_000...120_000)
  }

  /// Whether something holds of a message for good: drawn from its name, so that a retry meets the same.
  private func isMarked(_ ref: DeliveryRef, _ share: Double, salt: UInt64) -> Bool {
    let text = ref.id.utf8.reduce(salt) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    return Double(text >> 40) / Double(1 << 24) < share
  }

  /// What an attempt that arrives now comes to.
  func verdict(
    on ref: DeliveryRef, at now: Timestamp, using random: inout SimulationRandom
  ) -> (takes: Bool, verdict: AdapterError.Verdict?) {
    if now < mendedFrom, isMarked(ref, refusing, salt: 1) { return (false, .reject) }
    guard now < wellFrom else { return (true, nil) }
    let wish = random.chance(0.3) ? random.milliseconds(0...5000) : nil
    if outages.contains(where: { $0.contains(now) }) { return (false, .outage(after: wish)) }
    if isMarked(ref, poisoned, salt: 2) { return (false, .outage(after: nil)) }
    if random.chance(failing) { return (false, .retry(after: wish)) }
    if random.chance(losing) { return (true, .inDoubt) }
    return (true, nil)
  }

  mutating func take(_ ref: DeliveryRef) {
    if known.insert(ref).inserted { taken.append(ref) }
  }
}

/// What survives a crash: the messages and records of commits that were synced.
struct SimulatedJournal {
  private enum Entry {
    case message(SimulatedMessage, Int)
    case record(BusCore.Record)
  }

  private(set) var accepted: [SimulatedMessage] = []
  private(set) var steps: [ExchangeID: [TimelineEntry]] = [:]
  private(set) var shelf = MemoryShelf()
  /// Exchanges of which something waits for a person, and where each exchange stands.
  private(set) var deadLetters: Set<ExchangeID> = []
  private(set) var states: [ExchangeID: ExchangeState] = [:]
  /// Endpoints that a person has stopped: synced before it is so.
  var stops: [String: EndpointStop] = [:]
  /// What a person said of endpoints' versions, likewise.
  var versions: [String: VersionOrder] = [:]
  private var places: [ExchangeID: Int] = [:]
  private var waiting: [Entry] = []

  /// A message that is on the disk.
  subscript(id: ExchangeID) -> SimulatedMessage? { places[id].map { accepted[$0] } }

  /// Takes a message in with the next commit.
  ///
  /// - Parameter index: by which its sender knows it.
  mutating func handIn(_ message: SimulatedMessage, _ index: Int) { waiting.append(.message(message, index)) }

  mutating func append(_ record: BusCore.Record) { waiting.append(.record(record)) }

  /// Writes all that waits, in order.
  ///
  /// - Returns: the messages among it, with the sequence that the journal gave them.
  mutating func commit() -> [SimulatedMessage] {
    var taken: [SimulatedMessage] = []
    for entry in waiting {
      switch entry {
      case .message(var message, _):
        message.sequence = Int64(accepted.count + 1)
        places[message.id] = accepted.count
        accepted.append(message)
        taken.append(message)
      case .record(let record):
        steps[record.exchange, default: []] += record.entries
        shelf.take(record)
        states[record.exchange] = record.state
        if record.hasDeadLetters {
          deadLetters.insert(record.exchange)
        } else {
          deadLetters.remove(record.exchange)
        }
      }
    }
    waiting = []
    return taken
  }

  func shelved(_ id: ExchangeID) -> BusCore.Shelved? {
    self[id].map { BusCore.Shelved(seat: $0.seat, entries: steps[id] ?? []) }
  }

  /// What each principal has on the shelf.
  var shelfLoads: [String: OpenLoad] {
    shelf.ids.compactMap { self[$0] }.reduce(into: [:]) {
      $0[$1.principal, default: OpenLoad()] += OpenLoad(count: 1, bytes: 0)
    }
  }

  /// The hub is killed.
  ///
  /// - Returns: messages that reached the disk, and those without a receipt, by which their senders know them.
  mutating func crash(keepsWaiting: Bool) -> (silent: [SimulatedMessage], gone: [Int]) {
    let gone = waiting.compactMap { if case .message(_, let index) = $0 { index } else { nil } }
    if keepsWaiting { return (commit(), gone) }
    waiting = []
    return ([], gone)
  }

  /// What a restart takes up, by sequence: open exchanges, and settled ones that wait for a person.
  var restorable: [(SimulatedMessage, [TimelineEntry])] {
    accepted.filter { message in
      let isOpen = !(states[message.id]?.isSettled ?? false)
      return isOpen && !shelf.ids.contains(message.id) || deadLetters.contains(message.id)
    }.map { ($0, steps[$0.id] ?? []) }
  }
}

/// All that one seed makes.
struct SimulationScript {
  let start = Timestamp(seconds: 1_700_000_000)
  let endpoints: [String]
  let farSides: [String: SimulatedFarSide]
  let messages: [SimulatedMessage]
  /// When the hub goes down, and whether it may drain first.
  let stops: [(at: Timestamp, drains: Bool)]
  /// When another configuration comes, and the endpoints that it has.
  let adoptions: [(at: Timestamp, endpoints: Set<String>)]
  /// What operators do.
  let orders: [(at: Timestamp, order: SimulatedOrder)]
  /// The same by the number of what has happened before: so it falls into busy moments, too.
  let stopsAfter: [Int: Bool]
  /// When the clock is set, and by how much.
  let jumps: [(at: Timestamp, by: Duration)]

  init(using random: inout SimulationRandom) {
    let start = start
    let endpoints = (1...Int.random(in: 1...4, using: &random)).map { "e\($0)" }
    let wellFrom = start + .seconds(90)
    var farSides: [String: SimulatedFarSide] = [:]
    for name in endpoints { farSides[name] = SimulatedFarSide(start: start, wellFrom: wellFrom, using: &random) }
    for name in endpoints where random.chance(0.4) {
      let next = EndpointVersionName.next(of: name)
      farSides[next] = SimulatedFarSide(start: start, wellFrom: wellFrom, using: &random)
      farSides[next]?.policy.isNext = true
      let rules: [VersionRule] = [
        .never, .share(0.5), .keys([Pattern("k1")]), .from(start + random.milliseconds(0...20_000)),
      ]
      farSides[name]?.policy.next = .init(name: next, rule: rules[Int.random(in: 0..<rules.count, using: &random)])
    }
    var arrivals: [Timestamp] = []
    // What goes wrong goes wrong among few; many small worlds find more in the same time than few large ones.
    let countMax = random.chance(0.2) ? 25 : 10
    for _ in 1...Int.random(in: 2...countMax, using: &random) {
      arrivals.append(start + random.milliseconds(0...20_000))
    }
    var messages: [SimulatedMessage] = []
    for (index, arrival) in arrivals.sorted().enumerated() {
      messages.append(Self.message(UInt64(index + 1), arrival, endpoints, using: &random))
    }
    var stops: [(at: Timestamp, drains: Bool)] = []
    var stopsAfter: [Int: Bool] = [:]
    for _ in 0..<Int.random(in: 0...4, using: &random) {
      let drains = random.chance(0.3)
      if random.chance(0.5) {
        stops.append((start + random.milliseconds(1...60_000), drains))
      } else {
        stopsAfter[Int.random(in: 2...200, using: &random)] = drains
      }
    }
    self.endpoints = endpoints
    self.farSides = farSides
    self.messages = messages
    self.stops = stops
    var adoptions: [(at: Timestamp, endpoints: Set<String>)] = []
    if random.chance(0.3) {
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let kept = endpoints.filter { _ in random.chance(0.7) }
        let versions = kept.map(EndpointVersionName.next).filter { farSides[$0] != nil }
        adoptions.append((start + random.milliseconds(1...60_000), Set(kept + versions)))
      }
    }
    self.adoptions = adoptions
    self.stopsAfter = stopsAfter
    var jumps: [(at: Timestamp, by: Duration)] = []
    while random.chance(0.25) {
      jumps.append((start + random.milliseconds(1...60_000), random.milliseconds(-3_600_000...3_600_000)))
    }
    self.jumps = jumps
    orders =
      Self.orders(start, farSides.keys.sorted(), using: &random) + Self.choices(start, farSides, using: &random)
  }

  /// Operators are rash at first; at last they let every endpoint go, and half of them put all back that is left.
  private static func orders(
    _ start: Timestamp, _ endpoints: [String], using random: inout SimulationRandom
  ) -> [(at: Timestamp, order: SimulatedOrder)] {
    var orders: [(at: Timestamp, order: SimulatedOrder)] = []
    guard random.chance(0.7) else { return [] }
    for _ in 0..<Int.random(in: 0...12, using: &random) {
      let endpoint = endpoints[Int.random(in: 0..<endpoints.count, using: &random)]
      let all: [SimulatedOrder] = [
        .dead(.redeliver), .dead(.redeliver), .dead(.drop), .dead(.resend), .any(.resend), .any(.redeliver),
        .stop(endpoint), .resume(endpoint),
      ]
      orders.append(
        (start + random.milliseconds(100...110_000), all[Int.random(in: 0..<all.count, using: &random)]))
    }
    for endpoint in endpoints { orders.append((start + .seconds(115), .resume(endpoint))) }
    if random.chance(0.5) { orders.append((start + .seconds(125), .putAllBack)) }
    return orders
  }

  /// Operators change their minds about versions.
  private static func choices(
    _ start: Timestamp, _ farSides: [String: SimulatedFarSide], using random: inout SimulationRandom
  ) -> [(at: Timestamp, order: SimulatedOrder)] {
    var orders: [(at: Timestamp, order: SimulatedOrder)] = []
    for (name, far) in farSides.sorted(by: { $0.key < $1.key }) where far.policy.next != nil {
      for _ in 0..<Int.random(in: 0...4, using: &random) {
        let version = [true, false, nil][Int.random(in: 0...2, using: &random)]
        orders.append((start + random.milliseconds(0...25_000), .version(name, takesNext: version)))
      }
    }
    return orders
  }

  private static func message(
    _ number: UInt64, _ arrival: Timestamp, _ endpoints: [String], using random: inout SimulationRandom
  ) -> SimulatedMessage {
    let key = random.chance(0.6) ? "k\(Int.random(in: 0...2, using: &random))" : nil
    let receivers = [nil, OrganisationCode("H24.1"), OrganisationCode("H24.2")]
    var deliveries: [PlannedDelivery] = []
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      deliveries.append(
        PlannedDelivery(
          endpoint: endpoints[Int.random(in: 0..<endpoints.count, using: &random)],
          receiver: receivers[Int.random(in: 0...2, using: &random)], orderingKey: key))
    }
    let plan: BusCore.Plan =
      if random.chance(0.05) {
        .invalid(route: "r", violations: [Violation(rule: "schema", message: "wrong")], microseconds: 1)
      } else if random.chance(0.05) {
        .unroutable(reason: "nobody")
      } else {
        .routed(BusCore.Routed(route: "r", deliveries: deliveries, microseconds: 1))
      }
    let isUnfit = if case .routed = plan { false } else { true }
    return SimulatedMessage(
      id: ExchangeID(time: arrival, random: (0, number)), arrival: arrival,
      expiry: random.chance(0.2) ? arrival + random.milliseconds(10...60_000) : nil,
      principal: "p\(Int.random(in: 0...2, using: &random))", key: key, plan: plan,
      mended: isUnfit && random.chance(0.7)
        ? .routed(BusCore.Routed(route: "mended", deliveries: deliveries, microseconds: 1)) : nil)
  }
}

/// Something that an operator does.
enum SimulatedOrder {
  /// With something that waits for a person.
  case dead(BusCore.Order.Action)
  /// With whatever comes to hand.
  case any(BusCore.Order.Action)
  case putAllBack
  case stop(String)
  case resume(String)
  case version(String, takesNext: Bool?)
}
