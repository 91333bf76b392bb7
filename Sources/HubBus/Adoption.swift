internal import HubJournal
internal import HubKit
internal import HubRouting
internal import Synchronization

// Another configuration while the hub runs: all of it is swapped at once, between two decisions.

extension Bus {
  /// Goes on with another configuration, at once and as a whole. Its routes must be pinned in the journal by now.
  ///
  /// What was received before keeps to the routes of its receipt. Attempts under way end with the endpoint that they
  /// began with; the next ones go to the new one. What waits for an endpoint that is gone is parked, and nothing else
  /// waits for that. Sources of endpoints that changed are asked anew once the question under way has ended.
  public func adopt(_ setup: BusSetup) {
    let now = clock.now
    // An endpoint that comes back may have been paused by an operator before it went.
    let pauses = (try? journal.pauses()) ?? []
    let versions = (try? journal.versions()) ?? []
    state.withLock { state in
      let before = state.setup.planner.book
      pinned.keep(before, as: before.digest)
      state.setup = setup
      for (name, poller) in state.pollers where setup.endpoints[name] !== poller.endpoint {
        poller.stop.finish()
        state.pollFailures[name] = nil
      }
      for (name, resident) in state.residents where setup.endpoints[name] !== resident.endpoint {
        resident.stop.finish()
        state.residents[name] = nil
      }
      startResidents(&state)
      for effect in state.core.handle(.adopt(setup.policies), at: now) { carryOut(effect, at: now, &state) }
      for pause in pauses where state.core.endpoints[pause.endpoint]?.stop == nil {
        let stop = EndpointStop(since: pause.since, by: pause.by, reason: pause.reason)
        for effect in state.core.setStop(stop, of: pause.endpoint, at: now) ?? [] { carryOut(effect, at: now, &state) }
      }
      takeUpVersions(&state.core, versions)
      startPolling(&state)
    }
  }

  /// The routes of a configuration: today's when that one cannot be read any more.
  func book(_ digest: String) -> RouteBook {
    let today = setup.planner.book
    return digest == today.digest ? today : pinned.book(digest) ?? today
  }

  /// The planner of a configuration.
  func planner(for digest: String) -> Planner { setup.planner.following(book(digest)) }

  /// Asks all sources of an endpoint, until another configuration comes or the hub stops.
  func poll(_ endpoint: BusEndpoint, until end: AsyncStream<Never>) async {
    await run(until: end) {
      await withDiscardingTaskGroup { group in
        for source in endpoint.sources {
          group.addTask { await Poller(bus: self, endpoint: endpoint, source: source).run() }
        }
      }
    }
    state.withLock { state in
      state.pollers[endpoint.name] = nil
      startPolling(&state)
    }
  }

  /// Does something until it is done, another configuration comes, or the hub stops.
  func run(until end: AsyncStream<Never>, _ work: @escaping @Sendable () async -> Void) async {
    await withTaskGroup { group in
      group.addTask { for await _ in end {} }
      group.addTask { await work() }
      await group.next()
      group.cancelAll()
    }
  }

  /// Wakes the residents of endpoints that came into force. Those of endpoints that went end by themselves, once what
  /// they are at is done.
  func startResidents(_ state: inout State) {
    for endpoint in state.setup.endpoints.values where state.residents[endpoint.name] == nil {
      guard let resident = endpoint.resident else { continue }
      let (end, stop) = AsyncStream.makeStream(of: Never.self)
      state.residents[endpoint.name] = (endpoint, stop)
      jobSink.yield(.reside(resident, until: end))
    }
  }

  /// Starts to ask where nobody does yet. An endpoint that changed is asked by its old name's poller until that has
  /// ended: two would bring the same twice.
  func startPolling(_ state: inout State) {
    guard state.isAccepting else { return }
    for endpoint in state.setup.endpoints.values where !endpoint.sources.isEmpty {
      guard state.pollers[endpoint.name] == nil else { continue }
      let (end, stop) = AsyncStream.makeStream(of: Never.self)
      state.pollers[endpoint.name] = (endpoint, stop)
      jobSink.yield(.poll(endpoint, until: end))
    }
  }
}
