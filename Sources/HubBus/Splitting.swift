internal import HubJournal
internal import HubKit
internal import Logging
internal import Synchronization

// Splitter: the parts become exchanges of their own, in one commit with the step that says so.

extension Bus {
  /// Business key under which the parts of an exchange are found.
  static let parentKey = "parent"

  /// Writes the parts down together with the parent's plan, then lets all of them go on.
  ///
  /// - Returns: false when nothing was written: the plan is to be made again when the journal takes something again.
  func split(_ parent: Arrival, into messages: [Message], _ plan: inout BusCore.Routed) async -> Bool {
    let splitMax = setup.limits.splitMax
    guard messages.count <= splitMax else {
      let what = "The message splits into \(messages.count) parts; at most \(splitMax) are allowed."
      let violations = [Violation(rule: "split-too-many", message: what)]
      submit(
        .planned(
          parent.id, .invalid(route: plan.route, violations: violations, microseconds: plan.microseconds)))
      return true
    }
    // Its time may be over by now: then there is nothing to split.
    guard state.withLock({ $0.core.exchanges[parent.id] != nil }) else { return true }
    let now = clock.now
    let children = messages.enumerated().map { index, message in
      var message = message
      // No sender can have used this id before.
      message.envelope.id = "\(parent.id)#\(index + 1)"
      return NewExchange(
        id: .make(at: now), message: message, receivedAt: now, fingerprint: nil,
        configuration: parent.configuration,
        businessKeys: [BusinessKey(name: Self.parentKey, value: parent.id.text)])
    }
    plan.children = children.map(\.id)
    // Written together with the parts, so its versions are chosen here, by what memory knows.
    plan.deliveries = state.withLock { state in
      guard let seat = state.core.exchanges[parent.id] else { return plan.deliveries }
      return plan.deliveries.map { planned in
        var planned = planned
        planned.endpoint = state.core.version(for: planned, seat)
        return planned
      }
    }
    plan.isWritten = true
    let record = ExchangeRecord(
      exchange: parent.id, kind: "steps", at: now, payload: Steps.encode(plan.entries(at: now)), state: .underway,
      businessKeys: plan.keys)
    do {
      let acceptances = try await journal.accept(children, advancing: nil, recording: [record])
      begin(children, acceptances, of: parent, plan)
      return true
    } catch {
      return false
    }
  }

  private func begin(
    _ children: [NewExchange], _ acceptances: [Acceptance], of parent: Arrival, _ plan: BusCore.Routed
  ) {
    var seats: [ExchangeSeat] = []
    for (child, acceptance) in zip(children, acceptances) {
      guard case .new(let sequence) = acceptance else {
        let what = "A part of the message has an id that was used before."
        let violations = [Violation(rule: "split-conflict", message: what)]
        return submit(
          .planned(
            parent.id, .invalid(route: plan.route, violations: violations, microseconds: plan.microseconds)))
      }
      seats.append(seat(child, sequence: sequence, book: book(child.configuration), parent: parent.id))
    }
    submit(.planned(parent.id, .routed(plan)))
    for seat in seats { submit(.received(seat)) }
  }

  /// How those parts of an exchange ended that are settled.
  func endedChildren(of entries: [TimelineEntry]) throws(JournalError) -> [ExchangeID: ExchangeState] {
    var ended: [ExchangeID: ExchangeState] = [:]
    for child in entries.flatMap({ $0.children ?? [] }) {
      guard let stored = try journal.exchange(child), stored.state.isSettled else { continue }
      ended[child] = stored.state
    }
    return ended
  }
}
