public import HubKit
public import HubRouting
public import HubTransform
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
    /// What it was for, when not for a receiver.
    public var role: PlannedDelivery.Role?
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
    /// One for each call and delivery, in the plan's order; those of the message's parts after its own.
    public var sent: [Sent] = []
    /// What a question's caller gets.
    public var answer: Reply?
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
    _ message: Message, receivedAt: Timestamp, bodies: any BodyStore, farSide: @escaping FarSide
  ) async -> Result {
    let admitted: Admission.Admitted
    do {
      admitted = try await admission.admit(message, bodies: bodies)
    } catch {
      return Result(refusal: error, violations: error.violations)
    }
    return await play(
      admitted.message, receivedAt, admitted.businessKeys, Far(bodies: bodies, answer: farSide), depth: 0)
  }

  /// The steps of one of the routes with a message, from the door on; then what ``run`` says of it.
  ///
  /// - Throws: ``NotAccepted`` when the door refuses the message, else as
  ///   ``Planner/walk(_:by:receivedAt:bodies:answer:)``.
  public func walk(
    _ message: Message, by route: Route, receivedAt: Timestamp, bodies: any BodyStore, farSide: @escaping FarSide
  ) async throws -> (steps: [RouteStep], result: Result) {
    let admitted = try await admission.admit(message, bodies: bodies).message
    let planner = planner
    var steps = try await planner.walk(
      admitted, by: route, receivedAt: receivedAt, bodies: bodies,
      answer: { endpoint in
        guard case .success(let reply) = farSide(endpoint, nil) else { return nil }
        return try? await planner.json(of: reply, bodies: bodies)
      })
    let result = await run(message, receivedAt: receivedAt, bodies: bodies, farSide: farSide)
    if let target = result.sent.first(where: { $0.role == nil }), admitted.envelope.question != nil,
      case .success(let reply) = farSide(target.endpoint, target.receiver)
    {
      steps += try await planner.walk(
        answer: reply, to: admitted, by: route, receivedAt: receivedAt, bodies: bodies)
    }
    return (steps, result)
  }

  /// One step outside any route, without a door.
  public func walk(
    _ message: Message, step: RouteStep.Kind, by plan: TransformPlan, receivedAt: Timestamp, bodies: any BodyStore
  ) async throws -> [RouteStep] {
    try await planner.walk(message, step: step, by: plan, receivedAt: receivedAt, bodies: bodies)
  }

  /// The world of one rehearsal.
  private struct Far {
    let bodies: any BodyStore
    let answer: FarSide
  }

  /// Parts of parts of parts are enough for any test.
  private static let depthMax = 3

  private func play(
    _ message: Message, _ receivedAt: Timestamp, _ keys: [BusinessKey], _ far: Far, depth: Int
  ) async -> Result {
    var result = Result(keys: keys)
    var calls: Planner.CallAnswers = [:]
    while true {
      switch await planner.plan(
        message, receivedAt: receivedAt, businessKeys: keys, calls: calls, bodies: far.bodies)
      {
      case .asks(let route, let asked):
        result.route = route.name
        guard let answer = await ask(asked, far, &result) else { return result }
        calls[asked.delivery.call ?? ""] = answer
      case .invalid(let route, let violations):
        result.route = route.name
        result.violations = violations
        result.outcome = Outcome(state: .failed, reason: violations.first?.description)
        return result
      case .unavailable:
        return Result(refusal: NotAccepted(.unavailable, "The mapping workers have too much to do."))
      case .unroutable(let reason):
        result.outcome = Outcome(state: .failed, reason: reason)
        return result
      case .routed(let routed):
        result.route = routed.route.name
        return await deliver(routed, of: message, receivedAt, far, result, depth: depth)
      }
    }
  }

  /// One question on the way.
  ///
  /// - Returns: nil when the route fails for want of its answer.
  private func ask(_ asked: Planner.Asked, _ far: Far, _ result: inout Result) async -> [UInt8]?? {
    var sent = Sent(
      endpoint: asked.delivery.endpoint, receiver: nil, body: .inline(asked.body), mediaType: "application/json",
      role: .call, state: .delivered)
    var json: [UInt8]?
    if case .success(let reply) = far.answer(asked.delivery.endpoint, nil) {
      json = try? await planner.json(of: reply, bodies: far.bodies)
    }
    let isOptional = asked.delivery.isOptional ?? false
    if json == nil { sent.state = .refused }
    result.sent.append(sent)
    if json == nil, !isOptional {
      result.outcome = Outcome(state: .failed, reason: "The call \(asked.delivery.call ?? "") brought no answer.")
      return nil
    }
    return .some(json)
  }

  private func deliver(
    _ routed: Planner.Routed, of message: Message, _ receivedAt: Timestamp, _ far: Far, _ before: Result, depth: Int
  ) async -> Result {
    var result = before
    var replies: [Int: Reply] = [:]
    if !routed.deliveries.isEmpty {
      var stage = Stage(policies: policies, now: receivedAt, isQuestion: message.envelope.question != nil)
      let played = stage.play(routed, far.answer)
      replies = played.replies
      result.outcome = played.outcome
      result.sent += zip(played.deliveries, played.states).map { delivery, state in
        Sent(
          endpoint: delivery.endpoint, receiver: delivery.receiver, body: routed.body, mediaType: routed.mediaType,
          role: delivery.role, state: state)
      }
    }
    result.violations += routed.notes
    result.keys += routed.keys
    if message.envelope.question != nil, let reply = replies.sorted(by: { $0.key < $1.key }).first?.value {
      await answer(reply, message, routed.route, receivedAt, far, &result)
    }
    guard depth < Self.depthMax else { return result }
    var ends = result.outcome.map { [$0.state] } ?? []
    for child in routed.children {
      let part = await play(child, receivedAt, [], far, depth: depth + 1)
      result.sent += part.sent
      result.violations += part.violations
      if let state = part.outcome?.state { ends.append(state) }
    }
    guard !routed.children.isEmpty else { return result }
    let reached = ends.count { $0 == .delivered }
    result.outcome = Outcome(state: reached == ends.count ? .delivered : reached == 0 ? .failed : .partly)
    return result
  }

  /// What the caller of a question gets.
  private func answer(
    _ reply: Reply, _ message: Message, _ route: Route, _ receivedAt: Timestamp, _ far: Far, _ result: inout Result
  ) async {
    do {
      result.answer = try await planner.answer(
        reply, to: message.envelope, by: route.name, receivedAt: receivedAt, bodies: far.bodies)
    } catch {
      let violations = (error as? InvalidMessage)?.violations ?? []
      result.violations += violations
      result.outcome = Outcome(state: .failed, reason: violations.first?.description)
    }
  }
}

/// Drives the core alone, in virtual time.
private struct Stage {
  struct Played {
    var outcome: Outcome?
    var deliveries: [PlannedDelivery]
    var states: [DeliveryState]
    var replies: [Int: Reply] = [:]
  }

  private var core: BusCore
  private var now: Timestamp
  private let isQuestion: Bool
  private var todo: [BusCore.Effect] = []

  init(policies: [String: EndpointPolicy], now: Timestamp, isQuestion: Bool) {
    core = BusCore(endpoints: policies)
    self.now = now
    self.isQuestion = isQuestion
  }

  /// An attempt costs a millisecond here, and an outage may be met as often as the endpoint has attempts.
  mutating func play(_ routed: Planner.Routed, _ farSide: Rehearsal.FarSide) -> Played {
    let id = ExchangeID(time: now, random: (0, 0))
    var played = Played(deliveries: routed.deliveries, states: routed.deliveries.map { _ in .waiting })
    var outages = 0
    let deadline = isQuestion ? now + .seconds(3600) : nil
    todo = core.handle(
      .received(
        ExchangeSeat(
          id: id, sequence: 1, receivedAt: now, expiry: nil, principal: "rehearsal", orderingKey: nil,
          deadline: deadline)), at: now)
    while !todo.isEmpty, played.outcome == nil {
      switch next() {
      case .plan:
        apply(
          .planned(
            id, .routed(BusCore.Routed(route: routed.route.name, deliveries: routed.deliveries, microseconds: 0))))
      case .attempt(let ref, let endpoint, _, _):
        let result = farSide(endpoint, played.deliveries[ref.number - 1].receiver)
        switch result {
        case .success(let reply) where played.deliveries[ref.number - 1].role == nil: played.replies[ref.number] = reply
        case .failure(let error): if case .outage = error.verdict { outages += 1 }
        case .success: break
        }
        guard outages <= 100 else { return played }
        now = now + .milliseconds(1)
        apply(.attempted(ref, BusCore.Attempt(result: result, microseconds: 1000, sent: nil, jitter: 0)))
      case .record(let record): note(record, &played)
      case .settled(_, let outcome): played.outcome = outcome
      case .cancel, .answered, .asleep, .read, .locate: break
      case .wake(let time):
        now = max(now, time)
        apply(.tick)
      }
    }
    return played
  }

  /// What is to be done now; time passes only when there is nothing else to do.
  private mutating func next() -> BusCore.Effect {
    let isWake = { (effect: BusCore.Effect) in if case .wake = effect { true } else { false } }
    return todo.remove(at: todo.firstIndex { !isWake($0) } ?? 0)
  }

  private func note(_ record: BusCore.Record, _ played: inout Played) {
    for entry in record.entries {
      if entry.name == .fallback, let more = entry.deliveries {
        played.deliveries += more
        played.states += more.map { _ in .waiting }
      }
      guard let number = entry.delivery, let state = entry.name.endState else { continue }
      played.states[number - 1] = state
    }
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
    case .abandoned: .abandoned
    default: nil
    }
  }
}
