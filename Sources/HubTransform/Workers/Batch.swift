/// The jobs in one worker's hands, oldest first: it works at the first that has no answer yet.
struct Batch {
  /// Most time for compiling. `lgsp check` has compiled it before a hub starts, so this is a last resort.
  static let compileMax: Duration = .seconds(60)

  private let timeMax: Duration
  /// nil: another worker has it now, and the answer of this one is not needed.
  private var jobs: [WorkerJob?]
  private var sent = 0
  private var answered = 0
  /// By the clock a message may take so many times its time: the machine may have other work.
  static let patience = 10

  private var began: ContinuousClock.Instant = .now
  /// Processor time that the worker has spent on the one that it works at, up to ``mark``.
  private var spent: Duration = .zero
  /// The worker's processor time when it was last looked at; nil: not since it began, or since it compiles.
  private var mark: Duration?
  /// How long the worker has compiled for the one that it works at.
  private var compiling: Duration = .zero
  private var pausedAt: ContinuousClock.Instant?

  init(_ jobs: [WorkerJob], timeMax: Duration) {
    self.jobs = jobs
    self.timeMax = timeMax
  }

  /// Whether each has its answer.
  var isDone: Bool { answered == jobs.count }

  /// Whether nothing should be waited for any more, whatever the worker is doing.
  var isOverdue: Bool {
    let now = ContinuousClock.now
    let compiled = compiling + (pausedAt.map { now - $0 } ?? .zero)
    return compiled > Self.compileMax || now - began - compiled > timeMax * Self.patience
  }

  /// Looks at the worker's processor time after a while without an answer.
  ///
  /// - Returns: whether the one that is worked at has had its time.
  mutating func isLate(_ processorTime: Duration) -> Bool {
    guard pausedAt == nil else { return false }
    spend(processorTime)
    return spent > timeMax
  }

  private mutating func spend(_ processorTime: Duration) {
    if let mark { spent += processorTime - mark }
    mark = processorTime
  }

  /// The one that is worked at; nil when another worker has it as well.
  var head: WorkerJob? { isDone ? nil : jobs[answered] }

  /// Those that wait behind it for this worker alone.
  var behindHead: [WorkerJob] { jobs.dropFirst(answered + 1).compactMap { $0 } }

  /// The next one to be handed over; nil when all have been.
  mutating func nextToSend() -> WorkerJob? {
    while sent < jobs.count {
      defer { sent += 1 }
      if let job = jobs[sent] { return job }
    }
    return nil
  }

  /// Takes those behind the one that is worked at from this worker. It will do those that it has got already all the
  /// same: they are evaluated twice then, with the same result.
  mutating func takeBehindHead() -> [WorkerJob] {
    guard !isDone else { return [] }
    let taken = behindHead
    jobs.removeLast(jobs.count - max(sent, answered + 1))
    for index in jobs.indices.dropFirst(answered + 1) { jobs[index] = nil }
    return taken
  }

  /// The worker compiles something.
  mutating func pause(_ processorTime: Duration) {
    if mark != nil { spend(processorTime) }
    pausedAt = pausedAt ?? .now
  }

  /// The worker goes on with the message.
  mutating func goOn(_ processorTime: Duration) {
    guard let pausedAt else { return }
    mark = processorTime
    compiling += .now - pausedAt
    self.pausedAt = nil
  }

  /// Hands an answer to the oldest without one.
  ///
  /// - Throws: when none is due.
  mutating func answer(_ result: TransformResult) throws(FrameError) {
    guard answered < sent else { throw FrameError() }
    jobs[answered]?.answer(.success(result))
    answered += 1
    began = .now
    (compiling, spent) = (.zero, .zero)
    (mark, pausedAt) = (nil, nil)
  }
}
