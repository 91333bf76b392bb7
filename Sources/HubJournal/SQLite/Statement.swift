internal import CSQLite

/// A prepared statement: bind, step, read columns, reset. Positions of parameters count from 1, those of columns from
/// 0, as in SQLite.
final class Statement {
  private let pointer: OpaquePointer
  private let sql: String
  private unowned let connection: Connection
  /// Where bound values lie until the statement is reset, one behind the other: SQLite would allocate memory for each.
  private let room = UnsafeMutableRawPointer.allocate(byteCount: roomByteCount, alignment: 1)
  private var used = 0
  private static let roomByteCount = 4096

  init(_ pointer: OpaquePointer, sql: String, connection: Connection) {
    self.pointer = pointer
    self.sql = sql
    self.connection = connection
  }

  deinit {
    sqlite3_finalize(pointer)
    room.deallocate()
  }

  /// Makes it ready to run again; forgets what was bound.
  func reset() {
    sqlite3_reset(pointer)
    sqlite3_clear_bindings(pointer)
    used = 0
  }

  /// Goes to the next row. False: there is none.
  func step() throws(SQLiteError) -> Bool {
    switch sqlite3_step(pointer) {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    case let code:
      let error = connection.failure(code, sql)
      sqlite3_reset(pointer)
      throw error
    }
  }

  /// Runs to the end and resets.
  func run() throws(SQLiteError) {
    while try step() {}
    reset()
  }

  // MARK: - Parameters

  /// Binds a number.
  func bind(_ position: Int32, _ value: Int64) { sqlite3_bind_int64(pointer, position, value) }

  /// Binds a number or NULL.
  func bind(_ position: Int32, _ value: Int64?) {
    if let value { bind(position, value) } else { sqlite3_bind_null(pointer, position) }
  }

  /// Binds a fraction or NULL.
  func bind(_ position: Int32, _ value: Double?) {
    if let value { sqlite3_bind_double(pointer, position, value) } else { sqlite3_bind_null(pointer, position) }
  }

  /// Binds a text.
  func bind(_ position: Int32, _ value: String) {
    var value = value
    value.withUTF8 { bytes in
      let (start, destructor) = kept(UnsafeRawBufferPointer(bytes))
      sqlite3_bind_text64(
        pointer, position, start.assumingMemoryBound(to: CChar.self), UInt64(bytes.count), destructor,
        UInt8(SQLITE_UTF8))
    }
  }

  /// Binds a text or NULL.
  func bind(_ position: Int32, _ value: String?) {
    if let value { bind(position, value) } else { sqlite3_bind_null(pointer, position) }
  }

  /// Binds bytes; an empty array is an empty blob, not NULL.
  func bind(_ position: Int32, _ value: [UInt8]) {
    value.withUnsafeBytes { bytes in
      let (start, destructor) = kept(bytes)
      sqlite3_bind_blob64(pointer, position, start, UInt64(bytes.count), destructor)
    }
  }

  /// Copies bytes to where they can stay. What is too large for the room is left to SQLite to copy.
  private func kept(_ bytes: UnsafeRawBufferPointer) -> (UnsafeRawPointer, sqlite3_destructor_type?) {
    let place = room + used
    if let start = bytes.baseAddress {
      guard bytes.count <= Self.roomByteCount - used else { return (start, Self.copy) }
      place.copyMemory(from: start, byteCount: bytes.count)
      used += bytes.count
    }
    return (UnsafeRawPointer(place), nil)
  }

  /// Binds bytes or NULL.
  func bind(_ position: Int32, _ value: [UInt8]?) {
    if let value { bind(position, value) } else { sqlite3_bind_null(pointer, position) }
  }

  // MARK: - Columns

  /// Whether the column is NULL.
  func isNull(_ column: Int32) -> Bool { sqlite3_column_type(pointer, column) == SQLITE_NULL }

  /// A number; zero for NULL.
  func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(pointer, column) }

  /// A number or nil.
  func optionalInteger(_ column: Int32) -> Int64? { isNull(column) ? nil : integer(column) }

  /// A fraction or nil.
  func optionalReal(_ column: Int32) -> Double? { isNull(column) ? nil : sqlite3_column_double(pointer, column) }

  /// A text; empty for NULL. Bytes that are no UTF-8 are repaired.
  func text(_ column: Int32) -> String { optionalText(column) ?? "" }

  /// A text or nil.
  func optionalText(_ column: Int32) -> String? {
    guard let start = sqlite3_column_text(pointer, column) else { return nil }
    let count = Int(sqlite3_column_bytes(pointer, column))
    return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
  }

  /// Bytes; empty for NULL.
  func blob(_ column: Int32) -> [UInt8] {
    guard let start = sqlite3_column_blob(pointer, column) else { return [] }
    return Array(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(pointer, column))))
  }

  /// Bytes or nil.
  func optionalBlob(_ column: Int32) -> [UInt8]? { isNull(column) ? nil : blob(column) }

  /// SQLITE_TRANSIENT, a cast that the importer leaves out.
  private static let copy = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
}
