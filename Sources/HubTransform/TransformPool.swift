import HubKit

/// Workers that evaluate plans, and threads for other blocking work.
///
/// Plans are evaluated in worker processes: what one of them does with a message, however hostile, ends with it, within
/// its limits of time and memory. A pool without a program evaluates on its own threads instead, where nothing bounds a
/// mapping; that is for tests, whose mappings are their own.
///
/// Each worker keeps its own compiled programs; plans are compiled when a worker first meets them. The pool may be used
/// from any number of tasks. Workers end with ``shutdown()``, when nobody holds the pool, or with this process.
public final class TransformPool: Sendable {
  private let limits: TransformLimits
  private let threads: WorkerThreads
  private let workers: Workers

  /// A frame's length has four bytes, and both sides keep a message whole.
  private static let inputBytesMax = (1 << 31) - (1 << 20)

  private enum Workers {
    case threads([ThreadSeat])
    case processes(WaitingLine<WorkerJob>)
  }

  /// Starts the threads.
  ///
  /// - Parameter program: what worker processes run; nil: plans are evaluated on the pool's threads.
  public init(limits: TransformLimits = TransformLimits(), program: WorkerProgram?) {
    self.limits = limits
    threads = WorkerThreads(count: limits.threads, queueMax: limits.queueMax)
    guard let program else {
      workers = .threads((0..<limits.threads).map { _ in ThreadSeat(limits: limits) })
      return
    }
    let line = WaitingLine<WorkerJob>(takers: limits.threads, countMax: limits.queueMax)
    workers = .processes(line)
    for _ in 0..<limits.threads {
      startThread(stackBytes: 1 << 20) { ProcessSeat(program, limits: limits, line: line).run() }
    }
  }

  deinit {
    shutdown()
  }

  /// Does all that a plan asks for with one message; one that asks for nothing goes to no worker. May be called again
  /// with the same input at any time: the result is the same.
  ///
  /// A message that a worker process could not bear is invalid, by the rule `out-of-time`, `out-of-memory` or
  /// `worker-died`.
  ///
  /// - Throws: ``TransformUnavailable`` when no worker could look at it.
  public func evaluate(
    _ plan: TransformPlan, _ input: TransformInput
  ) async throws(TransformUnavailable) -> TransformResult {
    guard !plan.isEmpty else { return .output(TransformOutput()) }
    let outcome = await withCheckedContinuation {
      (continuation: CheckedContinuation<Result<TransformResult, TransformUnavailable>, Never>) in
      switch workers {
      case .threads(let seats):
        submit(
          { continuation.resume(returning: .success(seats[$0].evaluate(plan, input))) },
          refused: { continuation.resume(returning: .failure($0)) })
      case .processes(let line):
        guard input.bytesCount <= Self.inputBytesMax else {
          continuation.resume(returning: .success(.invalid(tooLargeInput(plan.id).violations)))
          return
        }
        let job = WorkerJob(plan: plan, input: input, answer: { continuation.resume(returning: $0) })
        if let refusal = Self.refusal(line.add(job)) { job.answer(.failure(refusal)) }
      }
    }
    return try outcome.get()
  }

  /// Runs blocking or long work, such as a codec, on a thread of the pool.
  ///
  /// - Throws: what `work` throws, or ``TransformUnavailable`` when no thread could take it.
  public func run<T: Sendable>(_ work: @Sendable @escaping () throws -> T) async throws -> T {
    try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<T, any Error>) in
      submit(
        { _ in continuation.resume(with: Result { try work() }) },
        refused: { continuation.resume(throwing: $0) })
    }
  }

  /// Ends the workers: each finishes the work it is at, and what still waits fails with
  /// ``TransformUnavailable/stopped``. Returns at once; may be called more than once.
  public func shutdown() {
    threads.stop()
    if case .processes(let line) = workers {
      for job in line.stop() { job.answer(.failure(.stopped)) }
    }
  }

  /// Exactly one of the two closures is called, exactly once.
  private func submit(
    _ work: @escaping @Sendable (_ worker: Int) -> Void,
    refused: @escaping @Sendable (TransformUnavailable) -> Void
  ) {
    let answer = threads.add { worker in
      if let worker { work(worker) } else { refused(.stopped) }
    }
    if let refusal = Self.refusal(answer) { refused(refusal) }
  }

  private static func refusal<Element>(_ answer: WaitingLine<Element>.Answer) -> TransformUnavailable? {
    switch answer {
    case .taken: nil
    case .full(let waiting): .overloaded(waiting: waiting)
    case .stopped: .stopped
    }
  }
}

/// What belongs to one thread of a pool without processes.
///
/// Sendable without the compiler's proof: it is touched only by the one thread whose number it has, as
/// ``WorkerThreads`` hands a number to one thread.
private final class ThreadSeat: @unchecked Sendable {
  private var numbers: PlanNumbers
  private let evaluator: Evaluator

  init(limits: TransformLimits) {
    numbers = PlanNumbers(countMax: limits.plansMax)
    evaluator = Evaluator(limits: limits)
  }

  func evaluate(_ plan: TransformPlan, _ input: TransformInput) -> TransformResult {
    let known = numbers.number(of: plan)
    if let forgotten = known.forgotten { evaluator.forget(forgotten) }
    if known.isNew { evaluator.learn(plan, as: known.number) }
    return evaluator.evaluate(known.number, input) ?? .notMatched
  }
}
