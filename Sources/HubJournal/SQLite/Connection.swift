internal import CSQLite
internal import HubKit

/// A failed SQLite call.
struct SQLiteError: Error {
  /// Extended result code.
  var code: Int32
  /// SQLite's own words and the place; no values.
  var message: String
  /// Why work on rows was stopped that SQLite itself had nothing against.
  var stopped: JournalError?

  init(code: Int32, message: String) {
    self.code = code
    self.message = message
  }

  init(stopping reason: JournalError) {
    self.init(code: SQLITE_ABORT, message: "")
    stopped = reason
  }

  var primaryCode: Int32 { code & 0xFF }
  var isFull: Bool { primaryCode == SQLITE_FULL }
  var isConstraint: Bool { primaryCode == SQLITE_CONSTRAINT }
  var isDamage: Bool { primaryCode == SQLITE_CORRUPT || primaryCode == SQLITE_NOTADB }
  var isInterrupt: Bool { primaryCode == SQLITE_INTERRUPT }

  /// What the caller of the journal is told.
  var journalError: JournalError {
    if isFull { return .full }
    if isDamage { return .damaged(message, advice: JournalError.restoreAdvice) }
    if isInterrupt {
      return .io("Quá thời gian tìm kiếm, hãy thu hẹp điều kiện. / The search took too long: narrow it down.")
    }
    return .io("SQLite \(code): \(message)")
  }
}

/// One connection to the database, with the statements that it has prepared.
///
/// Unchecked: SQLite is opened without its own mutex, and a connection belongs to one thread at a time: the writer
/// keeps its own, the reader pool lends each to one caller.
final class Connection: @unchecked Sendable {
  private var handle: OpaquePointer?
  private var statements: [String: Statement] = [:]
  /// Those of fixed texts, by where the text lies: the writer asks for a dozen with every message.
  private var fixed: [UnsafePointer<UInt8>: Statement] = [:]
  /// When a running statement is cut off; checked every few thousand steps.
  private var deadline: ContinuousClock.Instant?
  /// Pages in the write-ahead log after the last commit of this connection; see ``watchLog()``.
  private(set) var logPages = 0
  /// Told now and then that a long statement is still running.
  private var tick: (() -> Void)?
  private static let isConfigured: Void = { _ = lgsp_sqlite_leave_out_memory_count() }()

  /// Opens the file.
  ///
  /// - Parameter vfs: how SQLite reaches the disk; nil: as it does by itself.
  init(path: String, isReadOnly: Bool, vfs: String? = nil) throws(SQLiteError) {
    _ = Self.isConfigured
    let access = isReadOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
    let code = sqlite3_open_v2(path, &handle, access | SQLITE_OPEN_NOMUTEX, vfs)
    guard code == SQLITE_OK else {
      let error = failure(code, "open")
      sqlite3_close_v2(handle)
      throw error
    }
    sqlite3_extended_result_codes(handle, 1)
    sqlite3_busy_timeout(handle, 5000)
  }

  /// Ends all statements and closes the file.
  func close() {
    fixed.removeAll()
    statements.removeAll()
    sqlite3_close_v2(handle)
    handle = nil
  }

  deinit { close() }

  /// A prepared statement, reset; the same one for the same text.
  func prepared(_ sql: String) throws(SQLiteError) -> Statement {
    if let known = statements[sql] {
      known.reset()
      return known
    }
    var pointer: OpaquePointer?
    let code = sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &pointer, nil)
    guard code == SQLITE_OK, let pointer else { throw failure(code, sql) }
    let statement = Statement(pointer, sql: sql, connection: self)
    statements[sql] = statement
    return statement
  }

  /// The same for a text that stands in the code.
  func prepared(fixed sql: StaticString) throws(SQLiteError) -> Statement {
    if let known = fixed[sql.utf8Start] {
      known.reset()
      return known
    }
    let statement = try prepared("\(sql)")
    fixed[sql.utf8Start] = statement
    return statement
  }

  /// Runs one or more statements without parameters or results.
  func execute(_ sql: String) throws(SQLiteError) {
    let code = sqlite3_exec(handle, sql, nil, nil, nil)
    guard code == SQLITE_OK else { throw failure(code, sql) }
  }

  /// The first column of the first row as a number; nil when there is no row, or NULL in it.
  func integer(_ sql: String) throws(SQLiteError) -> Int64? {
    let statement = try prepared(sql)
    defer { statement.reset() }
    return try statement.step() ? statement.optionalInteger(0) : nil
  }

  /// Rows that the last statement changed.
  var changes: Int { Int(sqlite3_changes(handle)) }

  /// Whether a transaction is open: SQLite ends one by itself after some errors.
  var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

  /// The error of a failed call.
  func failure(_ code: Int32, _ place: String) -> SQLiteError {
    let text =
      handle.flatMap { sqlite3_errmsg($0) }.map { String(cString: $0) } ?? String(cString: sqlite3_errstr(code))
    return SQLiteError(code: code, message: "\(text) (\(place.prefix(60)))")
  }

  /// Runs `work`, cutting off a statement that is still running after `limit`: it then fails with an interrupt.
  func limited<Value>(to limit: Duration, _ work: () throws(SQLiteError) -> Value) throws(SQLiteError) -> Value {
    deadline = .now + limit
    let context = Unmanaged.passUnretained(self).toOpaque()
    sqlite3_progress_handler(
      handle, 10_000,
      { context in
        guard let context else { return 0 }
        let connection = Unmanaged<Connection>.fromOpaque(context).takeUnretainedValue()
        return connection.deadline.map { ContinuousClock.now > $0 } == true ? 1 : 0
      }, context)
    defer {
      sqlite3_progress_handler(handle, 0, nil, nil)
      deadline = nil
    }
    return try work()
  }

  /// Writes a compact copy of the database, as of one commit, to a new file. `tick` is called now and then.
  func vacuum(into path: String, _ tick: @escaping () -> Void) throws(SQLiteError) {
    self.tick = tick
    sqlite3_progress_handler(
      handle, 100_000,
      { context in
        guard let context else { return 0 }
        Unmanaged<Connection>.fromOpaque(context).takeUnretainedValue().tick?()
        return 0
      }, Unmanaged.passUnretained(self).toOpaque())
    defer {
      sqlite3_progress_handler(handle, 0, nil, nil)
      self.tick = nil
    }
    let copy = try prepared("VACUUM INTO ?")
    copy.bind(1, path)
    try copy.run()
  }

  /// Counts the pages of the write-ahead log from now on, and leaves it to ``checkpoint()`` to empty it: by itself
  /// SQLite would do so with a commit, and ignore when that fails.
  func watchLog() {
    sqlite3_wal_hook(
      handle,
      { context, _, _, pages in
        guard let context else { return SQLITE_OK }
        Unmanaged<Connection>.fromOpaque(context).takeUnretainedValue().logPages = Int(pages)
        return SQLITE_OK
      }, Unmanaged.passUnretained(self).toOpaque())
  }

  /// Brings what the write-ahead log holds into the database, as far as no reader needs it there. A full disk is no
  /// error: the log still holds all.
  func checkpoint() throws(SQLiteError) {
    let code = sqlite3_wal_checkpoint_v2(handle, nil, SQLITE_CHECKPOINT_PASSIVE, nil, nil)
    switch code & 0xFF {
    case SQLITE_OK, SQLITE_BUSY, SQLITE_LOCKED, SQLITE_FULL: return
    default: throw failure(code, "checkpoint")
    }
  }
}
