public import HubKit
internal import Synchronization

/// The durable message store: the only owner of its directory.
///
/// Reading calls may be made from any thread at any time; each sees the last commit. Writing calls return after the
/// disk has synced what they wrote. See `ARCHITECTURE.md` for what lies where.
public final class Journal: BodyStore, Sendable {
  /// The last place given when the journal was restored from a copy; what lies up to there may have gone on in the
  /// epoch before. 0: it never was restored.
  public let restoredThrough: Int64
  let options: JournalOptions
  let paths: JournalPaths
  let keys: JournalKeys
  let ring: KeyRing
  let clock: any HubClock
  let readers: ReaderPool
  /// Nil when the journal was opened for reading.
  let writer: Writer?
  let aside = WorkQueue<@Sendable () -> Void>()
  let arriving: ArrivingBodies
  let settling: SettlingThreads?
  let limiter: AuditLimiter
  let lastOrphanSearch: Mutex<Timestamp>
  let releaseSearch: Mutex<ReleaseSearch>
  private let ended = Ending()

  var preparation: Preparation { Preparation(keys: keys, ring: ring) }
  var unsealing: Unsealing { Unsealing(keys: keys, ring: ring) }
  var bodyPlace: BodyFileWriter.Place {
    .init(paths: paths, disk: options.disk, keys: keys, ring: ring, arriving: arriving)
  }

  init(_ opening: Opening) throws(JournalError) {
    options = opening.options
    paths = opening.paths
    keys = opening.keys
    ring = opening.ring
    clock = opening.clock
    readers = ReaderPool(
      path: opening.paths.database, countMax: max(1, opening.options.readers), vfs: opening.options.vfs)
    writer = opening.writer
    let arriving = ArrivingBodies(paths: opening.paths, disk: opening.options.disk)
    self.arriving = arriving
    let place = BodyFileWriter.Place(
      paths: opening.paths, disk: opening.options.disk, keys: opening.keys, ring: opening.ring, arriving: arriving)
    settling = opening.writer == nil ? nil : try SettlingThreads(BodySettling(place: place))
    restoredThrough = try readers.read { connection throws(SQLiteError) in
      try connection.integer("SELECT value FROM meta WHERE name = 'restored_to'") ?? 0
    }
    limiter = AuditLimiter(burst: opening.options.auditBurst, every: opening.options.auditEvery)
    lastOrphanSearch = Mutex(opening.clock.now)
    releaseSearch = Mutex(ReleaseSearch(began: opening.clock.now))
    let (queue, ended) = (aside, ended)
    try SystemThread.start {
      while let work = queue.take(while: { _ in false }) { work.forEach { $0() } }
    }
    if let writer { try writer.start { ended.set() } } else { ended.set() }
  }

  deinit {
    writer?.close("đã bỏ / it was let go")
    aside.close()
    settling?.close()
    readers.close()
  }

  /// Opens the journal in a directory; makes it when there is none.
  ///
  /// - Throws: ``JournalError``; the directory is then as it was.
  public static func open(
    _ options: JournalOptions, keys: JournalKeys, clock: any HubClock
  ) throws(JournalError) -> Journal {
    try Journal(Opening.run(options, keys: keys, clock: clock))
  }

  /// Finishes what waits, sets an anchor and lets the directory go. Later calls throw ``JournalError/stopped(_:)``.
  public func close() async {
    flushSuppressed()
    // Readers first: the log goes into the database when the last one to close it may write.
    aside.close()
    settling?.close()
    readers.close()
    writer?.close("đã đóng / it was closed")
    await ended.wait()
  }

  /// HMAC-SHA-256 of bytes under the journal's digest key, in lower-case hex.
  public func digest(_ bytes: [UInt8]) -> String { keys.digest(bytes).hex }

  /// The keyed hash under which a personal value is indexed, in lower-case hex.
  public func personHash(_ value: String) -> String { keys.personHash(value).hex }

  /// The end of the chain, to be anchored elsewhere: number and digest of the last commit.
  public func chainHead() throws(JournalError) -> (commit: Int64, digest: String) {
    let head = try read { reading throws(SQLiteError) in try ChainHead.load(reading.connection) }
    return (head.commit, head.digest.hex)
  }

  // MARK: - Writing

  /// Hands work to the writer and waits for the commit that holds it.
  func write<Value: Sendable>(
    rows: Int, makesRoom: Bool = false, _ work: @escaping @Sendable (Transaction) throws(WriteFailure) -> Value
  ) async throws(JournalError) -> Value {
    guard let writer else { throw .stopped("chỉ mở để đọc / it is open for reading only") }
    let result: Result<Value, JournalError> = await withCheckedContinuation { continuation in
      writer.submit(
        WriteJob(
          rows: rows, makesRoom: makesRoom,
          work: { transaction throws(WriteFailure) in
            let value = try work(transaction)
            return { continuation.resume(returning: .success(value)) }
          },
          fail: { continuation.resume(returning: .failure($0)) }))
    }
    return try result.get()
  }

  // MARK: - Bodies

  /// Opens a body. A stored one is authenticated while it is read.
  public func reader(of body: Body) throws(BodyError) -> any BodyReader {
    switch body {
    case .inline(let bytes): return BytesReader(bytes)
    case .stored(let reference):
      let (disk, keys) = (options.disk, keys)
      if let reader = BodyFileReader(arriving: reference, arriving, disk: disk, keys: keys) { return reader }
      return try BodyFileReader(reference, paths: paths, disk: options.disk, keys: keys) {
        (number) throws(BodyError) in
        do {
          let key = try self.read { reading throws(SQLiteError) in try unsealing.key(number, reading.connection) }
          guard let key else { throw BodyError.gone }
          return key
        } catch let error as BodyError {
          throw error
        } catch {
          throw .io("\(error)")
        }
      }
    }
  }

  /// Begins a body. What is small stays in memory; more goes to a file, encrypted while it is written.
  public func writer(mediaType: String, limit: Int) throws(BodyError) -> any BodyWriter {
    guard writer != nil else { throw .io("the journal is open for reading only") }
    return BodyFileWriter(place: bodyPlace, mediaType: mediaType, limit: limit, day: clock.now.day)
  }
}

/// Tells that something has ended, to whoever waits for it.
final class Ending: Sendable {
  private let state = Mutex<(ended: Bool, waiting: [CheckedContinuation<Void, Never>])>((false, []))

  func set() {
    let waiting = state.withLock { state in
      state.ended = true
      defer { state.waiting = [] }
      return state.waiting
    }
    for continuation in waiting { continuation.resume() }
  }

  func wait() async {
    await withCheckedContinuation { continuation in
      let ended = state.withLock { state in
        if !state.ended { state.waiting.append(continuation) }
        return state.ended
      }
      if ended { continuation.resume() }
    }
  }
}
