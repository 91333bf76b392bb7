#if canImport(Glibc)
  import Glibc
#endif

/// Threads with a line in front of them. They are threads of the operating system, so that blocking and long work
/// never takes a thread of Swift's cooperative pool.
final class WorkerThreads: Sendable {
  /// Work for whichever thread is free; it is handed the number of the thread, or nil when the threads stopped first.
  typealias Job = @Sendable (_ worker: Int?) -> Void

  private let line: WaitingLine<Job>

  /// Starts `count` threads.
  init(count: Int, queueMax: Int) {
    let line = WaitingLine<Job>(takers: count, countMax: queueMax)
    self.line = line
    for worker in 0..<count {
      startThread(stackBytes: deepStackBytes) {
        while let jobs = line.take(atMost: 1) { for job in jobs { job(worker) } }
      }
    }
  }

  /// Adds a job to the end of the line.
  func add(_ job: @escaping Job) -> WaitingLine<Job>.Answer { line.add(job) }

  /// Lets every thread end after the job it is at, and tells the jobs that still wait.
  func stop() {
    for job in line.stop() { job(nil) }
  }
}

/// Room for deep recursion inside C libraries: they free and print nested values recursively.
let deepStackBytes = 256 << 20

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
