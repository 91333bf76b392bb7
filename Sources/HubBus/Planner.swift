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
  private let pool: TransformPool
  private let formats: FormatCatalogue
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

  /// What became of a message.
  public enum Result: Sendable {
    /// A route took it.
    case routed(Routed)
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
    /// Whom it goes to.
    public var deliveries: [PlannedDelivery]
    /// What is sent: the message's own bytes when nothing was mapped.
    public var body: Body
    /// Its media type.
    public var mediaType: String?
    /// Keys that the route reads from the content.
    public var keys: [BusinessKey]
    /// Oddities.
    public var notes: [Violation]
  }

  /// Plans a message.
  ///
  /// - Parameters:
  ///   - message: as admitted.
  ///   - receivedAt: the time of receipt, which mappings see as `$now`.
  ///   - businessKeys: the keys that admission found.
  ///   - bodies: opens the message's body.
  public func plan(
    _ message: Message, receivedAt: Timestamp, businessKeys: [BusinessKey], bodies: any BodyStore
  ) async -> Result {
    for route in book.table.candidates(for: message.envelope) {
      let plan = book.plan(of: route)
      let result: TransformResult
      do {
        let input = try await input(message, receivedAt, plan, bodies)
        result = try await pool.evaluate(plan, input)
      } catch let invalid as InvalidMessage {
        return .invalid(route: route, invalid.violations)
      } catch {
        return .unavailable
      }
      switch result {
      case .notMatched: continue
      case .invalid(let violations): return .invalid(route: route, violations)
      case .output(let output):
        return routed(message, by: route, output, receivedAt, businessKeys)
      }
    }
    return .unroutable("No route's condition holds for this message.")
  }

  /// Reads the content only as far as the plan needs it: what nobody asks for stays on disk.
  private func input(
    _ message: Message, _ receivedAt: Timestamp, _ plan: TransformPlan, _ bodies: any BodyStore
  ) async throws -> TransformInput {
    let envelope = message.envelope
    var input = TransformInput(
      envelope: envelope, body: [], mediaType: envelope.dataContentType, json: nil, now: receivedAt)
    guard !plan.isEmpty else { return input }
    let formats = formats
    let body = message.body
    do {
      let content = try await pool.run { () throws -> (bytes: [UInt8], json: [UInt8]?) in
        let codec = try formats.codec(for: body, mediaType: envelope.dataContentType, in: bodies)
        let json = try codec?.decode(bodies.reader(of: body), into: bodies, limits: formats.limits).json
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
      case .endpoint(let name):
        deliveries.append(PlannedDelivery(endpoint: name, receiver: nil, orderingKey: order))
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
    guard !deliveries.isEmpty else {
      return .unroutable("Route \(route.name) found nobody to deliver to: no receiver has an endpoint.")
    }
    return .routed(
      Routed(
        route: route, deliveries: deliveries, body: output.body.map(Body.inline) ?? message.body,
        mediaType: output.body == nil ? message.envelope.dataContentType : output.mediaType, keys: output.keys,
        notes: notes))
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
