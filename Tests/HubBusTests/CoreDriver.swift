import HubKit

@testable import HubBus

/// Drives a core by hand, in virtual time, and keeps what it decided.
struct CoreDriver {
  var core: BusCore
  var now = Timestamp(seconds: 1_700_000_000)
  /// Attempts that were started and not answered yet.
  var underway: [DeliveryRef] = []
  /// Every attempt that was ever started, with its number.
  var attempts: [(ref: DeliveryRef, number: Int, at: Timestamp)] = []
  /// Attempts that waited for the disk.
  var synced: [DeliveryRef] = []
  var plans: [ExchangeID] = []
  var records: [BusCore.Record] = []
  var outcomes: [ExchangeID: Outcome] = [:]
  var settledTwice: [ExchangeID] = []
  /// Attempts that nobody waits for any more.
  var cancelled: [DeliveryRef] = []
  /// Questions whose answer was there before they settled.
  var answered: [ExchangeID: Outcome] = [:]
  /// What waits on the disk, as a journal would hold it.
  var shelf = MemoryShelf()
  /// Pages that were asked for and not brought yet.
  var readings: [(endpoint: String, reading: Shelf.Reading)] = []
  /// Lanes of which the disk was asked and has not answered.
  var locating: [(id: ExchangeID, lanes: [BusCore.VersionedLane])] = []
  /// Wake-ups that were asked for and have not come.
  var wakes: [Timestamp] = []
  /// Exchanges that the core has let go of.
  var asleep: Set<ExchangeID> = []
  /// Exchanges as the journal has them without their steps.
  var seats: [ExchangeID: ExchangeSeat] = [:]
  private var sequence: Int64 = 0

  init(_ policies: [String: EndpointPolicy] = ["a": EndpointPolicy()]) {
    core = BusCore(endpoints: policies)
  }

  mutating func handle(_ input: BusCore.Input) {
    switch input {
    case .received(let seat), .restored(let seat, _, _, _): seats[seat.id] = seat
    default: break
    }
    take(core.handle(input, at: now))
  }

  mutating func take(_ effects: [BusCore.Effect]) {
    for effect in effects {
      switch effect {
      case .plan(let id): plans.append(id)
      case .attempt(let ref, _, let number, let afterSync):
        if afterSync { synced.append(ref) }
        underway.append(ref)
        attempts.append((ref, number, now))
      case .record(let record):
        records.append(record)
        shelf.take(record)
      case .asleep(let id): asleep.insert(id)
      case .read(let endpoint, let reading): readings.append((endpoint, reading))
      case .locate(let id, let lanes): locating.append((id, lanes))
      case .settled(let id, let outcome):
        if outcomes.updateValue(outcome, forKey: id) != nil { settledTwice.append(id) }
      case .cancel(let ref): cancelled.append(ref)
      case .answered(let id, let outcome): answered[id] = outcome
      case .wake(let time): wakes.append(time)
      }
    }
  }

  /// Receives a message and leaves it without a plan.
  mutating func receive(
    expiry: Duration? = nil, principal: String = "agency", key: String? = nil
  ) -> ExchangeID {
    sequence += 1
    return receive(sequence: sequence, expiry: expiry, principal: principal, key: key)
  }

  mutating func receive(
    sequence: Int64, expiry: Duration? = nil, principal: String = "agency", key: String? = nil
  ) -> ExchangeID {
    let seat = seat(sequence, expiry: expiry, principal: principal, key: key)
    handle(.received(seat))
    return seat.id
  }

  mutating func nextSequence(after last: Int64) { sequence = last }

  func seat(
    _ sequence: Int64, expiry: Duration? = nil, principal: String = "agency", key: String? = nil,
    deadline: Duration? = nil, parent: ExchangeID? = nil, asks: Bool = false, byteCount: Int = 0
  ) -> ExchangeSeat {
    ExchangeSeat(
      id: ExchangeID(time: now, random: (0, UInt64(sequence))), sequence: sequence, receivedAt: now,
      expiry: expiry.map { now + $0 }, principal: principal, orderingKey: key, deadline: deadline.map { now + $0 },
      parent: parent, asks: asks, byteCount: byteCount)
  }

  mutating func plan(_ id: ExchangeID, to endpoints: [String], key: String? = nil) {
    plan(id, endpoints.map { PlannedDelivery(endpoint: $0, receiver: nil, orderingKey: key) })
  }

  mutating func plan(_ id: ExchangeID, _ deliveries: [PlannedDelivery], keys: [BusinessKey] = []) {
    handle(.planned(id, .routed(BusCore.Routed(route: "r", deliveries: deliveries, keys: keys, microseconds: 1))))
  }

  /// Receives and plans.
  mutating func send(
    to endpoints: [String] = ["a"], key: String? = nil, expiry: Duration? = nil, principal: String = "agency"
  ) -> ExchangeID {
    let id = receive(expiry: expiry, principal: principal, key: key)
    plan(id, to: endpoints, key: key)
    return id
  }

  mutating func succeed(_ ref: DeliveryRef) {
    answer(ref, .success(Reply(code: "200")))
  }

  mutating func fail(_ ref: DeliveryRef, _ verdict: AdapterError.Verdict, code: String = "broken") {
    answer(ref, .failure(AdapterError(verdict, code: code, reason: "It said \(code).")))
  }

  mutating func answer(_ ref: DeliveryRef, _ result: Result<Reply, AdapterError>) {
    underway.removeAll { $0 == ref }
    handle(.attempted(ref, BusCore.Attempt(result: result, microseconds: 5, sent: "d", jitter: 0)))
  }

  /// Sets the clock; wake-ups come after the same length of time as before.
  mutating func setClock(by jump: Duration) {
    now = now + jump
    wakes = wakes.map { $0 + jump }
    take(core.clockWasSet(by: jump, at: now))
  }

  /// Lets time pass; wake-ups that fall into it come on time.
  mutating func pass(_ duration: Duration) {
    let end = now + duration
    while let next = wakes.min(), next <= end {
      wakes.remove(at: wakes.firstIndex(of: next) ?? 0)
      now = max(now, next)
      handle(.tick)
    }
    now = end
  }

  /// Brings the pages that were asked for, as the journal would.
  mutating func bringPages() {
    while let (endpoint, reading) = readings.first {
      readings.removeFirst()
      let ids = shelf.page(endpoint, reading)
      handle(.shelved(ids.compactMap(shelved), endpoint: endpoint, reading, isLast: ids.count < reading.limit))
    }
  }

  /// Answers what the disk was asked.
  mutating func bringHomes() {
    while let (id, lanes) = locating.first {
      locating.removeFirst()
      handle(.located(id, shelf.homes(of: lanes)))
    }
  }

  func shelved(_ id: ExchangeID) -> BusCore.Shelved? {
    seats[id].map { BusCore.Shelved(seat: $0, entries: steps(id)) }
  }

  func state(_ ref: DeliveryRef) -> DeliveryState? {
    core.exchanges[ref.exchange]?.deliveries[ref.number - 1].state
  }

  /// The steps of an exchange, as the journal would hold them.
  func steps(_ id: ExchangeID) -> [TimelineEntry] {
    records.filter { $0.exchange == id }.flatMap(\.entries)
  }

  func names(_ id: ExchangeID) -> [TimelineEntry.Name] { steps(id).map(\.name) }
}

extension ExchangeID {
  /// Names one of its deliveries.
  func delivery(_ number: Int = 1) -> DeliveryRef { DeliveryRef(exchange: self, number: number) }
}

extension EndpointPolicy {
  /// A wait of one second, doubled each time, at most a minute.
  static func patient(concurrency: Int = 8, attemptsMax: Int = 5, onDoubt: InDoubt = .retry) -> EndpointPolicy {
    EndpointPolicy(
      concurrency: concurrency, attemptsMax: attemptsMax, backoffFirst: .seconds(1), backoffFactor: 2,
      backoffMax: .seconds(60), onDoubt: onDoubt)
  }
}

extension BusCore {
  /// Whether nothing of any exchange is left in memory, save lanes that a parked delivery bars.
  var isEmpty: Bool {
    exchanges.isEmpty && asleepCount == 0 && openByPrincipal.isEmpty && gates.isEmpty && plansHeldBack.isEmpty
      && endpoints.values.allSatisfy { seat in
        seat.underway == 0 && seat.waitingCount == 0 && seat.lanes.values.allSatisfy { $0.queue.isEmpty }
      }
  }
}
