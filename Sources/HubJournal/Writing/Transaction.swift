internal import HubKit

/// Why a job could not be done.
enum WriteFailure: Error {
  /// SQLite refused: the whole commit goes back.
  case sqlite(SQLiteError)
  /// The job was refused before it wrote anything: the others go on.
  case refused(JournalError)
}

/// One commit in the making: what the jobs of a group write, and the end of the chain that follows from it. Used on
/// the writer's thread only.
final class Transaction {
  let connection: Connection
  let now: Timestamp
  /// How long an id stays taken.
  let duplicateWindow: Duration
  /// Where the chain will end.
  private(set) var head: ChainHead
  /// Done once the commit is on the disk, such as unlinking files that it no longer names.
  private(set) var afterCommit: [() -> Void] = []
  private(set) var hasChanges = false
  private var records: [(sequence: Int64, digest: [UInt8])] = []
  private var configurations: [String: Int64] = [:]
  private let tallyBefore: Tally

  init(connection: Connection, head: ChainHead, now: Timestamp, duplicateWindow: Duration) {
    self.connection = connection
    self.head = head
    tallyBefore = head.tally
    self.now = now
    self.duplicateWindow = duplicateWindow
  }

  /// Notes work for after the commit.
  func afterwards(_ work: @escaping () -> Void) { afterCommit.append(work) }

  /// A prepared statement for a change.
  func change(_ sql: StaticString) throws(WriteFailure) -> Statement {
    hasChanges = true
    return try prepared(sql)
  }

  /// A prepared statement for a question.
  func prepared(_ sql: StaticString) throws(WriteFailure) -> Statement {
    do { return try connection.prepared(fixed: sql) } catch { throw .sqlite(error) }
  }

  /// The same for a question whose text is put together.
  func prepared(made sql: String) throws(WriteFailure) -> Statement {
    do { return try connection.prepared(sql) } catch { throw .sqlite(error) }
  }

  /// Adjusts the counts.
  func tally(_ change: (inout Tally) -> Void) { change(&head.tally) }

  /// Gives a record the next place.
  func append(_ digest: (Int64) -> [UInt8]) -> (sequence: Int64, digest: [UInt8]) {
    head.sequence += 1
    let record = (sequence: head.sequence, digest: digest(head.sequence))
    records.append(record)
    return record
  }

  /// The number of a configuration, by its digest; makes one when there is none.
  func configuration(_ digest: String) throws(WriteFailure) -> Int64 {
    if let known = configurations[digest] { return known }
    let find = try prepared("SELECT number FROM configuration WHERE digest = ?")
    find.bind(1, digest)
    if let known = try find.first(0) {
      configurations[digest] = known
      return known
    }
    let insert = try change("INSERT INTO configuration (digest) VALUES (?) RETURNING number")
    insert.bind(1, digest)
    let made = try insert.first(0) ?? 0
    configurations[digest] = made
    return made
  }

  /// Writes the commit's own row, after all records.
  func finish() throws(WriteFailure) {
    guard let first = records.first, let last = records.last else { return try keepTally() }
    let previous = head.digest
    head.commit += 1
    head.digest = RecordDigest.commit(
      previous: previous, number: head.commit, at: now.microseconds, records: records)
    let day = max(head.day, now.day)
    if day != head.day { try beginSegment(day, previous: previous, first: first.sequence) }
    let row = try change(
      "INSERT INTO commit_log (number, at, first, last, digest, tally) VALUES (?, ?, ?, ?, ?, ?)")
    row.bind(1, head.commit)
    row.bind(2, now.microseconds)
    row.bind(3, first.sequence)
    row.bind(4, last.sequence)
    row.bind(5, head.digest)
    row.bind(6, head.tally.packed)
    try row.execute()
  }

  /// A change without records, such as a sweep, leaves the chain alone; its counts stand with the last commit.
  private func keepTally() throws(WriteFailure) {
    guard head.tally != tallyBefore else { return }
    let update = try change("UPDATE commit_log SET tally = ? WHERE number = ?")
    update.bind(1, head.tally.packed)
    update.bind(2, head.commit)
    try update.execute()
  }

  /// The first commit of a later day seals the segment before. A clock that is set back does not reopen one.
  private func beginSegment(_ day: String, previous: [UInt8], first: Int64) throws(WriteFailure) {
    if !head.day.isEmpty {
      let seal = try change("UPDATE segment SET last_commit = ?, last = ?, root = ?, sealed = 1 WHERE day = ?")
      seal.bind(1, head.commit - 1)
      seal.bind(2, first - 1)
      seal.bind(3, previous)
      seal.bind(4, head.day)
      try seal.execute()
    }
    let begin = try change(
      "INSERT INTO segment (day, previous, first_commit, first, sealed, thinned) VALUES (?, ?, ?, ?, 0, 0)")
    begin.bind(1, day)
    begin.bind(2, previous)
    begin.bind(3, head.commit)
    begin.bind(4, first)
    try begin.execute()
    head.day = day
  }
}

extension Statement {
  /// Runs to the end.
  func execute() throws(WriteFailure) {
    do { try run() } catch { throw .sqlite(error) }
  }

  /// Goes to the next row.
  func next() throws(WriteFailure) -> Bool {
    do { return try step() } catch { throw .sqlite(error) }
  }

  /// A number of the first row, then resets; nil: no row.
  func first(_ column: Int32) throws(WriteFailure) -> Int64? {
    guard try next() else {
      reset()
      return nil
    }
    let value = integer(column)
    // RETURNING has changed nothing before the statement has ended.
    while try next() {}
    reset()
    return value
  }
}
