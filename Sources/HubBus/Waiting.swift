internal import HubJournal
public import HubKit
internal import Synchronization

extension Bus {
  /// Waits for an exchange to settle; nil when it has not within `duration`.
  public func outcome(of receipt: Receipt, within duration: Duration) async -> Outcome? {
    let id = receipt.exchange
    let ticket = state.withLock { state in
      state.nextWaiter += 1
      return state.nextWaiter
    }
    return await withTaskGroup(of: Outcome?.self) { group in
      group.addTask { await self.settled(id, ticket: ticket) }
      group.addTask {
        try? await self.clock.sleep(until: self.clock.now + duration)
        self.abandon(id, ticket: ticket)
        return nil
      }
      let first = await group.next() ?? nil
      group.cancelAll()
      abandon(id, ticket: ticket)
      return first
    }
  }

  private func settled(_ id: ExchangeID, ticket: Int) async -> Outcome? {
    await withCheckedContinuation { continuation in
      let isOpen = state.withLock { $0.core.exchanges[id] != nil }
      if !isOpen, let outcome = endedOutcome(id) { return continuation.resume(returning: outcome) }
      let isWaiting = state.withLock { state in
        // Cancelled means abandoned, and whoever abandoned has looked for this ticket already.
        guard !Task.isCancelled else { return false }
        state.waiters[id, default: [:]][ticket] = continuation
        return true
      }
      guard isWaiting else { return continuation.resume(returning: nil) }
      // It sleeps on the disk, or it has ended since it was looked for.
      if state.withLock({ $0.core.exchanges[id] == nil }), let outcome = endedOutcome(id) {
        abandon(id, ticket: ticket, outcome)
      }
    }
  }

  /// How an exchange ended that is open no more: from memory while its last step may still be on its way to the disk.
  private func endedOutcome(_ id: ExchangeID) -> Outcome? {
    state.withLock { $0.recentOutcomes[id] } ?? storedOutcome(id)
  }

  private func abandon(_ id: ExchangeID, ticket: Int, _ outcome: Outcome? = nil) {
    let waiter = state.withLock { state in
      let waiter = state.waiters[id]?.removeValue(forKey: ticket)
      if state.waiters[id]?.isEmpty == true { state.waiters[id] = nil }
      return waiter
    }
    waiter?.resume(returning: outcome)
  }

  private func storedOutcome(_ id: ExchangeID) -> Outcome? {
    guard let view = try? history.exchange(id), view.state.isSettled else { return nil }
    return Outcome(state: view.state, reason: view.reason)
  }
}
