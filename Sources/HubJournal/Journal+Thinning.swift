internal import HubKit

/// How much of a sealed segment may go.
public enum Thinning: Int64, Sendable, Hashable, CaseIterable {
  /// Events lose their content and keep place and digest: the chain still verifies record by record.
  case outlines = 1
  /// Everything goes but the header and the root: the chain still verifies from segment to segment.
  case root = 2
}

extension Journal {
  /// Thins out a sealed segment.
  ///
  /// - Parameters:
  ///   - day: the segment's, as in `2026-11-23`.
  ///   - thinning: what may go. With ``Thinning/root`` its exchanges cannot be found any more.
  /// - Throws: ``JournalError/io(_:)`` when the day is no sealed segment, or an exchange of it has not settled.
  public func thin(day: String, to thinning: Thinning) async throws(JournalError) {
    let event = try preparation.event(
      kind: "journal.thinned", at: clock.now, payload: Array(#"{"day":"\#(day)","to":\#(thinning.rawValue)}"#.utf8))
    let files = bodyFiles
    try await write(rows: 1, makesRoom: true) { transaction throws(WriteFailure) in
      guard let range = try transaction.sealedSegment(day) else {
        throw .refused(.io("đoạn \(day) chưa khép / \(day) is no sealed segment"))
      }
      guard try !transaction.hasOpen(range) else {
        throw .refused(.io("đoạn \(day) còn giao dịch chưa xong / an exchange of \(day) has not settled"))
      }
      switch thinning {
      case .outlines: try transaction.emptyEvents(range)
      case .root: try transaction.dropRecords(range, files)
      }
      try transaction.mark(day, thinning)
      try transaction.insert(event, exchange: nil)
    }
  }
}

extension Transaction {
  fileprivate func sealedSegment(_ day: String) throws(WriteFailure) -> ClosedRange<Int64>? {
    let find = try prepared("SELECT first, last FROM segment WHERE day = ? AND sealed = 1")
    defer { find.reset() }
    find.bind(1, day)
    return try find.next() ? find.integer(0)...find.integer(1) : nil
  }

  fileprivate func hasOpen(_ range: ClosedRange<Int64>) throws(WriteFailure) -> Bool {
    let find = try prepared("SELECT 1 FROM exchange WHERE phase = 2 AND sequence BETWEEN ? AND ? LIMIT 1")
    find.bind(1, range.lowerBound)
    find.bind(2, range.upperBound)
    return try find.first(0) != nil
  }

  fileprivate func run(_ sql: String, _ range: ClosedRange<Int64>) throws(WriteFailure) {
    let statement = try change(sql)
    statement.bind(1, range.lowerBound)
    statement.bind(2, range.upperBound)
    try statement.execute()
  }

  /// State and keep stay: what an exchange stands at must still be told by its last event.
  fileprivate func emptyEvents(_ range: ClosedRange<Int64>) throws(WriteFailure) {
    try run(
      """
      UPDATE event SET payload = NULL, keys = NULL, principal = NULL, thinned = 1
      WHERE sequence BETWEEN ? AND ? AND kind NOT LIKE 'journal.%'
      """, range)
  }

  fileprivate func dropRecords(_ range: ClosedRange<Int64>, _ files: BodyFiles) throws(WriteFailure) {
    try dropBodies(range, files)
    try countDown(range)
    try run(
      """
      DELETE FROM duplicate WHERE exchange IN (SELECT sequence FROM exchange WHERE sequence BETWEEN ? AND ?)
      """, range)
    try run("DELETE FROM exchange WHERE sequence BETWEEN ? AND ?", range)
    try run("DELETE FROM event WHERE sequence BETWEEN ? AND ?", range)
    try run("DELETE FROM commit_log WHERE first >= ? AND last <= ?", range)
  }

  private func dropBodies(_ range: ClosedRange<Int64>, _ files: BodyFiles) throws(WriteFailure) {
    let find = try prepared(
      "SELECT sequence FROM exchange WHERE body_file IS NOT NULL AND sequence BETWEEN ? AND ?")
    find.bind(1, range.lowerBound)
    find.bind(2, range.upperBound)
    var sequences: [Int64] = []
    while try find.next() { sequences.append(find.integer(0)) }
    find.reset()
    for sequence in sequences { try replaceBody(of: sequence, by: Replacement(state: BodyCode.gone), files) }
  }

  private func countDown(_ range: ClosedRange<Int64>) throws(WriteFailure) {
    let states = try prepared("SELECT state, count(*) FROM exchange WHERE sequence BETWEEN ? AND ? GROUP BY state")
    states.bind(1, range.lowerBound)
    states.bind(2, range.upperBound)
    while try states.next() {
      let (state, count) = (Int(states.integer(0)), states.integer(1))
      tally { tally in if tally.exchanges.indices.contains(state) { tally.exchanges[state] -= count } }
    }
    states.reset()
    let events = try prepared("SELECT count(*) FROM event WHERE sequence BETWEEN ? AND ?")
    events.bind(1, range.lowerBound)
    events.bind(2, range.upperBound)
    let count = try events.first(0) ?? 0
    tally { $0.events -= count }
  }

  fileprivate func mark(_ day: String, _ thinning: Thinning) throws(WriteFailure) {
    let mark = try change("UPDATE segment SET thinned = max(thinned, ?2) WHERE day = ?1")
    mark.bind(1, day)
    mark.bind(2, thinning.rawValue)
    try mark.execute()
  }
}
