public import HubKit

/// A delivery that may wait on the disk only.
public struct ShelfEntry: Sendable, Hashable {
  /// Which delivery, from 1.
  public var delivery: Int
  /// For which endpoint.
  public var endpoint: String
  /// Digest of the lane whose order it keeps; nil: it stands in no order.
  public var lane: String?
  /// Whose exchange it is, and how many bytes it has, against the limits of what is open.
  public var principal: String, byteCount: Int
  /// When it will be too late for it.
  public var expiry: Timestamp?

  /// Creates an entry.
  public init(
    delivery: Int, endpoint: String, lane: String?, principal: String, byteCount: Int, expiry: Timestamp?
  ) {
    self.delivery = delivery
    self.endpoint = endpoint
    self.lane = lane
    self.principal = principal
    self.byteCount = byteCount
    self.expiry = expiry
  }
}

/// Which deliveries on a shelf are wanted.
public struct ShelfQuery: Sendable {
  /// For which endpoint.
  public var endpoint: String
  /// Only those of this lane; nil: of all.
  public var lane: String?
  /// None of these lanes.
  public var without: [String]
  /// Behind this place, and up to that one.
  public var after: Int64, through: Int64
  /// Most exchanges.
  public var limit: Int

  /// Creates a question.
  public init(
    endpoint: String, lane: String? = nil, without: [String] = [], after: Int64 = 0, through: Int64 = .max, limit: Int
  ) {
    self.endpoint = endpoint
    self.lane = lane
    self.without = without
    self.after = after
    self.through = through
    self.limit = limit
  }
}

extension Journal {
  /// Puts deliveries of an exchange on the shelf with the next commit, in the order of the calls, when there are no
  /// steps to be recorded with it. May be repeated. They leave with the record that says so.
  public func shelveLater(_ entries: [ShelfEntry], of exchange: ExchangeID) {
    writeLater(rows: entries.count) { transaction throws(WriteFailure) in
      guard let standing = try transaction.standing(exchange.bytes) else { return }
      for entry in entries { try transaction.shelve(entry, of: standing.sequence) }
    }
  }

  /// How many deliveries are on each endpoint's shelf.
  public func shelfCounts() throws(JournalError) -> [String: Int] {
    try read { reading throws(SQLiteError) in
      let find = try reading.connection.prepared("SELECT endpoint, count(*) FROM shelf GROUP BY endpoint")
      defer { find.reset() }
      var counts: [String: Int] = [:]
      while try find.step() { counts[find.text(0)] = Int(find.integer(1)) }
      return counts
    }
  }

  /// How many exchanges each principal has on shelves, and how many bytes their bodies have.
  public func shelfLoads() throws(JournalError) -> [String: (count: Int, bytes: Int)] {
    try read { reading throws(SQLiteError) in
      let find = try reading.connection.prepared(
        """
        SELECT principal, count(*), sum(bytes)
        FROM (SELECT principal, bytes FROM shelf GROUP BY exchange) GROUP BY principal
        """)
      defer { find.reset() }
      var loads: [String: (count: Int, bytes: Int)] = [:]
      while try find.step() { loads[find.text(0)] = (Int(find.integer(1)), Int(find.integer(2))) }
      return loads
    }
  }

  /// Whether the exchange at a place has deliveries on a shelf.
  public func isShelved(_ sequence: Int64) throws(JournalError) -> Bool {
    try read { reading throws(SQLiteError) in
      let find = try reading.connection.prepared("SELECT 1 FROM shelf WHERE exchange = ? LIMIT 1")
      defer { find.reset() }
      find.bind(1, sequence)
      return try find.step()
    }
  }

  /// The last place of a lane that is on a shelf; nil: none of it is.
  ///
  /// - Parameter lane: its digest, as in ``ShelfEntry/lane``.
  public func lastShelved(lane: String) throws(JournalError) -> Int64? {
    try read { reading throws(SQLiteError) in
      let find = try reading.connection.prepared(
        "SELECT exchange FROM shelf WHERE lane = ? ORDER BY exchange DESC LIMIT 1")
      defer { find.reset() }
      find.bind(1, lane)
      return try find.step() ? find.integer(0) : nil
    }
  }

  /// Exchanges with deliveries on a shelf, in the order of places.
  public func shelved(_ query: ShelfQuery) throws(JournalError) -> [StoredExchange] {
    try read { reading throws(SQLiteError) in
      let which =
        query.lane == nil
        ? "endpoint = ?1 AND (lane IS NULL OR lane NOT IN (SELECT value FROM json_each(?5)))" : "lane = ?5"
      return try reading.exchanges(
        """
        WHERE x.sequence IN (
          SELECT DISTINCT exchange FROM shelf WHERE \(which) AND exchange > ?2 AND exchange <= ?3
          ORDER BY exchange LIMIT ?4)
        ORDER BY x.sequence
        """
      ) { statement in
        statement.bind(1, query.endpoint)
        statement.bind(2, query.after)
        statement.bind(3, query.through)
        statement.bind(4, Int64(query.limit))
        statement.bind(5, query.lane ?? "[\(query.without.map { "\"\($0)\"" }.joined(separator: ","))]")
      }
    }
  }

  /// Exchanges on shelves whose expiry has come, in the order of places.
  public func shelved(expiredBy time: Timestamp, limit: Int) throws(JournalError) -> [StoredExchange] {
    try read { reading throws(SQLiteError) in
      try reading.exchanges(
        """
        WHERE x.sequence IN (SELECT DISTINCT exchange FROM shelf WHERE expiry <= ?1 LIMIT ?2) ORDER BY x.sequence
        """
      ) { statement in
        statement.bind(1, time.microseconds)
        statement.bind(2, Int64(limit))
      }
    }
  }
}

extension Transaction {
  func shelve(_ entry: ShelfEntry, of sequence: Int64) throws(WriteFailure) {
    let insert = try change(
      """
      INSERT OR IGNORE INTO shelf (exchange, delivery, endpoint, lane, principal, bytes, expiry)
      VALUES (?, ?, ?, ?, ?, ?, ?)
      """)
    insert.bind(1, sequence)
    insert.bind(2, Int64(entry.delivery))
    insert.bind(3, entry.endpoint)
    insert.bind(4, entry.lane)
    insert.bind(5, entry.principal)
    insert.bind(6, Int64(entry.byteCount))
    insert.bind(7, entry.expiry?.microseconds)
    try insert.execute()
  }

  func takeOffShelf(_ sequence: Int64) throws(WriteFailure) {
    let delete = try change("DELETE FROM shelf WHERE exchange = ?")
    delete.bind(1, sequence)
    try delete.execute()
  }
}
