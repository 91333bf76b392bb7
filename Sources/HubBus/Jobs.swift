internal import HubKit
internal import HubRouting
internal import Synchronization

// What carrying out the core's decisions takes. Each job runs in a task of `run()`; what its end lets begin goes on in
// the same task, since starting another one costs as much as the rest of a small message.

extension Bus {
  /// Work of its own that an effect asks for.
  enum Job: Sendable {
    case plan(ExchangeID)
    case attempt(DeliveryRef, at: BusEndpoint, number: Int, afterSync: Bool)
    case poll(BusEndpoint, until: AsyncStream<Never>)
    case reside(any Resident, until: AsyncStream<Never>)
    case redeliver(Int64, until: AsyncStream<Never>)
    case mask(ExchangeID, Route)
    case read(String, Shelf.Reading)
    case locate(ExchangeID, [BusCore.VersionedLane])
    /// Nothing waits for its end, the hub's stop included.
    case compare(ShadowQuestion)
    case cancel(DeliveryRef)
    case wake(Timestamp)
    case stop(Timestamp)
  }

  /// Starts a job, or keeps it for the task that asked for one to go on with.
  func start(_ job: Job, _ state: inout State) {
    state.jobsUnderway += 1
    if state.keepsNext, state.next == nil { state.next = job } else { jobSink.yield(job) }
  }

  /// Sees a job through, and those that follow from it.
  func perform(_ first: Job) async {
    var next: Job? = first
    while let job = next { next = await carryOut(job) }
  }

  /// - Returns: what follows.
  private func carryOut(_ job: Job) async -> Job? {
    switch job {
    case .plan(let id):
      let input = await plan(id)
      return end { state in
        state.planning -= 1
        // What calls brought is in the journal, and the plan with it.
        if case .planned(_, .routed)? = input { state.callAnswers[id] = nil }
        if let input { decide(input, &state) }
      }
    case .attempt(let ref, let endpoint, let number, let afterSync):
      let attempt = await attempt(ref, at: endpoint, number: number, afterSync: afterSync)
      metrics.attempted(endpoint: endpoint.name, attempt)
      return end { state in
        if case .success = attempt.result {
          state.durations[endpoint.name, default: RecentDurations()].add(attempt.microseconds)
        }
        decide(.attempted(ref, attempt), &state)
        // The record has taken it, unless nobody waited for it any more.
        state.replies[ref] = nil
      }
    case .mask(let id, let route):
      await mask(id, by: route)
      return end { _ in }
    case .read(let endpoint, let reading):
      let input = await read(endpoint, reading)
      return end { state in if let input { decide(input, &state) } }
    case .locate(let id, let lanes):
      let input = await locate(id, lanes)
      return end { state in if let input { decide(input, &state) } }
    case .poll(let endpoint, let end): await poll(endpoint, until: end)
    case .reside(let resident, let end): await run(until: end) { await resident.run() }
    case .redeliver(let number, let end): await redeliver(number, until: end)
    case .compare(let question): await compare(question)
    case .cancel(let ref): watch.end(ref)
    case .wake(let time): if (try? await clock.sleep(until: time)) != nil { submit(.tick) }
    case .stop(let time): if (try? await clock.sleep(until: time)) != nil { jobSink.finish() }
    }
    return nil
  }

  /// Takes in how a job ended.
  ///
  /// - Returns: the first job that follows from it.
  private func end(_ change: (inout State) -> Void) -> Job? {
    let (next, isIdle) = state.withLock { state in
      state.keepsNext = true
      change(&state)
      state.keepsNext = false
      state.jobsUnderway -= 1
      return (state.next.take(), state.isDraining && state.jobsUnderway == 0)
    }
    if isIdle { jobSink.finish() }
    return next
  }
}
