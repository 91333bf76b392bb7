internal import HubKit

/// Up to which record old days were thinned; kept in `meta`, so that a restart goes on where the last step ended.
enum ThinningPlace: String {
  case outlined = "outlined_to"
  case removed = "removed_to"
}

/// What outlives its segment.
enum Held {
  /// Whether the exchange `x` has not settled, waits for a person, or has a body that its route still keeps at `?2`.
  static let condition = """
    x.phase = 2 OR (x.body_state < 5 AND x.keep_until > ?2)
      OR EXISTS (SELECT 1 FROM dead_letter d WHERE d.exchange = x.sequence)
    """
}

/// A sealed segment that is to be thinned.
private struct OldSegment {
  var day: String
  var first, last, firstCommit, lastCommit: Int64
  var thinned: Int64
}

extension Transaction {
  // MARK: - Outlines

  /// Empties events of old days. State and keep stay: what an exchange stands at must still be told by its last event.
  /// So does all that a restart needs of what is open or waits for a person.
  func outline(daysBefore day: String, limit: Int) throws(WriteFailure) -> Int {
    let place = max(try place(.outlined), try self.place(.removed))
    guard let segment = try oldSegment(before: day, behind: place) else { return 0 }
    try mark(segment, .outlines)
    let begin = max(place, segment.first - 1)
    let find = try prepared(
      """
      SELECT count(*), max(sequence) FROM (
        SELECT sequence FROM event WHERE sequence > ? AND sequence <= ? ORDER BY sequence LIMIT ?)
      """)
    defer { find.reset() }
    find.bind(1, begin)
    find.bind(2, segment.last)
    find.bind(3, Int64(limit))
    let count = try find.next() ? Int(find.integer(0)) : 0
    let end = count < limit ? segment.last : find.integer(1)
    let empty = try change(
      """
      UPDATE event SET payload = NULL, keys = NULL, principal = NULL, thinned = 1
      WHERE sequence > ? AND sequence <= ? AND thinned = 0 AND kind NOT LIKE 'journal.%' AND NOT EXISTS (
        SELECT 1 FROM exchange x WHERE x.sequence = event.exchange
          AND (x.phase = 2 OR EXISTS (SELECT 1 FROM dead_letter d WHERE d.exchange = x.sequence)))
      """)
    empty.bind(1, begin)
    empty.bind(2, end)
    try empty.execute()
    try setPlace(.outlined, end)
    return max(count, 1)
  }

  // MARK: - Removal

  /// Removes old days: first the commits, then the records in their order. From its first step on a segment is known
  /// by its root alone, so that it makes no difference how many of its records are still there.
  func remove(daysBefore day: String, limit: Int, _ files: BodyFiles) throws(WriteFailure) -> Int {
    let place = try place(.removed)
    guard let segment = try oldSegment(before: day, behind: place) else { return 0 }
    try mark(segment, .root)
    let commits = try change(
      """
      DELETE FROM commit_log WHERE number IN (
        SELECT number FROM commit_log WHERE number BETWEEN ? AND ? ORDER BY number LIMIT ?)
      """)
    commits.bind(1, segment.firstCommit)
    commits.bind(2, segment.lastCommit)
    commits.bind(3, Int64(limit))
    try commits.execute()
    if connection.changes > 0 { return connection.changes }
    let records = try records(behind: max(place, segment.first - 1), upTo: segment.last, limit: limit)
    var kept: Set<Int64> = []
    for record in records {
      guard let exchange = record.exchange, let isHeld = try isHeld(exchange) else {
        try removeEvent(record.sequence)
        continue
      }
      if !isHeld {
        try remove(exchange, upTo: segment.last, files)
      } else if kept.insert(exchange).inserted {
        try keep(exchange, upTo: segment.last)
      }
    }
    try setPlace(.removed, records.count < limit ? segment.last : records.last?.sequence ?? segment.last)
    return max(records.count, 1)
  }

  /// The next records, each with its exchange.
  private func records(
    behind place: Int64, upTo end: Int64, limit: Int
  ) throws(WriteFailure) -> [(sequence: Int64, exchange: Int64?)] {
    let rows = try prepared(
      """
      SELECT sequence, sequence FROM exchange WHERE sequence > ?1 AND sequence <= ?2
      UNION ALL SELECT sequence, exchange FROM event WHERE sequence > ?1 AND sequence <= ?2 ORDER BY 1 LIMIT ?3
      """)
    defer { rows.reset() }
    rows.bind(1, place)
    rows.bind(2, end)
    rows.bind(3, Int64(limit))
    var found: [(sequence: Int64, exchange: Int64?)] = []
    while try rows.next() { found.append((rows.integer(0), rows.optionalInteger(1))) }
    return found
  }

  /// Whether something holds an exchange; nil when it is not there any more.
  func isHeld(_ exchange: Int64) throws(WriteFailure) -> Bool? {
    let find = try prepared(made: "SELECT \(Held.condition) FROM exchange x WHERE x.sequence = ?1")
    find.bind(1, exchange)
    find.bind(2, now.microseconds)
    return try find.first(0).map { $0 != 0 }
  }

  /// Removes an exchange as a whole: row, keys, replies, body files, id, and its events up to a place.
  func remove(_ exchange: Int64, upTo end: Int64, _ files: BodyFiles) throws(WriteFailure) {
    try replaceBody(of: exchange, by: Replacement(state: BodyCode.gone), files)
    let find = try prepared("SELECT state FROM exchange WHERE sequence = ?")
    find.bind(1, exchange)
    let state = try find.first(0)
    let free = try change(
      """
      DELETE FROM duplicate WHERE key = (SELECT duplicate_key FROM exchange WHERE sequence = ?1) AND exchange = ?1
      """)
    free.bind(1, exchange)
    try free.execute()
    let row = try change("DELETE FROM exchange WHERE sequence = ?")
    row.bind(1, exchange)
    try row.execute()
    let events = try change("DELETE FROM event WHERE exchange = ? AND sequence <= ?")
    events.bind(1, exchange)
    events.bind(2, end)
    try events.execute()
    let count = Int64(connection.changes)
    tally { tally in
      tally.move(from: state)
      tally.events -= count
    }
  }

  private func removeEvent(_ sequence: Int64) throws(WriteFailure) {
    let delete = try change("DELETE FROM event WHERE sequence = ?")
    delete.bind(1, sequence)
    try delete.execute()
    let count = Int64(connection.changes)
    tally { $0.events -= count }
  }

  /// Ties what outlives its segment to the chain anew: an event of today holds the digests of its records.
  private func keep(_ exchange: Int64, upTo end: Int64) throws(WriteFailure) {
    let note: KeptNote
    do throws(SQLiteError) {
      if let known = try KeptNote.last(of: exchange, connection), known.upTo >= end { return }
      note = KeptNote(upTo: end, digest: try KeptNote.digest(of: exchange, upTo: end, connection))
    } catch {
      throw .sqlite(error)
    }
    try insertNote("journal.kept", note.json, exchange: exchange)
  }

  // MARK: - Where it stands

  /// Up to where a kind of thinning has come.
  func place(_ place: ThinningPlace) throws(WriteFailure) -> Int64 {
    let find = try prepared("SELECT value FROM meta WHERE name = ?")
    find.bind(1, place.rawValue)
    return try find.first(0) ?? 0
  }

  private func setPlace(_ place: ThinningPlace, _ sequence: Int64) throws(WriteFailure) {
    let note = try change("INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)")
    note.bind(1, place.rawValue)
    note.bind(2, sequence)
    try note.execute()
  }

  private func oldSegment(before day: String, behind place: Int64) throws(WriteFailure) -> OldSegment? {
    let find = try prepared(
      """
      SELECT day, first, last, first_commit, last_commit, thinned FROM segment
      WHERE sealed = 1 AND day < ? AND last > ? ORDER BY day LIMIT 1
      """)
    defer { find.reset() }
    find.bind(1, day)
    find.bind(2, place)
    guard try find.next() else { return nil }
    return OldSegment(
      day: find.text(0), first: find.integer(1), last: find.integer(2), firstCommit: find.integer(3),
      lastCommit: find.integer(4), thinned: find.integer(5))
  }

  /// Says in the segment's header and in the chain what is left of it, before anything of it goes.
  private func mark(_ segment: OldSegment, _ thinning: Thinning) throws(WriteFailure) {
    guard segment.thinned < thinning.rawValue else { return }
    let mark = try change("UPDATE segment SET thinned = ? WHERE day = ?")
    mark.bind(1, thinning.rawValue)
    mark.bind(2, segment.day)
    try mark.execute()
    try insertNote("journal.thinned", #"{"day":"\#(segment.day)","to":\#(thinning.rawValue)}"#, exchange: nil)
  }

  /// Records what the journal itself does. Nothing in it is secret, so that the writer need not seal it.
  func insertNote(_ kind: String, _ payload: String, exchange: Int64?) throws(WriteFailure) {
    let row = EventRow(
      at: now.microseconds, kind: kind, principal: nil, state: nil, keepUntil: nil, recordKey: nil,
      payload: Array(payload.utf8), keys: [])
    try insert(
      PreparedEvent(exchange: nil, row: row, content: RecordDigest.content(row)), exchange: exchange)
  }
}
