internal import HubJournal
internal import HubKit
internal import Logging
internal import ServiceLifecycle

/// Asks one source, hands what it brings to the bus, and tells the source what became of it: accepted first,
/// acknowledged after, so that a crash between the two repeats and never loses.
struct Poller {
  let bus: Bus
  let endpoint: BusEndpoint
  let source: any PollingSource

  /// Works until the task is cancelled or the hub stops.
  func run() async {
    await cancelWhenGracefulShutdown {
      var failures = 0
      while !Task.isCancelled {
        let wait: Duration
        if bus.isStopped(endpoint.name) {
          try? await bus.clock.sleep(until: bus.clock.now + endpoint.pollEvery)
          continue
        }
        do throws(AdapterError) {
          let hasMore = try await round()
          if failures > 0 { bus.reportPolling(endpoint.name, failure: nil) }
          failures = 0
          wait = hasMore ? .zero : endpoint.pollEvery
        } catch {
          failures += 1
          wait = endpoint.policy.backoff(after: failures, jitter: .random(in: 0...1))
          if !Task.isCancelled { bus.reportPolling(endpoint.name, failure: error) }
        }
        try? await bus.clock.sleep(until: bus.clock.now + wait)
      }
    }
  }

  private var cursorName: String { "\(endpoint.name)/\(source.name)" }

  /// One page. Returns whether more waits.
  private func round() async throws(AdapterError) -> Bool {
    let cursor = try? bus.journal.cursor(of: cursorName)
    let page = try await source.poll(after: cursor, limit: endpoint.pollLimit, bodies: bus.bodies)
    guard !page.items.isEmpty else { return false }
    let refusals = try await accept(page)
    try await source.acknowledge(page, refusals: refusals)
    return page.hasMore
  }

  /// All at once; when one is refused, one by one, so that it does not bar the others.
  private func accept(_ page: Page) async throws(AdapterError) -> [Int: NotAccepted] {
    let messages = page.items.map { Message(envelope: $0.envelope, body: $0.body, principal: .endpoint(endpoint.name)) }
    let cursor = page.cursor.map { Cursor(source: cursorName, value: $0) }
    do {
      _ = try await bus.accept(messages, advancing: cursor, isTrial: true)
      return [:]
    } catch {
      try stopIfPassing(error)
    }
    var refusals: [Int: NotAccepted] = [:]
    for (index, message) in messages.enumerated() {
      do {
        _ = try await bus.accept([message], advancing: nil)
      } catch {
        try stopIfPassing(error)
        refusals[index] = error
        bus.journal.discard(message.body)
      }
    }
    if let cursor { await advance(cursor) }
    return refusals
  }

  private func advance(_ cursor: Cursor) async {
    do {
      _ = try await bus.journal.accept([], advancing: cursor)
    } catch {
      bus.logger.error("a cursor could not be advanced", metadata: ["source": "\(cursorName)", "reason": "\(error)"])
    }
  }

  /// What the hub cannot take now stays with the far side, unacknowledged.
  private func stopIfPassing(_ error: NotAccepted) throws(AdapterError) {
    switch error.code {
    case .tooMany, .unavailable, .full:
      throw AdapterError(.retry(after: error.retryAfter), code: error.code.rawValue, reason: error.reason)
    default: return
    }
  }
}
