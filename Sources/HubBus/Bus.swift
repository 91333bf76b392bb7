public import HubJournal
public import HubKit
internal import HubRouting
public import Logging
public import ServiceLifecycle
internal import Synchronization

/// The bus: takes messages in, sees each through to its end, and tells what became of it.
///
/// Decisions are made by ``BusCore`` under one lock; this shell carries them out with tasks. `Pipeline.swift` shows
/// the way of a message on one screen.
public final class Bus: Service, Gateway {
  struct State {
    /// The configuration in force.
    var setup: BusSetup
    var core: BusCore
    var waiters: [ExchangeID: [Int: CheckedContinuation<Outcome?, Never>]] = [:]
    var nextWaiter = 0
    /// The last exchanges that settled, whose end may not be on the disk yet.
    var recentOutcomes = RecentOutcomes()
    /// What far systems answered, until the record that names it is written.
    var replies: [DeliveryRef: Reply] = [:]
    /// Answers, as routes mapped them, for those who wait.
    var answers: [ExchangeID: Reply] = [:]
    /// Questions that were put ahead of their records, until their attempts begin.
    var ahead: [ExchangeID: AheadCall] = [:]
    /// What calls brought, for plans that are being made again.
    var callAnswers: [ExchangeID: Planner.CallAnswers] = [:]
    /// How many questions are being put in shadow, by endpoint.
    var comparing: [String: Int] = [:]
    var isAccepting = false
    var isDraining = false
    var jobsUnderway = 0
    /// Whether the next job to start is kept in `next`, for the task that asks to go on with it.
    var keepsNext = false
    var next: Job?
    /// Messages that are being looked over or written down, and those that wait to be routed and mapped.
    var admitting = 0, planning = 0
    /// The endpoints that are being asked, and what stops asking.
    var pollers: [String: (endpoint: BusEndpoint, stop: AsyncStream<Never>.Continuation)] = [:]
    /// The endpoints whose residents live, and what ends them.
    var residents: [String: (endpoint: BusEndpoint, stop: AsyncStream<Never>.Continuation)] = [:]
    /// The redelivery jobs that are at work, and what halts them.
    var redeliveries: [Int64: AsyncStream<Never>.Continuation] = [:]
    /// Why sources of an endpoint cannot be asked.
    var pollFailures: [String: String] = [:]
    var durations: [String: RecentDurations] = [:]
    /// By how much the clock's time was ahead of the time that has passed, when that was last looked at.
    var clockOffset: Duration?
    /// Free bytes on the journal's disk, and when they were looked at.
    var freeDisk: (bytes: Int, at: Timestamp)?
  }

  let journal: Journal
  let pinned: PinnedBooks
  let clock: any HubClock
  let logger: Logger
  let metrics = BusMetrics()
  let work: WorkCache
  let arrivals: Arrivals
  let watch = AttemptWatch()
  let state: Mutex<State>
  let jobs: AsyncStream<Job>
  let jobSink: AsyncStream<Job>.Continuation
  let masking: Masking
  let observer: any BusObserver
  /// What orders are being carried out about.
  let ordering = Mutex<Set<String>>([])

  /// Sets the bus up; nothing moves before ``run()``.
  ///
  /// - Parameters:
  ///   - journal: open, and closed by whoever opened it after the bus has stopped.
  ///   - setup: the configuration in force, until ``adopt(_:)`` is given another one.
  ///   - pinnedBook: reads the routes of an earlier configuration, by digest, for exchanges that it began; nil when
  ///     they cannot be read any more.
  public init(
    journal: Journal, setup: BusSetup, pinnedBook: @escaping @Sendable (String) -> RouteBook?, masking: Masking,
    observer: any BusObserver, clock: any HubClock, logger: Logger
  ) {
    self.journal = journal
    pinned = PinnedBooks(read: pinnedBook)
    self.clock = clock
    self.logger = logger
    self.masking = masking
    self.observer = observer
    work = WorkCache(bytesMax: setup.limits.workBytesMax)
    arrivals = Arrivals(bytesMax: setup.limits.workBytesMax / 4)
    state = Mutex(State(setup: setup, core: BusCore(endpoints: setup.policies)))
    (jobs, jobSink) = AsyncStream.makeStream(of: Job.self)
  }

  /// The configuration in force. Whoever looks twice may see two: one step of a message looks once.
  var setup: BusSetup { state.withLock { $0.setup } }

  /// Whether messages are taken.
  public var isAccepting: Bool { state.withLock { $0.isAccepting } }

  /// Where large bodies go.
  public var bodies: any BodyStore { journal }

  /// Takes up what the journal holds, then works until the service group asks it to stop; attempts under way then get
  /// ``BusLimits/drain`` to end.
  public func run() async throws {
    try takeUpOrders()
    try await takeUpOpenExchanges()
    try await maskWhatWasLeft()
    let redeliveries = try journal.redeliveries(.running)
    state.withLock { state in
      state.isAccepting = true
      for job in redeliveries { startRedelivery(job.number, &state) }
      startResidents(&state)
      startPolling(&state)
    }
    await withGracefulShutdownHandler {
      await withDiscardingTaskGroup { group in
        group.addTask { await self.sweepRegularly() }
        group.addTask { await self.watch.run(self.clock) }
        for await job in jobs { group.addTask { await self.perform(job) } }
        group.cancelAll()
      }
    } onGracefulShutdown: {
      self.drain()
    }
  }

  /// Stops new attempts and ends ``run()`` when those under way have ended, or when their time is up.
  private func drain() {
    submit(.drain)
    let (isIdle, time) = state.withLock { state in
      state.isAccepting = false
      state.isDraining = true
      return (state.jobsUnderway == 0, state.setup.limits.drain)
    }
    if isIdle { jobSink.finish() } else { jobSink.yield(.stop(clock.now + time)) }
  }

  /// Tells the core what happened and carries out what it decides.
  func submit(_ input: BusCore.Input) {
    state.withLock { decide(input, &$0) }
  }

  /// The same for somebody who has the state already.
  func decide(_ input: BusCore.Input, _ state: inout State) {
    let now = time(&state)
    for effect in state.core.handle(input, at: now) { carryOut(effect, at: now, &state) }
  }

  /// The time by which the core decides. When somebody has set the clock meanwhile, the core is told first.
  func time(_ state: inout State) -> Timestamp {
    let now = clock.now
    let offset = now - Timestamp(microseconds: 0) - clock.elapsed
    let jump = offset - (state.clockOffset ?? offset)
    guard jump > .seconds(1) || jump < .seconds(-1) else {
      if state.clockOffset == nil { state.clockOffset = offset }
      return now
    }
    state.clockOffset = offset
    logger.notice("the clock was set / đồng hồ được chỉnh", metadata: ["seconds": "\(jump.components.seconds)"])
    for effect in state.core.clockWasSet(by: jump, at: now) { carryOut(effect, at: now, &state) }
    return now
  }

  /// Runs under the lock, so that records reach the journal in the order of the decisions.
  func carryOut(_ effect: BusCore.Effect, at now: Timestamp, _ state: inout State) {
    switch effect {
    case .plan(let id):
      state.planning += 1
      start(.plan(id), &state)
    case .attempt(let ref, let name, let number, let afterSync):
      // The attempt ends with the endpoint that it begins with, whatever configuration comes meanwhile.
      let endpoint = state.setup.endpoints[name] ?? BusEndpoint(name: name, connector: "", outbound: nil)
      start(.attempt(ref, at: endpoint, number: number, afterSync: afterSync), &state)
    case .record(let record):
      write(record, at: now, &state)
      if let route = maskingRoute(of: record) { start(.mask(record.exchange, route), &state) }
    case .asleep(let id): work.remove(id)
    case .read(let endpoint, let reading): start(.read(endpoint, reading), &state)
    case .locate(let id, let lanes): start(.locate(id, lanes), &state)
    case .answered(let id, let outcome): tell(id, outcome, &state)
    // Not here: whoever is cancelled may have something to say to the bus at once.
    case .cancel(let ref): jobSink.yield(.cancel(ref))
    case .settled(let id, let outcome):
      state.callAnswers[id] = nil
      state.recentOutcomes.add(outcome, of: id)
      tell(id, outcome, &state)
    case .wake(let time): jobSink.yield(.wake(time))
    }
  }

  private func tell(_ id: ExchangeID, _ outcome: Outcome, _ state: inout State) {
    for waiter in (state.waiters.removeValue(forKey: id) ?? [:]).values { waiter.resume(returning: outcome) }
  }

  private func sweepRegularly() async {
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        do {
          try await self.sweep()
          try await self.expireSleeping()
        } catch is CancellationError {
          return
        } catch {
          self.logger.error("sweeping failed", metadata: ["reason": "\(error)"])
        }
        try? await self.clock.sleep(until: self.clock.now + self.setup.limits.sweepEvery)
      }
    }
  }

  /// Lets go what is old, in small steps, so that receipts never wait long. It takes half of the journal's time at
  /// most: after each step it waits as long as the step took.
  private func sweep() async throws {
    while true {
      let begin = clock.now
      guard try await journal.sweep(limit: 200) + journal.thin(limit: 200) > 0 else { return }
      try await clock.sleep(until: clock.now + (clock.now - begin))
    }
  }
}

/// How the last exchanges ended, oldest out first.
struct RecentOutcomes {
  private var outcomes: [ExchangeID: Outcome] = [:]
  private var order: [ExchangeID] = []
  private var next = 0
  private static let countMax = 4096

  subscript(id: ExchangeID) -> Outcome? { outcomes[id] }

  mutating func add(_ outcome: Outcome, of id: ExchangeID) {
    if order.count < Self.countMax {
      order.append(id)
    } else {
      outcomes[order[next]] = nil
      order[next] = id
      next = (next + 1) % Self.countMax
    }
    outcomes[id] = outcome
  }
}
