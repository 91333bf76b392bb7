public import HubKit

extension JournalBackup {
  /// What a restored journal begins with.
  public struct Restored: Sendable {
    /// The copy.
    public var report: Report
    /// The epoch that begins.
    public var epoch: Int
    /// When it was restored. Receipts given between ``Report/takenAt`` and the end of the old hub are lost.
    public var at: Timestamp
    /// Exchanges that were open when the copy was taken, oldest first, at most ``doubtMax``: they may have been
    /// delivered since, and will be delivered (again) by the hub's next start.
    public var inDoubt: [StoredExchange]
  }

  /// Most exchanges that a restore lists; ``Report/open`` counts all of them.
  public static let doubtMax = 10_000

  /// Makes a journal of a copy, in a directory that does not exist or is empty. A new epoch begins, which the chain
  /// records together with the time of the copy.
  ///
  /// - Throws: ``JournalError``; the directory is then as it was.
  public static func restore(
    _ folder: String, to directory: String, keys: JournalKeys, clock: any HubClock = SystemClock(),
    progress: Progress = { _, _, _ in }
  ) async throws(JournalError) -> Restored {
    let source = JournalPaths(directory: folder)
    let report = try BackupCheck(paths: source, keys: keys, clock: clock).run { progress(.check, $0, $1) }
    let staged = try StagedFolder(directory, mayBeEmpty: true)
    try copy(source, to: JournalPaths(directory: staged.path)) { progress(.bodies, $0, $1) }
    let journal = try Journal.open(JournalOptions(directory: staged.path), keys: keys, clock: clock)
    let epoch: Int
    let inDoubt: [StoredExchange]
    do throws(JournalError) {
      inDoubt = try journal.read { reading throws(SQLiteError) in
        try reading.exchanges("WHERE x.phase = 2 ORDER BY x.sequence LIMIT \(doubtMax)") { _ in }
      }
      epoch = try await journal.beginEpoch(after: report)
    } catch {
      await journal.close()
      throw error
    }
    await journal.close()
    try staged.finish()
    return Restored(report: report, epoch: epoch, at: clock.now, inDoubt: inDoubt)
  }

  private static func copy(
    _ source: JournalPaths, to target: JournalPaths, _ progress: (Int64, Int64) -> Void
  ) throws(JournalError) {
    try withDisk { () throws(DiskError) in
      try PosixDisk().makeDirectory(target.bodies)
      try FileCopy.copy(source.database, to: target.database)
      try FileCopy.copy(source.anchors, to: target.anchors)
    }
    let connection: Connection
    do throws(SQLiteError) {
      connection = try Connection(path: target.database, isReadOnly: true)
    } catch {
      throw error.journalError
    }
    defer { connection.close() }
    try BackupFiles(connection: connection).carry(
      from: source.bodies, to: target.bodies, asCopies: true, progress: progress)
  }
}

extension Journal {
  /// How often the journal was restored from a copy, plus one.
  public func epoch() throws(JournalError) -> Int {
    try read { reading throws(SQLiteError) in
      Int(try reading.connection.integer("SELECT value FROM meta WHERE name = 'epoch'") ?? 1)
    }
  }

  /// Counts the epoch on and says so in the chain.
  fileprivate func beginEpoch(after report: JournalBackup.Report) async throws(JournalError) -> Int {
    try await write(rows: 3) { transaction throws(WriteFailure) in
      let epoch = report.epoch + 1
      let change = try transaction.change(
        "INSERT OR REPLACE INTO meta (name, value) VALUES ('epoch', ?1), ('restored_to', ?2)")
      change.bind(1, Int64(epoch))
      change.bind(2, transaction.head.sequence)
      try change.execute()
      try transaction.pauseRedeliveries(why: "the journal was restored from a copy")
      try transaction.insertNote(
        "journal.restored",
        #"{"backupAt":"\#(report.takenAt)","commit":\#(report.commit),"epoch":\#(epoch)}"#, exchange: nil)
      return epoch
    }
  }
}
