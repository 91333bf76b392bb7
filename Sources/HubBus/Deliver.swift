internal import HubJournal
internal import HubKit
internal import HubRouting
internal import Logging
internal import Synchronization

extension Work {
  init(_ routed: Planner.Routed, of message: Message) {
    self.init(envelope: message.envelope, body: routed.body, mediaType: routed.mediaType)
  }

  /// What one delivery carries: the message, or the question that its call asks.
  func content(for planned: PlannedDelivery) -> Work? {
    guard planned.role == .call else { return calls.isEmpty ? self : nil }
    return calls[planned.call ?? ""].map {
      Work(envelope: envelope, body: .inline($0), mediaType: "application/json")
    }
  }

  /// What an adapter is handed.
  ///
  /// - Parameters:
  ///   - attempt: number of the attempt, from 1.
  ///   - deadline: the attempt should be over by then.
  func delivery(
    for planned: PlannedDelivery, id: String, exchange: ExchangeID, attempt: Int, receivedAt: Timestamp,
    deadline: Timestamp, bodies: any BodyStore
  ) -> Delivery {
    var outside = envelope
    if let receiver = planned.receiver { outside.receivers = [receiver] }
    outside.dataContentType = mediaType
    outside.extensions[ExtensionName.deadline] = nil
    let question: Question? =
      switch planned.role {
      case .call: Question()
      case .tap: nil
      case nil: outside.question
      }
    return Delivery(
      id: id, exchange: exchange, attempt: attempt, envelope: outside, receiver: planned.receiver,
      operation: planned.operation, question: question, body: body, bodies: bodies, receivedAt: receivedAt,
      deadline: deadline)
  }
}

extension Bus {
  /// Plans an exchange by the configuration that it is pinned to.
  func planned(_ id: ExchangeID) async -> (Planner.Result, Arrival)? {
    guard let arrival = arrivals.take(id) ?? (try? journal.exchange(id)).flatMap({ $0.flatMap(Arrival.init) }) else {
      logger.error("an open exchange is not in the journal", metadata: ["exchange": "\(id)"])
      return nil
    }
    let (known, asked, ordered) = state.withLock { state in
      let seat = state.core.exchanges[id]
      return (state.callAnswers[id] ?? [:], seat?.deliveries ?? [], seat?.configuration)
    }
    guard let calls = await callAnswers(of: id, known, asked) else { return (.unavailable, arrival) }
    // By the configuration of its receipt, or of a person's order.
    let result = await planner(for: ordered ?? arrival.configuration).plan(
      arrival.message, receivedAt: arrival.receivedAt, businessKeys: arrival.businessKeys, calls: calls,
      bodies: journal)
    return (result, arrival)
  }

  /// Waits a moment before a plan is made again.
  ///
  /// - Returns: false when the hub is stopping.
  func waitToPlan() async -> Bool {
    (try? await clock.sleep(until: clock.now + .milliseconds(100))) != nil && !state.withLock { $0.isDraining }
  }

  /// An attempt that must be known of after a crash is made only once the disk knows that it will be.
  func announced(
    _ afterSync: Bool, _ attempt: () async -> (result: Result<Reply, AdapterError>, sent: String?)
  ) async -> (result: Result<Reply, AdapterError>, sent: String?) {
    guard afterSync else { return await attempt() }
    do {
      // The announcement was handed to the journal before this job began; an empty record ends with its commit.
      try await journal.record([])
    } catch {
      let reason = "The journal takes nothing now."
      return (.failure(AdapterError(.cancelled, code: BusCore.Attempt.notAnnounced, reason: reason)), nil)
    }
    return await attempt()
  }

  /// One attempt, within the endpoint's time.
  func deliver(
    _ ref: DeliveryRef, at endpoint: BusEndpoint, number: Int
  ) async -> (result: Result<Reply, AdapterError>, sent: String?) {
    guard let adapter = endpoint.outbound else {
      let reason = "Endpoint \(endpoint.name) cannot send."
      return (.failure(AdapterError(.reject, code: "no-outbound", reason: reason)), nil)
    }
    guard let facts = facts(ref) else { return (.failure(Self.tooLate), nil) }
    let found: Work?
    do {
      found = try await work(for: ref.exchange, facts.planned)
    } catch {
      let busy = AdapterError(.cancelled, code: "busy", reason: "The mapping workers have too much to do.")
      return (.failure(busy), nil)
    }
    guard let work = found else {
      let reason = "The message could not be made ready again: its body or its configuration is gone."
      return (.failure(AdapterError(.reject, code: "not-replayable", reason: reason)), nil)
    }
    let delivery = delivery(ref, facts, work, number: number, within: endpoint.policy.timeout)
    // An adapter that keeps its promises ends in time by itself.
    let end = clock.elapsed + (delivery.deadline - clock.now) + .seconds(1)
    let ahead = delivery.question == nil ? nil : takeAhead(ref, at: endpoint)
    let begin = ahead?.since ?? clock.elapsed
    let result = await watch.follow(ref, until: end) {
      if let made = await ahead?.end() { return made }
      return await self.outcome(of: adapter, delivery)
    }
    guard case .success(let reply) = result, delivery.question != nil else {
      return (result, sentDigest(delivery.body))
    }
    if let shadow = facts.planned.shadow {
      let microseconds = (clock.elapsed - begin).wholeMicroseconds
      compareLater(ref, delivery, at: endpoint, facts, ShadowQuestion.Answer(reply, microseconds), to: shadow)
    }
    return (await takeReply(reply, to: ref, facts.planned), sentDigest(delivery.body))
  }

  static let tooLate = AdapterError(.cancelled, code: "too-late", reason: "Nobody waits for it any more.")

  /// What an attempt needs to know of its exchange.
  struct Facts {
    let planned: PlannedDelivery
    let receivedAt: Timestamp
    let deadline: Timestamp?
    /// The route that planned it, and where that is to be found.
    var route: String?
    var book: RouteBook?
    var configuration: String?
  }

  /// - Returns: nil when the exchange has ended.
  private func facts(_ ref: DeliveryRef) -> Facts? {
    state.withLock { state in
      guard let seat = state.core.exchanges[ref.exchange] else { return nil }
      return Facts(
        planned: seat.deliveries[ref.number - 1].planned, receivedAt: seat.receivedAt, deadline: seat.deadline,
        route: seat.route, book: seat.book, configuration: seat.configuration)
    }
  }

  func delivery(
    _ ref: DeliveryRef, _ facts: Facts, _ work: Work, number: Int, within timeout: Duration
  ) -> Delivery {
    let end = clock.now + timeout
    return work.delivery(
      for: facts.planned, id: ref.id, exchange: ref.exchange, attempt: number, receivedAt: facts.receivedAt,
      deadline: facts.deadline.map { min($0, end) } ?? end, bodies: journal)
  }

  func outcome(
    of adapter: any OutboundAdapter, _ delivery: Delivery
  ) async -> Result<Reply, AdapterError> {
    do { return .success(try await adapter.deliver(delivery)) } catch { return .failure(error) }
  }

  /// The workers have too much to do: the message is not at fault.
  struct Busy: Error {}

  /// What an attempt needs: from memory, or planned again.
  ///
  /// - Returns: nil when it cannot be made any more.
  func work(for id: ExchangeID, _ planned: PlannedDelivery) async throws(Busy) -> Work? {
    if let work = work[id], let own = work.content(for: planned) { return own }
    guard let (result, arrival) = await self.planned(id) else { return nil }
    switch result {
    case .routed(let routed):
      let made = Work(routed, of: arrival.message)
      work.insert(made, for: id)
      return made.content(for: planned)
    case .asks(_, let asked):
      let calls = [asked.delivery.call ?? "": asked.body]
      return Work(envelope: asked.envelope, body: .empty, mediaType: nil, calls: calls).content(for: planned)
    case .unavailable: throw Busy()
    case .invalid, .unroutable: return nil
    }
  }

  private func sentDigest(_ body: Body) -> String {
    switch body {
    case .inline(let bytes): journal.digest(bytes)
    case .stored(let reference): reference.digest
    }
  }
}
