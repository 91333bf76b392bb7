import Dispatch
import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// Threads with a queue in front of them. They are threads of the operating system, so that blocking and long work
/// never takes a thread of Swift's cooperative pool.
final class WorkerThreads: Sendable {
  /// Work for whichever thread is free; it is handed the number of the thread, or nil when the threads stopped first.
  typealias Job = @Sendable (_ worker: Int?) -> Void

  private struct State {
    var waiting: [Job] = []
    /// Where the next job stands in `waiting`; what lies before it is done.
    var next = 0
    var stopped = false
  }

  /// What a queue says to a new job.
  enum Answer {
    case taken
    case full(waiting: Int)
    case stopped
  }

  private let count: Int
  private let queueMax: Int
  private let state = Mutex(State())
  private let ready = DispatchSemaphore(value: 0)

  /// Room for deep recursion inside C libraries: they free and print nested values recursively.
  private static let stackBytes = 256 << 20

  /// Starts `count` threads.
  init(count: Int, queueMax: Int) {
    self.count = count
    self.queueMax = queueMax
    for worker in 0..<count {
      startThread(stackBytes: Self.stackBytes) { [self] in work(as: worker) }
    }
  }

  /// Adds a job to the end of the queue.
  func add(_ job: @escaping Job) -> Answer {
    let answer = state.withLock { state -> Answer in
      if state.stopped { return .stopped }
      let waiting = state.waiting.count - state.next
      if waiting >= queueMax { return .full(waiting: waiting) }
      state.waiting.append(job)
      return .taken
    }
    if case .taken = answer { ready.signal() }
    return answer
  }

  /// Lets every thread end after the job it is at, and tells the jobs that still wait.
  func stop() {
    let left = state.withLock { state -> [Job] in
      if state.stopped { return [] }
      state.stopped = true
      defer { state.waiting = [] }
      return Array(state.waiting[state.next...])
    }
    for _ in 0..<count { ready.signal() }
    for job in left { job(nil) }
  }

  private func work(as worker: Int) {
    while true {
      ready.wait()
      let (job, stopped) = state.withLock { state -> (Job?, Bool) in
        guard !state.stopped else { return (nil, true) }
        let job = state.waiting[state.next]
        state.next += 1
        if state.next > 1024 || state.next == state.waiting.count {
          state.waiting.removeFirst(state.next)
          state.next = 0
        }
        return (job, false)
      }
      if stopped { return }
      job?(worker)
    }
  }
}

/// Starts a thread of the operating system that ends when `body` returns.
func startThread(stackBytes: Int, _ body: @escaping @Sendable () -> Void) {
  final class Box {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
  var attributes = pthread_attr_t()
  pthread_attr_init(&attributes)
  pthread_attr_setstacksize(&attributes, stackBytes)
  pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
  defer { pthread_attr_destroy(&attributes) }
  var thread = pthread_t()
  let box = Unmanaged.passRetained(Box(body))
  let failure = pthread_create(
    &thread, &attributes,
    { context in
      guard let context else { return nil }
      let box = Unmanaged<Box>.fromOpaque(context).takeRetainedValue()
      box.body()
      return nil
    }, box.toOpaque())
  precondition(failure == 0, "no thread could be started: error \(failure)")
}
