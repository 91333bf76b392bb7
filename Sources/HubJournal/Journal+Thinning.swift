internal import HubKit
internal import Synchronization

/// What is left of a segment.
enum Thinning: Int64, Sendable, Hashable, CaseIterable {
  /// Events lose their content and keep place and digest: the chain still verifies record by record.
  case outlines = 1
  /// Everything goes but the header and the root: the chain still verifies from segment to segment.
  case root = 2
}

extension Journal {
  /// One step of letting old days go, as ``JournalOptions/keepEvents`` and ``JournalOptions/keepSegments`` say: in one
  /// commit, together with whatever else waits. Called again until it returns 0, then again after a while. It may be
  /// killed between any two steps; the journal verifies in between.
  ///
  /// What has not settled, waits for a person, or has a body that its route still keeps stays readable, however old.
  ///
  /// - Parameter limit: most records that the step looks at.
  /// - Returns: how many it has dealt with.
  public func thin(limit: Int) async throws(JournalError) -> Int {
    let now = clock.now
    let files = bodyFiles
    let window = options.duplicateWindow
    let (keepEvents, keepSegments) = (options.keepEvents, options.keepSegments.map { max($0, window) })
    guard keepEvents != nil || keepSegments != nil else { return 0 }
    let count = try await write(rows: limit, makesRoom: true) { transaction throws(WriteFailure) in
      if let keepEvents {
        let count = try transaction.outline(daysBefore: (now - keepEvents).day, limit: limit)
        if count > 0 { return count }
      }
      guard let keepSegments else { return 0 }
      return try transaction.remove(daysBefore: (now - keepSegments).day, limit: limit, files)
    }
    guard count == 0, keepSegments != nil else { return count }
    return try await releaseOld(limit: limit, at: now, files)
  }

  /// What stayed behind in a removed segment goes once nothing holds it any more; looked for once an hour.
  private func releaseOld(limit: Int, at now: Timestamp, _ files: BodyFiles) async throws(JournalError) -> Int {
    let after: Int64? = releaseSearch.withLock { search in
      if search.after > 0 { return search.after }
      guard now - search.began >= .seconds(3600) else { return nil }
      search.began = now
      return 0
    }
    guard let after else { return 0 }
    let found = try await aside { (journal) throws(JournalError) in
      try journal.read { reading throws(SQLiteError) in
        try reading.released(after: after, at: now, limit: limit)
      }
    }
    releaseSearch.withLock { $0.after = found.count == limit ? found.last ?? 0 : 0 }
    guard !found.isEmpty else { return 0 }
    return try await write(rows: found.count, makesRoom: true) { transaction throws(WriteFailure) in
      let end = try transaction.place(.removed)
      for exchange in found where try transaction.isHeld(exchange) == false {
        try transaction.remove(exchange, upTo: end, files)
      }
      return found.count
    }
  }

  /// Where the search for what may follow its segment stands.
  struct ReleaseSearch: Sendable {
    var began: Timestamp
    /// Exchanges up to here were looked at; 0: the search is over.
    var after: Int64 = 0
  }
}

extension ExchangeReading {
  /// Exchanges left behind in removed segments that nothing holds any more.
  fileprivate func released(after: Int64, at now: Timestamp, limit: Int) throws(SQLiteError) -> [Int64] {
    let find = try connection.prepared(
      """
      SELECT x.sequence FROM exchange x
      WHERE x.sequence > ?1 AND x.sequence <= (SELECT value FROM meta WHERE name = '\(ThinningPlace.removed.rawValue)')
        AND NOT (\(Held.condition)) ORDER BY x.sequence LIMIT ?3
      """)
    defer { find.reset() }
    find.bind(1, after)
    find.bind(2, now.microseconds)
    find.bind(3, Int64(limit))
    var found: [Int64] = []
    while try find.step() { found.append(find.integer(0)) }
    return found
  }
}
