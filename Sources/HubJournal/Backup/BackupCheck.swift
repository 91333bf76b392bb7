internal import HubKit

/// The quick look at a copy: SQLite's own check, the key, the chain's end against its anchor, and each named body file
/// by length. `lgsp journal verify` looks at all.
struct BackupCheck {
  let paths: JournalPaths
  let keys: JournalKeys
  let clock: any HubClock

  func run(_ progress: (_ done: Int64, _ all: Int64) -> Void) throws(JournalError) -> JournalBackup.Report {
    let options = JournalOptions(directory: paths.directory, isReadOnly: true)
    let opening = try Opening.run(options, keys: keys, clock: clock)
    let anchors = try AnchorFile(path: paths.anchors, disk: options.disk, keys: keys).anchors()
    guard let last = anchors.last else {
      throw .damaged(
        "\(paths.directory) không có mốc nào / it holds no anchor.", advice: JournalError.otherBackupAdvice)
    }
    let connection: Connection
    do throws(SQLiteError) {
      connection = try Connection(path: opening.paths.database, isReadOnly: true)
    } catch {
      throw error.journalError
    }
    defer { connection.close() }
    try structure(connection, last)
    return try report(connection, last, progress)
  }

  private func structure(_ connection: Connection, _ last: Anchor) throws(JournalError) {
    do throws(SQLiteError) {
      let check = try connection.prepared("PRAGMA quick_check(1)")
      defer { check.reset() }
      let finding = try check.step() ? check.text(0) : ""
      if finding != "ok" { throw SQLiteError(code: 11, message: finding) }
      let head = try ChainHead.load(connection)
      let complaints = [
        try AnchorFile.complaint(last, connection), try ChainCheck(connection).complaint(aboutLast: head),
      ]
      if let complaint = complaints.compactMap({ $0 }).first { throw SQLiteError(code: 11, message: complaint) }
    } catch {
      throw error.isDamage ? .damaged(error.message, advice: JournalError.otherBackupAdvice) : error.journalError
    }
  }

  private func report(
    _ connection: Connection, _ last: Anchor, _ progress: (Int64, Int64) -> Void
  ) throws(JournalError) -> JournalBackup.Report {
    let files = BackupFiles(connection: connection)
    let disk = PosixDisk()
    var names: Set<String> = []
    var (done, bytes) = (Int64(0), Int64(disk.byteCount(of: paths.database)))
    do throws(SQLiteError) {
      let all = try files.count()
      let head = try ChainHead.load(connection)
      let open = try connection.integer("SELECT count(*) FROM exchange WHERE phase = 2") ?? 0
      let epoch = try connection.integer("SELECT value FROM meta WHERE name = 'epoch'") ?? 1
      do throws(JournalError) {
        try files.each { (file) throws(JournalError) in
          let length = disk.byteCount(of: "\(paths.bodies)/\(file.name)")
          guard length == BodyFile.fileByteCount(of: file.byteCount) else {
            throw .damaged(
              "tệp nội dung \(file.name) thiếu hoặc cụt / body file \(file.name) is missing or cut off.",
              advice: JournalError.otherBackupAdvice)
          }
          if names.insert(file.name).inserted { bytes += Int64(length) }
          done += 1
          progress(done, all)
        }
      } catch {
        throw SQLiteError(stopping: error)
      }
      return JournalBackup.Report(
        takenAt: last.at, epoch: Int(epoch), commit: head.commit,
        exchanges: Int(head.tally.exchanges.reduce(0, +)), open: Int(open), bodyFiles: Int64(names.count), bytes: bytes)
    } catch {
      throw error.stopped ?? error.journalError
    }
  }
}
