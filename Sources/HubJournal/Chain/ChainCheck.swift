internal import HubKit

/// Computes commits again from what lies in the database.
struct ChainCheck {
  let connection: Connection

  init(_ connection: Connection) { self.connection = connection }

  /// A row of `commit_log`.
  struct Commit {
    var number, at, first, last: Int64
    var digest: [UInt8]
  }

  /// The commit with a number.
  func commit(_ number: Int64) throws(SQLiteError) -> Commit? {
    let find = try connection.prepared("SELECT number, at, first, last, digest FROM commit_log WHERE number = ?")
    defer { find.reset() }
    find.bind(1, number)
    guard try find.step() else { return nil }
    return Commit(
      number: find.integer(0), at: find.integer(1), first: find.integer(2), last: find.integer(3),
      digest: find.blob(4))
  }

  /// Places and stored digests of a commit's records, in order.
  func records(_ commit: Commit) throws(SQLiteError) -> [(sequence: Int64, digest: [UInt8])] {
    let rows = try connection.prepared(
      """
      SELECT sequence, digest FROM exchange WHERE sequence BETWEEN ?1 AND ?2
      UNION ALL SELECT sequence, digest FROM event WHERE sequence BETWEEN ?1 AND ?2 ORDER BY 1
      """)
    defer { rows.reset() }
    rows.bind(1, commit.first)
    rows.bind(2, commit.last)
    var found: [(sequence: Int64, digest: [UInt8])] = []
    while try rows.step() { found.append((rows.integer(0), rows.blob(1))) }
    return found
  }

  /// What does not fit about the last commit; nil when all does.
  func complaint(aboutLast head: ChainHead) throws(SQLiteError) -> String? {
    guard head.commit > 0, let last = try commit(head.commit) else { return nil }
    let begin = try connection.prepared("SELECT previous, thinned FROM segment WHERE first_commit = ?")
    defer { begin.reset() }
    begin.bind(1, head.commit)
    let previous: [UInt8]?
    if try begin.step() {
      if begin.integer(1) != 0 { return nil }
      previous = begin.blob(0)
    } else {
      previous = try commit(head.commit - 1)?.digest
    }
    guard let previous else { return "commit \(head.commit - 1): thiếu / missing." }
    let digest = RecordDigest.commit(previous: previous, number: last.number, at: last.at, records: try records(last))
    return digest == last.digest ? nil : "commit \(last.number): không khớp chuỗi / it does not fit into the chain."
  }
}
