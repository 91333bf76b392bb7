import Dispatch
import HubKit
import Synchronization

/// Worker threads that evaluate plans and do other blocking work.
///
/// Each thread keeps its own compiled programs, because libjq's state belongs to one thread; plans are compiled when a
/// thread first meets them. The pool may be used from any number of tasks. Its threads end with ``shutdown()`` or when
/// nobody holds the pool any more.
public final class TransformPool: Sendable {
  private let limits: TransformLimits
  private let threads: WorkerThreads
  private let seats: [WorkerSeat]
  private let watchdog: Watchdog

  /// Starts the threads.
  public init(limits: TransformLimits = TransformLimits()) {
    self.limits = limits
    threads = WorkerThreads(count: limits.threads, queueMax: limits.queueMax)
    seats = (0..<limits.threads).map { _ in WorkerSeat(limits: limits) }
    watchdog = Watchdog(seats.map(\.brake), tick: limits.timeMax)
  }

  deinit {
    shutdown()
  }

  /// Does all that a plan asks for with one message, on a worker thread. May be called again with the same input at
  /// any time: the result is the same.
  ///
  /// - Throws: ``TransformUnavailable`` when no worker could look at it.
  public func evaluate(
    _ plan: TransformPlan, _ input: TransformInput
  ) async throws(TransformUnavailable) -> TransformResult {
    let outcome = await withCheckedContinuation {
      (continuation: CheckedContinuation<Result<TransformResult, TransformUnavailable>, Never>) in
      submit(
        { [seats, watchdog] worker in
          continuation.resume(returning: .success(seats[worker].evaluate(plan, input, watchdog)))
        }, refused: { continuation.resume(returning: .failure($0)) })
    }
    return try outcome.get()
  }

  /// Runs blocking or long work, such as a codec, on a worker thread.
  ///
  /// - Throws: what `work` throws, or ``TransformUnavailable`` when no worker could take it.
  public func run<T: Sendable>(_ work: @Sendable @escaping () throws -> T) async throws -> T {
    try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<T, any Error>) in
      submit(
        { _ in continuation.resume(with: Result { try work() }) },
        refused: { continuation.resume(throwing: $0) })
    }
  }

  /// Ends the threads: each finishes the work it is at, and what still waits fails with
  /// ``TransformUnavailable/stopped``. Returns at once; may be called more than once.
  public func shutdown() {
    threads.stop()
    watchdog.stop()
  }

  /// Exactly one of the two closures is called, exactly once.
  private func submit(
    _ work: @escaping @Sendable (_ worker: Int) -> Void,
    refused: @escaping @Sendable (TransformUnavailable) -> Void
  ) {
    let answer = threads.add { worker in
      if let worker { work(worker) } else { refused(.stopped) }
    }
    switch answer {
    case .taken: break
    case .full(let waiting): refused(.overloaded(waiting: waiting))
    case .stopped: refused(.stopped)
    }
  }
}

/// What belongs to one worker thread: its brake and its compiled plans.
///
/// Sendable without the compiler's proof: `plans` is touched only by the one thread whose number it has, as
/// ``WorkerThreads`` hands a number to one thread.
private final class WorkerSeat: @unchecked Sendable {
  let brake = Brake()
  private let limits: TransformLimits
  /// By id; more than one where messages of an earlier configuration are still on their way.
  private var plans: [String: [(plan: CompiledPlan, used: UInt64)]] = [:]
  private var planCount = 0
  private var clock: UInt64 = 0

  init(limits: TransformLimits) {
    self.limits = limits
  }

  func evaluate(_ plan: TransformPlan, _ input: TransformInput, _ watchdog: Watchdog) -> TransformResult {
    brake.begin(timeMax: limits.timeMax)
    watchdog.wake()
    defer { brake.end() }
    return compiled(plan).evaluate(input)
  }

  private func compiled(_ plan: TransformPlan) -> CompiledPlan {
    clock += 1
    if let kept = plans[plan.id], let index = kept.firstIndex(where: { $0.plan.plan == plan }) {
      plans[plan.id]?[index].used = clock
      return kept[index].plan
    }
    if planCount >= limits.plansMax { dropOldest() }
    let made = CompiledPlan(plan, limits: limits, brake: brake)
    plans[plan.id, default: []].append((made, clock))
    planCount += 1
    return made
  }

  private func dropOldest() {
    func lastUse(_ kept: [(plan: CompiledPlan, used: UInt64)]) -> UInt64 { kept.map(\.used).min() ?? .max }
    guard let (id, kept) = plans.min(by: { lastUse($0.value) < lastUse($1.value) }) else { return }
    let time = lastUse(kept)
    let left = kept.filter { $0.used != time }
    planCount -= kept.count - left.count
    plans[id] = left.isEmpty ? nil : left
  }
}

/// A thread that looks at the brakes while anything runs, and sleeps while nothing does.
private final class Watchdog: Sendable {
  private let state = Mutex((asleep: true, stopped: false))
  private let bell = DispatchSemaphore(value: 0)

  init(_ brakes: [Brake], tick timeMax: Duration) {
    let tick = min(max(timeMax / 8, .milliseconds(2)), .milliseconds(250))
    startThread(stackBytes: 1 << 20) { [self] in watch(brakes, tick: tick) }
  }

  /// Called by a worker when it has begun. The watchdog looks once more after it has decided to sleep, so that a
  /// beginning is never missed.
  func wake() {
    let wasAsleep = state.withLock { state in
      defer { state.asleep = false }
      return state.asleep
    }
    if wasAsleep { bell.signal() }
  }

  func stop() {
    state.withLock { $0.stopped = true }
    bell.signal()
  }

  private func watch(_ brakes: [Brake], tick: Duration) {
    while !state.withLock({ $0.stopped }) {
      let now = ContinuousClock.now
      var busy = false
      for brake in brakes where brake.look(at: now) { busy = true }
      if busy {
        _ = bell.wait(timeout: .now() + .microseconds(Int(tick.wholeMicroseconds)))
      } else if state.withLock({ state in
        defer { state.asleep = true }
        return state.asleep
      }) {
        bell.wait()
      }
    }
  }
}
