internal import HubKit

/// The bus's decisions, apart from their effects: what happened and the time go in, what to do comes out.
///
/// It holds no task, no clock, no random number and no I/O, so a test can drive it through ten thousand crashes in
/// virtual time. The shell (``Bus``) calls it under one lock and carries the effects out.
struct BusCore {
  /// What happened.
  enum Input {
    /// The journal has it.
    case received(ExchangeSeat)
    /// The journal had it before the hub stopped; `entries` are its steps so far. One that is settled, or sleeps on
    /// the disk, bars the lanes in which it was parked or refused, and nothing else; exchanges come in the order of
    /// their sequence. `ended` says how those of its children ended that are settled.
    case restored(
      ExchangeSeat, entries: [TimelineEntry], ended: [ExchangeID: ExchangeState] = [:], isAsleep: Bool = false)
    /// Route and mapping came to an end.
    case planned(ExchangeID, Plan)
    /// How many deliveries wait on the disk for each endpoint when the hub starts, and whose exchanges they are.
    case stock([String: Int], [String: OpenLoad])
    /// All that the journal held in the open is restored.
    case restoredAll
    /// A page of what waits on the disk, as a ``Effect/read(_:_:)`` asked for; `isLast`: nothing is behind it.
    case shelved([Shelved], endpoint: String, Shelf.Reading, isLast: Bool)
    /// Exchanges that sleep on the disk and whose expiry has come.
    case overdue([Shelved])
    /// Where lanes have something on the disk, as a ``Effect/locate(_:_:)`` asked for.
    case located(ExchangeID, [VersionedLane: Home])
    /// An attempt came to an end.
    case attempted(DeliveryRef, Attempt)
    /// Whoever asked has gone.
    case left(ExchangeID)
    /// The time that a `wake` asked for has come. Each `wake` brings one, even when the clock was set meanwhile.
    case tick
    /// Another configuration is in force from now on, with these endpoints.
    case adopt([String: EndpointPolicy])
    /// No new attempts: the hub is stopping.
    case drain
  }

  /// What route and mapping made of a message.
  enum Plan {
    case routed(Routed)
    /// The route asks first, and is planned again with the answers.
    case calls(route: String, calls: [PlannedDelivery], keys: [BusinessKey] = [], microseconds: Int64)
    case invalid(route: String, violations: [Violation], microseconds: Int64)
    case unroutable(reason: String)
  }

  /// A message ready to be delivered.
  struct Routed {
    var route: String
    var deliveries: [PlannedDelivery]
    /// Keys that the route read from the content.
    var keys: [BusinessKey] = []
    var notes: [Violation] = []
    var microseconds: Int64
    /// Exchanges that the message was split into.
    var children: [ExchangeID] = []
    /// Whether the journal has the plan already: it does when it was written together with the children.
    var isWritten = false
  }

  /// How an attempt ended.
  struct Attempt {
    var result: Result<Reply, AdapterError>
    var microseconds: Int64
    var sent: String?
    /// 0 to 1, drawn by the shell.
    var jitter: Double

    /// Whether it was not made because the disk took nothing.
    var wasNotAnnounced: Bool {
      if case .failure(let error) = result { error.code == Self.notAnnounced } else { false }
    }
    static let notAnnounced = "not-announced"

    /// Whether the far system may have it although the attempt failed.
    var isInDoubt: Bool {
      guard case .failure(let error) = result else { return false }
      return error.verdict == .inDoubt || error.verdict == .cancelled
    }
  }

  /// Steps to write down.
  struct Record {
    var exchange: ExchangeID
    var entries: [TimelineEntry]
    var state: ExchangeState
    /// Keys that the route read from the content.
    var keys: [BusinessKey]
    /// The route that took the message, if one did.
    var route: String?
    /// The routes that the exchange keeps to.
    var book: RouteBook?
    /// Whether a person still has to look at it: refused, parked, or never fit to be delivered.
    var hasDeadLetters: Bool
    /// Deliveries that go on the shelf. Then there may be no steps.
    var shelved: [ShelfPlace]
    /// Whether it has settled and is taken off the shelf.
    var leavesShelf: Bool
    /// What it tells of redelivery jobs, in order.
    var redelivered: [Redelivered] = []
  }

  /// What to do.
  enum Effect {
    /// Route and map this exchange.
    case plan(ExchangeID)
    /// Try this delivery; where `afterSync` is true, only once the records before it are on the disk.
    case attempt(DeliveryRef, endpoint: String, number: Int, afterSync: Bool)
    /// Write these steps down with the next commit.
    case record(Record)
    /// The exchange is in the journal only, until a page of a shelf brings it back.
    case asleep(ExchangeID)
    /// Read a page of what waits on the disk for an endpoint, in the order of sequence.
    case read(String, Shelf.Reading)
    /// Look up at which version of an endpoint the newest message of each lane lies on the disk.
    case locate(ExchangeID, [VersionedLane])
    /// The answer is there, though copies may still be on their way.
    case answered(ExchangeID, Outcome)
    /// Nobody waits for this attempt any more: stop it.
    case cancel(DeliveryRef)
    /// It is over.
    case settled(ExchangeID, Outcome)
    /// Call `tick` at that time.
    case wake(Timestamp)
  }

  // Only the core's own files change these.
  var exchanges: [ExchangeID: ExchangeSeat] = [:]
  var endpoints: [String: EndpointSeat]
  /// What each principal has under way, in memory or asleep.
  var openByPrincipal: [String: OpenLoad] = [:]
  /// Endpoints for which something waits on the disk, until all else is restored.
  var stock: [String]?
  /// Exchanges of which nothing is in memory.
  var asleepCount = 0
  /// Bytes in the bodies of all that is not settled.
  var openBytes = 0
  /// For each ordering key, the exchanges whose plans are not applied yet, by sequence.
  var gates: [String: Row<Gated>] = [:]
  /// Plans that wait for that of an earlier exchange. The plan of a restored exchange was applied before the restart
  /// and is nil: its deliveries wait all the same, or they would overtake.
  var plansHeldBack: [ExchangeID: Plan?] = [:]
  /// Whether any endpoint has two versions.
  var hasVersions = false
  /// What the disk says, or is being asked, of the lanes of plans that are first at their gates.
  var homes: [ExchangeID: Homes] = [:]
  var timers = TimerQueue()
  /// Attempts that go on although their exchange is over, until they end: they still hold their lane.
  var orphans: [DeliveryRef: (endpoint: String, lane: EndpointSeat.LaneName)] = [:]
  /// Deliveries that an agency has fetched and not acknowledged.
  var leases: [DeliveryRef: Lease] = [:]
  /// Exchanges whose content was removed since the start: what is read of them from a shelf is out of date.
  var purged: Set<ExchangeID> = []
  /// Exchanges that were settled before their expiry came, whose timers are still in `timers`.
  var staleTimers = 0
  /// Endpoints at which something changed, so that an attempt may start.
  private var touched: [String] = []
  var isDraining = false
  /// Exchanges whose plan waited for one that ended without a plan.
  var gatesToOpen: [ExchangeID] = []

  struct Gated {
    let sequence: Int64
    let id: ExchangeID
  }

  init(endpoints: [String: EndpointPolicy]) {
    self.endpoints = endpoints.mapValues(EndpointSeat.init)
    noteVersions()
  }

  /// Takes in what happened and says what to do, in order.
  mutating func handle(_ input: Input, at now: Timestamp) -> [Effect] {
    var effects: [Effect] = []
    switch input {
    case .received(let seat): receive(seat, &effects)
    case .restored(let seat, let entries, let ended, let isAsleep):
      restore(seat, entries, ended, isAsleep, now, &effects)
    case .stock(let counts, let loads): takeStock(counts, loads)
    case .restoredAll: readStock(&effects)
    case .shelved(let page, let name, let reading, let isLast):
      take(page, of: name, reading, isLast: isLast, now, &effects)
    case .overdue(let sleeping): for shelved in sleeping { wake(shelved, now, &effects) }
    case .located(let id, let found): take(found, of: id, now, &effects)
    case .planned(let id, let plan): takePlan(id, plan, now, &effects)
    case .attempted(let ref, let attempt): endAttempt(ref, attempt, now, &effects)
    case .left(let id): endQuestion(id, "Whoever asked has gone.", now, &effects)
    case .tick: wakeUp(now, &effects)
    case .adopt(let policies): adopt(policies)
    case .drain: isDraining = true
    }
    finish(now, &effects)
    return effects
  }

  /// What every change ends with: attempts that may start now, and the next wake-up.
  mutating func finish(_ now: Timestamp, _ effects: inout [Effect]) {
    while let id = gatesToOpen.popLast() {
      if let seat = exchanges[id], let plan = plansHeldBack[id] { pass(seat, plan, now, &effects) }
    }
    while let name = touched.popLast() { pump(name, now, &effects) }
    if let next = timers.newEarliest() { effects.append(.wake(next)) }
  }
}

// MARK: - Receipt and plan

extension BusCore {
  private mutating func receive(_ seat: ExchangeSeat, _ effects: inout [Effect]) {
    guard exchanges[seat.id] == nil else { return }
    admit(seat)
    effects.append(.plan(seat.id))
  }

  private mutating func restore(
    _ seat: ExchangeSeat, _ entries: [TimelineEntry], _ ended: [ExchangeID: ExchangeState], _ isAsleep: Bool,
    _ now: Timestamp, _ effects: inout [Effect]
  ) {
    guard exchanges[seat.id] == nil else { return }
    var seat = seat
    let isElsewhere = seat.restore(entries, ended: ended) || isAsleep
    if !isElsewhere { parkWhatIsInDoubt(&seat, now) }
    for number in 1..<seat.deliveries.count + 1 { barLane(of: DeliveryRef(exchange: seat.id, number: number), seat) }
    guard !isElsewhere else { return }
    admit(seat)
    if seat.isQuestion {
      for (index, delivery) in seat.deliveries.enumerated() where !delivery.state.isEnd {
        let fault = Fault(.hub, .abandoned, code: "restart")
        end(
          DeliveryRef(exchange: seat.id, number: index + 1), .abandoned, code: "restart",
          "The hub stopped while it was under way: it may have been sent.", fault: fault, now)
      }
      if seat.deliveries.isEmpty {
        exchanges[seat.id]?.failureFault = Fault(.hub, .abandoned, code: "restart")
      }
      endQuestion(seat.id, "The hub stopped while it was under way: it may have been sent.", now, &effects)
    } else if seat.isPlanned {
      pass(seat, nil, now, &effects)
    } else if seat.deliveries.isEmpty {
      effects.append(.plan(seat.id))
    } else {
      exchanges[seat.id]?.isPlanning = false
      openDeliveries(of: seat.id, now, &effects)
    }
  }

  /// What was parked or refused, and keeps an order, bars its lane.
  mutating func barLane(of ref: DeliveryRef, _ seat: ExchangeSeat) {
    let delivery = seat.deliveries[ref.number - 1]
    guard !seat.isQuestion, delivery.isDeadLetter else { return }
    bar(ref, delivery, sequence: seat.sequence)
  }

  /// What was being sent when the hub stopped waits for a person, where the endpoint's policy says so.
  @discardableResult
  func parkWhatIsInDoubt(_ seat: inout ExchangeSeat, _ now: Timestamp) -> [DeliveryRef] {
    var parked: [DeliveryRef] = []
    for (index, delivery) in seat.deliveries.enumerated()
    where delivery.isInDoubt && endpoints[delivery.planned.endpoint]?.policy.onDoubt == .park {
      var entry = TimelineEntry(.parked, at: now, delivery: index + 1)
      entry.code = "in-doubt"
      entry.detail = "The hub stopped while it was being sent: it may have arrived."
      seat.unwritten.append(entry)
      seat.deliveries[index].state = .parked
      seat.deliveries[index].reason = entry.detail
      parked.append(DeliveryRef(exchange: seat.id, number: index + 1))
    }
    return parked
  }

  /// Takes an exchange in; one that gets a plan takes its turn at the gate of its key.
  mutating func admit(_ seat: ExchangeSeat, atGate isGated: Bool = true) {
    exchanges[seat.id] = seat
    openByPrincipal[seat.principal, default: OpenLoad()] += OpenLoad(count: 1, bytes: seat.byteCount)
    openBytes += seat.byteCount
    if let deadline = seat.deadline { timers.add(deadline, .expiry(seat.id)) }
    guard isGated, let key = seat.orderingKey else { return }
    gates[key, default: Row()].insert(Gated(sequence: seat.sequence, id: seat.id)) { $0.sequence <= seat.sequence }
  }

  private mutating func takePlan(_ id: ExchangeID, _ plan: Plan, _ now: Timestamp, _ effects: inout [Effect]) {
    guard let seat = exchanges[id], seat.isPlanning, !seat.isPlanned else { return }
    // Parts may end before the plan has passed the gate.
    if case .routed(let routed) = plan { exchanges[id]?.openChildren = Set(routed.children) }
    guard let seat = exchanges[id] else { return }
    // Questions on the way wait for nobody: only what they lead to has an order.
    if case .calls = plan { apply(plan, to: id, now, &effects) } else { pass(seat, plan, now, &effects) }
  }

  /// Applies a plan, unless one for the same ordering key that was received earlier is still being made.
  mutating func pass(_ seat: ExchangeSeat, _ plan: Plan?, _ now: Timestamp, _ effects: inout [Effect]) {
    guard let key = seat.orderingKey else { return apply(plan, to: seat.id, now, &effects) }
    plansHeldBack[seat.id] = .some(plan)
    passThrough(key, now, &effects)
  }

  /// Applies the plans of an ordering key whose turn it is.
  mutating func passThrough(_ key: String, _ now: Timestamp, _ effects: inout [Effect]) {
    while let first = gates[key]?.first?.id {
      if hasVersions, mustLocate(first, &effects) { return }
      guard let ready = plansHeldBack.removeValue(forKey: first) else { break }
      _ = gates[key]?.popFirst()
      apply(ready, to: first, now, &effects)
    }
    if gates[key]?.isEmpty == true { gates[key] = nil }
  }

  /// An exchange that gets no plan lets those behind it go on.
  mutating func openGate(of seat: ExchangeSeat) {
    guard let key = seat.orderingKey, let first = gates[key]?.first?.id else { return }
    _ = gates[key]?.removeFirst { $0.id == seat.id }
    if gates[key]?.isEmpty == true { gates[key] = nil }
    guard first == seat.id, let next = gates[key]?.first?.id, plansHeldBack[next] != nil else { return }
    gatesToOpen.append(next)
  }

  private mutating func apply(_ plan: Plan?, to id: ExchangeID, _ now: Timestamp, _ effects: inout [Effect]) {
    if var plan {
      if hasVersions { choose(&plan, for: id) }
      let steps = entries(of: plan, at: now)
      exchanges[id]?.unwritten += steps
      exchanges[id]?.take(plan)
    }
    openDeliveries(of: id, now, &effects)
  }

  private func entries(of plan: Plan, at now: Timestamp) -> [TimelineEntry] {
    var entry: TimelineEntry
    switch plan {
    case .routed(let routed): return routed.isWritten ? [] : routed.entries(at: now)
    case .calls(let route, let calls, _, let microseconds):
      entry = TimelineEntry(.calling, at: now)
      entry.route = route
      entry.deliveries = calls
      entry.microseconds = microseconds
    case .invalid(let route, let violations, let microseconds):
      entry = TimelineEntry(.invalid, at: now)
      entry.route = route
      entry.violations = violations
      entry.microseconds = microseconds
      entry.detail = violations.first?.description
    case .unroutable(let reason):
      entry = TimelineEntry(.unroutable, at: now)
      entry.detail = reason
    }
    return [entry]
  }

  /// Puts the deliveries that have not ended into their lanes. The plan itself is written with the first attempt.
  mutating func openDeliveries(of id: ExchangeID, _ now: Timestamp, _ effects: inout [Effect]) {
    guard let seat = exchanges[id] else { return }
    for (index, delivery) in seat.deliveries.enumerated() where !delivery.state.isEnd {
      let ref = DeliveryRef(exchange: id, number: index + 1)
      takeOffShelf(ref)
      open(ref, delivery, seat, now)
    }
    if let expiry = seat.expiry {
      if expiry <= now { return expire(id, now, &effects) }
      if !seat.isQuestion, seat.isPlanned { timers.add(expiry, .expiry(id)) }
    }
    // Nobody will attempt what lies in an inbox: its plan is written now.
    let isFetched = seat.deliveries.contains { endpoints[$0.planned.endpoint]?.policy.inbox != nil }
    let isChosen = hasVersions && !seat.isQuestion && seat.deliveries.contains { isVersioned($0.planned.endpoint) }
    let isWritten = exchanges[id].map { $0.deliveries.contains(where: \.state.isEnd) || $0.isOnShelf }
    if seat.deliveries.isEmpty || isFetched || isChosen || isWritten == true {
      writeDown(id, now, &effects)
    }
  }

  /// Puts one delivery into its lane, unless there is a reason why it cannot be made.
  mutating func open(_ ref: DeliveryRef, _ delivery: DeliverySeat, _ seat: ExchangeSeat, _ now: Timestamp) {
    let name = delivery.planned.endpoint
    guard let endpoint = endpoints[name], !endpoint.isGone else { return parkForWantOfEndpoint(ref, delivery, now) }
    if seat.isQuestion || delivery.waitsForNobody, let away = endpoint.away(name, at: now) {
      // Whoever waits learns at once that the far system is away.
      end(ref, .expired, code: away.fault.code, away.reason, fault: away.fault, now)
      return replace(ref, now)
    }
    if seat.isFromEarlierEpoch, endpoint.policy.onDoubt == .park {
      var inDoubt = delivery
      inDoubt.isInDoubt = true
      return park(
        ref, inDoubt, code: "in-doubt",
        "The journal was restored from a backup that was taken before this was sent: it may have arrived since.", now)
    }
    if let reason = inboxRefusal(delivery, seat, endpoint) {
      return park(ref, delivery, code: "inbox-full", reason, now)
    }
    if !mustWait(ref, delivery, seat) { enqueue(ref, delivery, sequence: seat.sequence, now) }
  }

  /// Parks a delivery that was never tried: it goes to the one that stands in, or bars its lane.
  mutating func park(
    _ ref: DeliveryRef, _ delivery: DeliverySeat, code: String, _ reason: String, _ now: Timestamp
  ) {
    end(ref, .parked, code: code, reason, now)
    // What is in doubt stays where it is: whoever stands in could do it twice.
    if delivery.planned.fallback != nil, !delivery.isInDoubt { return replace(ref, now) }
    bar(ref, delivery, sequence: exchanges[ref.exchange]?.sequence ?? 0)
  }

  /// Bars the lane of a delivery that waits for a person, at its place. Without a key there is no order to keep. Where
  /// no configuration names the endpoint the lane is barred too: one to come may.
  mutating func bar(_ ref: DeliveryRef, _ delivery: DeliverySeat, sequence: Int64) {
    guard delivery.planned.orderingKey != nil, delivery.planned.fallback == nil else { return }
    let lane = EndpointSeat.LaneName(ref, delivery.planned)
    let behind = endpointSeat(delivery.planned.endpoint).hold(lane, by: ref, sequence: sequence)
    for follower in behind { markHeld(follower) }
  }

  /// What is remembered of an endpoint; one that no configuration names is remembered as gone.
  mutating func endpointSeat(_ name: String) -> EndpointSeat {
    if let seat = endpoints[name] { return seat }
    let seat = EndpointSeat.gone
    endpoints[name] = seat
    noteVersions()
    return seat
  }

  private mutating func enqueue(_ ref: DeliveryRef, _ delivery: DeliverySeat, sequence: Int64, _ now: Timestamp) {
    let name = delivery.planned.endpoint
    let lane = EndpointSeat.LaneName(ref, delivery.planned)
    let longest = delivery.wait.map { now + $0 }
    let rest = delivery.notBefore.flatMap { $0 > now ? min($0, longest ?? $0) : nil }
    exchanges[ref.exchange]?.deliveries[ref.number - 1].notBefore = rest
    let place = EndpointSeat.Place(
      sequence: sequence, ref: ref, receiver: delivery.planned.receiver,
      byteCount: exchanges[ref.exchange]?.byteCount ?? 0)
    switch endpoints[name]?.enqueue(place, lane: lane, rest: rest) {
    case .ready: touch(name)
    case .held: markHeld(ref)
    case .resting(let until) where until == rest: timers.add(until, .lane(lane, endpoint: name))
    default: break
    }
    // By a person's order, and perhaps by other rules than at first.
    if exchanges[ref.exchange]?.configuration != nil { endpoints[name]?.markFreed(lane) }
  }

  mutating func markHeld(_ ref: DeliveryRef) {
    exchanges[ref.exchange]?.deliveries[ref.number - 1].state = .held
  }

  mutating func touch(_ name: String) {
    if touched.last != name { touched.append(name) }
  }
}

extension BusCore.Routed {
  /// The steps that the journal keeps of it.
  func entries(at now: Timestamp) -> [TimelineEntry] {
    var entry = TimelineEntry(.routed, at: now)
    entry.route = route
    entry.deliveries = deliveries
    entry.violations = notes.isEmpty ? nil : notes
    entry.microseconds = microseconds
    guard !children.isEmpty else { return [entry] }
    var split = TimelineEntry(.split, at: now)
    split.children = children
    return [entry, split]
  }
}
