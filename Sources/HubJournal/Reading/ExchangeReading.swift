internal import HubKit

/// Opens what was sealed.
struct Unsealing: Sendable {
  let keys: JournalKeys
  let ring: KeyRing

  /// A data key by its number; one that another process has made since is looked up in the key table.
  func key(_ number: Int64, _ connection: Connection) throws(SQLiteError) -> DataKey? {
    if let key = ring.key(number) { return key }
    guard !ring.isDropped(number) else { return nil }
    let find = try connection.prepared("SELECT day, purpose, wrapped FROM data_key WHERE number = ?")
    defer { find.reset() }
    find.bind(1, number)
    guard try find.step() else { return nil }
    guard let key = Self.key(number, find, keys) else { return nil }
    ring.insert(key)
    return key
  }

  /// Reads `day, purpose, wrapped`.
  static func key(_ number: Int64, _ row: Statement, _ keys: JournalKeys, from column: Int32 = 0) -> DataKey? {
    let day = row.text(column)
    guard let purpose = KeyPurpose(rawValue: row.text(column + 1)), let wrapped = row.optionalBlob(column + 2) else {
      return nil
    }
    let label = DataKey.label(number: number, day: day, purpose: purpose.rawValue)
    return keys.unwrap(wrapped, label: label).map { DataKey(number: number, day: day, purpose: purpose, key: $0) }
  }

  /// Opens sealed bytes; nil when the key is gone or they are not what was written.
  func open(
    _ sealed: [UInt8], key number: Int64, label: [UInt8], _ connection: Connection
  ) throws(SQLiteError) -> [UInt8]? {
    guard let key = try key(number, connection) else { return nil }
    return Sealing.open(sealed, with: key.key, label: label)
  }
}

/// Reads exchanges and events from the database.
struct ExchangeReading {
  let unsealing: Unsealing
  let connection: Connection

  private static let columns = """
    x.sequence, x.id, x.state, x.settled_at, x.body_state, x.received_at, c.digest, x.principal, x.type, x.source,
    x.message_id, x.subject, x.record_key, x.sealed, x.body_key, x.body_bytes, x.body_digest, x.body_file, x.body,
    x.phase FROM exchange x JOIN configuration c ON c.number = x.configuration
    """

  /// The exchanges that a condition finds; `bind` fills its parameters.
  func exchanges(
    _ condition: String, _ bind: (Statement) -> Void
  ) throws(SQLiteError) -> [StoredExchange] {
    let statement = try connection.prepared("SELECT \(Self.columns) \(condition)")
    defer { statement.reset() }
    bind(statement)
    var found: [StoredExchange] = []
    while try statement.step() {
      if let exchange = try exchange(statement) { found.append(exchange) }
    }
    return found
  }

  private func exchange(_ row: Statement) throws(SQLiteError) -> StoredExchange? {
    let id = row.blob(1)
    guard let name = ExchangeID(bytes: id), let state = StateCode.state(row.integer(2)) else { return nil }
    let packed = try unsealing.open(
      row.blob(13), key: row.integer(12), label: ExchangeRow.label(id, "record"), connection)
    // Without its key an exchange is still what its plain columns say.
    let sealed =
      packed.flatMap(SealedRecord.init)
      ?? SealedRecord(
        envelope: Envelope(id: row.text(10), source: row.text(9), type: row.text(8), subject: row.optionalText(11)),
        bodyMediaType: nil, keys: [], note: [])
    let settledAt = row.integer(3)
    let sequence = row.integer(0)
    return StoredExchange(
      sequence: sequence, id: name, principal: row.text(7), envelope: sealed.envelope,
      body: try body(row, id, sealed), bodyByteCount: Int(row.integer(15)), bodyDigest: row.blob(16).hex,
      isMasked: row.integer(4) == BodyCode.masked, receivedAt: Timestamp(microseconds: row.integer(5)), state: state,
      settledAt: settledAt == Schema.unset ? nil : Timestamp(microseconds: settledAt), configuration: row.text(6),
      note: sealed.note, businessKeys: try businessKeys(of: sequence, receipt: sealed.keys))
  }

  private func body(_ row: Statement, _ id: [UInt8], _ sealed: SealedRecord) throws(SQLiteError) -> Body? {
    let state = row.integer(4)
    if state == BodyCode.gone { return nil }
    if let file = row.optionalText(17) {
      // A masked body is another one: its own length and digest lie with it.
      let masked = state == BodyCode.masked ? MaskedFile(row.blob(18)) : nil
      return .stored(
        BodyReference(
          id: file, digest: masked?.digest ?? row.blob(16).hex, mediaType: sealed.bodyMediaType ?? "",
          byteCount: masked?.byteCount ?? Int(row.integer(15))))
    }
    if state == BodyCode.masked {
      guard let masked = MaskedInline(row.blob(18)) else { return nil }
      return try unsealing.open(masked.sealed, key: masked.key, label: ExchangeRow.label(id, "masked"), connection)
        .map(Body.inline)
    }
    return try unsealing.open(row.blob(18), key: row.integer(14), label: ExchangeRow.label(id, "body"), connection)
      .map(Body.inline)
  }

  /// Those of the receipt first, then those that came later, by name.
  private func businessKeys(of sequence: Int64, receipt: [IndexedKey]) throws(SQLiteError) -> [BusinessKey] {
    var keys = receipt.compactMap(\.businessKey)
    let statement = try connection.prepared(
      "SELECT name, value FROM business_key WHERE exchange = ? ORDER BY name, value")
    defer { statement.reset() }
    statement.bind(1, sequence)
    while try statement.step() {
      let key = BusinessKey(name: statement.text(0), value: statement.text(1))
      if !keys.contains(key) { keys.append(key) }
    }
    return keys
  }

  /// The events that a condition finds.
  func events(_ condition: String, _ bind: (Statement) -> Void) throws(SQLiteError) -> [StoredEvent] {
    let statement = try connection.prepared(
      """
      SELECT e.sequence, x.id, e.at, e.kind, e.principal, e.state, e.record_key, e.payload
      FROM event e LEFT JOIN exchange x ON x.sequence = e.exchange \(condition)
      """)
    defer { statement.reset() }
    bind(statement)
    var found: [StoredEvent] = []
    while try statement.step() { found.append(try event(statement)) }
    return found
  }

  private func event(_ row: Statement) throws(SQLiteError) -> StoredEvent {
    let id = row.optionalBlob(1)
    let principal = row.optionalText(4)
    let kind = row.text(3)
    var payload: [UInt8] = []
    if let number = row.optionalInteger(6), let sealed = row.optionalBlob(7) {
      let label = EventRow.label(exchange: id, principal: principal, kind: kind)
      payload = try unsealing.open(sealed, key: number, label: label, connection) ?? []
    } else {
      // The journal's own notes are not sealed.
      payload = row.blob(7)
    }
    return StoredEvent(
      sequence: row.integer(0), exchange: id.flatMap(ExchangeID.init(bytes:)), principal: principal, kind: kind,
      at: Timestamp(microseconds: row.integer(2)), payload: payload,
      state: row.optionalInteger(5).flatMap(StateCode.state))
  }
}

/// Length and digest of a masked body that lies in a file; kept in the row's body column.
struct MaskedFile: Sendable {
  var byteCount: Int
  var digest: String

  init(_ reference: BodyReference) {
    byteCount = reference.byteCount
    digest = reference.digest
  }

  init?(_ bytes: [UInt8]) {
    var unpacker = Unpacker(bytes)
    guard let count = unpacker.number(), let digest = unpacker.text() else { return nil }
    byteCount = Int(count)
    self.digest = digest
  }

  var packed: [UInt8] {
    var packer = Packer(reserving: 80)
    packer.append(Int64(byteCount))
    packer.append(digest)
    return packer.bytes
  }
}
