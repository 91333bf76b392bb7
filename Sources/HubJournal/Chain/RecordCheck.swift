internal import HubKit

/// Compares single records with what was written: the immutable columns with their digest, the mutable ones with the
/// events that set them, the body with the keyed digest of its receipt.
struct RecordCheck {
  let opening: Opening
  let connection: Connection
  let readers: ReaderPool

  private var unsealing: Unsealing { Unsealing(keys: opening.keys, ring: opening.ring) }

  /// The first record of a commit that is not what was written.
  func firstBroken(
    _ commit: ChainCheck.Commit, _ report: inout VerifyReport
  ) throws(SQLiteError) -> VerifyReport.Broken? {
    let exchange = try firstBrokenExchange(commit, &report)
    let event = try firstBrokenEvent(commit)
    return [exchange, event].compactMap { $0 }.min { ($0.sequence ?? 0) < ($1.sequence ?? 0) }
  }

  // MARK: - Exchanges

  private static let exchangeColumns = """
    SELECT x.sequence, x.id, x.received_at, c.digest, x.principal, x.duplicate_key, x.fingerprint, x.type, x.source,
      x.message_id, x.subject, x.sender, x.receivers, x.record_key, x.sealed, x.body_key, x.body_bytes, x.body_digest,
      x.digest, x.body_state, x.body_file, x.body, x.state, x.phase, x.settled_at, x.keep_until
    FROM exchange x LEFT JOIN configuration c ON c.number = x.configuration
    WHERE x.sequence BETWEEN ? AND ? ORDER BY x.sequence
    """

  private func firstBrokenExchange(
    _ commit: ChainCheck.Commit, _ report: inout VerifyReport
  ) throws(SQLiteError) -> VerifyReport.Broken? {
    let rows = try connection.prepared(Self.exchangeColumns)
    defer { rows.reset() }
    rows.bind(1, commit.first)
    rows.bind(2, commit.last)
    while try rows.step() {
      let row = Self.row(rows)
      let what: String?
      if RecordDigest.exchange(row) != rows.blob(18) {
        what = "nội dung bản ghi khác lúc ghi / its columns are not what was written (digest)."
      } else if let complaint = try sealedComplaint(row, rows.integer(0)) {
        what = complaint
      } else if let complaint = try standingComplaint(rows) {
        what = complaint
      } else {
        what = try bodyComplaint(row, rows, &report)
      }
      if let what {
        return .init(
          sequence: rows.integer(0), exchange: ExchangeID(bytes: row.id), commit: commit.number, what: what)
      }
    }
    return nil
  }

  private static func row(_ rows: Statement) -> ExchangeRow {
    ExchangeRow(
      id: rows.blob(1), receivedAt: rows.integer(2), configuration: rows.text(3), principal: rows.text(4),
      duplicateKey: rows.blob(5), fingerprint: rows.blob(6), type: rows.text(7), source: rows.text(8),
      messageID: rows.text(9), subject: rows.optionalText(10), sender: rows.optionalText(11),
      receivers: rows.optionalText(12), recordKey: rows.integer(13), sealed: rows.blob(14),
      bodyKey: rows.optionalInteger(15), bodyByteCount: rows.integer(16), bodyDigest: rows.blob(17))
  }

  /// The envelope must open, and its keys must be in the index.
  private func sealedComplaint(_ row: ExchangeRow, _ sequence: Int64) throws(SQLiteError) -> String? {
    guard try unsealing.key(row.recordKey, connection) != nil else { return nil }
    let label = ExchangeRow.label(row.id, "record")
    guard let packed = try unsealing.open(row.sealed, key: row.recordKey, label: label, connection),
      let sealed = SealedRecord(packed)
    else { return "phong bì không mở được / its envelope does not open with its key." }
    return try indexComplaint(sealed.keys, sequence)
  }

  private func indexComplaint(_ keys: [IndexedKey], _ sequence: Int64) throws(SQLiteError) -> String? {
    for key in keys {
      let find = try connection.prepared(
        key.isPersonal
          ? "SELECT 1 FROM person_key WHERE hash = ? AND name = ? AND exchange = ?"
          : "SELECT 1 FROM business_key WHERE value = ? AND name = ? AND exchange = ?")
      defer { find.reset() }
      if key.isPersonal { find.bind(1, [UInt8](hex: key.value) ?? []) } else { find.bind(1, key.value) }
      find.bind(2, key.name)
      find.bind(3, sequence)
      guard try find.step() else {
        return "thiếu khoá nghiệp vụ \(key.name) / a business key (\(key.name)) is missing from the index."
      }
    }
    return nil
  }

  /// Where it stands must be what its last event says.
  private func standingComplaint(_ rows: Statement) throws(SQLiteError) -> String? {
    let last = try connection.prepared(
      """
      SELECT state, keep_until, at FROM event WHERE exchange = ? AND state IS NOT NULL ORDER BY sequence DESC LIMIT 1
      """)
    defer { last.reset() }
    last.bind(1, rows.integer(0))
    let hasEvent = try last.step()
    let state = hasEvent ? last.integer(0) : StateCode.number(.received)
    let keepUntil = hasEvent ? last.optionalInteger(1) : nil
    let settledAt = keepUntil == nil ? Schema.unset : last.integer(2)
    let phase = keepUntil == nil ? StateCode.open : StateCode.settled
    if rows.integer(22) == state, rows.integer(23) == phase, rows.integer(24) == settledAt,
      rows.integer(25) == keepUntil ?? Schema.unset
    {
      return nil
    }
    let (found, said) = (StateCode.state(rows.integer(22)), StateCode.state(state))
    return "trạng thái khác sự kiện cuối / it stands at \(found?.rawValue ?? "?"), its last event says "
      + "\(said?.rawValue ?? "?") (state, time or keep)."
  }

  // MARK: - Bodies

  private func bodyComplaint(
    _ row: ExchangeRow, _ rows: Statement, _ report: inout VerifyReport
  ) throws(SQLiteError) -> String? {
    let sequence = rows.integer(0)
    let state = rows.integer(19)
    guard state != BodyCode.gone else {
      report.bodiesGone += 1
      return try mayBeGone(rows)
        ? nil : "nội dung bị xoá trước hạn / its body is gone, though it was to be kept."
    }
    var wanted = (digest: row.bodyDigest.hex, bytes: row.bodyByteCount)
    if state == BodyCode.masked {
      guard let masked = try maskedDigest(row, sequence) else {
        return "thiếu sự kiện che dữ liệu / its body is masked, though no event says so."
      }
      wanted = masked
    }
    let body = BodyCheck(opening: opening, unsealing: unsealing, connection: connection)
    switch try body.outcome(row, state: state, file: rows.optionalText(20), bytes: rows.blob(21), wanted) {
    case .sound: report.bodies += 1
    case .keyDropped: report.bodiesGone += 1
    case .broken(let what): return try hasChangedSince(sequence, state) ? nil : what
    }
    let reply = try ReplyCheck(body: body).complaint(about: sequence, id: row.id)
    guard let reply else { return nil }
    return try hasChangedSince(sequence, state) ? nil : reply
  }

  /// The daemon may have swept or masked the body after this look began.
  private func hasChangedSince(_ sequence: Int64, _ state: Int64) throws(SQLiteError) -> Bool {
    let now = try? readers.read { connection throws(SQLiteError) in
      try connection.integer("SELECT body_state FROM exchange WHERE sequence = \(sequence)")
    }
    return now != state
  }

  /// A body may go when the settling event set an end that has passed, or when it was masked to nothing.
  private func mayBeGone(_ rows: Statement) throws(SQLiteError) -> Bool {
    if try wasPurged(rows.integer(0)) { return true }
    if rows.integer(25) <= opening.clock.now.microseconds { return true }
    return try maskedDigest(Self.row(rows), rows.integer(0))?.bytes == 0
  }

  /// What the last masking event says of the body that it left.
  private func maskedDigest(
    _ row: ExchangeRow, _ sequence: Int64
  ) throws(SQLiteError) -> (digest: String, bytes: Int64)? {
    let events = ExchangeReading(unsealing: unsealing, connection: connection)
    let last = try events.events(
      "WHERE e.exchange = ? AND e.kind = 'journal.masked' ORDER BY e.sequence DESC LIMIT 1"
    ) { $0.bind(1, sequence) }.first
    guard let last else { return nil }
    return MaskingNote(last.payload).map { ($0.digest, $0.byteCount) }
  }

  // MARK: - Events

  private func firstBrokenEvent(_ commit: ChainCheck.Commit) throws(SQLiteError) -> VerifyReport.Broken? {
    let rows = try connection.prepared(
      """
      SELECT e.sequence, e.exchange, e.at, e.kind, e.principal, e.state, e.keep_until, e.record_key, e.payload, e.keys,
        e.thinned, e.digest, x.id
      FROM event e LEFT JOIN exchange x ON x.sequence = e.exchange
      WHERE e.sequence BETWEEN ? AND ? ORDER BY e.sequence
      """)
    defer { rows.reset() }
    rows.bind(1, commit.first)
    rows.bind(2, commit.last)
    while try rows.step() {
      if let what = try eventComplaint(rows) {
        return .init(
          sequence: rows.integer(0), exchange: rows.optionalBlob(12).flatMap(ExchangeID.init(bytes:)),
          commit: commit.number, what: what)
      }
    }
    return nil
  }

  private func eventComplaint(_ rows: Statement) throws(SQLiteError) -> String? {
    // Of a thinned event only the digest is left; the commit's digest still holds it in its place.
    if rows.integer(10) == 1 {
      let isThinned = try connection.integer(
        "SELECT 1 FROM segment WHERE thinned > 0 AND first <= \(rows.integer(0)) AND last >= \(rows.integer(0))")
      return isThinned == nil
        ? "sự kiện bị rút gọn ngoài chính sách / it was emptied, its segment was not thinned." : nil
    }
    let row = EventRow(
      at: rows.integer(2), kind: rows.text(3), principal: rows.optionalText(4), state: rows.optionalInteger(5),
      keepUntil: rows.optionalInteger(6), recordKey: rows.optionalInteger(7), payload: rows.blob(8), keys: rows.blob(9))
    let digest = RecordDigest.event(content: RecordDigest.content(row), exchange: rows.optionalInteger(1))
    guard digest == rows.blob(11) else {
      return "nội dung sự kiện khác lúc ghi / the event is not what was written (digest)."
    }
    guard let sequence = rows.optionalInteger(1), rows.optionalBlob(12) != nil else { return nil }
    return try indexComplaint(IndexedKey.unpack(row.keys), sequence)
  }
}

extension RecordCheck {
  /// A person may have a body removed before its time; an event says so.
  fileprivate func wasPurged(_ exchange: Int64) throws(SQLiteError) -> Bool {
    let find = try connection.prepared("SELECT 1 FROM event WHERE exchange = ? AND kind = 'journal.purged' LIMIT 1")
    defer { find.reset() }
    find.bind(1, exchange)
    return try find.step()
  }
}
