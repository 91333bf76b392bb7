public import HubKit
public import HubRouting
public import HubTransform
internal import Synchronization

/// The way of a message without journal, network or real time: the same admission, planner and core as the live bus,
/// with scripted far sides. Route tests and the replay of recorded exchanges run on it.
public struct Rehearsal: Sendable {
  /// What one delivery brought to the far side.
  public struct Sent: Sendable {
    /// The id that the far side saw.
    public var id: String
    /// The route that asked for it.
    public var route: String
    /// Where it went, for whom and what for.
    public var planned: PlannedDelivery
    /// What was sent.
    public var body: Body
    /// Its media type.
    public var mediaType: String?
    /// How the delivery ended.
    public var state: DeliveryState
    /// How often it was tried.
    public var attempts: Int

    /// Where it went.
    public var endpoint: String { planned.endpoint }
    /// Whom it was for.
    public var receiver: OrganisationCode? { planned.receiver }
    /// What it was for, when not for a receiver.
    public var role: PlannedDelivery.Role? { planned.role }
  }

  /// One attempt, as the far side meets it.
  public struct Attempt: Sendable {
    /// Where it goes, for whom and what for.
    public var planned: PlannedDelivery
    /// What the endpoint's adapter would be handed.
    public var delivery: Delivery
  }

  /// How one attempt ends.
  public struct Ending: Sendable {
    /// With an answer or without.
    public var result: Swift.Result<Reply, AdapterError>
    /// After which time.
    public var took: Duration

    /// Creates an ending.
    public init(_ result: Swift.Result<Reply, AdapterError>, after took: Duration = .milliseconds(1)) {
      self.result = result
      self.took = took
    }
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
    /// The same as a journal would tell it.
    public var log = RehearsalLog()
  }

  /// A far side: answers each attempt.
  public typealias FarSide = @Sendable (Attempt) async -> Ending

  /// Which message is played, and when.
  public struct Occasion: Sendable {
    /// The exchange's name, of which far sides see their deliveries' ids.
    public var exchange: ExchangeID
    /// When the message was received.
    public var receivedAt: Timestamp
    /// How long whoever asked waits; nil: as the envelope says, and when it says nothing, nobody waits.
    public var patience: Duration?

    /// Names an occasion; by default whoever asked waits for an hour.
    public init(
      _ receivedAt: Timestamp, exchange: ExchangeID? = nil, patience: Duration? = .seconds(3600)
    ) {
      self.receivedAt = receivedAt
      self.patience = patience
      self.exchange = exchange ?? ExchangeID(time: receivedAt, random: (0, 0))
    }
  }

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
    _ message: Message, at occasion: Occasion, bodies: any BodyStore, farSide: @escaping FarSide
  ) async -> Result {
    let admitted: Admission.Admitted
    do {
      admitted = try await admission.admit(message, at: occasion.receivedAt, bodies: bodies)
    } catch {
      return Result(
        refusal: error, violations: error.violations, log: RehearsalLog(refused: error, at: occasion.receivedAt))
    }
    let world = World(occasion: occasion, bodies: bodies, farSide: farSide)
    return await play(admitted.message, admitted.businessKeys, world, depth: 0)
  }

  /// The steps of one of the routes with a message, from the door on; then what ``run`` says of it.
  ///
  /// - Throws: ``NotAccepted`` when the door refuses the message, else as
  ///   ``Planner/walk(_:by:receivedAt:bodies:answer:)``.
  public func walk(
    _ message: Message, by route: Route, receivedAt: Timestamp, bodies: any BodyStore, farSide: @escaping FarSide
  ) async throws -> (steps: [RouteStep], result: Result) {
    let admitted = try await admission.admit(message, at: receivedAt, bodies: bodies).message
    let planner = planner
    let world = World(occasion: Occasion(receivedAt), bodies: bodies, farSide: farSide)
    let probe = Work(envelope: admitted.envelope, body: .empty, mediaType: nil)
    var steps = try await planner.walk(
      admitted, by: route, receivedAt: receivedAt, bodies: bodies,
      answer: { endpoint in
        let planned = PlannedDelivery(endpoint: endpoint, receiver: nil, orderingKey: nil, role: .call)
        guard case .success(let reply) = await world.attempt(planned, probe, number: 1, attempt: 1).result else {
          return nil
        }
        return try? await planner.json(of: reply, bodies: bodies)
      })
    let result = await run(message, at: world.occasion, bodies: bodies, farSide: farSide)
    if let target = result.sent.first(where: { $0.role == nil }), admitted.envelope.question != nil,
      case .success(let reply) = await world.attempt(target.planned, probe, number: 1, attempt: 1).result
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

  /// Parts of parts of parts are enough for any test.
  private static let depthMax = 3

  private func play(_ message: Message, _ keys: [BusinessKey], _ world: World, depth: Int) async -> Result {
    var result = Result(keys: keys)
    result.log.keys = keys
    let start = world.occasion.receivedAt
    var calls: Planner.CallAnswers = [:]
    while true {
      switch await planner.plan(
        message, receivedAt: start, businessKeys: keys, calls: calls, bodies: world.bodies)
      {
      case .asks(let route, let asked):
        result.route = route.name
        guard let answer = await ask(asked, message, world, &result) else { return result }
        calls[asked.delivery.call ?? ""] = answer
      case .invalid(let route, let violations):
        result.route = route.name
        result.violations = violations
        result.outcome = Outcome(state: .failed, reason: violations.first?.description)
        result.log.end(.invalid, at: start, because: violations.first?.description) { entry in
          entry.route = route.name
          entry.violations = violations
        }
        return result
      case .unavailable:
        let refusal = NotAccepted(.unavailable, "The mapping workers have too much to do.")
        return Result(refusal: refusal, log: RehearsalLog(refused: refusal, at: start))
      case .unroutable(let reason):
        result.outcome = Outcome(state: .failed, reason: reason)
        result.log.end(.unroutable, at: start, because: reason)
        return result
      case .routed(let routed):
        result.route = routed.route.name
        return await deliver(routed, of: message, world, result, depth: depth)
      }
    }
  }

  /// One question on the way.
  ///
  /// - Returns: nil when the route fails for want of its answer.
  private func ask(
    _ asked: Planner.Asked, _ message: Message, _ world: World, _ result: inout Result
  ) async -> [UInt8]?? {
    let work = Work(envelope: asked.envelope, body: .inline(asked.body), mediaType: "application/json")
    let plan = Planner.Routed(
      route: Route(name: result.route ?? "", to: []), deliveries: [asked.delivery], body: work.body,
      mediaType: work.mediaType, keys: [], notes: [], children: [])
    var stage = Stage(world, expiry: nil, deadline: deadline(of: message, world), policies: policies)
    let played = await stage.play(plan, work, after: result.sent.count)
    var json: [UInt8]?
    if let reply = played.calls.values.first { json = try? await planner.json(of: reply, bodies: world.bodies) }
    result.log.add(played.steps, after: result.sent.count, since: world.occasion.receivedAt, isCall: true)
    result.sent += played.sent(work, by: plan.route.name, in: world, after: result.sent.count)
    let isOptional = asked.delivery.isOptional ?? false
    if json == nil, let last = result.sent.indices.last, result.sent[last].state == .delivered {
      result.sent[last].state = .refused
      result.log.refuseLast()
    }
    if json == nil, !isOptional {
      let outcome = Outcome(state: .failed, reason: "The call \(asked.delivery.call ?? "") brought no answer.")
      result.outcome = outcome
      result.log.settle(outcome, at: world.occasion.receivedAt)
      return nil
    }
    return .some(json)
  }

  /// Until when whoever asked waits; nil: nobody does.
  private func deadline(of message: Message, _ world: World) -> Timestamp? {
    guard message.envelope.question != nil else { return nil }
    return message.envelope.deadline ?? world.occasion.patience.map { world.occasion.receivedAt + $0 }
  }

  private func deliver(
    _ routed: Planner.Routed, of message: Message, _ world: World, _ before: Result, depth: Int
  ) async -> Result {
    var result = before
    var replies: [Int: Reply] = [:]
    if !routed.deliveries.isEmpty {
      let work = Work(routed, of: message)
      var stage = Stage(
        world, expiry: planner.book.expiry(of: message.envelope, receivedAt: world.occasion.receivedAt),
        deadline: deadline(of: message, world), policies: policies)
      let played = await stage.play(routed, work, after: before.sent.count)
      replies = played.replies
      result.outcome = played.outcome
      result.log.add(played.steps, after: before.sent.count, since: world.occasion.receivedAt, isCall: false)
      result.sent += played.sent(work, by: routed.route.name, in: world, after: before.sent.count)
    }
    result.violations += routed.notes
    result.keys += routed.keys
    result.log.keys = result.keys
    if message.envelope.question != nil, let reply = replies.sorted(by: { $0.key < $1.key }).first?.value {
      await answer(reply, message, routed.route, world, &result)
    }
    guard depth < Self.depthMax, !routed.children.isEmpty else { return result }
    await play(routed, in: world, &result, depth: depth)
    return result
  }

  /// Plays the parts of a message.
  private func play(_ routed: Planner.Routed, in world: World, _ result: inout Result, depth: Int) async {
    var ends = result.outcome.map { [$0.state] } ?? []
    var parts: [RehearsalLog.Part] = []
    for (index, child) in routed.children.enumerated() {
      let own = world.part(index + 1)
      let part = await play(child, [], own, depth: depth + 1)
      result.sent += part.sent
      result.violations += part.violations
      parts.append(RehearsalLog.Part(id: own.occasion.exchange, message: child, log: part.log))
      if let state = part.outcome?.state { ends.append(state) }
    }
    let reached = ends.count { $0 == .delivered }
    let outcome = Outcome(state: reached == ends.count ? .delivered : reached == 0 ? .failed : .partly)
    result.outcome = outcome
    let start = world.occasion.receivedAt
    if routed.deliveries.isEmpty {
      let plan = BusCore.Routed(route: routed.route.name, deliveries: [], notes: routed.notes, microseconds: 0)
      result.log.add(plan.entries(at: start), after: 0, since: start, isCall: false)
    }
    result.log.split(into: parts, at: start)
    result.log.settle(outcome, at: start)
  }

  /// What the caller of a question gets.
  private func answer(
    _ reply: Reply, _ message: Message, _ route: Route, _ world: World, _ result: inout Result
  ) async {
    do {
      result.answer = try await planner.answer(
        reply, to: message.envelope, by: route.name, receivedAt: world.occasion.receivedAt, bodies: world.bodies)
    } catch {
      let violations = (error as? InvalidMessage)?.violations ?? []
      result.violations += violations
      let outcome = Outcome(state: .failed, reason: violations.first?.description)
      result.outcome = outcome
      result.log.settle(outcome, at: world.occasion.receivedAt)
    }
  }
}
