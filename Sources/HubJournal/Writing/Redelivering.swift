internal import HubKit

extension Transaction {
  /// Puts in a job, behind the event that tells of it.
  ///
  /// - Returns: its number.
  func insert(_ order: RedeliveryOrder) throws(WriteFailure) -> Int64 {
    let insert = try change(
      """
      INSERT INTO redelivery_job (filter, by, reason, created, rate, error_share, most, through, state, state_at,
        state_by, state_reason)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'running', ?4, ?2, ?3) RETURNING number
      """)
    insert.bind(1, order.filter)
    insert.bind(2, order.by)
    insert.bind(3, order.reason)
    insert.bind(4, order.at.microseconds)
    insert.bind(5, order.rate)
    insert.bind(6, order.errorShareMax)
    insert.bind(7, order.countMax.map(Int64.init))
    insert.bind(8, head.sequence)
    return try insert.first(0) ?? 0
  }

  /// Brings a job to a state.
  func setRedelivery(
    _ number: Int64, _ state: RedeliveryJob.State, at: Timestamp, by: String, reason: String
  ) throws(WriteFailure) {
    let update = try change(
      "UPDATE redelivery_job SET state = ?2, state_at = ?3, state_by = ?4, state_reason = ?5 WHERE number = ?1")
    update.bind(1, number)
    update.bind(2, state.rawValue)
    update.bind(3, at.microseconds)
    update.bind(4, by)
    update.bind(5, reason)
    try update.execute()
    guard state == .running else { return }
    let measure = try change(
      "UPDATE redelivery_job SET delivered_before = delivered, failed_before = failed WHERE number = ?")
    measure.bind(1, number)
    try measure.execute()
  }

  /// Halts all jobs that run: what they have put back since the copy was taken is not known here.
  func pauseRedeliveries(why: String) throws(WriteFailure) {
    let pause = try change(
      """
      UPDATE redelivery_job SET state = 'paused', state_at = ?1, state_by = 'hub', state_reason = ?2
      WHERE state = 'running'
      """)
    pause.bind(1, now.microseconds)
    pause.bind(2, why)
    try pause.execute()
  }

  /// Counts what became of one of the things that a job is about: each end once, however often it is told.
  func note(_ mark: RedeliveryMark, of exchange: Int64, why: String? = nil) throws(WriteFailure) {
    guard try noteItem(mark, exchange, why) else { return }
    let count =
      switch mark.end {
      case .putBack: try change("UPDATE redelivery_job SET put_back = put_back + 1 WHERE number = ?")
      case .delivered: try change("UPDATE redelivery_job SET delivered = delivered + 1 WHERE number = ?")
      case .failed: try change("UPDATE redelivery_job SET failed = failed + 1 WHERE number = ?")
      case .refused: try change("UPDATE redelivery_job SET refused = refused + 1 WHERE number = ?")
      }
    count.bind(1, mark.job)
    try count.execute()
  }

  /// - Returns: whether that is news.
  private func noteItem(_ mark: RedeliveryMark, _ exchange: Int64, _ why: String?) throws(WriteFailure) -> Bool {
    switch mark.end {
    case .putBack, .refused:
      let insert = try change(
        "INSERT OR IGNORE INTO redelivery_item (exchange, delivery, job, end, note) VALUES (?, ?, ?, ?, ?)")
      insert.bind(1, exchange)
      insert.bind(2, Int64(mark.delivery ?? 0))
      insert.bind(3, mark.job)
      insert.bind(4, mark.end.rawValue)
      insert.bind(5, why)
      try insert.execute()
    case .delivered, .failed:
      let update = try change(
        "UPDATE redelivery_item SET end = ?4 WHERE exchange = ?1 AND delivery = ?2 AND job = ?3 AND end = 1")
      update.bind(1, exchange)
      update.bind(2, Int64(mark.delivery ?? 0))
      update.bind(3, mark.job)
      update.bind(4, mark.end.rawValue)
      try update.execute()
    }
    return connection.changes > 0
  }
}
