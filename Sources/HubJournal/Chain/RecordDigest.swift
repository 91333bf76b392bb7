internal import Crypto
internal import HubKit

/// Digests of records and commits: SHA-256 over everything that never changes. What is covered by which digest is part
/// of the journal's format; ``JournalVerifier`` computes the same from what lies on the disk.
enum RecordDigest {
  /// Covers an exchange's immutable columns; the body by its keyed digest, so that it may go and the chain still holds.
  static func exchange(_ row: ExchangeRow) -> [UInt8] {
    var packer = Packer(reserving: 512 + row.sealed.count)
    packer.append("exchange 1")
    packer.append(row.id)
    packer.append(row.receivedAt)
    packer.append(row.configuration)
    packer.append(row.principal)
    packer.append(row.duplicateKey)
    packer.append(row.fingerprint)
    packer.append(row.type)
    packer.append(row.source)
    packer.append(row.messageID)
    packer.append(row.subject)
    packer.append(row.sender)
    packer.append(row.receivers)
    packer.append(row.recordKey)
    packer.append(row.sealed)
    packer.append(row.bodyKey)
    packer.append(row.bodyByteCount)
    packer.append(row.bodyDigest)
    return hash(packer)
  }

  /// Covers what an event says; made by the caller's thread, before the event has a place.
  static func content(_ row: EventRow) -> [UInt8] {
    var packer = Packer(reserving: 128 + row.payload.count + row.keys.count)
    packer.append("event 1")
    packer.append(row.at)
    packer.append(row.kind)
    packer.append(row.principal)
    packer.append(row.state)
    packer.append(row.keepUntil)
    packer.append(row.recordKey)
    packer.append(row.payload)
    packer.append(row.keys)
    return hash(packer)
  }

  /// Ties an event's content to its exchange.
  static func event(content: [UInt8], exchange: Int64?) -> [UInt8] {
    var packer = Packer(reserving: 64)
    packer.append(exchange)
    packer.append(content)
    return hash(packer)
  }

  /// Covers the commit before and the records of this one, with their places.
  static func commit(
    previous: [UInt8], number: Int64, at: Int64, records: [(sequence: Int64, digest: [UInt8])]
  ) -> [UInt8] {
    var packer = Packer(reserving: 128 + records.count * 48)
    packer.append("commit 1")
    packer.append(previous)
    packer.append(number)
    packer.append(at)
    for record in records {
      packer.append(record.sequence)
      packer.append(record.digest)
    }
    return hash(packer)
  }

  /// Covers the records of one exchange, with their places.
  static func kept(_ records: [(sequence: Int64, digest: [UInt8])]) -> [UInt8] {
    var packer = Packer(reserving: 16 + records.count * 48)
    packer.append("kept 1")
    for record in records {
      packer.append(record.sequence)
      packer.append(record.digest)
    }
    return hash(packer)
  }

  /// What comes before the first commit.
  static let genesis = [UInt8](repeating: 0, count: 32)

  private static func hash(_ packer: Packer) -> [UInt8] { Array(SHA256.hash(data: packer.bytes)) }
}
