internal import HubJournal
public import HubKit
internal import HubRouting
internal import Synchronization

// The way of a message, on one screen: admit -> journal -> receipt -> route and transform -> deliver -> settle.

extension Bus {
  /// admit, journal, receipt
  public func accept(_ messages: [Message], advancing cursor: Cursor?) async throws(NotAccepted) -> [Receipt] {
    try await accept(messages, advancing: cursor, isTrial: false)
  }

  /// The same; the refusal of a trial is not recorded, since its messages come again one by one.
  func accept(
    _ messages: [Message], advancing cursor: Cursor?, isTrial: Bool
  ) async throws(NotAccepted) -> [Receipt] {
    let (receivedAt, setup) = (clock.now, setup)
    return try await admitting(messages, by: setup) { () async throws(NotAccepted) -> [Receipt] in
      var batch: [Admission.Admitted] = []
      for (index, message) in messages.enumerated() {
        batch.append(try await admit(message, index: index, by: setup, isTrial: isTrial))
      }
      let entries = batch.map { newExchange($0, by: setup.planner.book, receivedAt) }
      return try await writeDown(entries, by: setup.planner.book, advancing: cursor)
    }
  }

  /// The same, for somebody who waits for the answer.
  public func ask(_ message: Message, within duration: Duration) async throws(NotAccepted) -> Answer {
    let (receivedAt, setup) = (clock.now, setup)
    let (receipt, patience) = try await admitting([message], by: setup) {
      () async throws(NotAccepted) -> (Receipt, Duration) in
      var admitted = try await admit(message, index: 0, by: setup)
      let wait = try setup.patience(of: admitted.message.envelope, duration)
      admitted.message.envelope.extensions[ExtensionName.deadline] = (receivedAt + wait).description
      return (try await writeDown(newExchange(admitted, by: setup.planner.book, receivedAt), by: setup), wait)
    }
    // Its attempt has taken it by now, if there was one. Whoever repeats a question takes nothing from the first.
    defer { if !receipt.duplicate { dropAhead(receipt.exchange) } }
    return await answer(to: receipt, until: receivedAt + patience)
  }

  /// route and transform
  func plan(_ id: ExchangeID) async -> BusCore.Input? {
    while true {
      let started = clock.now
      guard let (result, arrival) = await planned(id) else {
        return .planned(id, .unroutable(reason: "Its message is no longer in the journal."))
      }
      let microseconds = (clock.now - started).wholeMicroseconds
      switch result {
      case .routed(let routed):
        work.insert(Work(routed, of: arrival.message), for: id)
        var plan = BusCore.Routed(
          route: routed.route.name, deliveries: withShadows(routed.deliveries, arrival.message.envelope.question),
          keys: routed.keys, notes: routed.notes,
          microseconds: microseconds)
        guard !routed.children.isEmpty else { return .planned(id, .routed(plan)) }
        if await split(arrival, into: routed.children, &plan) { return nil }
      case .asks(let route, let asked):
        let bodies = [asked.delivery.call ?? "": asked.body]
        work.insert(Work(envelope: asked.envelope, body: .empty, mediaType: nil, calls: bodies), for: id)
        let calls = withShadows([asked.delivery], Question())
        return .planned(id, .calls(route: route.name, calls: calls, keys: asked.keys, microseconds: microseconds))
      case .invalid(let route, let violations):
        return .planned(id, .invalid(route: route.name, violations: violations, microseconds: microseconds))
      case .unroutable(let reason): return .planned(id, .unroutable(reason: reason))
      case .unavailable: break
      }
      // Workers or journal are busy. When the hub stops first, the next start takes it up.
      guard await waitToPlan() else { return nil }
    }
  }

  /// deliver
  func attempt(_ ref: DeliveryRef, at endpoint: BusEndpoint, number: Int, afterSync: Bool) async -> BusCore.Attempt {
    let started = clock.now
    let (result, sent) = await announced(afterSync) { await deliver(ref, at: endpoint, number: number) }
    return BusCore.Attempt(
      result: result, microseconds: (clock.now - started).wholeMicroseconds, sent: sent, jitter: .random(in: 0...1))
  }

  /// settle: the end is written beside the beginning, and the hub forgets the exchange.
  func write(_ record: BusCore.Record, at now: Timestamp, _ state: inout State) {
    let shelved = shelfEntries(record.shelved)
    guard !record.entries.isEmpty else { return journal.shelveLater(shelved, of: record.exchange) }
    journal.recordLater([
      ExchangeRecord(
        exchange: record.exchange, kind: "steps", at: record.entries.last?.at ?? now,
        payload: Steps.encode(record.entries), state: record.state, businessKeys: record.keys,
        keep: record.state.isSettled ? keepPolicy(of: record) : nil, isDeadLetter: record.hasDeadLetters,
        shelved: shelved, leavesShelf: record.leavesShelf, replies: takeReplies(of: record, &state),
        redeliveries: record.redelivered.map { RedeliveryMark($0) })
    ])
    // A dead letter that is given up has ended before.
    guard record.entries.last?.name == .settled else { return }
    work.remove(record.exchange)
    metrics.settled(record.state)
    observer.settled(record.state)
  }
}
