public import HubKit
public import HubRouting
public import HubTransform

/// One step that a route takes with a message, looked at by itself: for whoever writes routes and mappings.
public struct RouteStep: Sendable {
  /// What a step does, in the order of the steps.
  public enum Kind: String, Sendable, CaseIterable {
    /// The route's condition.
    case when
    /// A check against a schema.
    case validate
    /// The keys by which the exchange can be found.
    case keys
    /// A question to another system.
    case enrich
    /// A change of shape.
    case map
    /// Several messages out of one.
    case split
    /// A check or change of the far system's answer.
    case reply
  }

  /// What it does.
  public var kind: Kind
  /// The program or schema by which it does it; for a question whom it asks.
  public var source: String
  /// What it saw.
  public var input: [UInt8]
  /// What it made; nil when it makes nothing, or failed.
  public var output: [UInt8]?
  /// What it complains of, and oddities that stop nothing.
  public var violations: [Violation] = []
  /// Whether the message goes on to the next step.
  public var goesOn: Bool
}

extension Planner {
  /// Takes the steps of a route one by one, each by itself in a worker; stops at the first that does not let the
  /// message go on.
  ///
  /// - Parameters:
  ///   - message: as admitted.
  ///   - route: one of the planner's routes, whether or not it is the message's own.
  ///   - receivedAt: the time of receipt, which mappings see as `$now`.
  ///   - bodies: opens the message's body.
  ///   - answer: what an endpoint answers to a question, in JSON; nil: nothing.
  /// - Throws: ``InvalidMessage`` when the content cannot be read, ``TransformUnavailable`` when no worker took a step.
  public func walk(
    _ message: Message, by route: Route, receivedAt: Timestamp, bodies: any BodyStore,
    answer: @Sendable (_ endpoint: String) async -> [UInt8]?
  ) async throws -> [RouteStep] {
    let plan = book.plan(of: route)
    var walk = Walk(
      input: try await input(message, receivedAt, plan, false, isExamined: false, bodies), planner: self)
    if let when = plan.when { try await walk.take(.when, when.name, TransformPlan(id: route.name, when: when)) }
    try await walk.check(plan, as: .validate)
    for key in plan.keys {
      try await walk.take(.keys, "\(key.name): \(key.jq.name)", TransformPlan(id: route.name, keys: [key]))
    }
    for call in route.enrich { try await walk.ask(call, answer) }
    try await walk.change(plan, as: .map)
    if let split = plan.split {
      try await walk.take(.split, split.name, TransformPlan(id: route.name, map: plan.map, split: split))
    }
    return walk.steps
  }

  /// Takes the steps of a route's `reply:` with an answer, as ``walk(_:by:receivedAt:bodies:answer:)`` does.
  public func walk(
    answer reply: Reply, to message: Message, by route: Route, receivedAt: Timestamp, bodies: any BodyStore
  ) async throws -> [RouteStep] {
    guard let rule = route.reply else { return [] }
    let plan = TransformPlan(reply: rule, of: route)
    let outside = Message(
      envelope: Self.outside(of: reply, message.envelope), body: reply.body, principal: message.principal)
    var walk = Walk(
      input: try await input(outside, receivedAt, plan, false, isExamined: false, bodies), planner: self)
    try await walk.check(plan, as: .reply)
    try await walk.change(plan, as: .reply)
    return walk.steps
  }

  /// Takes one step that belongs to no route: a mapping or a schema under way.
  public func walk(
    _ message: Message, step: RouteStep.Kind, by plan: TransformPlan, receivedAt: Timestamp, bodies: any BodyStore
  ) async throws -> [RouteStep] {
    var walk = Walk(
      input: try await input(message, receivedAt, plan, false, isExamined: false, bodies), planner: self)
    try await walk.take(step, plan.id, plan)
    return walk.steps
  }
}

/// A message on its way through the steps.
private struct Walk {
  var input: TransformInput
  let planner: Planner
  var steps: [RouteStep] = []

  private var isOver: Bool { steps.last?.goesOn == false }

  /// What the next step sees.
  private var current: [UInt8] {
    steps.last { $0.kind == .map || $0.kind == .reply }?.output ?? input.json ?? input.body
  }

  mutating func take(_ kind: RouteStep.Kind, _ source: String, _ plan: TransformPlan) async throws {
    guard !isOver else { return }
    var step = RouteStep(kind: kind, source: source, input: current, goesOn: true)
    switch try await planner.evaluate(plan, input) {
    case .notMatched: step.goesOn = false
    case .invalid(let violations): (step.violations, step.goesOn) = (violations, false)
    case .output(let output):
      step.violations = output.notes
      switch kind {
      case .keys: step.output = Array(output.keys.map(\.value).joined(separator: "\n").utf8)
      case .split: step.output = Array((output.items ?? []).joined(separator: Array("\n".utf8)))
      default: step.output = output.body
      }
    }
    steps.append(step)
  }

  /// The checks of a plan, a step each.
  mutating func check(_ plan: TransformPlan, as kind: RouteStep.Kind) async throws {
    for step in plan.validate {
      try await take(kind, step.source.name, TransformPlan(id: plan.id, validate: [step]))
    }
  }

  /// The changes of shape of a plan, a step each: every one is shown what all before it made.
  mutating func change(_ plan: TransformPlan, as kind: RouteStep.Kind) async throws {
    for count in plan.map.indices {
      let soFar = TransformPlan(id: plan.id, map: Array(plan.map.prefix(count + 1)))
      try await take(kind, plan.map[count].source.name, soFar)
    }
  }

  mutating func ask(_ call: RouteCall, _ answer: @Sendable (String) async -> [UInt8]?) async throws {
    guard !isOver else { return }
    let source = "\(call.name) → \(call.call)"
    var step = RouteStep(kind: .enrich, source: source, input: current, goesOn: true)
    let plan = TransformPlan(id: call.with.name, map: [.jq(ShapeSource(call.with))])
    switch try await planner.evaluate(plan, input) {
    case .notMatched: break
    case .invalid(let violations): (step.violations, step.goesOn) = (violations, false)
    case .output(let output):
      step.input = output.body ?? []
      let isNeeded = step.input != Array("null".utf8)
      step.output = isNeeded ? await answer(call.call.endpoint) : nil
      step.goesOn = step.output != nil || call.optional || !isNeeded
      input.calls[call.name] = .some(step.output)
    }
    steps.append(step)
  }
}

extension ValidationStep {
  /// The schema.
  var source: ShapeSource {
    switch self {
    case .jsonSchema(let source), .xsd(let source): source
    }
  }
}

extension MapStep {
  /// The program.
  var source: ShapeSource {
    switch self {
    case .jq(let source), .xslt(let source): source
    }
  }
}
