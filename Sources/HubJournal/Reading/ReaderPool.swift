internal import HubKit
internal import Synchronization

/// Read-only connections, lent to one caller at a time. The writer never blocks them (WAL); when all are lent, another
/// is opened and closed again afterwards, so that a caller never waits for a slow search.
final class ReaderPool: Sendable {
  private let path: String
  private let vfs: String?
  private let countMax: Int
  private let idle: Mutex<[Connection]?>

  init(path: String, countMax: Int, vfs: String? = nil) {
    self.path = path
    self.vfs = vfs
    self.countMax = countMax
    idle = Mutex([])
  }

  /// Runs `work` in one read transaction, so that all its statements see the same commit.
  func read<Value>(_ work: (Connection) throws(SQLiteError) -> Value) throws(JournalError) -> Value {
    let connection = try lend()
    defer { giveBack(connection) }
    do throws(SQLiteError) {
      try connection.prepared("BEGIN").run()
      defer { try? connection.prepared("COMMIT").run() }
      return try work(connection)
    } catch {
      throw error.journalError
    }
  }

  private func lend() throws(JournalError) -> Connection {
    let (isOpen, connection) = idle.withLock { ($0 != nil, $0?.popLast()) }
    guard isOpen else { throw .stopped("đã đóng / it was closed") }
    if let connection { return connection }
    do throws(SQLiteError) {
      let made = try Connection(path: path, isReadOnly: true, vfs: vfs)
      try made.execute("PRAGMA cache_size = -8000; PRAGMA query_only = ON; PRAGMA temp_store = MEMORY")
      return made
    } catch {
      throw error.journalError
    }
  }

  private func giveBack(_ connection: Connection) {
    let isKept = idle.withLock { idle in
      guard let count = idle?.count, count < countMax else { return false }
      idle?.append(connection)
      return true
    }
    if !isKept { connection.close() }
  }

  /// Closes all; later calls are refused.
  func close() {
    let connections = idle.withLock { idle in
      defer { idle = nil }
      return idle ?? []
    }
    for connection in connections { connection.close() }
  }
}
