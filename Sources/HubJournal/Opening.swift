internal import HubKit

/// All that has to hold before a journal may be used, in order: the lock, the format, the pragmas, the key, the chain.
struct Opening {
  let options: JournalOptions
  let paths: JournalPaths
  let keys: JournalKeys
  let ring: KeyRing
  let clock: any HubClock
  let writer: Writer?

  static func run(
    _ options: JournalOptions, keys: JournalKeys, clock: any HubClock
  ) throws(JournalError) -> Opening {
    let paths = JournalPaths(directory: options.directory)
    guard !options.isReadOnly else { return try reading(options, paths, keys, clock) }
    try makeDirectories(paths, options.disk)
    let lock = try DirectoryLock(path: paths.lock, now: clock.now)
    let ring = KeyRing()
    let anchors = AnchorFile(path: paths.anchors, disk: options.disk, keys: keys)
    let known = try anchors.anchors()
    let (connection, head) = try sqlite { () throws(SQLiteError) in
      try Connection(path: paths.database, isReadOnly: false, vfs: options.vfs)
    } then: { connection throws(JournalError) in
      try prepare(connection, options, keys, ring, known, clock)
    }
    let writer = Writer(
      connection: connection, head: head, options: options, clock: clock, ring: ring, keys: keys, anchors: anchors,
      lastAnchor: known.last, lock: lock)
    return Opening(options: options, paths: paths, keys: keys, ring: ring, clock: clock, writer: writer)
  }

  private static func reading(
    _ options: JournalOptions, _ paths: JournalPaths, _ keys: JournalKeys, _ clock: any HubClock
  ) throws(JournalError) -> Opening {
    let ring = KeyRing()
    guard options.disk.byteCount(of: paths.database) > 0 else {
      throw .io("không có sổ nhật ký ở \(paths.directory) / there is no journal in \(paths.directory)")
    }
    let (connection, _) = try sqlite { () throws(SQLiteError) in
      try Connection(path: paths.database, isReadOnly: true, vfs: options.vfs)
    } then: { connection throws(JournalError) in
      try checkFormat(connection)
      try check(connection) { connection throws(SQLiteError) in try load(keys, ring, connection) }
      try checkKey(connection, keys)
    }
    connection.close()
    return Opening(options: options, paths: paths, keys: keys, ring: ring, clock: clock, writer: nil)
  }

  /// Opens a connection and goes on with it; closes it when that fails.
  private static func sqlite<Value>(
    _ open: () throws(SQLiteError) -> Connection, then work: (Connection) throws(JournalError) -> Value
  ) throws(JournalError) -> (Connection, Value) {
    let connection: Connection
    do throws(SQLiteError) { connection = try open() } catch { throw error.journalError }
    do throws(JournalError) {
      return (connection, try work(connection))
    } catch {
      connection.close()
      throw error
    }
  }

  private static func check<Value>(
    _ connection: Connection, _ work: (Connection) throws(SQLiteError) -> Value
  ) throws(JournalError) -> Value {
    do throws(SQLiteError) { return try work(connection) } catch { throw error.journalError }
  }

  private static func makeDirectories(_ paths: JournalPaths, _ disk: any Disk) throws(JournalError) {
    do throws(DiskError) {
      var path = paths.directory.hasPrefix("/") ? "" : "."
      var parent = path
      for part in paths.directory.split(separator: "/") {
        (parent, path) = (path.isEmpty ? "/" : path, "\(path)/\(part)")
        // A power cut must not take the whole directory, with all that was acknowledged.
        if try disk.makeDirectory(path) { try disk.syncDirectory(parent) }
      }
      // A start that was killed may have made it and not come to this.
      try disk.syncDirectory(parent)
      try disk.makeDirectory(paths.bodies)
      try ArrivingBodies.begin(paths, disk)
      // Made here for its mode, 0600, which SQLite gives to its log too; an empty file is a new database to it.
      _ = try disk.append(paths.database)
      try disk.syncDirectory(paths.directory)
    } catch {
      throw error.journalError
    }
  }

  private static func prepare(
    _ connection: Connection, _ options: JournalOptions, _ keys: JournalKeys, _ ring: KeyRing, _ anchors: [Anchor],
    _ clock: any HubClock
  ) throws(JournalError) -> ChainHead {
    let isNew = try check(connection) { connection throws(SQLiteError) in
      let tables = try connection.integer("SELECT count(*) FROM sqlite_schema")
      let application = try connection.integer("PRAGMA application_id")
      return tables == 0 && application == 0
    }
    if isNew, let last = anchors.last {
      throw .damaged(
        "cơ sở dữ liệu trống nhưng mốc \(last.at) ghi đến commit \(last.commit) / the database is empty, its anchor of "
          + "\(last.at) knows commit \(last.commit).", advice: JournalError.restoreAdvice)
    }
    if !isNew { try checkFormat(connection) }
    try check(connection) { connection throws(SQLiteError) in try configure(connection, options) }
    if !isNew { try quickCheck(connection, options) }
    try check(connection) { connection throws(SQLiteError) in
      try Schema.migrate(connection) { () throws(SQLiteError) in try begin(connection, keys, clock) }
    }
    try checkKey(connection, keys)
    try checkSynchronous(connection)
    return try check(connection) { connection throws(SQLiteError) in
      try load(keys, ring, connection)
      return try ChainHead.load(connection)
    }.checked(against: anchors.last, connection)
  }

  /// Application and version.
  static func checkFormat(_ connection: Connection) throws(JournalError) {
    let (application, version) = try check(connection) { connection throws(SQLiteError) in
      (try connection.integer("PRAGMA application_id"), Int(try connection.integer("PRAGMA user_version") ?? 0))
    }
    guard application == Schema.applicationID else {
      throw .damaged(
        "journal.db không phải sổ nhật ký của hub / journal.db is not a journal of this hub.",
        advice: JournalError.restoreAdvice)
    }
    guard version <= Schema.version else { throw .newer(found: version, known: Schema.version) }
  }

  /// `synchronous` comes last: nothing after it may set it back.
  private static func configure(_ connection: Connection, _ options: JournalOptions) throws(SQLiteError) {
    try connection.execute(
      """
      PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = OFF; PRAGMA cache_size = -65536;
      PRAGMA wal_autocheckpoint = 0; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF;
      """)
    if let pages = options.databasePagesMax { try connection.execute("PRAGMA max_page_count = \(pages)") }
    try connection.execute("PRAGMA synchronous = FULL")
    connection.watchLog()
  }

  /// Reads back what was set: without it a receipt would be worth nothing.
  private static func checkSynchronous(_ connection: Connection) throws(JournalError) {
    let (level, keys, mode) = try check(connection) { connection throws(SQLiteError) in
      let mode = try connection.prepared("PRAGMA journal_mode")
      defer { mode.reset() }
      return (
        try connection.integer("PRAGMA synchronous"), try connection.integer("PRAGMA foreign_keys"),
        try mode.step() ? mode.text(0) : ""
      )
    }
    guard level == 2, keys == 1, mode == "wal" else {
      throw .io("SQLite: synchronous=\(level ?? -1), foreign_keys=\(keys ?? -1), journal_mode=\(mode); want 2, 1, wal")
    }
  }

  /// The bounded look at the file's structure; `lgsp journal verify` looks at all.
  private static func quickCheck(_ connection: Connection, _ options: JournalOptions) throws(JournalError) {
    do throws(SQLiteError) {
      let finding = try connection.limited(to: options.quickCheckMax) { () throws(SQLiteError) in
        let check = try connection.prepared("PRAGMA quick_check(1)")
        defer { check.reset() }
        return try check.step() ? check.text(0) : ""
      }
      guard finding != "ok" else { return }
      throw SQLiteError(code: 11, message: finding)
    } catch  where error.isInterrupt {
      return
    } catch {
      throw error.journalError
    }
  }

  private static func begin(
    _ connection: Connection, _ keys: JournalKeys, _ clock: any HubClock
  ) throws(SQLiteError) {
    let insert = try connection.prepared(
      "INSERT INTO meta (name, value) VALUES ('key_check', ?1), ('created_at', ?2), ('epoch', 1)")
    insert.bind(1, keys.checkValue)
    insert.bind(2, clock.now.microseconds)
    try insert.run()
  }

  private static func checkKey(_ connection: Connection, _ keys: JournalKeys) throws(JournalError) {
    let value = try check(connection) { connection throws(SQLiteError) in
      let find = try connection.prepared("SELECT value FROM meta WHERE name = 'key_check'")
      defer { find.reset() }
      return try find.step() ? find.blob(0) : []
    }
    guard value == keys.checkValue else { throw .wrongKey }
  }

  /// Takes up the key table. Rows that do not open are left to ``checkKey`` and to verify.
  private static func load(_ keys: JournalKeys, _ ring: KeyRing, _ connection: Connection) throws(SQLiteError) {
    let rows = try connection.prepared("SELECT number, day, purpose, wrapped FROM data_key")
    defer { rows.reset() }
    while try rows.step() {
      if let key = Unsealing.key(rows.integer(0), rows, keys, from: 1) {
        ring.insert(key)
      } else {
        ring.drop(rows.integer(0))
      }
    }
  }
}

extension ChainHead {
  /// Compares with the last anchor and with the last commit's own records.
  fileprivate func checked(against anchor: Anchor?, _ connection: Connection) throws(JournalError) -> ChainHead {
    do throws(SQLiteError) {
      if let anchor, let complaint = try AnchorFile.complaint(anchor, connection) {
        throw SQLiteError(code: 11, message: complaint)
      }
      if let complaint = try ChainCheck(connection).complaint(aboutLast: self) {
        throw SQLiteError(code: 11, message: complaint)
      }
    } catch {
      throw error.journalError
    }
    return self
  }
}
