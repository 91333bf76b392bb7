internal import HubKit

extension Transaction {
  /// What stands in a row's body columns afterwards.
  struct Replacement: Sendable {
    var state: Int64
    var key: Int64?
    var body: [UInt8]?
    var file: String?
    var fileBytes: Int64 = 0
  }

  /// Gives a row another body and unlinks the old file once that is on the disk.
  func replaceBody(of sequence: Int64, by new: Replacement, _ files: BodyFiles) throws(WriteFailure) {
    let find = try prepared("SELECT body_file, body_bytes, body_state, body FROM exchange WHERE sequence = ?")
    find.bind(1, sequence)
    guard try find.next() else { return find.reset() }
    let (old, received, state) = (find.optionalText(0), find.integer(1), find.integer(2))
    let oldBytes = state == BodyCode.masked ? MaskedFile(find.blob(3)).map { Int64($0.byteCount) } ?? 0 : received
    find.reset()
    // The key's number is part of the record and stays; a masked inline body names the same day's key.
    let update = try change("UPDATE exchange SET body_state = ?2, body = ?3, body_file = ?4 WHERE sequence = ?1")
    update.bind(1, sequence)
    update.bind(2, new.state)
    update.bind(3, new.key.map { MaskedInline(key: $0, sealed: new.body ?? []).packed } ?? new.body)
    update.bind(4, new.file)
    try update.execute()
    tally { tally in tally.bodyFileBytes += new.fileBytes - (old == nil ? 0 : oldBytes) }
    if let old { unlink(old, files) }
    // Answers hold the same persons' data: they never outlive the question as it came.
    try removeReplies(of: sequence, files)
  }

  func unlink(_ name: String, _ files: BodyFiles) {
    let connection = connection
    afterwards {
      // Another exchange may have been handed the same body.
      if (try? Self.names(name, connection)) == false { files.remove(name) }
    }
  }

  /// Whether a row names a body file.
  static func names(_ file: String, _ connection: Connection) throws(SQLiteError) -> Bool {
    let find = try connection.prepared(
      "SELECT 1 FROM exchange WHERE body_file = ?1 UNION ALL SELECT 1 FROM reply WHERE body_file = ?1 LIMIT 1")
    defer { find.reset() }
    find.bind(1, file)
    return try find.step()
  }

  /// Deletes bodies that were kept long enough.
  func sweepBodies(until now: Timestamp, limit: Int, _ files: BodyFiles) throws(WriteFailure) -> Int {
    let find = try prepared(
      """
      SELECT sequence FROM exchange WHERE phase = 3 AND body_state < 5 AND keep_until <= ? ORDER BY keep_until LIMIT ?
      """)
    find.bind(1, now.microseconds)
    find.bind(2, Int64(limit))
    var sequences: [Int64] = []
    while try find.next() { sequences.append(find.integer(0)) }
    find.reset()
    for sequence in sequences { try replaceBody(of: sequence, by: Replacement(state: BodyCode.gone), files) }
    return sequences.count
  }

  /// Frees ids whose window has passed, in the order of receipt.
  func expireDuplicates(before time: Timestamp, limit: Int) throws(WriteFailure) -> Int {
    let place = try prepared("SELECT value FROM meta WHERE name = 'duplicates_expired_to'").first(0) ?? 0
    let find = try prepared(
      "SELECT sequence, duplicate_key, received_at FROM exchange WHERE sequence > ? ORDER BY sequence LIMIT ?")
    find.bind(1, place)
    find.bind(2, Int64(limit))
    var expired: [(sequence: Int64, key: [UInt8])] = []
    while try find.next(), find.integer(2) < time.microseconds { expired.append((find.integer(0), find.blob(1))) }
    find.reset()
    guard let last = expired.last else { return 0 }
    for (sequence, key) in expired {
      let delete = try change("DELETE FROM duplicate WHERE key = ? AND exchange = ?")
      delete.bind(1, key)
      delete.bind(2, sequence)
      try delete.execute()
    }
    let note = try change("INSERT OR REPLACE INTO meta (name, value) VALUES ('duplicates_expired_to', ?)")
    note.bind(1, last.sequence)
    try note.execute()
    return expired.count
  }

  /// Forgets the body keys of a day; their bytes are overwritten in the file, not only let go.
  func dropKeys(of day: String, _ event: PreparedEvent, _ ring: KeyRing) throws(WriteFailure) -> Int {
    let find = try prepared(
      "SELECT number FROM data_key WHERE day = ? AND purpose = 'bodies' AND wrapped IS NOT NULL")
    find.bind(1, day)
    var numbers: [Int64] = []
    while try find.next() { numbers.append(find.integer(0)) }
    find.reset()
    guard !numbers.isEmpty else { return 0 }
    for number in numbers {
      let drop = try change(
        "UPDATE data_key SET wrapped = zeroblob(length(wrapped)) WHERE number = ?")
      drop.bind(1, number)
      try drop.execute()
      let mark = try change("UPDATE data_key SET wrapped = NULL, dropped_at = ? WHERE number = ?")
      mark.bind(1, now.microseconds)
      mark.bind(2, number)
      try mark.execute()
    }
    try insert(event, exchange: nil)
    let connection = connection
    afterwards {
      for number in numbers { ring.drop(number) }
      // The log still holds the page with the key.
      try? connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    }
    return numbers.count
  }
}

/// A masked body in the row, with the number of its key: the row's own key number belongs to the record.
struct MaskedInline: Sendable {
  var key: Int64
  var sealed: [UInt8]

  init(key: Int64, sealed: [UInt8]) {
    self.key = key
    self.sealed = sealed
  }

  init?(_ bytes: [UInt8]) {
    var unpacker = Unpacker(bytes)
    guard let key = unpacker.number(), let sealed = unpacker.blob() else { return nil }
    self.init(key: key, sealed: sealed)
  }

  var packed: [UInt8] {
    var packer = Packer(reserving: sealed.count + 16)
    packer.append(key)
    packer.append(sealed)
    return packer.bytes
  }
}
