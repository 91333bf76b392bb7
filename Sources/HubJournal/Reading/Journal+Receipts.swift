public import HubKit

/// The receipt of an exchange: what is known of it from its first day on, without the body.
public struct StoredReceipt: Sendable {
  /// Place in the journal.
  public var sequence: Int64
  /// Its name.
  public var id: ExchangeID
  /// Who brought it, as `Principal.text` writes it.
  public var principal: String
  /// The outside, as received.
  public var envelope: Envelope
  /// When it was received.
  public var receivedAt: Timestamp
}

extension Journal {
  /// The receipts of a range of places, in order: for projections, which read every receipt and no body.
  ///
  /// - Parameter types: only of messages of these CloudEvents types; nil: of all.
  public func receipts(
    in range: ClosedRange<Int64>, types: [String]? = nil
  ) throws(JournalError) -> [StoredReceipt] {
    let among = types.map { " AND type IN (\(Self.marks($0.count)))" } ?? ""
    return try read { reading throws(SQLiteError) in
      try reading.storedReceipts("WHERE sequence BETWEEN ? AND ?\(among) ORDER BY sequence") { statement in
        statement.bind(range, types ?? [])
      }
    }
  }

  /// What was recorded in a range of places of exchanges of some CloudEvents types, receipts left out, in order.
  public func events(in range: ClosedRange<Int64>, types: [String]) throws(JournalError) -> [StoredEvent] {
    // An expression, so that the range of places is walked, not the table of exchanges.
    let among = "coalesce(x.type, '') IN (\(Self.marks(types.count)))"
    return try read { reading throws(SQLiteError) in
      try reading.events("WHERE e.sequence BETWEEN ? AND ? AND \(among) ORDER BY e.sequence") { statement in
        statement.bind(range, types)
      }
    }
  }

  /// A place before which nothing was received at a time or later, and not much before it: that of the day before.
  public func place(before time: Timestamp) throws(JournalError) -> Int64 {
    try read { reading throws(SQLiteError) in
      let find = try reading.connection.prepared("SELECT max(first) FROM segment WHERE day <= ?")
      defer { find.reset() }
      find.bind(1, (time - .seconds(86_400)).day)
      return try find.step() ? max(0, (find.optionalInteger(0) ?? 1) - 1) : 0
    }
  }

  private static func marks(_ count: Int) -> String { Array(repeating: "?", count: count).joined(separator: ", ") }

  /// The receipt of one exchange; nil when the journal does not know it, or not any more.
  public func receipt(of id: ExchangeID) throws(JournalError) -> StoredReceipt? {
    try read { reading throws(SQLiteError) in
      try reading.storedReceipts("WHERE id = ?") { $0.bind(1, id.bytes) }.first
    }
  }
}

extension Statement {
  /// A range of places, then texts.
  fileprivate func bind(_ range: ClosedRange<Int64>, _ texts: [String]) {
    bind(1, range.lowerBound)
    bind(2, range.upperBound)
    for (index, text) in texts.enumerated() { bind(Int32(index + 3), text) }
  }
}

extension ExchangeReading {
  fileprivate func storedReceipts(
    _ condition: String, _ bind: (Statement) -> Void
  ) throws(SQLiteError) -> [StoredReceipt] {
    let statement = try connection.prepared(
      """
      SELECT sequence, id, received_at, principal, type, source, message_id, subject, record_key, sealed FROM exchange
      \(condition)
      """)
    defer { statement.reset() }
    bind(statement)
    var found: [StoredReceipt] = []
    while try statement.step() {
      if let receipt = try storedReceipt(statement) { found.append(receipt) }
    }
    return found
  }

  private func storedReceipt(_ row: Statement) throws(SQLiteError) -> StoredReceipt? {
    let bytes = row.blob(1)
    guard let id = ExchangeID(bytes: bytes) else { return nil }
    let packed = try unsealing.open(
      row.blob(9), key: row.integer(8), label: ExchangeRow.label(bytes, "record"), connection)
    // Without its key a receipt is still what its plain columns say.
    let envelope =
      packed.flatMap(SealedRecord.init)?.envelope
      ?? Envelope(id: row.text(6), source: row.text(5), type: row.text(4), subject: row.optionalText(7))
    return StoredReceipt(
      sequence: row.integer(0), id: id, principal: row.text(3), envelope: envelope,
      receivedAt: Timestamp(microseconds: row.integer(2)))
  }
}
