internal import HubKit

/// What the core remembers of an exchange that is not settled: ids and states, never bodies.
struct ExchangeSeat {
  let id: ExchangeID
  /// Position in the journal: fixed at receipt, it orders the lanes.
  let sequence: Int64
  let receivedAt: Timestamp
  var expiry: Timestamp?
  /// Whose count it is against the limits.
  let principal: String
  /// Plans of exchanges with the same key are applied in order of receipt.
  let orderingKey: String?
  /// CloudEvents `type`: whoever fetches from an inbox may ask for one kind.
  let type: String
  /// What the message is about: by it an endpoint's version is chosen when the message keeps no order.
  let subject: String?
  /// Until when whoever asked waits for the answer; nil: nobody waits, and it is delivered however long it takes.
  var deadline: Timestamp?
  /// The exchange that it was split from.
  let parent: ExchangeID?
  /// Whether it asks a service: who looked at whom is on the disk before anybody is asked.
  let asks: Bool
  /// Length of the message, against the limits of inboxes.
  let byteCount: Int
  /// The routes that were in force at its receipt; it keeps to them to its end.
  let book: RouteBook?
  /// Whether the journal was restored from a copy that was taken after it was received: what became of it between the
  /// copy and the end of the old hub is not known.
  var isFromEarlierEpoch = false
  var deliveries: [DeliverySeat] = []
  var isPlanned = false
  /// Whether a plan is being made.
  var isPlanning = true
  /// The route that took it.
  var route: String?
  /// Why there is nothing to deliver: the message is invalid, or nobody wants it.
  var failure: String?
  /// The same for machines.
  var failureFault: Fault?
  /// Whether the message itself was at fault: invalid, or nobody wants it.
  var isUnfit = false
  /// Whether a person has given up a message that was unfit.
  var isDropped = false
  /// The configuration by which it is planned and mapped, when it is not the one under which it was received.
  var configuration: String?
  /// The redelivery job that had it planned again.
  var job: Int64?
  /// Exchanges that were split from it and are not settled, and how the others ended.
  var openChildren: Set<ExchangeID> = []
  var childEnds: [ExchangeState] = []
  /// Steps that no record holds yet.
  var unwritten: [TimelineEntry] = []
  /// Keys read from the content that no record holds yet.
  var unwrittenKeys: [BusinessKey] = []
  /// Whether deliveries of it are on a shelf in the journal, or are put there with the next record.
  var isOnShelf = false
  /// Whether it is about a person whose name under it is not known to be on the disk: nobody is asked before it is.
  var isUnsyncedLookUp = false

  init(
    id: ExchangeID, sequence: Int64, receivedAt: Timestamp, expiry: Timestamp?, principal: String,
    orderingKey: String?, type: String = "", subject: String? = nil, deadline: Timestamp? = nil,
    parent: ExchangeID? = nil, asks: Bool = false,
    byteCount: Int = 0, book: RouteBook? = nil
  ) {
    self.id = id
    self.sequence = sequence
    self.receivedAt = receivedAt
    self.expiry = [expiry, deadline].compactMap { $0 }.min()
    self.principal = principal
    // A question stands in nobody's way, and nobody in its.
    self.orderingKey = deadline == nil ? orderingKey : nil
    self.type = type
    self.subject = subject
    self.deadline = deadline
    self.parent = parent
    self.asks = asks
    self.byteCount = byteCount
    self.book = book
  }

  /// Whether somebody waits for the answer.
  var isQuestion: Bool { deadline != nil }

  var isSettled: Bool { isPlanned && deliveries.allSatisfy(\.state.isEnd) && openChildren.isEmpty }

  /// The deliveries by whose ends the exchange is judged.
  private var counted: [DeliverySeat] { deliveries.filter { $0.planned.role == nil && !$0.isReplaced } }

  /// Number of the delivery whose reply is the answer; nil while there is none.
  var primary: Int? {
    deliveries.firstIndex { $0.planned.role == nil && !$0.isReplaced }.map { $0 + 1 }
  }

  var state: ExchangeState {
    guard isPlanned else { return deliveries.isEmpty ? .received : .underway }
    guard isSettled else { return .underway }
    guard failure == nil else { return .failed }
    let ends = counted.map { $0.state == .delivered ? ExchangeState.delivered : .failed } + childEnds
    let reached = ends.count { $0 == .delivered }
    if reached == ends.count, reached > 0 { return .delivered }
    return reached == 0 && !ends.contains(.partly) ? .failed : .partly
  }

  /// The first reason why a delivery did not reach its receiver.
  var reason: String? {
    if let failure { return failure }
    if let failed = counted.first(where: { $0.state != .delivered }) { return failed.reason }
    return childEnds.contains { $0 != .delivered } ? "A part of it did not reach its receivers." : nil
  }

  /// Who failed and how, for whoever asked.
  var fault: Fault? { failureFault ?? counted.first { $0.state != .delivered }?.fault }

  /// Whether a person still has to look at it: refused, parked, or never fit to be delivered. A question is nobody's
  /// dead letter: whoever asked was told.
  var hasDeadLetters: Bool {
    guard isPlanned, !isQuestion else { return false }
    return isUnfit && !isDropped || deliveries.contains { $0.isDeadLetter && $0.needsPerson }
  }

  private mutating func plan(_ planned: [PlannedDelivery], route: String?, failure: String? = nil) {
    isPlanned = true
    isPlanning = false
    self.route = route
    self.failure = failure
    deliveries += planned.map(DeliverySeat.init)
  }

  mutating func take(_ plan: BusCore.Plan) {
    switch plan {
    case .routed(let routed):
      self.plan(routed.deliveries, route: routed.route)
      if !routed.isWritten { unwrittenKeys = routed.keys }
      noteLookUp(routed.keys)
    case .calls(let route, let calls, let keys, _):
      self.route = route
      unwrittenKeys += keys
      noteLookUp(keys)
      isPlanning = false
      deliveries += calls.map(DeliverySeat.init)
    case .invalid(let route, let violations, _):
      self.plan([], route: route, failure: violations.first?.description)
      isUnfit = true
      failureFault = Fault(.hub, .invalid, code: violations.first?.rule ?? "invalid")
    case .unroutable(let reason):
      self.plan([], route: nil, failure: reason)
      isUnfit = true
      failureFault = Fault(.hub, .invalid, code: "no-route")
    }
  }

  private mutating func noteLookUp(_ keys: [BusinessKey]) {
    if keys.contains(where: \.personal) { isUnsyncedLookUp = true }
  }

  /// A required call brought no answer: there will be no plan.
  mutating func fail(for call: DeliverySeat) {
    isPlanned = true
    failure = "The call \(call.planned.call ?? "?") to \(call.planned.endpoint) failed: \(call.reason ?? "no answer")"
    failureFault = call.fault
  }

  /// Takes up the steps that the journal holds, oldest first.
  ///
  /// - Parameter ended: how those of its children ended that are settled.
  /// - Returns: whether the exchange was settled.
  @discardableResult
  mutating func restore(_ entries: [TimelineEntry], ended: [ExchangeID: ExchangeState] = [:]) -> Bool {
    var isSettled = false
    for entry in entries {
      switch entry.name {
      case .routed: plan(entry.deliveries ?? [], route: entry.route)
      case .calling, .fallback:
        deliveries += (entry.deliveries ?? []).map(DeliverySeat.init)
        if entry.name == .calling { route = entry.route }
        if let number = entry.delivery, deliveries.indices.contains(number - 1) {
          deliveries[number - 1].isReplaced = true
        }
      case .split:
        openChildren = Set(entry.children ?? []).subtracting(ended.keys)
        childEnds = (entry.children ?? []).compactMap { ended[$0] }
      case .invalid, .unroutable:
        plan([], route: entry.route, failure: entry.detail)
        isUnfit = true
      case .settled:
        settle(entry)
        isSettled = true
      case .redriven, .resent, .replanned, .dropped, .purged:
        take(entry)
        if entry.name != .dropped, entry.name != .purged { isSettled = false }
      case .compared: break
      case .attempting, .retry, .outage, .delivered, .refused, .parked, .expired, .abandoned:
        guard let number = entry.delivery, deliveries.indices.contains(number - 1) else { continue }
        deliveries[number - 1].restore(entry)
      }
    }
    return isSettled
  }

  /// It ended without a plan when a required call brought no answer.
  private mutating func settle(_ entry: TimelineEntry) {
    guard !isPlanned else { return }
    isPlanned = true
    failure = entry.detail
  }
}

/// What the core remembers of one delivery.
struct DeliverySeat {
  let planned: PlannedDelivery
  var state = DeliveryState.waiting
  /// Whether an attempt is on its way.
  var isUnderway = false
  /// Whether the last attempt may have arrived although nobody said so: its answer was lost, or the hub stopped.
  var isInDoubt = false
  /// Whether it waits on the disk, out of its lane.
  var isShelved = false
  /// Whether the journal has it on the shelf, be it in memory or not.
  var hasShelfRow = false
  /// Whether another delivery took its place.
  var isReplaced = false
  /// Whether a person has given it up.
  var isDropped = false
  /// The redelivery job that put it back.
  var job: Int64?
  /// Attempts that count.
  var attempts = 0
  /// Outages met, which cost no attempt.
  var outages = 0
  var lastOutage: Timestamp?
  var notBefore: Timestamp?
  /// How long that was when it was written down; for a restart, since the clock may have been set meanwhile.
  var wait: Duration?
  var reason: String?
  var fault: Fault?

  init(_ planned: PlannedDelivery) {
    self.planned = planned
  }

  /// Whether the route goes on without it: then it is tried once, and not while its endpoint is away.
  var waitsForNobody: Bool { planned.role == .call && planned.isOptional == true }

  /// Whether its failure concerns anybody: not that of a copy, nor one that another delivery made good.
  var needsPerson: Bool { planned.role != .tap && !isReplaced && !(planned.isOptional ?? false) }

  /// Whether it waits for a person to decide about it.
  var isDeadLetter: Bool { (state == .refused || state == .parked) && !isReplaced && !isDropped }

  mutating func restore(_ entry: TimelineEntry) {
    isInDoubt = entry.name == .attempting
    guard !isInDoubt else { return }
    if let attempt = entry.attempt, entry.name != .outage { attempts = max(attempts, attempt) }
    reason = entry.detail
    switch entry.name {
    case .retry:
      notBefore = entry.until
      wait = entry.until.map { $0 - entry.at }
    case .outage:
      outages += 1
      lastOutage = entry.at
    case .delivered: state = .delivered
    case .refused: state = .refused
    case .parked: state = .parked
    case .expired: state = .expired
    case .abandoned: state = .abandoned
    default: break
    }
  }
}

/// Names one delivery of one exchange.
struct DeliveryRef: Hashable {
  let exchange: ExchangeID
  /// From 1.
  let number: Int
  /// Whether it is not the delivery itself, but the same question put to another endpoint in shadow.
  var isShadow = false

  /// The id that the far side sees: stable over attempts and restarts.
  var id: String { "\(exchange).\(number)\(isShadow ? ".shadow" : "")" }
}
