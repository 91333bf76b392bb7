internal import HubKit

/// What the core remembers of an exchange that is not settled: ids and states, never bodies.
struct ExchangeSeat {
  let id: ExchangeID
  /// Position in the journal: fixed at receipt, it orders the lanes.
  let sequence: Int64
  let receivedAt: Timestamp
  let expiry: Timestamp?
  /// Whose count it is against the limits.
  let principal: String
  /// Plans of exchanges with the same key are applied in order of receipt.
  let orderingKey: String?
  var deliveries: [DeliverySeat] = []
  var isPlanned = false
  /// The route that took it.
  var route: String?
  /// Why there is nothing to deliver: the message is invalid, or nobody wants it.
  var failure: String?
  /// Steps that no record holds yet.
  var unwritten: [TimelineEntry] = []
  /// Keys read from the content that no record holds yet.
  var unwrittenKeys: [BusinessKey] = []

  init(
    id: ExchangeID, sequence: Int64, receivedAt: Timestamp, expiry: Timestamp?, principal: String,
    orderingKey: String?
  ) {
    self.id = id
    self.sequence = sequence
    self.receivedAt = receivedAt
    self.expiry = expiry
    self.principal = principal
    self.orderingKey = orderingKey
  }

  var isSettled: Bool { isPlanned && deliveries.allSatisfy(\.state.isEnd) }

  var state: ExchangeState {
    guard isPlanned else { return .received }
    guard deliveries.allSatisfy(\.state.isEnd) else { return .underway }
    let reached = deliveries.count { $0.state == .delivered }
    return reached == 0 ? .failed : reached == deliveries.count ? .delivered : .partly
  }

  /// The first reason why a delivery did not reach its receiver.
  var reason: String? { failure ?? deliveries.first { $0.state != .delivered }?.reason }

  /// Whether a person still has to look at it: refused, parked, or never fit to be delivered.
  var hasDeadLetters: Bool {
    isPlanned && (deliveries.isEmpty || deliveries.contains { $0.state == .refused || $0.state == .parked })
  }

  private mutating func plan(_ planned: [PlannedDelivery], route: String?, failure: String? = nil) {
    isPlanned = true
    self.route = route
    self.failure = failure
    deliveries = planned.map(DeliverySeat.init)
  }

  mutating func take(_ plan: BusCore.Plan) {
    switch plan {
    case .routed(let route, let deliveries, let keys, _, _):
      self.plan(deliveries, route: route)
      unwrittenKeys = keys
    case .invalid(let route, let violations, _):
      self.plan([], route: route, failure: violations.first?.description)
    case .unroutable(let reason): self.plan([], route: nil, failure: reason)
    }
  }

  /// Takes up the steps that the journal holds, oldest first.
  ///
  /// - Returns: whether the exchange was settled.
  @discardableResult
  mutating func restore(_ entries: [TimelineEntry]) -> Bool {
    for entry in entries {
      switch entry.name {
      case .routed: plan(entry.deliveries ?? [], route: entry.route)
      case .invalid, .unroutable: plan([], route: entry.route, failure: entry.detail)
      case .settled: return true
      case .attempting, .retry, .outage, .delivered, .refused, .parked, .expired:
        guard let number = entry.delivery, deliveries.indices.contains(number - 1) else { continue }
        deliveries[number - 1].restore(entry)
      }
    }
    return false
  }
}

/// What the core remembers of one delivery.
struct DeliverySeat {
  let planned: PlannedDelivery
  var state = DeliveryState.waiting
  /// Whether an attempt is on its way.
  var isUnderway = false
  /// Whether the hub stopped after an attempt was announced and before its end was known.
  var isInDoubt = false
  /// Attempts that count.
  var attempts = 0
  /// Outages met, which cost no attempt.
  var outages = 0
  var lastOutage: Timestamp?
  var notBefore: Timestamp?
  var reason: String?

  init(_ planned: PlannedDelivery) {
    self.planned = planned
  }

  mutating func restore(_ entry: TimelineEntry) {
    isInDoubt = entry.name == .attempting
    guard !isInDoubt else { return }
    if let attempt = entry.attempt, entry.name != .outage { attempts = max(attempts, attempt) }
    reason = entry.detail
    switch entry.name {
    case .retry: notBefore = entry.until
    case .outage:
      outages += 1
      lastOutage = entry.at
    case .delivered: state = .delivered
    case .refused: state = .refused
    case .parked: state = .parked
    case .expired: state = .expired
    default: break
    }
  }
}

/// Names one delivery of one exchange.
struct DeliveryRef: Hashable {
  let exchange: ExchangeID
  /// From 1.
  let number: Int

  /// The id that the far side sees: stable over attempts and restarts.
  var id: String { "\(exchange).\(number)" }
}
