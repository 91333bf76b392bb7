public import HubKit
internal import HubRouting
internal import Synchronization

/// The way of a message without journal, network or real time: the same admission, planner and core as the live bus,
/// with scripted far sides. Route tests and the replay of recorded exchanges run on it.
public struct Rehearsal: Sendable {
  /// What one delivery brought to the far side.
  public struct Sent: Sendable {
    /// The endpoint and the receiver that it was for.
    public var endpoint: String
    /// Whom it was for.
    public var receiver: OrganisationCode?
    /// What was sent.
    public var body: Body
    /// Its media type.
    public var mediaType: String?
    /// How the delivery ended.
    public var state: DeliveryState
  }

  /// What came of a message.
  public struct Result: Sendable {
    /// Why the door refused it; the rest is then empty.
    public var refusal: NotAccepted?
    /// The route that took it.
    public var route: String?
    /// The end.
    public var outcome: Outcome?
    /// What schema and mapping complained of.
    public var violations: [Violation] = []
    /// One for each delivery, in the plan's order.
    public var sent: [Sent] = []
    /// Keys that admission and route found.
    public var keys: [BusinessKey] = []
  }

  /// A far side: answers each attempt.
  public typealias FarSide =
    @Sendable (_ endpoint: String, _ receiver: OrganisationCode?) -> Swift.Result<Reply, AdapterError>

  private let admission: Admission
  private let planner: Planner
  private let policies: [String: EndpointPolicy]

  /// Takes the live bus's own parts.
  public init(admission: Admission, planner: Planner, policies: [String: EndpointPolicy]) {
    self.admission = admission
    self.planner = planner
    self.policies = policies
  }

  /// Plays a message to its end; waits between attempts pass in no time.
  public func run(
    _ message: Message, receivedAt: Timestamp, bodies: any BodyStore, farSide: FarSide
  ) async -> Result {
    let admitted: Admission.Admitted
    do {
      admitted = try await admission.admit(message, bodies: bodies)
    } catch {
      return Result(refusal: error, violations: error.violations)
    }
    let planned = await planner.plan(
      admitted.message, receivedAt: receivedAt, businessKeys: admitted.businessKeys, bodies: bodies)
    switch planned {
    case .invalid(let route, let violations):
      return Result(
        route: route.name, outcome: Outcome(state: .failed, reason: violations.first?.description),
        violations: violations, keys: admitted.businessKeys)
    case .unavailable:
      return Result(refusal: NotAccepted(.unavailable, "The mapping workers have too much to do."))
    case .unroutable(let reason):
      return Result(outcome: Outcome(state: .failed, reason: reason), keys: admitted.businessKeys)
    case .routed(let routed):
      var stage = Stage(policies: policies, now: receivedAt)
      let (outcome, states) = stage.play(routed, farSide)
      return Result(
        route: routed.route.name, outcome: outcome, violations: routed.notes,
        sent: zip(routed.deliveries, states).map { delivery, state in
          Sent(
            endpoint: delivery.endpoint, receiver: delivery.receiver, body: routed.body, mediaType: routed.mediaType,
            state: state)
        }, keys: admitted.businessKeys + routed.keys)
    }
  }
}

/// Drives the core alone, in virtual time.
private struct Stage {
  private var core: BusCore
  private var now: Timestamp
  private var todo: [BusCore.Effect] = []
  private var outcome: Outcome?

  init(policies: [String: EndpointPolicy], now: Timestamp) {
    core = BusCore(endpoints: policies)
    self.now = now
  }

  /// An attempt costs a millisecond here, and an outage may be met as often as the endpoint has attempts.
  mutating func play(_ routed: Planner.Routed, _ farSide: Rehearsal.FarSide) -> (Outcome?, [DeliveryState]) {
    let id = ExchangeID(time: now, random: (0, 0))
    var states = routed.deliveries.map { _ in DeliveryState.waiting }
    var outages = 0
    todo = core.handle(
      .received(
        ExchangeSeat(
          id: id, sequence: 1, receivedAt: now, expiry: nil, principal: "rehearsal", orderingKey: nil)), at: now)
    while !todo.isEmpty, outcome == nil {
      switch todo.removeFirst() {
      case .plan:
        apply(
          .planned(
            id,
            .routed(
              route: routed.route.name, deliveries: routed.deliveries, keys: [], notes: [], microseconds: 0)))
      case .attempt(let ref, let endpoint, _):
        let result = farSide(endpoint, routed.deliveries[ref.number - 1].receiver)
        if case .failure(let error) = result, case .outage = error.verdict { outages += 1 }
        guard outages <= 100 else { return (nil, states) }
        now = now + .milliseconds(1)
        apply(.attempted(ref, BusCore.Attempt(result: result, microseconds: 1000, sent: nil, jitter: 0)))
      case .record(let record):
        for entry in record.entries {
          guard let number = entry.delivery, let state = entry.name.endState else { continue }
          states[number - 1] = state
        }
      case .settled(_, let outcome): self.outcome = outcome
      case .wake(let time):
        now = max(now, time)
        apply(.tick)
      }
    }
    return (outcome, states)
  }

  private mutating func apply(_ input: BusCore.Input) {
    todo += core.handle(input, at: now)
  }
}

extension TimelineEntry.Name {
  /// The end that this step is to a delivery.
  fileprivate var endState: DeliveryState? {
    switch self {
    case .delivered: .delivered
    case .refused: .refused
    case .parked: .parked
    case .expired: .expired
    default: nil
    }
  }
}
