internal import Glibc

/// A queue between callers and one thread that may block: the cooperative pool never waits in it.
///
/// What somebody waits for wakes the thread. What nobody waits for is taken along with it, or after ``patience``: on
/// its own, each piece would cost a turn.
///
/// Unchecked: all state is touched under the lock only. A `Mutex` has no condition to wait on, hence pthread's.
final class WorkQueue<Element: Sendable>: @unchecked Sendable {
  private static var patience: Duration { .milliseconds(10) }

  private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var waiting: [Element] = []
  private var first = 0
  private var isClosed = false
  /// Whether somebody waits for one of those that wait.
  private var isPressing = false
  /// Whether the thread waits without end, until something comes.
  private var isAsleep = false

  init() {
    pthread_mutex_init(lock, nil)
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_cond_init(changed, &attributes)
    pthread_condattr_destroy(&attributes)
  }

  deinit {
    pthread_cond_destroy(changed)
    pthread_mutex_destroy(lock)
    changed.deallocate()
    lock.deallocate()
  }

  /// Adds an element at the end. False: the queue is closed and nobody will take it.
  ///
  /// - Parameter isPressing: whether somebody waits for it.
  func push(_ element: Element, isPressing: Bool = true) -> Bool {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    guard !isClosed else { return false }
    waiting.append(element)
    if isAsleep || isPressing && !self.isPressing { pthread_cond_signal(changed) }
    self.isPressing = self.isPressing || isPressing
    return true
  }

  /// Takes what waits, in order, until `fits` says no; the first one always. Waits for the first; nil: the queue is
  /// closed and empty.
  ///
  /// - Parameter wait: most time to wait; then an empty array comes back. Nil: as long as it takes.
  func take(wait: Duration? = nil, while fits: (Element) -> Bool) -> [Element]? {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    waitForWork(wait)
    if first == waiting.count { return isClosed ? nil : [] }
    var end = first
    while end < waiting.count, fits(waiting[end]) || end == first { end += 1 }
    defer {
      first = end
      if first == waiting.count {
        waiting.removeAll(keepingCapacity: true)
        first = 0
        isPressing = false
      }
    }
    return Array(waiting[first..<end])
  }

  private func waitForWork(_ wait: Duration?) {
    var deadline = Self.deadline(wait ?? Self.patience)
    while !isPressing, !isClosed {
      if pthread_cond_timedwait(changed, lock, &deadline) != ETIMEDOUT { continue }
      if first < waiting.count || wait != nil { return }
      isAsleep = true
      while first == waiting.count, !isClosed { pthread_cond_wait(changed, lock) }
      isAsleep = false
      deadline = Self.deadline(Self.patience)
    }
  }

  /// Lets nothing more in. What waits can still be taken.
  func close() {
    pthread_mutex_lock(lock)
    isClosed = true
    pthread_cond_broadcast(changed)
    pthread_mutex_unlock(lock)
  }

  private static func deadline(_ wait: Duration) -> timespec {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    let nanoseconds = Int64(time.tv_nsec) + wait.components.attoseconds / 1_000_000_000
    time.tv_sec += Int(wait.components.seconds + nanoseconds / 1_000_000_000)
    time.tv_nsec = Int(nanoseconds % 1_000_000_000)
    return time
  }
}

/// Starts a thread of the operating system.
enum SystemThread {
  private final class Start: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  /// Runs `body` on a new, detached thread.
  static func start(_ body: @escaping @Sendable () -> Void) throws(JournalError) {
    let start = Unmanaged.passRetained(Start(body))
    var thread = pthread_t()
    let code = pthread_create(
      &thread, nil,
      { context in
        if let context { Unmanaged<Start>.fromOpaque(context).takeRetainedValue().body() }
        return nil
      }, start.toOpaque())
    guard code == 0 else {
      start.release()
      throw .io("pthread_create: \(String(cString: strerror(code)))")
    }
    pthread_detach(thread)
  }
}
