internal import HubJournal
public import HubKit
internal import HubRouting

// The way of a message, on one screen: admit -> journal -> receipt -> route and transform -> deliver -> settle.

extension Bus {
  /// admit, journal, receipt
  public func accept(_ messages: [Message], advancing cursor: Cursor?) async throws(NotAccepted) -> [Receipt] {
    let receivedAt = clock.now
    var batch: [Admission.Admitted] = []
    for (index, message) in messages.enumerated() {
      batch.append(try await admit(message, index: index, of: messages.count))
    }
    return try await writeDown(batch, receivedAt, advancing: cursor)
  }

  /// route and transform
  func plan(_ id: ExchangeID) async {
    let started = clock.now
    guard let (result, message) = await planned(id) else {
      return submit(.planned(id, .unroutable(reason: "Its message is no longer in the journal.")))
    }
    let microseconds = (clock.now - started).wholeMicroseconds
    switch result {
    case .routed(let routed):
      work.insert(Work(routed, of: message), for: id)
      submit(
        .planned(
          id,
          .routed(
            route: routed.route.name, deliveries: routed.deliveries, keys: routed.keys, notes: routed.notes,
            microseconds: microseconds)))
    case .invalid(let route, let violations):
      submit(.planned(id, .invalid(route: route.name, violations: violations, microseconds: microseconds)))
    case .unroutable(let reason):
      submit(.planned(id, .unroutable(reason: reason)))
    case .unavailable:
      await planLater(id)
    }
  }

  /// deliver
  func attempt(_ ref: DeliveryRef, at name: String, number: Int) async {
    let started = clock.now
    let (result, sent) = await announced(at: name) { await deliver(ref, at: name, number: number) }
    let attempt = BusCore.Attempt(
      result: result, microseconds: (clock.now - started).wholeMicroseconds, sent: sent, jitter: .random(in: 0...1))
    note(attempt, at: name)
    submit(.attempted(ref, attempt))
  }

  /// settle: the end is written beside the beginning, and the hub forgets the exchange.
  func write(_ record: BusCore.Record, at now: Timestamp) {
    journal.recordLater([
      ExchangeRecord(
        exchange: record.exchange, kind: "steps", at: record.entries.last?.at ?? now,
        payload: Steps.encode(record.entries), state: record.state, businessKeys: record.keys,
        keep: record.state.isSettled ? keepPolicy(of: record) : nil, isDeadLetter: record.hasDeadLetters)
    ])
    guard record.state.isSettled else { return }
    work.remove(record.exchange)
    metrics.settled(record.state)
    observer.settled(record.state)
  }
}
