import Glibc

/// One thread of a pool with its worker process: hands it messages, hears its answers, ends it when a message takes too
/// long, and starts another.
final class ProcessSeat {
  /// Most messages that are in a worker's hands at a time: enough to save most of the changes from process to process.
  static let batchMax = 32

  private let program: WorkerProgram
  private let limits: TransformLimits
  private let line: WaitingLine<WorkerJob>
  private var child: WorkerChild?
  private var numbers: PlanNumbers
  private var starts = StartBackoff()

  init(_ program: WorkerProgram, limits: TransformLimits, line: WaitingLine<WorkerJob>) {
    self.program = program
    self.limits = limits
    self.line = line
    numbers = PlanNumbers(countMax: limits.plansMax)
  }

  /// Works until the line stops. The worker is started at once, so that what keeps it from starting is told early.
  func run() {
    _ = running()
    while let jobs = line.take(atMost: Self.batchMax) { work(jobs) }
    _ = child?.end()
  }

  /// Sees to it that each job has its answer, or stands in the line again.
  private func work(_ jobs: [WorkerJob]) {
    // A suspect is alone with its worker.
    if jobs.count > 1, let suspect = jobs.firstIndex(where: \.isSuspect) {
      giveBack(Array(jobs[(suspect == 0 ? 1 : suspect)...]))
      return work(Array(jobs[..<(suspect == 0 ? 1 : suspect)]))
    }
    if jobs.first?.isSuspect == true { endChild() }
    guard let child = running() else {
      for job in jobs { job.answer(.failure(.noWorker)) }
      return
    }
    var batch = Batch(jobs, timeMax: limits.timeMax)
    let ending = converse(child, &batch)
    guard ending != .answered else { return }
    let how = endChild()
    switch ending {
    case .late: settle(batch, .outOfTime)
    case .nonsense: settle(batch, .died("it does not keep to the protocol"))
    case .answered, .gone: settle(batch, how)
    }
  }

  /// How a conversation with a worker ends.
  private enum Ending {
    case answered
    /// A message takes too long.
    case late
    case nonsense
    /// The worker has ended.
    case gone
  }

  /// Hands the batch to the worker and hears its answers.
  private func converse(_ child: WorkerChild, _ batch: inout Batch) -> Ending {
    while !batch.isDone {
      while child.hasRoom, let job = batch.nextToSend() { send(job, to: child) }
      let heard = child.exchange()
      do {
        while try hear(child, &batch) {}
      } catch {
        return .nonsense
      }
      if batch.isDone { break }
      if heard == .end { return .gone }
      if batch.isOverdue { return .late }
      guard heard == .nothing else { continue }
      if batch.isLate(child.processorTime) { return .late }
      if line.hasIdle { giveBack(batch.takeBehindHead()) }
    }
    return .answered
  }

  private func send(_ job: WorkerJob, to child: WorkerChild) {
    let known = numbers.number(of: job.plan)
    if let forgotten = known.forgotten { child.write(.forget) { $0.put(forgotten) } }
    if known.isNew {
      child.write(.plan) {
        $0.put(known.number)
        job.plan.write(to: &$0)
      }
    }
    child.write(.job) {
      $0.put(known.number)
      job.input.write(to: &$0)
    }
  }

  /// - Returns: whether there was a frame.
  private func hear(_ child: WorkerChild, _ batch: inout Batch) throws(FrameError) -> Bool {
    let heard = try child.take { kind, reader throws(FrameError) -> TransformResult? in
      switch kind {
      case .compiling: batch.pause(child.processorTime)
      case .compiled: batch.goOn(child.processorTime)
      case .result: return try TransformResult(from: &reader)
      default: throw FrameError()
      }
      return nil
    }
    guard let heard else { return false }
    if let result = heard { try batch.answer(result) }
    return true
  }

  /// What becomes of a batch whose worker is no more.
  private func settle(_ batch: Batch, _ end: WorkerEnd) {
    guard let head = batch.head else { return giveBack(batch.behindHead) }
    program.onTrouble(.ended(plan: head.plan.id, end: end))
    if head.isSuspect || end == .outOfTime {
      head.fail(end, limits)
      return giveBack(batch.behindHead)
    }
    var suspect = head
    suspect.isSuspect = true
    giveBack([suspect] + batch.behindHead)
  }

  private func giveBack(_ jobs: [WorkerJob]) {
    for job in line.giveBack(jobs) { job.answer(.failure(.stopped)) }
  }

  // MARK: the process

  @discardableResult
  private func endChild() -> WorkerEnd {
    numbers = PlanNumbers(countMax: limits.plansMax)
    defer { child = nil }
    return child?.end() ?? .died("never started")
  }

  /// The worker, started if need be.
  ///
  /// - Returns: nil when none can be started now.
  private func running() -> WorkerChild? {
    if let child { return child }
    while starts.mayTry() {
      do throws(StartFailure) {
        let made = try start()
        starts.succeeded()
        child = made
        return made
      } catch {
        if starts.failed() { program.onTrouble(.cannotStart(reason: error.reason)) }
      }
    }
    return nil
  }

  private func start() throws(StartFailure) -> WorkerChild {
    let child = try WorkerChild(program, limits: limits)
    child.write(.settings) { WorkerSettings(parent: getpid(), limits: limits).write(to: &$0) }
    let end = ContinuousClock.now + StartBackoff.startMax
    while ContinuousClock.now < end {
      let heard = child.exchange()
      do throws(FrameError) {
        if let first = try child.take({ kind, _ throws(FrameError) in kind }) {
          if first == .ready { return child }
          break
        }
      } catch {
        break
      }
      if heard == .end { break }
    }
    throw StartFailure("\(program.path) does not get ready: \(child.end())")
  }
}
