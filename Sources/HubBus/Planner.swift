public import HubKit
public import HubRouting
public import HubTransform

/// Route and transform: turns a message into deliveries. Deterministic and without effects, so that the live bus, a
/// restart, `lgsp check --test` and replay all use it.
public struct Planner: Sendable {
  /// The sender of the first exchange received before a time that has a business key and is of another type than the
  /// one that asks: how statuses find their way back to whoever sent the document, and not to the sender of an earlier
  /// status about it.
  public typealias OriginLookup =
    @Sendable (_ key: BusinessKey, _ before: Timestamp, _ asking: String) -> OrganisationCode?

  /// The routes in use.
  public let book: RouteBook
  let pool: TransformPool
  let formats: FormatCatalogue
  private let directory: any AgencyDirectory
  private let origin: OriginLookup

  /// Creates a planner.
  public init(
    book: RouteBook, pool: TransformPool, formats: FormatCatalogue, directory: any AgencyDirectory,
    origin: @escaping OriginLookup
  ) {
    self.book = book
    self.pool = pool
    self.formats = formats
    self.directory = directory
    self.origin = origin
  }

  /// The same by other routes; nil: by these.
  func following(_ book: RouteBook?) -> Planner {
    guard let book, book !== self.book else { return self }
    return Planner(book: book, pool: pool, formats: formats, directory: directory, origin: origin)
  }

  /// What became of a message.
  public enum Result: Sendable {
    /// A route took it.
    case routed(Routed)
    /// A route took it, and asks this before it goes on; plan again with the answer.
    case asks(route: Route, Asked)
    /// A route took it, and its schema or mapping did not.
    case invalid(route: Route, [Violation])
    /// No route's `when` holds, or nobody is left to deliver to.
    case unroutable(String)
    /// The workers have too much to do; the message is not at fault.
    case unavailable
  }

  /// A message ready to be delivered.
  public struct Routed: Sendable {
    /// The route that took it.
    public var route: Route
    /// Whom it goes to; the first is the primary one.
    public var deliveries: [PlannedDelivery]
    /// What is sent: the message's own bytes when nothing was mapped.
    public var body: Body
    /// Its media type.
    public var mediaType: String?
    /// Keys that the route reads from the content.
    public var keys: [BusinessKey]
    /// Oddities.
    public var notes: [Violation]
    /// What the message was split into.
    public var children: [Message]
  }

  /// What a route asks on the way.
  public struct Asked: Sendable {
    /// Whom.
    public var delivery: PlannedDelivery
    /// The outside of the question.
    public var envelope: Envelope
    /// The question, in JSON.
    public var body: [UInt8]
    /// Keys that the route reads from the content: whom the question is about, among others.
    public var keys: [BusinessKey]
  }

  /// What a call brought: JSON text; nil when it is optional and brought nothing.
  public typealias CallAnswers = [String: [UInt8]?]

  /// Plans a message.
  ///
  /// - Parameters:
  ///   - message: as admitted.
  ///   - receivedAt: the time of receipt, which mappings see as `$now`.
  ///   - businessKeys: the keys that admission found.
  ///   - calls: the answers that are there already.
  ///   - bodies: opens the message's body.
  public func plan(
    _ message: Message, receivedAt: Timestamp, businessKeys: [BusinessKey], calls: CallAnswers = [:],
    bodies: any BodyStore
  ) async -> Result {
    for route in book.table.candidates(for: message.envelope) {
      do {
        let plan = book.plan(of: route)
        var input = try await input(message, receivedAt, plan, route.enrich.isEmpty, isExamined: true, bodies)
        input.calls = calls
        if !route.enrich.isEmpty {
          switch try await pool.evaluate(plan.checksOnly, input) {
          case .notMatched: continue
          case .invalid(let violations): return .invalid(route: route, violations)
          case .output(let checked):
            if let missing = missing(route, message.envelope) { return missing }
            if let asked = try await nextQuestion(of: route, &input, checked.keys) { return .asks(route: route, asked) }
          }
        }
        switch try await pool.evaluate(plan, input) {
        case .notMatched: continue
        case .invalid(let violations): return .invalid(route: route, violations)
        case .output(let output):
          return missing(route, message.envelope) ?? routed(message, by: route, output, receivedAt, businessKeys)
        }
      } catch let invalid as InvalidMessage {
        return .invalid(route: route, invalid.violations)
      } catch {
        return .unavailable
      }
    }
    return .unroutable("No route's condition holds for this message.")
  }

  /// One trip to a worker.
  func evaluate(_ plan: TransformPlan, _ input: TransformInput) async throws(TransformUnavailable) -> TransformResult {
    try await pool.evaluate(plan, input)
  }

  /// Another candidate may have let the message in without what this route requires.
  private func missing(_ route: Route, _ envelope: Envelope) -> Result? {
    let missing = route.require.filter { (envelope[$0] ?? "").isEmpty }
    guard !missing.isEmpty else { return nil }
    return .invalid(
      route: route,
      missing.map {
        Violation(rule: "required-attribute", message: "The attribute \($0) is required here.", path: $0)
      })
  }

  /// The first question that has no answer yet. A question that is null need not be put: its answer is null.
  private func nextQuestion(
    of route: Route, _ input: inout TransformInput, _ keys: [BusinessKey]
  ) async throws -> Asked? {
    for call in route.enrich where input.calls[call.name] == nil {
      let plan = TransformPlan(id: "\(route.name)#\(call.name)", map: [.jq(ShapeSource(call.with))])
      switch try await pool.evaluate(plan, input) {
      case .invalid(let violations): throw InvalidMessage(violations)
      case .notMatched: continue
      case .output(let output) where output.body == Array("null".utf8): input.calls[call.name] = .some(nil)
      case .output(let output):
        let delivery = PlannedDelivery(
          endpoint: call.call.endpoint, receiver: nil, orderingKey: nil, operation: call.call.operation, role: .call,
          call: call.name, isOptional: call.optional)
        return Asked(
          delivery: delivery, envelope: call.envelope(of: input.envelope), body: output.body ?? [], keys: keys)
      }
    }
    return nil
  }

  /// What the caller gets: the far system's answer, held against the route's `reply:`.
  ///
  /// - Throws: ``InvalidMessage`` when the answer is not as agreed.
  public func answer(
    _ reply: Reply, to envelope: Envelope, by name: String, receivedAt: Timestamp, bodies: any BodyStore
  ) async throws -> Reply {
    guard let route = book.table[name], let rule = route.reply else { return reply }
    return try await changed(reply, by: TransformPlan(reply: rule, of: route), envelope, receivedAt, bodies)
  }

  /// An answer as a plan makes it of the far system's.
  func changed(
    _ reply: Reply, by plan: TransformPlan, _ envelope: Envelope, _ receivedAt: Timestamp, _ bodies: any BodyStore
  ) async throws -> Reply {
    let message = Message(
      envelope: Self.outside(of: reply, envelope), body: reply.body, principal: .endpoint("reply"))
    let input = try await input(message, receivedAt, plan, false, isExamined: false, bodies)
    switch try await pool.evaluate(plan, input) {
    case .notMatched: return reply
    case .invalid(let violations): throw InvalidMessage(violations)
    case .output(let output):
      guard let body = output.body else { return reply }
      var mapped = reply
      mapped.body = .inline(body)
      mapped.mediaType = output.mediaType
      return mapped
    }
  }

  /// An answer as JSON: as it came, or in its format's canonical form.
  ///
  /// - Throws: ``InvalidMessage`` when it is neither.
  func json(of reply: Reply, bodies: any BodyStore) async throws -> [UInt8] {
    let formats = formats
    return try await pool.run {
      guard let codec = try formats.codec(for: reply.body, mediaType: reply.mediaType, in: bodies),
        let json = try? codec.decode(bodies.reader(of: reply.body), into: bodies, limits: formats.limits).json
      else { throw InvalidMessage(rule: "no-json", "the answer is no JSON and has no canonical form") }
      return json
    }
  }

  static func outside(of reply: Reply, _ envelope: Envelope) -> Envelope {
    var outside = envelope
    outside.dataContentType = reply.mediaType
    return outside
  }

  /// Reads the content only as far as the plan needs it: what nobody asks for stays on disk.
  func input(
    _ message: Message, _ receivedAt: Timestamp, _ plan: TransformPlan, _ mayBeEmpty: Bool, isExamined: Bool,
    _ bodies: any BodyStore
  ) async throws -> TransformInput {
    let envelope = message.envelope
    var input = TransformInput(
      envelope: envelope, body: [], mediaType: envelope.dataContentType, json: nil, now: receivedAt)
    guard !plan.isEmpty || !mayBeEmpty else { return input }
    let formats = formats
    let body = message.body
    do {
      let content = try await pool.look(at: body) { () throws -> (bytes: [UInt8], json: [UInt8]?) in
        let codec = try formats.codec(for: body, mediaType: envelope.dataContentType, in: bodies)
        let reader = try bodies.reader(of: body)
        let document =
          isExamined
          ? try codec?.decodeExamined(reader, into: bodies, limits: formats.limits)
          : try codec?.decode(reader, into: bodies, limits: formats.limits)
        let json = document?.json
        guard plan.readsBytes else { return ([], json) }
        return (try bodies.bytes(of: body, limit: formats.limits.documentBytesMax), json)
      }
      input.body = content.bytes
      input.json = content.json
      return input
    } catch BodyError.tooLarge(let limit) {
      throw InvalidMessage(rule: "too-large", "The route reads the content, which has more than \(limit) bytes.")
    } catch let error as BodyError {
      throw InvalidMessage(rule: "unreadable", "The content could not be read: \(error).")
    }
  }

  private func routed(
    _ message: Message, by route: Route, _ output: TransformOutput, _ receivedAt: Timestamp,
    _ businessKeys: [BusinessKey]
  ) -> Result {
    var notes = output.notes
    let keys = businessKeys + output.keys
    let order = route.order?.key(for: message.envelope)
    var deliveries: [PlannedDelivery] = []
    for target in route.to {
      switch target {
      case .endpoint(let address): deliveries.append(planned(address, order))
      case .recipients:
        deliveries += recipients(message.envelope.receivers, order)
      case .origin(let name):
        let found = origins(name, keys, receivedAt, message.envelope.type)
        if found.isEmpty {
          notes.append(
            Violation(rule: "origin-unknown", message: "No earlier exchange has this \(name); sent to the receivers."))
        }
        deliveries += recipients(found.isEmpty ? message.envelope.receivers : found, order)
      }
    }
    for index in deliveries.indices { deliveries[index].fallback = route.fallback?.description }
    if let shadow = route.shadow, !deliveries.isEmpty { deliveries[0].shadow = shadow.to.description }
    let children = children(of: message, by: route, output.items ?? [])
    guard !deliveries.isEmpty || !children.isEmpty else {
      return .unroutable(
        route.split == nil
          ? "Route \(route.name) found nobody to deliver to: no receiver has an endpoint."
          : "Route \(route.name) split the message into nothing.")
    }
    deliveries += route.tap.map { planned($0, nil, role: .tap) }
    return .routed(
      Routed(
        route: route, deliveries: deliveries, body: output.body.map(Body.inline) ?? message.body,
        mediaType: output.body == nil ? message.envelope.dataContentType : output.mediaType, keys: output.keys,
        notes: notes, children: children))
  }

  private func planned(
    _ address: EndpointAddress, _ order: String?, role: PlannedDelivery.Role? = nil
  ) -> PlannedDelivery {
    PlannedDelivery(
      endpoint: address.endpoint, receiver: nil, orderingKey: order, operation: address.operation, role: role)
  }

  /// The parts of a split message: they have its outside save id and type, and come from whoever brought it.
  private func children(of message: Message, by route: Route, _ items: [[UInt8]]) -> [Message] {
    guard let split = route.split else { return [] }
    return items.enumerated().map { index, item in
      var envelope = message.envelope
      envelope.id = "\(envelope.id)#\(index + 1)"
      envelope.type = split.type
      envelope.dataContentType = "application/json"
      envelope.dataSchema = nil
      return Message(envelope: envelope, body: .inline(item), principal: message.principal)
    }
  }

  private func recipients(_ codes: [OrganisationCode], _ order: String?) -> [PlannedDelivery] {
    codes.compactMap { code in
      guard let agency = directory.agency(code), let endpoint = agency.endpoint else { return nil }
      return PlannedDelivery(endpoint: endpoint, receiver: agency.code, orderingKey: order)
    }
  }

  private func origins(
    _ name: String, _ keys: [BusinessKey], _ receivedAt: Timestamp, _ type: String
  ) -> [OrganisationCode] {
    keys.filter { $0.name == name }.compactMap { origin($0, receivedAt, type) }.reduce(into: []) { list, code in
      if !list.contains(code) { list.append(code) }
    }
  }
}

extension TransformPlan {
  /// Whether something needs the bytes themselves and not only the canonical JSON.
  var readsBytes: Bool {
    validate.contains { if case .xsd = $0 { true } else { false } }
      || map.contains { if case .xslt = $0 { true } else { false } }
  }
}
