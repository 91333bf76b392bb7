import HubKit

@testable import HubBus

/// One run in virtual time: messages arrive, far sides have bad days, the hub is killed and starts again.
struct SimulationRun {
  private enum Event {
    /// A message is at the door.
    case arrive(Int)
    /// The core is told of a message that the journal has.
    case received(ExchangeID, life: Int)
    case planned(ExchangeID, life: Int)
    case answer(DeliveryRef, Result<Reply, AdapterError>, takes: Bool, life: Int)
    case wake(Timestamp, life: Int)
    case read(String, Shelf.Reading, life: Int)
    case locate(ExchangeID, [BusCore.VersionedLane], life: Int)
    case sweep(life: Int)
    /// Somebody sets the clock.
    case clock(Duration)
    case commit
    case stop(drains: Bool)
    case adopt(Set<String>)
    case start
    case order(SimulatedOrder)
    /// A dead letter was given up, and the disk knows it.
    case lift([(ref: DeliveryRef, planned: PlannedDelivery)], life: Int)
  }

  private let script: SimulationScript
  private var random: SimulationRandom
  private var events = SimulatedTime<Event>()
  /// The time that has passed; the hub's clock shows ``wall``.
  private var now: Timestamp
  private var skew = Duration.zero
  private var wall: Timestamp { now + skew }
  /// Counts starts: what an earlier life began does not reach a later one.
  private var life = 0
  private var isUp = false
  /// The endpoints of the configuration in force, which outlives the hub.
  private var configured: Set<String>
  /// Counts what the core was told, so that the dear checks come now and then only.
  private var inputs = 0
  /// Attempts that must not be made before the disk knows of them.
  private var announced: [(ref: DeliveryRef, endpoint: String)] = []
  var core: BusCore
  var journal = SimulatedJournal()
  var farSides: [String: SimulatedFarSide]
  var check: SimulationCheck

  init(seed: UInt64) {
    random = SimulationRandom(seed: seed)
    script = SimulationScript(using: &random)
    now = script.start
    farSides = script.farSides
    configured = Set(script.farSides.keys)
    core = BusCore(endpoints: [:])
    check = SimulationCheck(messages: script.messages, policies: script.farSides.mapValues(\.policy))
  }

  /// Runs to the end and returns what was wrong.
  static func complaints(seed: UInt64) -> [String] {
    var run = SimulationRun(seed: seed)
    run.play()
    run.check.end(run.core, run.journal, run.farSides)
    return run.check.complaints
  }

  private mutating func play() {
    schedule(.start, after: .zero)
    for index in script.messages.indices { events.add(.arrive(index), at: script.messages[index].arrival) }
    for jump in script.jumps { events.add(.clock(jump.by), at: jump.at) }
    for stop in script.stops { events.add(.stop(drains: stop.drains), at: stop.at) }
    for adoption in script.adoptions { events.add(.adopt(adoption.endpoints), at: adoption.at) }
    for order in script.orders { events.add(.order(order.order), at: order.at) }
    var steps = 0
    while let (at, event) = events.next() {
      now = max(now, at)
      happen(event)
      steps += 1
      if let drains = script.stopsAfter[steps] { stop(drains: drains) }
      guard steps < 100_000 else { return check.complain("it does not come to rest") }
    }
  }

  private mutating func schedule(_ event: Event, after wait: Duration) { events.add(event, at: now + wait) }

  private mutating func happen(_ event: Event) {
    switch event {
    case .arrive(let index): arrive(index)
    case .received(let id, life):
      if let message = journal[id] { feed(.received(message.seat)) }
    case .planned(let id, life):
      guard let message = journal[id] else { return }
      let isMended = core.exchanges[id]?.configuration != nil
      feed(.planned(id, isMended ? message.mended ?? message.plan : message.plan))
    case .answer(let ref, let result, let takes, life):
      if takes { take(ref, isEcho: false) }
      check.answered(ref)
      let jitter = Double.random(in: 0...1, using: &random)
      feed(.attempted(ref, BusCore.Attempt(result: result, microseconds: 1, sent: nil, jitter: jitter)))
    case .answer(let ref, _, let takes, _):
      // The hub died while the request was on its way: it may have arrived or not.
      if takes, random.chance(0.5) { take(ref, isEcho: true) }
    case .wake(let time, life):
      check.woke(time)
      feed(.tick)
    case .read(let endpoint, let reading, life): read(endpoint, reading)
    case .locate(let id, let lanes, life):
      commit()
      feed(.located(id, journal.shelf.homes(of: lanes)))
    case .sweep(life): sweep()
    case .clock(let jump):
      skew += jump
      if isUp { carryOut(core.clockWasSet(by: jump, at: wall)) }
    case .commit: commit()
    case .order(let order): carryOut(order)
    case .lift(let barriers, life):
      commit()
      carryOut(core.lift(barriers, at: wall))
    case .stop(let drains): stop(drains: drains)
    case .start: start()
    case .adopt(let endpoints):
      configured = endpoints
      guard isUp else { return }
      feed(.adopt(policies))
      takeUpStops()
    case .received, .planned, .wake, .read, .locate, .sweep, .lift: break
    }
  }

  /// The sender hands a message in, again and again until it has a receipt.
  private mutating func arrive(_ index: Int) {
    let message = script.messages[index]
    guard isUp else { return schedule(.arrive(index), after: .milliseconds(100)) }
    guard journal[message.id] == nil else { return check.receipted(message.id, journal) }
    journal.handIn(message, index)
    schedule(.commit, after: random.milliseconds(1...50))
  }

  /// All that waits is on the disk now: receipts are given, and attempts made that waited for that.
  private mutating func commit() {
    for message in journal.commit() {
      check.accepted(message)
      check.receipted(message.id, journal)
      schedule(.received(message.id, life: life), after: random.chance(0.3) ? .milliseconds(1) : .zero)
    }
    for (ref, endpoint) in announced { send(ref, to: endpoint) }
    announced = []
  }

  private mutating func take(_ ref: DeliveryRef, isEcho: Bool) {
    guard let name = check.endpoint(of: ref) else { return }
    farSides[name]?.take(ref)
    check.arrived(ref, isEcho: isEcho)
  }

  private mutating func feed(_ input: BusCore.Input) {
    carryOut(core.handle(input, at: wall))
    inputs += 1
    if inputs % 8 == 0 { check.alive(core) }
  }

  private mutating func carryOut(_ effects: [BusCore.Effect]) {
    for effect in effects {
      switch effect {
      case .plan(let id):
        guard journal[id] != nil else { return check.complain("\(id) was never accepted") }
        schedule(.planned(id, life: life), after: random.milliseconds(2...200))
      case .attempt(let ref, let endpoint, let number, let afterSync):
        check.attempted(ref, at: endpoint, number, now, wall: wall)
        if !configured.contains(endpoint) { check.complain("\(ref.id) was sent to \(endpoint), which is gone") }
        if afterSync {
          announced.append((ref, endpoint))
          schedule(.commit, after: random.milliseconds(1...50))
        } else {
          send(ref, to: endpoint)
        }
      case .record(let record):
        check.recorded(record, skew: skew)
        journal.append(record)
        schedule(.commit, after: random.milliseconds(1...50))
      case .asleep(let id): check.fellAsleep(id)
      case .read(let endpoint, let reading):
        schedule(.read(endpoint, reading, life: life), after: random.milliseconds(1...300))
      case .locate(let id, let lanes):
        schedule(.locate(id, lanes, life: life), after: random.milliseconds(1...300))
      case .settled(let id, let outcome): check.settled(id, outcome)
      case .cancel, .answered: break
      case .wake(let time):
        // It comes after that length of time, whatever the clock shows by then.
        let due = time + (.zero - skew)
        check.asked(due)
        events.add(.wake(due, life: life), at: due)
      }
    }
  }

  /// A page is read after all that was handed in before has been committed.
  private mutating func read(_ endpoint: String, _ reading: Shelf.Reading) {
    commit()
    let ids = journal.shelf.page(endpoint, reading)
    feed(
      .shelved(
        ids.compactMap(journal.shelved), endpoint: endpoint, reading, isLast: ids.count < reading.limit))
  }

  private mutating func sweep() {
    commit()
    let ids = journal.shelf.expired(by: wall)
    if !ids.isEmpty { feed(.overdue(ids.compactMap(journal.shelved))) }
    if now < script.start + .seconds(600) { schedule(.sweep(life: life), after: .seconds(5)) }
  }

  private mutating func send(_ ref: DeliveryRef, to endpoint: String) {
    guard let far = farSides[endpoint] else { return check.complain("there is no endpoint \(endpoint)") }
    check.sent(ref, to: endpoint)
    let (takes, verdict) = far.verdict(on: ref, at: now, using: &random)
    let result: Result<Reply, AdapterError> =
      verdict.map { .failure(AdapterError($0, code: "scripted", reason: "as scripted")) }
      ?? .success(Reply(code: "200"))
    let latency = random.milliseconds(1...far.slowMax)
    schedule(.answer(ref, result, takes: takes, life: life), after: latency)
  }

  private mutating func stop(drains: Bool) {
    guard isUp else { return }
    isUp = false
    if drains {
      feed(.drain)
      for ref in check.underway.sorted(by: { $0.id < $1.id }) {
        check.answered(ref)
        let cancelled = AdapterError(.cancelled, code: "cancelled", reason: "stopping")
        feed(.attempted(ref, BusCore.Attempt(result: .failure(cancelled), microseconds: 1, sent: nil, jitter: 0)))
      }
    }
    check.alive(core)
    // What waited may have reached the disk just before the end, though nobody was told.
    let (silent, gone) = journal.crash(keepsWaiting: drains || random.chance(0.3))
    for message in silent { check.accepted(message) }
    // Who got no receipt hands in again.
    for index in gone { schedule(.arrive(index), after: .milliseconds(100)) }
    announced = []
    check.died(journal)
    life += 1
    schedule(.start, after: random.milliseconds(10...2000))
  }

  private var policies: [String: EndpointPolicy] {
    script.farSides.mapValues(\.policy).filter { configured.contains($0.key) }
  }

  /// What operators have stopped stays stopped, after a start and under another configuration.
  private mutating func takeUpStops() {
    for (name, stop) in journal.stops.sorted(by: { $0.key < $1.key }) where core.endpoints[name]?.stop == nil {
      carryOut(core.setStop(stop, of: name, at: wall) ?? [])
    }
    for (name, order) in journal.versions { core.setVersion(order, of: name) }
  }

  private mutating func start() {
    core = BusCore(endpoints: policies)
    isUp = true
    takeUpStops()
    feed(.stock(journal.shelf.counts, journal.shelfLoads))
    for (message, steps) in journal.restorable {
      feed(.restored(message.seat, entries: steps, isAsleep: journal.shelf.ids.contains(message.id)))
    }
    feed(.restoredAll)
    schedule(.sweep(life: life), after: .seconds(5))
  }
}

// MARK: - What operators do

extension SimulationRun {
  private mutating func carryOut(_ order: SimulatedOrder) {
    guard isUp else { return schedule(.order(order), after: .milliseconds(50)) }
    switch order {
    case .stop(let name), .resume(let name):
      var stop: EndpointStop?
      if case .stop = order { stop = EndpointStop(since: wall, by: "an", reason: "works") }
      journal.stops[name] = stop
      check.stopped = Set(journal.stops.keys)
      carryOut(core.setStop(stop, of: name, at: wall) ?? [])
    case .version(let name, let takesNext):
      let order = takesNext.map { VersionOrder(isNext: $0, since: wall, by: "an", reason: "works") }
      journal.versions[name] = order
      core.setVersion(order, of: name)
    case .dead(let action):
      commit()
      pick(from: journal.accepted.map(\.id).filter(journal.deadLetters.contains)).map { carryOut(action, $0) }
    case .any(let action): pick(from: journal.accepted.map(\.id)).map { carryOut(action, $0) }
    case .putAllBack:
      commit()
      for id in journal.accepted.map(\.id) where journal.deadLetters.contains(id) { carryOut(.redeliver, id) }
    }
  }

  private mutating func pick(from ids: [ExchangeID]) -> ExchangeID? {
    ids.isEmpty ? nil : ids[Int.random(in: 0..<ids.count, using: &random)]
  }

  /// As the shell does it.
  private mutating func carryOut(_ action: BusCore.Order.Action, _ id: ExchangeID) {
    var settled: (seat: ExchangeSeat, state: ExchangeState)?
    if core.exchanges[id] == nil {
      commit()
      // It may not have come to the core yet.
      guard let message = journal[id], let state = journal.states[id], state.isSettled else { return }
      var seat = message.seat
      seat.restore(journal.steps[id] ?? [])
      settled = (seat, state)
    }
    let order = BusCore.Order(action: action, delivery: nil, by: "an", reason: "why", configuration: "mended")
    let (result, effects) = core.carryOut(order, of: id, settled: settled, at: wall)
    carryOut(effects)
    guard case .success(let end) = result, !end.barriers.isEmpty else { return }
    schedule(.lift(end.barriers, life: life), after: random.milliseconds(1...60))
  }
}

/// What is to happen, earliest first; what is due at one time in the order in which it was added. A binary heap, whose
/// entries are small: events are large, and are moved once only.
struct SimulatedTime<Event> {
  private struct Entry {
    let at: Timestamp
    let serial: Int

    func isBefore(_ other: Entry) -> Bool { at < other.at || at == other.at && serial < other.serial }
  }

  private var heap: [Entry] = []
  private var events: [Int: Event] = [:]
  private var serial = 0

  mutating func add(_ event: Event, at time: Timestamp) {
    serial += 1
    events[serial] = event
    heap.append(Entry(at: time, serial: serial))
    var child = heap.count - 1
    while child > 0, heap[child].isBefore(heap[(child - 1) / 2]) {
      heap.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  mutating func next() -> (at: Timestamp, event: Event)? {
    guard let first = heap.first, let event = events.removeValue(forKey: first.serial) else { return nil }
    heap.swapAt(0, heap.count - 1)
    heap.removeLast()
    var parent = 0
    while true {
      var least = parent
      if 2 * parent + 1 < heap.count, heap[2 * parent + 1].isBefore(heap[least]) { least = 2 * parent + 1 }
      if 2 * parent + 2 < heap.count, heap[2 * parent + 2].isBefore(heap[least]) { least = 2 * parent + 2 }
      guard least != parent else { return (first.at, event) }
      heap.swapAt(parent, least)
      parent = least
    }
  }
}
