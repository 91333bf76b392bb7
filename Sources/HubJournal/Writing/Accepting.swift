internal import HubKit

extension Transaction {
  /// Puts in all messages, or none when one of them conflicts.
  func accept(_ batch: [PreparedExchange], advancing cursor: Cursor?) throws(WriteFailure) -> [Acceptance] {
    var found: [Acceptance?] = []
    var inBatch: [[UInt8]: PreparedExchange] = [:]
    for message in batch {
      if let earlier = inBatch[message.row.duplicateKey] {
        found.append(try compare(message.row, earlier.row.id, earlier.row.fingerprint, earlier.row.receivedAt))
      } else {
        found.append(try taken(message.row))
        if batch.count > 1 { inBatch[message.row.duplicateKey] = message }
      }
    }
    let conflicts = found.contains { if case .conflict? = $0 { true } else { false } }
    guard !conflicts else { return found.map { $0 ?? .withheld } }
    var result: [Acceptance] = []
    for (message, known) in zip(batch, found) {
      if let known { result.append(known) } else { result.append(.new(sequence: try insert(message))) }
    }
    if let cursor { try advance(cursor) }
    return result
  }

  /// What an id that was used before means for this message; nil when it is free.
  private func taken(_ row: ExchangeRow) throws(WriteFailure) -> Acceptance? {
    let find = try prepared(
      """
      SELECT x.id, x.fingerprint, x.received_at FROM duplicate d JOIN exchange x ON x.sequence = d.exchange
      WHERE d.key = ?
      """)
    defer { find.reset() }
    find.bind(1, row.duplicateKey)
    guard try find.next() else { return nil }
    let receivedAt = find.integer(2)
    // Older than the window: free again, even if no sweep has come by yet.
    guard receivedAt >= row.receivedAt - duplicateWindow.wholeMicroseconds else { return nil }
    return try compare(row, find.blob(0), find.blob(1), receivedAt)
  }

  private func compare(
    _ row: ExchangeRow, _ id: [UInt8], _ fingerprint: [UInt8], _ receivedAt: Int64
  ) throws(WriteFailure) -> Acceptance {
    guard let first = ExchangeID(bytes: id) else {
      throw .refused(.damaged("mã giao dịch hỏng / an exchange id is unreadable.", advice: JournalError.restoreAdvice))
    }
    return row.fingerprint == fingerprint
      ? .duplicate(first, receivedAt: Timestamp(microseconds: receivedAt)) : .conflict(first)
  }

  private func insert(_ message: PreparedExchange) throws(WriteFailure) -> Int64 {
    let row = message.row
    let sequence = append { _ in message.digest }.sequence
    let insert = try change(Self.insertExchange)
    insert.bind(1, sequence)
    insert.bind(2, row.id)
    insert.bind(3, StateCode.open)
    insert.bind(4, StateCode.number(.received))
    insert.bind(5, Schema.unset)
    insert.bind(6, message.bodyState)
    insert.bind(7, row.receivedAt)
    insert.bind(8, try configuration(row.configuration))
    insert.bind(9, row.principal)
    insert.bind(10, row.duplicateKey)
    insert.bind(11, row.fingerprint)
    insert.bind(12, row.type)
    insert.bind(13, row.source)
    insert.bind(14, row.messageID)
    insert.bind(15, row.subject)
    insert.bind(16, row.sender)
    insert.bind(17, row.receivers)
    insert.bind(18, row.recordKey)
    insert.bind(19, row.sealed)
    insert.bind(20, row.bodyKey)
    insert.bind(21, row.bodyByteCount)
    insert.bind(22, row.bodyDigest)
    insert.bind(23, message.digest)
    insert.bind(24, message.bodyFile)
    insert.bind(25, message.body)
    try insert.execute()
    let take = try change("INSERT OR REPLACE INTO duplicate (key, exchange) VALUES (?, ?)")
    take.bind(1, row.duplicateKey)
    take.bind(2, sequence)
    try take.execute()
    try index(message.keys, sequence)
    tally { tally in
      tally.move(to: StateCode.number(.received))
      if message.bodyFile != nil { tally.bodyFileBytes += row.bodyByteCount }
    }
    return sequence
  }

  private static let insertExchange: StaticString = """
    INSERT INTO exchange (
      sequence, id, phase, state, settled_at, keep_until, body_state, received_at, configuration, principal,
      duplicate_key, fingerprint, type, source, message_id, subject, sender, receivers, record_key, sealed, body_key,
      body_bytes, body_digest, digest, body_file, body)
    VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22,
      ?23, ?24, ?25)
    """

  /// Makes an exchange findable under keys; one that it has already is left alone.
  func index(_ keys: [IndexedKey], _ sequence: Int64) throws(WriteFailure) {
    for key in keys {
      if key.isPersonal {
        let insert = try change("INSERT OR IGNORE INTO person_key (hash, name, exchange) VALUES (?, ?, ?)")
        insert.bind(1, [UInt8](hex: key.value) ?? [])
        insert.bind(2, key.name)
        insert.bind(3, sequence)
        try insert.execute()
      } else {
        let insert = try change("INSERT OR IGNORE INTO business_key (value, name, exchange) VALUES (?, ?, ?)")
        insert.bind(1, key.value)
        insert.bind(2, key.name)
        insert.bind(3, sequence)
        try insert.execute()
      }
    }
  }

  private func advance(_ cursor: Cursor) throws(WriteFailure) {
    let advance = try change("INSERT OR REPLACE INTO cursor (source, value, at) VALUES (?, ?, ?)")
    advance.bind(1, cursor.source)
    advance.bind(2, cursor.value)
    advance.bind(3, now.microseconds)
    try advance.execute()
  }
}
