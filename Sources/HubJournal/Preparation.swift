internal import HubKit

/// Makes messages and events ready for the writer: seals, digests, packs. Runs on the callers' threads where they wait
/// anyway, so that the writer's one thread has little but SQLite to do.
struct Preparation: Sendable {
  let keys: JournalKeys
  let ring: KeyRing

  func exchange(_ new: NewExchange) throws(JournalError) -> PreparedExchange {
    let id = new.id.bytes
    let envelope = new.message.envelope
    let day = new.receivedAt.day
    let indexed = new.businessKeys.map { IndexedKey($0, keys: keys) }
    let (mediaType, bodyDigest) = described(new.message.body)
    let recordKey = ring.key(for: day, .records)
    let sealed = SealedRecord(envelope: envelope, bodyMediaType: mediaType, keys: indexed, note: new.note).packed
    let body = try sealedBody(new.message.body, day: day, label: ExchangeRow.label(id, "body"))
    let row = ExchangeRow(
      id: id, receivedAt: new.receivedAt.microseconds, configuration: new.configuration,
      principal: new.message.principal.text, duplicateKey: duplicateKey(new.message),
      fingerprint: new.fingerprint ?? Array(bodyDigest.hex.utf8),
      type: envelope.type, source: envelope.source, messageID: envelope.id.normalized,
      subject: envelope.subject?.normalized, sender: envelope.sender?.text, receivers: receivers(of: envelope),
      recordKey: recordKey.number,
      sealed: try seal(sealed, recordKey, ExchangeRow.label(id, "record")), bodyKey: body.key,
      bodyByteCount: Int64(new.message.body.byteCount), bodyDigest: bodyDigest)
    return PreparedExchange(
      row: row, digest: RecordDigest.exchange(row), bodyState: body.state, bodyFile: body.file, body: body.sealed,
      keys: indexed)
  }

  private func described(_ body: Body) -> (mediaType: String?, digest: [UInt8]) {
    switch body {
    case .inline(let bytes): (nil, keys.digest(bytes))
    case .stored(let reference): (reference.mediaType, [UInt8](hex: reference.digest) ?? [])
    }
  }

  typealias SealedBody = (state: Int64, key: Int64?, file: String?, sealed: [UInt8]?)

  /// A body in the form in which it lies in the row.
  private func sealedBody(_ body: Body, day: String, label: [UInt8]) throws(JournalError) -> SealedBody {
    switch body {
    case .inline(let bytes):
      let key = ring.key(for: day, .bodies)
      return (BodyCode.inline, key.number, nil, try seal(bytes, key, label))
    case .stored(let reference):
      guard BodyFileReader.isName(reference.id) else { throw .io("a body of another store was handed in") }
      return (BodyCode.file, nil, reference.id, nil)
    }
  }

  func event(_ record: ExchangeRecord) throws(JournalError) -> PreparedEvent {
    let indexed = record.businessKeys.map { IndexedKey($0, keys: keys) }
    var event = try event(
      exchange: record.exchange.bytes, principal: nil, kind: record.kind, at: record.at, payload: record.payload,
      state: record.state,
      keepUntil: record.state?.isSettled == true ? keepUntil(record.keep ?? .forever, from: record.at) : nil,
      keys: indexed)
    event.isDeadLetter = record.isDeadLetter
    event.shelved = record.shelved
    event.leavesShelf = record.leavesShelf
    event.redeliveries = record.redeliveries
    for kept in record.replies { event.replies.append(try reply(kept, of: record.exchange.bytes, day: record.at.day)) }
    return event
  }

  private func reply(_ kept: StoredReply, of exchange: [UInt8], day: String) throws(JournalError) -> PreparedReply {
    let number = Int64(kept.delivery)
    let body = try sealedBody(kept.body, day: day, label: PreparedReply.label(exchange, number))
    return PreparedReply(
      delivery: number, mediaType: kept.mediaType, bodyKey: body.key, byteCount: Int64(kept.body.byteCount),
      digest: described(kept.body).digest, file: body.file, sealed: body.sealed)
  }

  func event(
    exchange: [UInt8]? = nil, principal: String? = nil, kind: String, at: Timestamp, payload: [UInt8],
    state: ExchangeState? = nil, keepUntil: Int64? = nil, keys indexed: [IndexedKey] = []
  ) throws(JournalError) -> PreparedEvent {
    let key = payload.isEmpty ? nil : ring.key(for: at.day, .records)
    let label = EventRow.label(exchange: exchange, principal: principal, kind: kind)
    let row = EventRow(
      at: at.microseconds, kind: kind, principal: principal, state: state.map(StateCode.number), keepUntil: keepUntil,
      recordKey: key?.number, payload: try key.map { key throws(JournalError) in try seal(payload, key, label) } ?? [],
      keys: IndexedKey.pack(indexed))
    return PreparedEvent(exchange: exchange, row: row, content: RecordDigest.content(row), keys: indexed)
  }

  /// When a body goes whose exchange settled at a time.
  func keepUntil(_ keep: KeepPolicy, from at: Timestamp) -> Int64 {
    switch keep {
    case .forever: Schema.unset
    case .duration(let duration): (at + duration).microseconds
    case .digest: at.microseconds
    }
  }

  /// Who sent it, from which system, under which id: 16 bytes of a keyed digest.
  private func duplicateKey(_ message: Message) -> [UInt8] {
    var packer = Packer(reserving: 256)
    packer.append(message.principal.text)
    packer.append(message.envelope.source)
    packer.append(message.envelope.id)
    return Array(keys.digest(packer.bytes).prefix(16))
  }

  /// Codes between commas, also in front and behind, so that one code can be looked for.
  private func receivers(of envelope: Envelope) -> String? {
    let codes = envelope.receivers
    return codes.isEmpty ? nil : ",\(codes.map(\.text).joined(separator: ",")),"
  }

  private func seal(_ plain: [UInt8], _ key: DataKey, _ label: [UInt8]) throws(JournalError) -> [UInt8] {
    do { return try Sealing.seal(plain, with: key.key, label: label) } catch { throw .io("AES-GCM: \(error)") }
  }
}
