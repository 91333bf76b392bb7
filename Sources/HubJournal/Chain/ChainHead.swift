internal import HubKit

/// Where the chain ends, and how much there is.
struct ChainHead: Sendable {
  /// Number of the last commit.
  var commit: Int64 = 0
  /// Its digest.
  var digest: [UInt8] = RecordDigest.genesis
  /// The last place given.
  var sequence: Int64 = 0
  /// Day of the open segment; empty before the first commit.
  var day = ""
  var tally = Tally()

  /// Reads it from the database.
  static func load(_ connection: Connection) throws(SQLiteError) -> ChainHead {
    var head = ChainHead()
    let last = try connection.prepared(
      "SELECT number, digest, last, tally FROM commit_log ORDER BY number DESC LIMIT 1")
    defer { last.reset() }
    if try last.step() {
      head.commit = last.integer(0)
      head.digest = last.blob(1)
      head.sequence = last.integer(2)
      head.tally = Tally(last.blob(3))
    }
    let segment = try connection.prepared("SELECT day FROM segment ORDER BY day DESC LIMIT 1")
    defer { segment.reset() }
    if try segment.step() { head.day = segment.text(0) }
    return head
  }
}

/// Counts that are kept beside the chain, so that nobody has to count rows.
struct Tally: Sendable, Hashable {
  /// Exchanges by the number of their state, from ``StateCode``: positions 2 to 6.
  var exchanges = [Int64](repeating: 0, count: 8)
  var events: Int64 = 0
  var bodyFileBytes: Int64 = 0

  init() {}

  /// Reads what ``packed`` wrote; zeros for anything else.
  init(_ packed: [UInt8]) {
    var unpacker = Unpacker(packed)
    for index in exchanges.indices { exchanges[index] = unpacker.number() ?? 0 }
    events = unpacker.number() ?? 0
    bodyFileBytes = unpacker.number() ?? 0
  }

  var packed: [UInt8] {
    var packer = Packer(reserving: 80)
    for count in exchanges { packer.append(count) }
    packer.append(events)
    packer.append(bodyFileBytes)
    return packer.bytes
  }

  /// An exchange begins, or goes from one state to another.
  mutating func move(from old: Int64? = nil, to new: Int64? = nil) {
    if let old, exchanges.indices.contains(Int(old)) { exchanges[Int(old)] -= 1 }
    if let new, exchanges.indices.contains(Int(new)) { exchanges[Int(new)] += 1 }
  }
}
