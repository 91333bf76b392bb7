internal import HubKit

/// A row of `exchange`, as far as it never changes.
struct ExchangeRow: Sendable {
  var id: [UInt8]
  var receivedAt: Int64
  var configuration: String
  var principal: String
  var duplicateKey: [UInt8]
  var fingerprint: [UInt8]
  var type: String
  var source: String
  var messageID: String
  var subject: String?
  var sender: String?
  var receivers: String?
  var recordKey: Int64
  var sealed: [UInt8]
  var bodyKey: Int64?
  var bodyByteCount: Int64
  var bodyDigest: [UInt8]

  /// What is sealed to the row.
  static func label(_ id: [UInt8], _ what: String) -> [UInt8] { Array(what.utf8) + id }
}

/// A message, made ready by its caller's thread: the writer only has to put it in. A class, since each copy of a value
/// with so many parts would cost a count for each of them.
final class PreparedExchange: Sendable {
  let row: ExchangeRow
  let digest: [UInt8]
  let bodyState: Int64
  let bodyFile: String?
  let body: [UInt8]?
  let keys: [IndexedKey]

  init(
    row: ExchangeRow, digest: [UInt8], bodyState: Int64, bodyFile: String?, body: [UInt8]?, keys: [IndexedKey]
  ) {
    self.row = row
    self.digest = digest
    self.bodyState = bodyState
    self.bodyFile = bodyFile
    self.body = body
    self.keys = keys
  }
}

/// A row of `event`, as far as its content goes.
struct EventRow: Sendable {
  var at: Int64
  var kind: String
  var principal: String?
  var state: Int64?
  var keepUntil: Int64?
  var recordKey: Int64?
  var payload: [UInt8]
  var keys: [UInt8]

  /// What the payload is sealed to.
  static func label(exchange: [UInt8]?, principal: String?, kind: String) -> [UInt8] {
    Array("event ".utf8) + (exchange ?? Array((principal ?? "").utf8)) + Array(kind.utf8)
  }
}

/// An event, made ready by its caller's thread.
struct PreparedEvent: Sendable {
  /// The exchange concerned; nil for the hub's own.
  var exchange: [UInt8]?
  var row: EventRow
  var content: [UInt8]
  var keys: [IndexedKey] = []
  var isDeadLetter = false
  var shelved: [ShelfEntry] = []
  var leavesShelf = false
  var redeliveries: [RedeliveryMark] = []
  var replies: [PreparedReply] = []
}

/// A far system's answer, made ready by its caller's thread.
struct PreparedReply: Sendable {
  var delivery: Int64
  var mediaType: String?
  var bodyKey: Int64?
  var byteCount: Int64
  var digest: [UInt8]
  var file: String?
  var sealed: [UInt8]?

  /// What it is sealed to: no answer can be passed off as another's.
  static func label(_ exchange: [UInt8], _ delivery: Int64) -> [UInt8] {
    ExchangeRow.label(exchange, "reply \(delivery) ")
  }
}

/// A business key in the form in which it is indexed: a personal one by its keyed hash, in hex.
struct IndexedKey: Sendable, Hashable {
  var name: String
  var value: String
  var isPersonal: Bool

  init(_ key: BusinessKey, keys: JournalKeys) {
    name = key.name
    isPersonal = key.personal
    value = key.personal ? keys.personHash(key.value).hex : key.value.normalized
  }

  private init(name: String, value: String, isPersonal: Bool) {
    self.name = name
    self.value = value
    self.isPersonal = isPersonal
  }

  static func pack(_ keys: [IndexedKey], into packer: inout Packer) {
    packer.appendCount(keys.count)
    for key in keys {
      packer.append(key.name)
      packer.append(key.value)
      packer.append(UInt8(key.isPersonal ? 1 : 0))
    }
  }

  static func pack(_ keys: [IndexedKey]) -> [UInt8] {
    guard !keys.isEmpty else { return [] }
    var packer = Packer(reserving: 64 * keys.count)
    pack(keys, into: &packer)
    return packer.bytes
  }

  static func unpack(_ unpacker: inout Unpacker) -> [IndexedKey]? {
    guard let count = unpacker.count() else { return nil }
    var keys: [IndexedKey] = []
    for _ in 0..<count {
      guard let name = unpacker.text(), let value = unpacker.text(), let personal = unpacker.byte() else { return nil }
      keys.append(IndexedKey(name: name, value: value, isPersonal: personal == 1))
    }
    return keys
  }

  static func unpack(_ bytes: [UInt8]) -> [IndexedKey] {
    guard !bytes.isEmpty else { return [] }
    var unpacker = Unpacker(bytes)
    return unpack(&unpacker) ?? []
  }

  var businessKey: BusinessKey? { isPersonal ? nil : BusinessKey(name: name, value: value) }
}

/// What is sealed beside an exchange: the whole envelope, which may name officials and purposes, the keys and the
/// note. Only what a search needs stands in plain columns.
struct SealedRecord: Sendable {
  var envelope: Envelope
  var bodyMediaType: String?
  var keys: [IndexedKey]
  var note: [UInt8]

  var packed: [UInt8] {
    var packer = Packer(reserving: 768 + note.count)
    packer.append(UInt8(1))
    for text in [envelope.id, envelope.source, envelope.type] { packer.append(text) }
    for text in [envelope.subject, envelope.dataContentType, envelope.dataSchema] { packer.append(text) }
    packer.append(envelope.time?.microseconds)
    packer.appendCount(envelope.extensions.count)
    for (name, value) in envelope.extensions {
      packer.append(name)
      packer.append(value)
    }
    packer.append(bodyMediaType)
    IndexedKey.pack(keys, into: &packer)
    packer.append(note)
    return packer.bytes
  }

  init(envelope: Envelope, bodyMediaType: String?, keys: [IndexedKey], note: [UInt8]) {
    self.envelope = envelope
    self.bodyMediaType = bodyMediaType
    self.keys = keys
    self.note = note
  }

  /// Reads what ``packed`` wrote.
  init?(_ bytes: [UInt8]) {
    var unpacker = Unpacker(bytes)
    guard unpacker.byte() == 1, let id = unpacker.text(), let source = unpacker.text(), let type = unpacker.text(),
      let subject = unpacker.optionalText(), let contentType = unpacker.optionalText(),
      let schema = unpacker.optionalText(), let time = unpacker.optionalNumber(), let count = unpacker.count()
    else { return nil }
    envelope = Envelope(
      id: id, source: source, type: type, subject: subject, time: time.map(Timestamp.init(microseconds:)),
      dataContentType: contentType, dataSchema: schema)
    for _ in 0..<count {
      guard let name = unpacker.text(), let value = unpacker.text() else { return nil }
      envelope.extensions[name] = value
    }
    guard let mediaType = unpacker.optionalText(), let keys = IndexedKey.unpack(&unpacker), let note = unpacker.blob()
    else { return nil }
    bodyMediaType = mediaType
    self.keys = keys
    self.note = note
  }
}
