internal import FoundationEssentials
internal import HubKit

/// The payload of `journal.kept`: a digest over places and digests of all records of an exchange up to a place, so that
/// what outlives its segment is still tied to the chain.
struct KeptNote: Codable {
  var upTo: Int64
  var digest: String

  var json: String { #"{"digest":"\#(digest)","upTo":\#(upTo)}"# }

  init(upTo: Int64, digest: String) {
    self.upTo = upTo
    self.digest = digest
  }

  /// What the last such event of an exchange says.
  static func last(of exchange: Int64, _ connection: Connection) throws(SQLiteError) -> KeptNote? {
    let find = try connection.prepared(
      "SELECT payload FROM event WHERE exchange = ? AND kind = 'journal.kept' ORDER BY sequence DESC LIMIT 1")
    defer { find.reset() }
    find.bind(1, exchange)
    guard try find.step() else { return nil }
    return try? JSONDecoder().decode(KeptNote.self, from: Data(find.blob(0)))
  }

  static func digest(of exchange: Int64, upTo end: Int64, _ connection: Connection) throws(SQLiteError) -> String {
    let rows = try connection.prepared(
      """
      SELECT sequence, digest FROM exchange WHERE sequence = ?1 AND sequence <= ?2
      UNION ALL SELECT sequence, digest FROM event WHERE exchange = ?1 AND sequence <= ?2 ORDER BY 1
      """)
    defer { rows.reset() }
    rows.bind(1, exchange)
    rows.bind(2, end)
    var found: [(sequence: Int64, digest: [UInt8])] = []
    while try rows.step() { found.append((rows.integer(0), rows.blob(1))) }
    return RecordDigest.kept(found).hex
  }
}

/// Looks over what is left in segments of which only the root is kept.
struct KeptCheck {
  let check: RecordCheck
  private var connection: Connection { check.connection }

  init(_ check: RecordCheck) { self.check = check }

  /// Up to which record removal has come; what lies behind it in a removed segment is only waiting for it.
  static func end(_ connection: Connection) throws(SQLiteError) -> Int64 {
    try connection.integer("SELECT value FROM meta WHERE name = '\(ThinningPlace.removed.rawValue)'") ?? 0
  }

  /// The next records that are left, each with its exchange.
  func records(
    behind place: Int64, upTo end: Int64, limit: Int
  ) throws(SQLiteError) -> [(sequence: Int64, exchange: Int64?)] {
    let rows = try connection.prepared(
      """
      SELECT sequence, sequence FROM exchange WHERE sequence > ?1 AND sequence <= ?2
      UNION ALL SELECT sequence, exchange FROM event WHERE sequence > ?1 AND sequence <= ?2 ORDER BY 1 LIMIT ?3
      """)
    defer { rows.reset() }
    rows.bind(1, place)
    rows.bind(2, end)
    rows.bind(3, Int64(limit))
    var found: [(sequence: Int64, exchange: Int64?)] = []
    while try rows.step() { found.append((rows.integer(0), rows.optionalInteger(1))) }
    return found
  }

  /// What is wrong with a record that was left.
  func firstBroken(
    _ record: (sequence: Int64, exchange: Int64?), segmentEnd: Int64, _ report: inout VerifyReport
  ) throws(SQLiteError) -> VerifyReport.Broken? {
    let own = ChainCheck.Commit(number: 0, at: 0, first: record.sequence, last: record.sequence, digest: [])
    if var broken = try check.firstBroken(own, &report) {
      broken.commit = nil
      return broken
    }
    guard let exchange = record.exchange, let note = try KeptNote.last(of: exchange, connection),
      note.upTo >= segmentEnd, try KeptNote.digest(of: exchange, upTo: note.upTo, connection) == note.digest
    else {
      return .init(
        sequence: record.sequence,
        what: "bản ghi còn lại của đoạn đã rút gọn khác lúc giữ lại / a record that was kept when its segment went is "
          + "not what was kept.")
    }
    return nil
  }
}
