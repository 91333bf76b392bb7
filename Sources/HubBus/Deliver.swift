internal import HubJournal
internal import HubKit
internal import HubRouting
internal import Logging
internal import Synchronization

extension Work {
  init(_ routed: Planner.Routed, of message: Message) {
    self.init(envelope: message.envelope, body: routed.body, mediaType: routed.mediaType)
  }
}

extension Bus {
  /// Plans an exchange by the configuration that it is pinned to.
  func planned(_ id: ExchangeID) async -> (Planner.Result, Message)? {
    guard let stored = try? journal.exchange(id), let message = stored.message else {
      logger.error("an open exchange is not in the journal", metadata: ["exchange": "\(id)"])
      return nil
    }
    let planner = stored.configuration == planner.book.digest ? planner : pinnedPlanner(stored.configuration) ?? planner
    let result = await planner.plan(
      message, receivedAt: stored.receivedAt, businessKeys: stored.businessKeys, bodies: journal)
    return (result, message)
  }

  /// The workers are busy: tries again, unless the hub is stopping; then the next start takes it up.
  func planLater(_ id: ExchangeID) async {
    guard (try? await clock.sleep(until: clock.now + .milliseconds(100))) != nil,
      !state.withLock({ $0.isDraining })
    else { return }
    await plan(id)
  }

  /// At an endpoint that parks what is in doubt, an attempt is made only once the disk knows that it will be.
  func announced(
    at name: String, _ attempt: () async -> (result: Result<Reply, AdapterError>, sent: String?)
  ) async -> (result: Result<Reply, AdapterError>, sent: String?) {
    guard endpoints[name]?.policy.onDoubt == .park else { return await attempt() }
    do {
      // The announcement was handed to the journal before this job began; an empty record ends with its commit.
      try await journal.record([])
    } catch {
      return (.failure(AdapterError(.cancelled, code: "not-announced", reason: "The journal takes nothing now.")), nil)
    }
    return await attempt()
  }

  /// One attempt, within the endpoint's time.
  func deliver(
    _ ref: DeliveryRef, at name: String, number: Int
  ) async -> (result: Result<Reply, AdapterError>, sent: String?) {
    guard let endpoint = endpoints[name], let adapter = endpoint.outbound else {
      return (.failure(AdapterError(.reject, code: "no-outbound", reason: "Endpoint \(name) cannot send.")), nil)
    }
    guard let work = await work(for: ref.exchange), let seat = seat(ref.exchange) else {
      let reason = "The message could not be made ready again: its body or its configuration is gone."
      return (.failure(AdapterError(.reject, code: "not-replayable", reason: reason)), nil)
    }
    let receiver = seat.deliveries[ref.number - 1].planned.receiver
    var envelope = work.envelope
    if let receiver { envelope.receivers = [receiver] }
    envelope.dataContentType = work.mediaType
    let delivery = Delivery(
      id: ref.id, exchange: ref.exchange, attempt: number, envelope: envelope, receiver: receiver, body: work.body,
      bodies: journal, receivedAt: seat.receivedAt, deadline: clock.now + endpoint.policy.timeout)
    let result = await withinTime(of: delivery) { await self.outcome(of: adapter, delivery) }
    return (result, sentDigest(work.body))
  }

  private func outcome(
    of adapter: any OutboundAdapter, _ delivery: Delivery
  ) async -> Result<Reply, AdapterError> {
    do { return .success(try await adapter.deliver(delivery)) } catch { return .failure(error) }
  }

  /// An adapter that keeps its promises ends in time by itself; one that is late is cancelled here.
  private func withinTime(
    of delivery: Delivery, _ work: @escaping @Sendable () async -> Result<Reply, AdapterError>
  ) async -> Result<Reply, AdapterError> {
    await withTaskGroup { group in
      group.addTask(operation: work)
      group.addTask {
        guard (try? await self.clock.sleep(until: delivery.deadline + .seconds(1))) != nil else {
          return .failure(AdapterError(.cancelled, code: "cancelled", reason: "The hub is stopping."))
        }
        return .failure(
          AdapterError(.inDoubt, code: "timeout", reason: "No answer within the endpoint's time for one attempt."))
      }
      defer { group.cancelAll() }
      return await group.next() ?? .failure(AdapterError(.cancelled, code: "cancelled", reason: "The hub is stopping."))
    }
  }

  /// Counts an attempt for meters and console.
  func note(_ attempt: BusCore.Attempt, at endpoint: String) {
    metrics.attempted(endpoint: endpoint, attempt)
    guard case .success = attempt.result else { return }
    state.withLock { $0.durations[endpoint, default: RecentDurations()].add(attempt.microseconds) }
  }

  private func seat(_ id: ExchangeID) -> ExchangeSeat? { state.withLock { $0.core.exchanges[id] } }

  /// What an attempt needs: from memory, or planned again.
  private func work(for id: ExchangeID) async -> Work? {
    if let work = work[id] { return work }
    guard case .routed(let routed)? = await planned(id)?.0, let message = try? journal.exchange(id)?.message else {
      return nil
    }
    let made = Work(routed, of: message)
    work.insert(made, for: id)
    return made
  }

  private func sentDigest(_ body: Body) -> String {
    switch body {
    case .inline(let bytes): journal.digest(bytes)
    case .stored(let reference): reference.digest
    }
  }
}
