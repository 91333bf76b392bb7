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
  public func receipts(in range: ClosedRange<Int64>) throws(JournalError) -> [StoredReceipt] {
    try read { reading throws(SQLiteError) in
      try reading.storedReceipts("WHERE sequence BETWEEN ? AND ? ORDER BY sequence") { statement in
        statement.bind(1, range.lowerBound)
        statement.bind(2, range.upperBound)
      }
    }
  }

  /// The receipt of one exchange; nil when the journal does not know it, or not any more.
  public func receipt(of id: ExchangeID) throws(JournalError) -> StoredReceipt? {
    try read { reading throws(SQLiteError) in
      try reading.storedReceipts("WHERE id = ?") { $0.bind(1, id.bytes) }.first
    }
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
