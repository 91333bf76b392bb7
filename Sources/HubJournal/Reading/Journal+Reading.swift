public import HubKit

extension Journal {
  /// One exchange; nil when the journal does not know it.
  public func exchange(_ id: ExchangeID) throws(JournalError) -> StoredExchange? {
    try read { reading throws(SQLiteError) in
      try reading.exchanges("WHERE x.id = ?") { $0.bind(1, id.bytes) }.first
    }
  }

  /// What was recorded of an exchange after its receipt, oldest first.
  public func events(of id: ExchangeID) throws(JournalError) -> [StoredEvent] {
    try read { reading throws(SQLiteError) in
      try reading.events(
        "WHERE e.exchange = (SELECT sequence FROM exchange WHERE id = ?) ORDER BY e.sequence"
      ) { $0.bind(1, id.bytes) }
    }
  }

  /// Settled exchanges, in the order of places, whose body lies there as it came and stays just so long after the end.
  ///
  /// - Parameter sequence: those behind this place.
  public func settledBodies(
    keptFor duration: Duration, after sequence: Int64, limit: Int
  ) throws(JournalError) -> [StoredExchange] {
    let latest = clock.now + duration
    return try read { reading throws(SQLiteError) in
      try reading.exchanges(
        // The first two conditions are those of the index.
        """
        WHERE x.phase = 3 AND x.body_state < 5 AND x.body_state < 4 AND x.keep_until <= ?1
          AND x.keep_until - x.settled_at = ?2 AND x.sequence > ?3
        ORDER BY x.sequence LIMIT ?4
        """
      ) { statement in
        statement.bind(1, latest.microseconds)
        statement.bind(2, duration.wholeMicroseconds)
        statement.bind(3, sequence)
        statement.bind(4, Int64(limit))
      }
    }
  }

  /// What a restart has to look at, in the order of places: exchanges that have not settled, save those on a shelf, and
  /// those that wait for a person, since they bar their lanes.
  public func unfinishedExchanges(after sequence: Int64, limit: Int) throws(JournalError) -> [StoredExchange] {
    try read { reading throws(SQLiteError) in
      try reading.exchanges(
        """
        WHERE x.sequence IN (
          SELECT sequence FROM (SELECT sequence FROM exchange x WHERE phase = 2 AND sequence > ?1
              AND NOT EXISTS (SELECT 1 FROM shelf s WHERE s.exchange = x.sequence)
            UNION SELECT exchange FROM dead_letter WHERE exchange > ?1) ORDER BY sequence LIMIT ?2)
        ORDER BY x.sequence
        """
      ) { statement in
        statement.bind(1, sequence)
        statement.bind(2, Int64(limit))
      }
    }
  }

  /// What a far system answered to a delivery; nil when nothing was kept, or is kept no longer.
  public func reply(of id: ExchangeID, delivery: Int) throws(JournalError) -> StoredReply? {
    try read { reading throws(SQLiteError) in try reading.reply(of: id.bytes, delivery: Int64(delivery)) }
  }

  /// The newest exchange with a business key.
  ///
  /// - Parameter before: only those received before then; nil: any.
  public func find(
    businessKey name: String, value: String, before: Timestamp? = nil
  ) throws(JournalError) -> StoredExchange? {
    try read { reading throws(SQLiteError) in
      try reading.exchanges(
        """
        WHERE x.sequence IN (SELECT exchange FROM business_key WHERE value = ? AND name = ?)
          AND x.received_at < ? ORDER BY x.sequence DESC LIMIT 1
        """
      ) { statement in
        statement.bind(1, value.normalized)
        statement.bind(2, name)
        statement.bind(3, before?.microseconds ?? .max)
      }.first
    }
  }

  /// The event feed: everything that was written down after a place, in order; a receipt comes as an event of kind
  /// `received` without payload. For projections and for the live page.
  public func events(after sequence: Int64, limit: Int) throws(JournalError) -> [StoredEvent] {
    try read { reading throws(SQLiteError) in
      let bind: (Statement) -> Void = { statement in
        statement.bind(1, sequence)
        statement.bind(2, Int64(limit))
      }
      let events = try reading.events("WHERE e.sequence > ? ORDER BY e.sequence LIMIT ?", bind)
      let receipts = try reading.receipts(bind)
      return Array((events + receipts).sorted { $0.sequence < $1.sequence }.prefix(limit))
    }
  }

  /// Events of one kind, oldest first.
  ///
  /// - Parameters:
  ///   - kind: any but `steps`, which are not indexed.
  ///   - from: recorded then or later; nil: from the beginning.
  ///   - to: recorded before then; nil: to the end.
  ///   - sequence: those behind this place.
  public func events(
    kind: String, from: Timestamp? = nil, to: Timestamp? = nil, after sequence: Int64, limit: Int
  ) throws(JournalError) -> [StoredEvent] {
    try read { reading throws(SQLiteError) in
      try reading.events(
        """
        WHERE e.kind = ?1 AND e.kind <> 'steps' AND e.sequence > ?2 AND e.at >= ?3 AND e.at < ?4
        ORDER BY e.sequence LIMIT ?5
        """
      ) { statement in
        statement.bind(1, kind)
        statement.bind(2, sequence)
        statement.bind(3, from?.microseconds ?? .min)
        statement.bind(4, to?.microseconds ?? .max)
        statement.bind(5, Int64(limit))
      }
    }
  }

  /// Where a source stands, as its last accepted page left it; nil for one that was never read.
  public func cursor(of source: String) throws(JournalError) -> String? {
    try read { reading throws(SQLiteError) in
      let find = try reading.connection.prepared("SELECT value FROM cursor WHERE source = ?")
      defer { find.reset() }
      find.bind(1, source)
      return try find.step() ? find.text(0) : nil
    }
  }

  /// The files of a configuration, as they were pinned; nil when none was pinned under that digest.
  public func configuration(_ digest: String) throws(JournalError) -> [UInt8]? {
    try read { reading throws(SQLiteError) in
      let find = try reading.connection.prepared("SELECT files FROM configuration WHERE digest = ?")
      defer { find.reset() }
      find.bind(1, digest)
      return try find.step() ? find.optionalBlob(0) : nil
    }
  }

  /// How much the journal holds; cheap enough to be asked every second.
  public func statistics() throws(JournalError) -> JournalStatistics {
    try read { reading throws(SQLiteError) in
      let head = try ChainHead.load(reading.connection)
      let oldest = try reading.connection.integer(
        "SELECT received_at FROM exchange WHERE phase = 2 ORDER BY sequence LIMIT 1")
      var states: [ExchangeState: Int] = [:]
      for state in ExchangeState.allCases { states[state] = Int(head.tally.exchanges[Int(StateCode.number(state))]) }
      let files = [paths.database, paths.database + "-wal", paths.database + "-shm"]
      return JournalStatistics(
        exchanges: states, events: Int(head.tally.events), commits: head.commit, sequence: head.sequence,
        oldestOpen: oldest.map(Timestamp.init(microseconds:)),
        databaseBytes: files.map { options.disk.byteCount(of: $0) }.reduce(0, +),
        bodyBytes: Int(head.tally.bodyFileBytes), freeBytes: options.disk.freeBytes(at: paths.directory))
    }
  }

  /// Runs reading work on the journal's own thread for slow questions, so that no thread of the cooperative pool
  /// waits for the disk. Any reading call may be made in it.
  public func aside<Value: Sendable>(
    _ work: @escaping @Sendable (Journal) throws(JournalError) -> Value
  ) async throws(JournalError) -> Value {
    let result: Result<Value, JournalError> = await withCheckedContinuation { continuation in
      let isTaken = aside.push {
        continuation.resume(returning: Result { () throws(JournalError) in try work(self) })
      }
      if !isTaken { continuation.resume(returning: .failure(.stopped("đã đóng / it was closed"))) }
    }
    return try result.get()
  }

  func read<Value>(_ work: (ExchangeReading) throws(SQLiteError) -> Value) throws(JournalError) -> Value {
    try readers.read { connection throws(SQLiteError) in
      try work(ExchangeReading(unsealing: unsealing, connection: connection))
    }
  }
}

extension ExchangeReading {
  fileprivate func reply(of exchange: [UInt8], delivery: Int64) throws(SQLiteError) -> StoredReply? {
    let find = try connection.prepared(
      """
      SELECT r.media_type, r.body_key, r.body_bytes, r.body_digest, r.body_file, r.body
      FROM reply r JOIN exchange x ON x.sequence = r.exchange WHERE x.id = ? AND r.delivery = ?
      """)
    defer { find.reset() }
    find.bind(1, exchange)
    find.bind(2, delivery)
    guard try find.step() else { return nil }
    let mediaType = find.optionalText(0)
    if let file = find.optionalText(4) {
      let reference = BodyReference(
        id: file, digest: find.blob(3).hex, mediaType: mediaType ?? "", byteCount: Int(find.integer(2)))
      return StoredReply(delivery: Int(delivery), body: .stored(reference), mediaType: mediaType)
    }
    let plain = try unsealing.open(
      find.blob(5), key: find.integer(1), label: PreparedReply.label(exchange, delivery), connection)
    return plain.map { StoredReply(delivery: Int(delivery), body: .inline($0), mediaType: mediaType) }
  }

  /// Receipts in the form of events.
  fileprivate func receipts(_ bind: (Statement) -> Void) throws(SQLiteError) -> [StoredEvent] {
    let statement = try connection.prepared(
      "SELECT sequence, id, received_at, principal FROM exchange WHERE sequence > ? ORDER BY sequence LIMIT ?")
    defer { statement.reset() }
    bind(statement)
    var found: [StoredEvent] = []
    while try statement.step() {
      found.append(
        StoredEvent(
          sequence: statement.integer(0), exchange: ExchangeID(bytes: statement.blob(1)),
          principal: statement.text(3), kind: "received", at: Timestamp(microseconds: statement.integer(2)),
          payload: [], state: .received))
    }
    return found
  }
}
