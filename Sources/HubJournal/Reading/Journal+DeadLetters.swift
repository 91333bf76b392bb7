internal import HubKit

extension Journal {
  /// Exchanges of which something waits for a person, oldest first.
  ///
  /// - Parameter sequence: those behind this place.
  public func deadLetters(after sequence: Int64, limit: Int) throws(JournalError) -> [StoredExchange] {
    try read { reading throws(SQLiteError) in
      try reading.exchanges(
        """
        WHERE x.sequence IN (SELECT exchange FROM dead_letter WHERE exchange > ?1 ORDER BY exchange LIMIT ?2)
        ORDER BY x.sequence
        """
      ) { statement in
        statement.bind(1, sequence)
        statement.bind(2, Int64(limit))
      }
    }
  }

  /// How many exchanges wait for a person.
  public func deadLetterCount() throws(JournalError) -> Int {
    try read { reading throws(SQLiteError) in
      Int(try reading.connection.integer("SELECT count(*) FROM dead_letter") ?? 0)
    }
  }
}
