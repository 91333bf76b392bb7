internal import HubKit
internal import Synchronization

/// A piece of work for the writer. `work` puts rows into a commit and returns what to do once they are on the disk.
struct WriteJob: Sendable {
  /// About how many rows it writes.
  var rows: Int
  /// Whether nobody waits: it rides with the next commit, and when the disk is full, it is kept and tried again.
  var isKept = false
  /// Whether it makes room: on a full disk it goes before what is kept.
  var makesRoom = false
  var work: @Sendable (Transaction) throws(WriteFailure) -> @Sendable () -> Void
  var fail: @Sendable (JournalError) -> Void
}

/// The one thread that writes. It commits whatever waits; nobody waits for a timer.
///
/// Unchecked: `connection`, `head`, `kept`, `reserve`, `anchoredAt` and `checkpointedPages`
/// belong to the thread; all else is constant or locked.
final class Writer: @unchecked Sendable {
  private let connection: Connection
  private let options: JournalOptions
  private let clock: any HubClock
  private let ring: KeyRing
  private let keys: JournalKeys
  private let anchors: AnchorFile
  private let lock: DirectoryLock
  private let queue = WorkQueue<WriteJob>()
  private let stopReason = Mutex<String?>(nil)
  private let latest: Mutex<ChainHead>
  private var head: ChainHead
  private var kept: [WriteJob] = []
  private var anchoredAt: Timestamp
  private var anchoredCommit: Int64
  /// Pages of the write-ahead log when it was last brought into the database.
  private var checkpointedPages = 0
  private var reserve: Reserve

  init(
    connection: Connection, head: ChainHead, options: JournalOptions, clock: any HubClock, ring: KeyRing,
    keys: JournalKeys, anchors: AnchorFile, lastAnchor: Anchor?, lock: DirectoryLock
  ) {
    self.connection = connection
    self.head = head
    self.options = options
    self.clock = clock
    self.ring = ring
    self.keys = keys
    self.anchors = anchors
    self.lock = lock
    anchoredAt = lastAnchor?.at ?? clock.now
    anchoredCommit = lastAnchor?.commit ?? 0
    latest = Mutex(head)
    reserve = Reserve(in: options.directory, disk: options.disk, byteCount: options.reserveBytes)
  }

  /// Why nothing is taken any more; nil while all is well.
  var stopped: JournalError? { stopReason.withLock { $0 }.map(JournalError.stopped) }

  /// The end of the chain as of the last commit.
  var chainHead: ChainHead { latest.withLock { $0 } }

  /// Reads a setting of the connection back; only before ``start(ended:)``.
  func pragma(_ name: String) throws -> Int64? { try connection.integer("PRAGMA \(name)") }

  /// Starts the thread. `ended` is called when it has ended, with everything closed.
  func start(ended: @escaping @Sendable () -> Void) throws(JournalError) {
    try SystemThread.start {
      self.run()
      ended()
    }
  }

  /// Hands in work. When it cannot be taken, `fail` is called.
  func submit(_ job: WriteJob) {
    if let stopped { return job.fail(stopped) }
    if !queue.push(job, isPressing: !job.isKept) { job.fail(stopped ?? .stopped("đã đóng / it was closed")) }
  }

  /// Takes nothing more; the thread finishes what waits, sets an anchor and ends.
  func close(_ reason: String) {
    stopReason.withLock { $0 = $0 ?? reason }
    queue.close()
  }

  // MARK: - The thread

  private func run() {
    _ = reserve.take()
    while true {
      var rows = kept.reduce(0) { $0 + $1.rows }
      let fresh = queue.take(wait: kept.isEmpty ? nil : .seconds(1)) { job in
        rows += job.rows
        return rows <= options.commitRowsMax
      }
      if !kept.isEmpty, let relief = fresh?.filter(\.makesRoom), !relief.isEmpty { commit(relief) }
      let batch = kept + (fresh ?? []).filter { kept.isEmpty || !$0.makesRoom }
      kept = []
      if isBroken {
        for job in batch { job.fail(stopped ?? .stopped("")) }
      } else if !batch.isEmpty {
        commitWhatFits(batch)
        checkpoint()
      }
      if isBroken {
        drain()
        break
      }
      if fresh == nil { break }
      if clock.now - anchoredAt >= options.anchorEvery { anchor() }
    }
    for job in kept { job.fail(.full) }
    if !isBroken { anchor() }
    connection.close()
    lock.release()
  }

  private var isBroken = false

  /// What came after the disk had failed.
  private func drain() {
    queue.close()
    while let rest = queue.take(while: { _ in true }) {
      for job in rest { job.fail(stopped ?? .stopped("")) }
    }
  }

  /// While the reserve is given up, the room that it left is for what makes room alone.
  private func commitWhatFits(_ batch: [WriteJob]) {
    if !reserve.isReleased || reserve.take() { return commit(batch) }
    let relief = batch.filter(\.makesRoom)
    if !relief.isEmpty { commit(relief) }
    turnAway(batch.filter { !$0.makesRoom })
  }

  /// The disk is full.
  private func turnAway(_ jobs: [WriteJob]) {
    for job in jobs where !job.isKept { job.fail(.full) }
    kept += jobs.filter(\.isKept)
  }

  private func commit(_ batch: [WriteJob]) {
    let transaction = Transaction(
      connection: connection, head: head, now: clock.now, duplicateWindow: options.duplicateWindow)
    var newKeys: [DataKey] = []
    var done: [@Sendable () -> Void] = []
    var refused: [@Sendable () -> Void] = []
    do throws(WriteFailure) {
      try execute("BEGIN IMMEDIATE")
      for job in batch {
        do throws(WriteFailure) {
          done.append(try job.work(transaction))
        } catch .refused(let error) {
          refused.append { job.fail(error) }
        }
      }
      // After the jobs, which may have made some.
      newKeys = ring.unwritten
      try write(newKeys, transaction)
      try transaction.finish()
      try execute(transaction.hasChanges ? "COMMIT" : "ROLLBACK")
    } catch {
      return rollBack(batch, error)
    }
    head = transaction.head
    latest.withLock { $0 = transaction.head }
    ring.written(newKeys)
    for work in transaction.afterCommit { work() }
    for work in done { work() }
    for work in refused { work() }
  }

  /// Empties the write-ahead log from time to time, between two commits. While a long read, such as a backup, keeps it
  /// from beginning anew, only what has come since is brought over.
  private func checkpoint() {
    guard !isBroken else { return }
    if connection.logPages < checkpointedPages { checkpointedPages = 0 }
    guard connection.logPages - checkpointedPages >= options.checkpointPages else { return }
    checkpointedPages = connection.logPages
    do throws(SQLiteError) { try connection.checkpoint() } catch { stop(error.journalError, []) }
  }

  private func execute(_ sql: String) throws(WriteFailure) {
    do {
      // Prepared once: these run with every commit.
      try connection.prepared(sql).run()
    } catch {
      throw .sqlite(error)
    }
  }

  /// Nothing of the group was written. What that means depends on why.
  private func rollBack(_ batch: [WriteJob], _ failure: WriteFailure) {
    if connection.isInTransaction { try? connection.execute("ROLLBACK") }
    switch failure {
    case .refused(let error):
      for job in batch { job.fail(error) }
    case .sqlite(let error) where error.isFull:
      let relief = batch.filter(\.makesRoom)
      if relief.isEmpty || !reserve.release() { return turnAway(batch) }
      turnAway(batch.filter { !$0.makesRoom })
      commit(relief)
    case .sqlite(let error) where error.isConstraint:
      // One of them is wrong; the others must not suffer for it.
      guard batch.count > 1 else { return batch[0].fail(error.journalError) }
      for job in batch where !isBroken { commit([job]) }
    case .sqlite(let error):
      stop(error.journalError, batch)
    }
  }

  /// The disk failed: what it holds now is not known, so nothing is tried again (a failed sync is never retried).
  private func stop(_ error: JournalError, _ batch: [WriteJob]) {
    isBroken = true
    stopReason.withLock { $0 = "\(error)" }
    for job in batch { job.fail(error) }
    options.onFailure(error)
  }

  private func write(_ newKeys: [DataKey], _ transaction: Transaction) throws(WriteFailure) {
    for key in newKeys {
      let insert = try transaction.change(
        "INSERT INTO data_key (number, day, purpose, wrapped, created_at) VALUES (?, ?, ?, ?, ?)")
      guard let wrapped = try? keys.wrap(key.key, label: key.label) else { throw .refused(.io("AES-GCM")) }
      insert.bind(1, key.number)
      insert.bind(2, key.day)
      insert.bind(3, key.purpose.rawValue)
      insert.bind(4, wrapped)
      insert.bind(5, transaction.now.microseconds)
      try insert.execute()
    }
  }

  private func anchor() {
    anchoredAt = clock.now
    guard head.commit > anchoredCommit else { return }
    do {
      try anchors.append(Anchor(at: clock.now, commit: head.commit, digest: head.digest))
      anchoredCommit = head.commit
    } catch .full {
      // Tried again after the next interval: the chain itself is safe in the database.
      return
    } catch {
      stop(error.journalError, [])
    }
  }
}
