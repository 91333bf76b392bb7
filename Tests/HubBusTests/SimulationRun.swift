import HubKit

@testable import HubBus

/// One run in virtual time: messages arrive, far sides have bad days, the hub is killed and starts again.
struct SimulationRun {
  private enum Event {
    /// A message is at the door.
    case arrive(Int)
    /// The core is told of a message that the journal has.
    case received(SimulatedMessage, life: Int)
    case planned(SimulatedMessage, life: Int)
    case answer(DeliveryRef, Result<Reply, AdapterError>, takes: Bool, life: Int)
    case wake(Timestamp, life: Int)
    case read(String, Shelf.Reading, life: Int)
    case sweep(life: Int)
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
  private var events: [(at: Timestamp, serial: Int, event: Event)] = []
  private var serial = 0
  private var now: Timestamp
  /// Counts starts: what an earlier life began does not reach a later one.
  private var life = 0
  private var isUp = false
  /// The endpoints of the configuration in force, which outlives the hub.
  private var configured: Set<String>
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
    for index in script.messages.indices { schedule(.arrive(index), at: script.messages[index].arrival) }
    for stop in script.stops { schedule(.stop(drains: stop.drains), at: stop.at) }
    for adoption in script.adoptions { schedule(.adopt(adoption.endpoints), at: adoption.at) }
    for order in script.orders { schedule(.order(order.order), at: order.at) }
    var steps = 0
    while let next = events.indices.min(by: { (events[$0].at, events[$0].serial) < (events[$1].at, events[$1].serial) })
    {
      let (at, _, event) = events[next]
      events.swapAt(next, events.count - 1)
      events.removeLast()
      now = max(now, at)
      happen(event)
      steps += 1
      guard steps < 100_000 else { return check.complain("it does not come to rest") }
    }
  }

  private mutating func schedule(_ event: Event, after wait: Duration) { schedule(event, at: now + wait) }

  private mutating func schedule(_ event: Event, at time: Timestamp) {
    serial += 1
    events.append((time, serial, event))
  }

  private mutating func happen(_ event: Event) {
    switch event {
    case .arrive(let index): arrive(script.messages[index], index)
    case .received(let message, life): feed(.received(message.seat))
    case .planned(let message, life):
      let isMended = core.exchanges[message.id]?.configuration != nil
      feed(.planned(message.id, isMended ? message.mended ?? message.plan : message.plan))
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
    case .sweep(life): sweep()
    case .commit: journal.commit()
    case .order(let order): carryOut(order)
    case .lift(let barriers, life):
      journal.commit()
      take(core.lift(barriers, at: now))
    case .stop(let drains): stop(drains: drains)
    case .start: start()
    case .adopt(let endpoints):
      configured = endpoints
      if isUp { feed(.adopt(policies)) }
    case .received, .planned, .wake, .read, .sweep, .lift: break
    }
  }

  private mutating func arrive(_ message: SimulatedMessage, _ index: Int) {
    guard isUp else { return schedule(.arrive(index), after: .milliseconds(100)) }
    let message = journal.accept(message)
    check.accepted(message)
    schedule(.received(message, life: life), after: random.chance(0.3) ? .milliseconds(1) : .zero)
  }

  private mutating func take(_ ref: DeliveryRef, isEcho: Bool) {
    guard let name = check.endpoint(of: ref) else { return }
    farSides[name]?.take(ref)
    check.arrived(ref, isEcho: isEcho)
  }

  private mutating func feed(_ input: BusCore.Input) { take(core.handle(input, at: now)) }

  private mutating func take(_ effects: [BusCore.Effect]) {
    for effect in effects {
      switch effect {
      case .plan(let id):
        guard let message = journal.message(id) else { return check.complain("\(id) was never accepted") }
        schedule(.planned(message, life: life), after: random.milliseconds(2...200))
      case .attempt(let ref, let endpoint, let number, let afterSync):
        if afterSync { journal.commit() }
        attempt(ref, at: endpoint, number)
      case .record(let record):
        check.recorded(record)
        journal.append(record)
        schedule(.commit, after: random.milliseconds(1...50))
      case .asleep(let id): check.fellAsleep(id)
      case .read(let endpoint, let reading):
        schedule(.read(endpoint, reading, life: life), after: random.milliseconds(1...300))
      case .settled(let id, let outcome): check.settled(id, outcome)
      case .cancel, .answered: break
      case .wake(let time):
        check.asked(time)
        schedule(.wake(time, life: life), at: time)
      }
    }
    check.alive(core)
  }

  /// A page is read after all that was handed in before has been committed.
  private mutating func read(_ endpoint: String, _ reading: Shelf.Reading) {
    journal.commit()
    let ids = journal.shelf.page(endpoint, reading)
    feed(
      .shelved(
        ids.compactMap(journal.shelved), endpoint: endpoint, reading, isLast: ids.count < reading.limit))
  }

  private mutating func sweep() {
    journal.commit()
    let ids = journal.shelf.expired(by: now)
    if !ids.isEmpty { feed(.overdue(ids.compactMap(journal.shelved))) }
    if now < script.start + .seconds(600) { schedule(.sweep(life: life), after: .seconds(5)) }
  }

  private mutating func attempt(_ ref: DeliveryRef, at endpoint: String, _ number: Int) {
    check.attempted(ref, at: endpoint, number, now)
    if !configured.contains(endpoint) { check.complain("\(ref.id) was sent to \(endpoint), which is gone") }
    guard let far = farSides[endpoint] else { return check.complain("there is no endpoint \(endpoint)") }
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
      journal.commit()
    }
    journal.crash()
    check.died(journal)
    life += 1
    schedule(.start, after: random.milliseconds(10...2000))
  }

  private var policies: [String: EndpointPolicy] {
    script.farSides.mapValues(\.policy).filter { configured.contains($0.key) }
  }

  private mutating func start() {
    core = BusCore(endpoints: policies)
    isUp = true
    for (name, stop) in journal.stops.sorted(by: { $0.key < $1.key }) {
      take(core.setStop(stop, of: name, at: now) ?? [])
    }
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
      if case .stop = order { stop = EndpointStop(since: now, by: "an", reason: "works") }
      journal.stops[name] = stop
      check.stopped = Set(journal.stops.keys)
      take(core.setStop(stop, of: name, at: now) ?? [])
    case .dead(let action):
      journal.commit()
      pick(from: journal.accepted.map(\.id).filter(journal.deadLetters.contains)).map { carryOut(action, $0) }
    case .any(let action): pick(from: journal.accepted.map(\.id)).map { carryOut(action, $0) }
    case .putAllBack:
      journal.commit()
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
      journal.commit()
      // It may not have come to the core yet.
      guard let message = journal.message(id), let state = journal.states[id], state.isSettled else { return }
      var seat = message.seat
      seat.restore(journal.steps[id] ?? [])
      settled = (seat, state)
    }
    let order = BusCore.Order(action: action, delivery: nil, by: "an", reason: "why", configuration: "mended")
    let (result, effects) = core.carryOut(order, of: id, settled: settled, at: now)
    take(effects)
    guard case .success(let end) = result, !end.barriers.isEmpty else { return }
    schedule(.lift(end.barriers, life: life), after: random.milliseconds(1...60))
  }
}
