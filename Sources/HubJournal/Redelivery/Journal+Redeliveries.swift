internal import FoundationEssentials
public import HubKit

extension Journal {
  /// Writes down a redelivery job, which runs from then on, and returns its number after the sync.
  public func beginRedelivery(_ order: RedeliveryOrder) async throws(JournalError) -> Int64 {
    let event = try redeliveryNote(.running, number: nil, by: order.by, reason: order.reason, at: order.at)
    return try await write(rows: 2) { transaction throws(WriteFailure) in
      try transaction.insert(event, exchange: nil)
      return try transaction.insert(order)
    }
  }

  /// Writes down that a job goes on, halts or ends, and returns after the sync. One that goes on measures its share of
  /// errors anew.
  ///
  /// - Parameters:
  ///   - by: who brings it there.
  ///   - reason: why.
  public func setRedelivery(
    _ number: Int64, _ state: RedeliveryJob.State, by: String, reason: String
  ) async throws(JournalError) {
    let now = clock.now
    let event = try redeliveryNote(state, number: number, by: by, reason: reason, at: now)
    try await write(rows: 2) { transaction throws(WriteFailure) in
      try transaction.insert(event, exchange: nil)
      try transaction.setRedelivery(number, state, at: now, by: by, reason: reason)
    }
  }

  /// Writes down how far a job has gone with the next commit, behind all records that were handed in before. Nobody
  /// waits.
  ///
  /// - Parameters:
  ///   - cursor: the place up to which it has gone.
  ///   - refused: what was not put back on the way there, with the reason.
  public func advanceRedelivery(
    _ number: Int64, to cursor: Int64, refused: [(exchange: ExchangeID, delivery: Int?, why: String)]
  ) {
    writeLater(rows: 1 + refused.count) { transaction throws(WriteFailure) in
      for (exchange, delivery, why) in refused {
        guard let standing = try transaction.standing(exchange.bytes) else { continue }
        let mark = RedeliveryMark(job: number, delivery: delivery, end: .refused)
        try transaction.note(mark, of: standing.sequence, why: why)
      }
      let update = try transaction.change("UPDATE redelivery_job SET cursor = max(cursor, ?2) WHERE number = ?1")
      update.bind(1, number)
      update.bind(2, cursor)
      try update.execute()
    }
  }

  /// Writes down how much a job found, and returns after the sync.
  public func setRedelivery(_ number: Int64, selected: Int) async throws(JournalError) {
    try await write(rows: 1) { transaction throws(WriteFailure) in
      let update = try transaction.change("UPDATE redelivery_job SET selected = ?2 WHERE number = ?1")
      update.bind(1, number)
      update.bind(2, Int64(selected))
      try update.execute()
    }
  }

  /// The last redelivery jobs, newest first.
  public func redeliveries(limit: Int) throws(JournalError) -> [RedeliveryJob] {
    try read { reading throws(SQLiteError) in
      try reading.redeliveries("ORDER BY number DESC LIMIT ?") { $0.bind(1, Int64(limit)) }
    }
  }

  /// The jobs that stand in a state, oldest first.
  public func redeliveries(_ state: RedeliveryJob.State) throws(JournalError) -> [RedeliveryJob] {
    try read { reading throws(SQLiteError) in
      try reading.redeliveries("WHERE state = ? ORDER BY number") { $0.bind(1, state.rawValue) }
    }
  }

  /// One job; nil when there is none of that number.
  public func redelivery(_ number: Int64) throws(JournalError) -> RedeliveryJob? {
    try read { reading throws(SQLiteError) in
      try reading.redeliveries("WHERE number = ?") { $0.bind(1, number) }.first
    }
  }

  /// What a job was about and what ended in a certain way, in the order of receipt. What was removed with its day is
  /// counted in the job only.
  public func redeliveryItems(
    of number: Int64, _ end: RedeliveryEnd, limit: Int
  ) throws(JournalError) -> [RedeliveryItem] {
    try read { reading throws(SQLiteError) in
      let find = try reading.connection.prepared(
        """
        SELECT x.id, i.delivery, i.note FROM redelivery_item i JOIN exchange x ON x.sequence = i.exchange
        WHERE i.job = ?1 AND i.end = ?2 ORDER BY i.exchange, i.delivery LIMIT ?3
        """)
      defer { find.reset() }
      find.bind(1, number)
      find.bind(2, end.rawValue)
      find.bind(3, Int64(limit))
      var found: [RedeliveryItem] = []
      while try find.step() {
        guard let exchange = ExchangeID(bytes: find.blob(0)) else { continue }
        let delivery = Int(find.integer(1))
        found.append(
          RedeliveryItem(
            exchange: exchange, delivery: delivery == 0 ? nil : delivery, end: end, note: find.optionalText(2)))
      }
      return found
    }
  }

  /// Whether a job has had its turn with a delivery, be it put back or not.
  ///
  /// - Parameter delivery: its number, from 1; nil: the message itself.
  public func isRedelivered(
    by number: Int64, sequence: Int64, delivery: Int?
  ) throws(JournalError) -> Bool {
    try read { reading throws(SQLiteError) in
      let find = try reading.connection.prepared(
        "SELECT 1 FROM redelivery_item WHERE exchange = ? AND delivery = ? AND job = ?")
      defer { find.reset() }
      find.bind(1, sequence)
      find.bind(2, Int64(delivery ?? 0))
      find.bind(3, number)
      return try find.step()
    }
  }

  private func redeliveryNote(
    _ state: RedeliveryJob.State, number: Int64?, by: String, reason: String, at: Timestamp
  ) throws(JournalError) -> PreparedEvent {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var note = ["reason": reason]
    note["job"] = number.map { "\($0)" }
    return try preparation.event(
      principal: by, kind: number == nil ? "redelivery.ordered" : "redelivery.\(state.rawValue)", at: at,
      payload: (try? encoder.encode(note)).map(Array.init) ?? [])
  }
}

extension ExchangeReading {
  fileprivate func redeliveries(
    _ condition: String, _ bind: (Statement) -> Void
  ) throws(SQLiteError) -> [RedeliveryJob] {
    let find = try connection.prepared(
      """
      SELECT number, filter, by, reason, created, rate, error_share, most, state, state_at, state_by, state_reason,
        through, cursor, selected, put_back, refused, delivered, failed, delivered_before, failed_before
      FROM redelivery_job \(condition)
      """)
    defer { find.reset() }
    bind(find)
    var found: [RedeliveryJob] = []
    while try find.step() { found.append(Self.job(find)) }
    return found
  }

  private static func job(_ row: Statement) -> RedeliveryJob {
    var counts = RedeliveryJob.Counts()
    counts.selected = row.optionalInteger(14).map(Int.init)
    counts.putBack = Int(row.integer(15))
    counts.refused = Int(row.integer(16))
    counts.delivered = Int(row.integer(17))
    counts.failed = Int(row.integer(18))
    let order = RedeliveryOrder(
      filter: row.text(1), by: row.text(2), reason: row.text(3), at: Timestamp(microseconds: row.integer(4)),
      rate: row.optionalReal(5) ?? 1, errorShareMax: row.optionalReal(6),
      countMax: row.optionalInteger(7).map(Int.init))
    var job = RedeliveryJob(number: row.integer(0), order: order, through: row.integer(12))
    job.state = RedeliveryJob.State(rawValue: row.text(8)) ?? .stopped
    job.stateAt = Timestamp(microseconds: row.integer(9))
    job.stateBy = row.text(10)
    job.stateReason = row.text(11)
    job.cursor = row.integer(13)
    job.counts = counts
    job.deliveredBefore = Int(row.integer(19))
    job.failedBefore = Int(row.integer(20))
    return job
  }
}
