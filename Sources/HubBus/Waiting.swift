public import HubKit
internal import HubJournal
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
      let isOpen = state.withLock { state in
        guard state.core.exchanges[id] != nil else { return false }
        state.waiters[id, default: [:]][ticket] = continuation
        return true
      }
      if !isOpen { continuation.resume(returning: storedOutcome(id)) }
    }
  }

  private func abandon(_ id: ExchangeID, ticket: Int) {
    let waiter = state.withLock { state in
      let waiter = state.waiters[id]?.removeValue(forKey: ticket)
      if state.waiters[id]?.isEmpty == true { state.waiters[id] = nil }
      return waiter
    }
    waiter?.resume(returning: nil)
  }

  private func storedOutcome(_ id: ExchangeID) -> Outcome? {
    guard let view = try? history.exchange(id), view.state.isSettled else { return nil }
    return Outcome(state: view.state, reason: view.reason)
  }
}
