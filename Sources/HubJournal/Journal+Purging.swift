public import HubKit

extension Journal {
  /// Removes an exchange's body and the answers to it for good, whatever its state: the rows are overwritten, files
  /// unlinked, and the log folded into the database, so that no page holds them. Record, steps and digests stay.
  ///
  /// - Returns: how many bytes there were; 0 when nothing was left.
  public func purgeBodies(of id: ExchangeID) async throws(JournalError) -> Int {
    guard let stored = try exchange(id) else {
      throw .io("không có giao dịch \(id) / the journal does not know exchange \(id)")
    }
    let event = try preparation.event(exchange: id.bytes, kind: "journal.purged", at: clock.now, payload: [])
    let files = bodyFiles
    let bytes = stored.message == nil ? 0 : stored.bodyByteCount
    return try await write(rows: 4, makesRoom: true) { transaction throws(WriteFailure) in
      guard let standing = try transaction.standing(id.bytes) else { return 0 }
      let sequence = standing.sequence
      let answers = try transaction.replyBytes(of: sequence)
      try transaction.insert(event, exchange: sequence)
      try transaction.overwriting(sequence) { () throws(WriteFailure) in
        try transaction.replaceBody(of: sequence, by: .init(state: BodyCode.gone), files)
      }
      return bytes + answers
    }
  }
}

extension Transaction {
  /// How many bytes of answers an exchange has.
  fileprivate func replyBytes(of exchange: Int64) throws(WriteFailure) -> Int {
    let sum = try prepared("SELECT coalesce(sum(body_bytes), 0) FROM reply WHERE exchange = ?")
    sum.bind(1, exchange)
    defer { sum.reset() }
    return try sum.next() ? Int(sum.integer(0)) : 0
  }

  /// Overwrites an exchange's contents in place and has pages overwritten that the work frees; the log, which still
  /// holds them as they were, is folded in afterwards.
  fileprivate func overwriting(_ exchange: Int64, _ work: () throws(WriteFailure) -> Void) throws(WriteFailure) {
    let connection = connection
    do throws(SQLiteError) { try connection.execute("PRAGMA secure_delete = ON") } catch { throw .sqlite(error) }
    afterwards {
      try? connection.execute("PRAGMA secure_delete = OFF")
      try? connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    }
    for overwrite in [
      try change("UPDATE exchange SET body = zeroblob(length(body)) WHERE sequence = ? AND body IS NOT NULL"),
      try change("UPDATE reply SET body = zeroblob(length(body)) WHERE exchange = ? AND body IS NOT NULL"),
    ] {
      overwrite.bind(1, exchange)
      try overwrite.execute()
    }
    try work()
  }
}
