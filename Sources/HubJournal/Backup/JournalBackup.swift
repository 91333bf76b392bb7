public import HubKit

/// Copies a journal while its hub runs, and makes a journal of such a copy again.
public enum JournalBackup {
  /// How far the work is.
  public enum Stage: String, Sendable {
    /// The database; counted in bytes, about.
    case database
    /// Body files.
    case bodies
    /// Looking the copy over.
    case check
  }

  /// Called often from the calling thread: what is being done, how much of it, of how much.
  public typealias Progress = (_ stage: Stage, _ done: Int64, _ all: Int64) -> Void

  /// What a copy holds.
  public struct Report: Sendable, Hashable {
    /// When it was taken.
    public var takenAt: Timestamp
    /// How often the journal was restored from a copy, plus one.
    public var epoch: Int
    /// Number of the last commit in it.
    public var commit: Int64
    /// Exchanges in it.
    public var exchanges: Int
    /// Those that have not settled.
    public var open: Int
    /// Body files.
    public var bodyFiles: Int64
    /// Bytes of the database and of body files.
    public var bytes: Int64
  }

  /// Takes a copy of the journal in `directory`; its hub may run. The copy is one moment of the journal, compact, with
  /// every body file that it names, and was looked over before it got its name. Body files on the same file system are
  /// not copied but get a second name.
  ///
  /// - Parameter folder: where to; must not exist.
  /// - Throws: ``JournalError``; nothing is left under the name then.
  public static func take(
    of directory: String, to folder: String, keys: JournalKeys, clock: any HubClock = SystemClock(),
    progress: @escaping Progress = { _, _, _ in }
  ) throws(JournalError) -> Report {
    let opening = try Opening.run(JournalOptions(directory: directory, isReadOnly: true), keys: keys, clock: clock)
    let staged = try StagedFolder(folder)
    let copy = JournalPaths(directory: staged.path)
    let gate = try RemovalGate(opening.paths.gate)
    // Read before the copy is made, so that none of them knows more than it.
    let anchors = try AnchorFile(path: opening.paths.anchors, disk: PosixDisk(), keys: keys).anchors()
    let connection = try copyDatabase(opening.paths.database, to: copy.database, progress)
    defer { connection.close() }
    let takenAt = clock.now
    try withDisk { () throws(DiskError) in try PosixDisk().makeDirectory(copy.bodies) }
    try BackupFiles(connection: connection).carry(from: opening.paths.bodies, to: copy.bodies, asCopies: false) {
      progress(.bodies, $0, $1)
    }
    withExtendedLifetime(gate) {}
    try seal(copy, connection, anchors, at: takenAt, keys: keys)
    let report = try BackupCheck(paths: copy, keys: keys, clock: clock).run { progress(.check, $0, $1) }
    try staged.finish()
    return report
  }

  private static func copyDatabase(
    _ source: String, to target: String, _ progress: @escaping Progress
  ) throws(JournalError) -> Connection {
    do throws(SQLiteError) {
      let connection = try Connection(path: source, isReadOnly: true)
      defer { connection.close() }
      let pages = try connection.integer("PRAGMA page_count") ?? 0
      let unused = try connection.integer("PRAGMA freelist_count") ?? 0
      let bytes = (pages - unused) * (try connection.integer("PRAGMA page_size") ?? 4096)
      let disk = PosixDisk()
      let folder = String(target.prefix(target.count - "/journal.db".count))
      guard disk.freeBytes(at: folder) > Int(bytes) else {
        throw SQLiteError(
          stopping: .io("\(folder): cần \(bytes) byte trống / needs \(bytes) free bytes for the database"))
      }
      try connection.vacuum(into: target) { progress(.database, Int64(disk.byteCount(of: target)), bytes) }
      return try Connection(path: target, isReadOnly: true)
    } catch {
      throw error.stopped ?? error.journalError
    }
  }

  /// Anchors the copy's own end, and writes everything to the disk.
  private static func seal(
    _ copy: JournalPaths, _ connection: Connection, _ anchors: [Anchor], at time: Timestamp, keys: JournalKeys
  ) throws(JournalError) {
    let head: ChainHead
    do throws(SQLiteError) { head = try ChainHead.load(connection) } catch { throw error.journalError }
    guard head.commit > 0 else { throw .io("sổ chưa có gì / there is nothing in the journal yet") }
    try withDisk { () throws(DiskError) in
      let file = AnchorFile(path: copy.anchors, disk: PosixDisk(), keys: keys)
      for anchor in anchors + [Anchor(at: time, commit: head.commit, digest: head.digest)] { try file.append(anchor) }
      try FileCopy.sync(copy.database)
    }
  }

  @discardableResult
  static func withDisk<Value>(_ work: () throws(DiskError) -> Value) throws(JournalError) -> Value {
    do throws(DiskError) { return try work() } catch { throw error.journalError }
  }
}
