internal import HubJournal
internal import HubKit
internal import HubRouting
internal import HubTransform
internal import Synchronization

// Shadows: when a question that changes nothing has been answered, another endpoint is asked the same, and what it
// says is held against the answer. Nobody waits for it, nothing is repeated, and nothing of it reaches the core: a
// shadow that is slow, wrong or dead changes nothing for whoever asked. That it may be asked stands in the plan, before
// anybody is.

/// What is asked in shadow, with the answer that counted.
struct ShadowQuestion: Sendable {
  struct Answer: Sendable {
    let reply: Reply
    let microseconds: Int64

    init(_ reply: Reply, _ microseconds: Int64) {
      self.reply = reply
      self.microseconds = microseconds
    }
  }

  let ref: DeliveryRef
  /// As the endpoint was asked whose answer counted.
  let delivery: Delivery
  let answer: Answer
  /// Who answered, and who is asked now.
  let live, shadow: EndpointAddress
  let route: String?
  let planner: Planner
}

extension Bus {
  /// Says in a plan who is asked the same in shadow: by the route's word, or that of an endpoint with two versions.
  /// Only what both connectors say changes nothing is asked of both.
  func withShadows(_ deliveries: [PlannedDelivery], _ question: Question?) -> [PlannedDelivery] {
    guard let question else { return deliveries }
    let endpoints = setup.endpoints
    return deliveries.map { planned in
      var planned = planned
      planned.shadow = planned.shadow(of: question, among: endpoints)?.description
      return planned
    }
  }

  /// Hands the answer to a job of its own: whoever asked gets it meanwhile.
  func compareLater(
    _ ref: DeliveryRef, _ delivery: Delivery, at endpoint: BusEndpoint, _ facts: Facts,
    _ answer: ShadowQuestion.Answer, to shadow: String
  ) {
    jobSink.yield(
      .compare(
        ShadowQuestion(
          ref: DeliveryRef(exchange: ref.exchange, number: ref.number, isShadow: true), delivery: delivery,
          answer: answer, live: EndpointAddress(endpoint.name, operation: delivery.operation),
          shadow: EndpointAddress(text: shadow), route: facts.route,
          planner: facts.configuration.map(planner(for:)) ?? setup.planner.following(facts.book))))
  }

  /// Asks in shadow, as far as the shadow has room for it, and writes down how the answers compare.
  func compare(_ question: ShadowQuestion) async {
    var comparison = ShadowComparison(
      endpoint: question.live.description, shadow: question.shadow.description, .dropped)
    comparison.microseconds = question.answer.microseconds
    switch takeRoom(at: question.shadow.endpoint) {
    case .success(let room):
      await compare(question, at: room.endpoint, by: room.adapter, &comparison)
      state.withLock { $0.comparing[room.endpoint.name, default: 1] -= 1 }
    case .failure(let refusal): comparison.code = refusal.code
    }
    note(comparison, of: question)
  }

  private struct NoRoom: Error {
    let code: String
  }

  private typealias Room = (endpoint: BusEndpoint, adapter: any OutboundAdapter)

  /// As many are asked at a time in shadow as the endpoint may be asked anyway: beside those, not instead.
  private func takeRoom(at name: String) -> Result<Room, NoRoom> {
    let now = clock.now
    return state.withLock { state in
      guard let endpoint = state.setup.endpoints[name], let adapter = endpoint.outbound else {
        return .failure(NoRoom(code: "no-endpoint"))
      }
      if let away = state.core.endpoints[name]?.away(name, at: now) { return .failure(NoRoom(code: away.fault.code)) }
      if state.isDraining { return .failure(NoRoom(code: "stopping")) }
      guard state.comparing[name, default: 0] < endpoint.policy.concurrency else {
        return .failure(NoRoom(code: "busy"))
      }
      state.comparing[name, default: 0] += 1
      return .success((endpoint, adapter))
    }
  }

  private func compare(
    _ question: ShadowQuestion, at endpoint: BusEndpoint, by adapter: any OutboundAdapter,
    _ comparison: inout ShadowComparison
  ) async {
    do {
      // First, since it may go as soon as its exchange has settled.
      let live = try await question.planner.content(of: question.answer.reply, bodies: journal)
      let begin = clock.elapsed
      let reply: Reply
      switch await ask(question, at: endpoint, by: adapter) {
      case .success(let answer): reply = answer
      case .failure(let error):
        comparison.result = error.verdict == .cancelled ? .dropped : .failed
        comparison.code = error.code
        return
      }
      comparison.shadowMicroseconds = (clock.elapsed - begin).wholeMicroseconds
      let shadow = try await question.planner.content(ofShadow: reply, to: question, bodies: journal)
      let (fields, hasMore) = try await question.planner.fields(live, shadow)
      comparison.take(fields, hasMore: hasMore)
    } catch is TransformUnavailable {
      comparison.code = "no-workers"
    } catch let invalid as InvalidMessage {
      (comparison.result, comparison.code) = (.failed, "reply-\(invalid.violations.first?.rule ?? "invalid")")
    } catch {
      // Its body is gone, or too large to be read whole.
      comparison.code = "reply-not-read"
    }
  }

  /// One attempt within the shadow's own time.
  private func ask(
    _ question: ShadowQuestion, at endpoint: BusEndpoint, by adapter: any OutboundAdapter
  ) async -> AttemptWatch.End {
    var delivery = question.delivery
    // To a far system that knows both keys it is another question.
    delivery.id = question.ref.id
    delivery.attempt = 1
    delivery.operation = question.shadow.operation
    delivery.deadline = clock.now + endpoint.policy.timeout
    let asked = delivery
    return await watch.follow(question.ref, until: clock.elapsed + endpoint.policy.timeout + .seconds(1)) {
      await self.outcome(of: adapter, asked)
    }
  }

  private func note(_ comparison: ShadowComparison, of question: ShadowQuestion) {
    var entry = TimelineEntry(.compared, at: clock.now, delivery: question.ref.number)
    entry.route = question.route
    entry.comparison = comparison
    journal.recordLater([
      ExchangeRecord(
        exchange: question.ref.exchange, kind: ComparisonReport.kind, at: entry.at, payload: Steps.encode([entry]),
        state: nil)
    ])
  }
}

extension PlannedDelivery {
  fileprivate func shadow(of question: Question, among endpoints: [String: BusEndpoint]) -> EndpointAddress? {
    guard role != .tap, let live = endpoints[endpoint] else { return nil }
    let next = live.policy.next.flatMap { $0.isShadow ? EndpointAddress($0.name, operation: operation) : nil }
    guard let address = shadow.map(EndpointAddress.init(text:)) ?? next, let second = endpoints[address.endpoint],
      live.descriptor?.isRead(operation, question) == true,
      second.descriptor?.isRead(address.operation, question) == true
    else { return nil }
    return address
  }
}

extension Planner {
  /// An answer as it is compared: its canonical JSON, or its bytes where no codec knows any.
  enum Content: Sendable {
    case json([UInt8])
    case bytes([UInt8])
  }

  func content(of reply: Reply, bodies: any BodyStore) async throws -> Content {
    let formats = formats
    return try await pool.run {
      if let codec = try formats.codec(for: reply.body, mediaType: reply.mediaType, in: bodies),
        let json = try? codec.decode(bodies.reader(of: reply.body), into: bodies, limits: formats.limits).json
      {
        return .json(json)
      }
      return .bytes(try bodies.bytes(of: reply.body, limit: formats.limits.documentBytesMax))
    }
  }

  /// The same of a shadow's answer, after the route has brought it into the form of the other.
  fileprivate func content(
    ofShadow reply: Reply, to question: ShadowQuestion, bodies: any BodyStore
  ) async throws -> Content {
    guard let route = question.route.flatMap({ book.table[$0] }), let shadow = route.shadow, !shadow.map.isEmpty,
      shadow.to == question.shadow
    else { return try await content(of: reply, bodies: bodies) }
    let changed = try await changed(
      reply, by: TransformPlan(shadow: shadow, of: route), question.delivery.envelope, question.delivery.receivedAt,
      bodies)
    return try await content(of: changed, bodies: bodies)
  }

  /// How each place fares, on a thread of the workers.
  fileprivate func fields(
    _ live: Content, _ shadow: Content
  ) async throws -> (fields: [String: JSONComparison.Finding], hasMore: Bool) {
    let depthMax = formats.limits.depthMax
    return try await pool.run {
      switch (live, shadow) {
      case (.json(let live), .json(let shadow)):
        let max = ShadowComparison.agreeMax + ShadowComparison.differMax
        let found = try JSONComparison(live, shadow, differencesMax: 0, fieldsMax: max, depthMax: depthMax)
        return (found.fields, found.hasMoreFields)
      case (.bytes(let live), .bytes(let shadow)): return (["": live == shadow ? .same : .differs], false)
      default: return (["": .differs], false)
      }
    }
  }
}
