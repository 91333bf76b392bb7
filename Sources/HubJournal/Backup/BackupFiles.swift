internal import HubKit

/// What a database says of its body files.
struct BackupFiles {
  struct File {
    var name: String
    /// Bytes of the body, before encryption.
    var byteCount: Int
  }

  let connection: Connection

  /// How many files are named.
  func count() throws(SQLiteError) -> Int64 {
    try connection.integer(
      """
      SELECT (SELECT count(*) FROM exchange WHERE body_file IS NOT NULL)
        + (SELECT count(*) FROM reply WHERE body_file IS NOT NULL)
      """) ?? 0
  }

  /// Calls `visit` for each named file. One that several records name comes more than once.
  func each(_ visit: (File) throws(JournalError) -> Void) throws(JournalError) {
    let exchanges = "SELECT body_file, body_bytes, body_state, body FROM exchange WHERE body_file IS NOT NULL"
    let replies = "SELECT body_file, body_bytes, 0, NULL FROM reply WHERE body_file IS NOT NULL"
    for sql in [exchanges, replies] {
      do throws(SQLiteError) {
        let rows = try connection.prepared(sql)
        defer { rows.reset() }
        while let file = try next(rows) {
          do throws(JournalError) { try visit(file) } catch { throw SQLiteError(stopping: error) }
        }
      } catch {
        throw error.stopped ?? error.journalError
      }
    }
  }

  private func next(_ rows: Statement) throws(SQLiteError) -> File? {
    guard try rows.step() else { return nil }
    let masked = rows.integer(2) == BodyCode.masked ? MaskedFile(rows.blob(3))?.byteCount : nil
    return File(name: rows.text(0), byteCount: masked ?? Int(rows.integer(1)))
  }

  /// Puts all named files from one folder of bodies into another, by a second name or as copies.
  func carry(
    from source: String, to target: String, asCopies: Bool, progress: (_ done: Int64, _ all: Int64) -> Void
  ) throws(JournalError) {
    let disk = PosixDisk()
    let all: Int64
    do throws(SQLiteError) { all = try count() } catch { throw error.journalError }
    var days: Set<String> = []
    var done: Int64 = 0
    try each { (file) throws(JournalError) in
      guard BodyFileReader.isName(file.name) else { return }
      let day = String(file.name.prefix { $0 != "/" })
      do throws(DiskError) {
        if days.insert(day).inserted { try disk.makeDirectory("\(target)/\(day)") }
        if disk.byteCount(of: "\(target)/\(file.name)") == 0 {
          let (from, to) = ("\(source)/\(file.name)", "\(target)/\(file.name)")
          if asCopies { try FileCopy.copy(from, to: to) } else { try FileCopy.link(from, to: to) }
        }
      } catch {
        throw .damaged(
          "tệp nội dung \(file.name) không sao chép được / body file \(file.name) cannot be copied: \(error)",
          advice: JournalError.restoreAdvice)
      }
      done += 1
      progress(done, all)
    }
    do throws(DiskError) {
      for day in days { try disk.syncDirectory("\(target)/\(day)") }
      try disk.syncDirectory(target)
    } catch {
      throw error.journalError
    }
  }
}

extension BodyFile {
  /// Length of the file that holds a body.
  static func fileByteCount(of byteCount: Int) -> Int {
    headerByteCount + byteCount + max(1, (byteCount + chunkByteCount - 1) / chunkByteCount) * tagByteCount
  }
}
