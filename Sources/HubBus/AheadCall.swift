internal import HubJournal
internal import HubKit
internal import HubRouting
internal import Synchronization

// Reads of a route with `record: before-reply`: the call leaves while its record is on its way to the disk, and the
// answer waits for both. Nothing else is different: the core learns of the exchange once the journal has it, and the
// attempt that it then asks for finds its answer made, or on its way.

/// A read that was put before its record was on the disk.
struct AheadCall: Sendable {
  let endpoint: BusEndpoint
  /// When it was put, by `HubClock.elapsed`.
  let since: Duration
  var task: Task<AttemptWatch.End?, Never>?

  /// What came of it; nil: it was not put after all, and is put as any other.
  func end() async -> AttemptWatch.End? {
    await withTaskCancellationHandler {
      await task?.value ?? nil
    } onCancel: {
      task?.cancel()
    }
  }
}

extension Bus {
  /// Writes a question down, and puts it meanwhile where that is wanted.
  func writeDown(_ entry: NewExchange, by setup: BusSetup) async throws(NotAccepted) -> Receipt {
    let isAhead = callAhead(entry, by: setup)
    do throws(NotAccepted) {
      let receipt = try await writeDown([entry], by: setup.planner.book, advancing: nil)[0]
      // Somebody asked the same before: his answer counts.
      if isAhead, receipt.duplicate { dropAhead(entry.id) }
      return receipt
    } catch {
      if isAhead { dropAhead(entry.id) }
      throw error
    }
  }

  /// Puts a question ahead of its record, where its route says so and the far system takes it well to be asked twice;
  /// not where the core has two versions to choose from.
  ///
  /// - Returns: whether it did; then ``dropAhead(_:)`` is called in the end.
  private func callAhead(_ entry: NewExchange, by setup: BusSetup) -> Bool {
    let envelope = entry.message.envelope
    let routes = setup.planner.book.table.candidates(for: envelope)
    guard let route = routes.first, routes.count == 1, route.record == .beforeReply,
      envelope.question?.isSafe == true, route.to.count == 1, case .endpoint(let address)? = route.to.first,
      let endpoint = setup.endpoints[address.endpoint], endpoint.policy.next == nil, let adapter = endpoint.outbound
    else { return false }
    let mayStart = state.withLock { state in
      let others = state.ahead.values.count { $0.endpoint === endpoint }
      guard state.core.endpoints[endpoint.name]?.mayStart(after: others, at: entry.receivedAt) == true else {
        return false
      }
      // It counts as one of the endpoint's attempts from now on.
      state.ahead[entry.id] = AheadCall(endpoint: endpoint, since: clock.elapsed)
      return true
    }
    guard mayStart else { return false }
    // Whoever takes the call out of `ahead` owns the task, and cancels it when nobody wants it.
    let task = Task.immediate { await askAhead(entry, of: adapter, at: endpoint, by: setup.planner) }
    state.withLock { $0.ahead[entry.id]?.task = task }
    return true
  }

  private func askAhead(
    _ entry: NewExchange, of adapter: any OutboundAdapter, at endpoint: BusEndpoint, by planner: Planner
  ) async -> AttemptWatch.End? {
    let arrival = Arrival(entry)
    let result = await planner.plan(
      arrival.message, receivedAt: arrival.receivedAt, businessKeys: arrival.businessKeys, bodies: journal)
    // Who looks at whom is on the disk before anybody is asked.
    guard case .routed(let routed) = result, !(entry.businessKeys + routed.keys).contains(where: \.personal),
      let planned = routed.deliveries.first
    else { return nil }
    let facts = Facts(planned: planned, receivedAt: entry.receivedAt, deadline: entry.message.envelope.deadline)
    let delivery = delivery(
      DeliveryRef(exchange: entry.id, number: 1), facts, Work(routed, of: arrival.message), number: 1,
      within: endpoint.policy.timeout)
    return await outcome(of: adapter, delivery)
  }

  /// The call that was put ahead for an attempt.
  func takeAhead(_ ref: DeliveryRef, at endpoint: BusEndpoint) -> AheadCall? {
    guard ref.number == 1, let call = state.withLock({ $0.ahead.removeValue(forKey: ref.exchange) }) else { return nil }
    guard call.endpoint === endpoint else {
      call.task?.cancel()
      return nil
    }
    return call
  }

  /// Nobody wants what was asked ahead: somebody asked the same before, it cannot be written down, or its time is over.
  func dropAhead(_ id: ExchangeID) {
    state.withLock { $0.ahead.removeValue(forKey: id) }?.task?.cancel()
  }
}
