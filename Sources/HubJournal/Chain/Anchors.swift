internal import HubKit

/// The head of the chain, written outside the database, so that a truncated or older database shows.
///
/// One line for each anchor: format, time, commit, digest, and a keyed digest of these, so that nobody without the
/// master key can write one. A line that a crash has torn is left out; each anchor begins a line of its own, so that
/// it never spoils the next.
struct Anchor: Sendable, Hashable {
  var at: Timestamp
  var commit: Int64
  var digest: [UInt8]

  private var content: String { "1 \(at) \(commit) \(digest.hex)" }

  func line(_ keys: JournalKeys) -> String { "\n\(content) \(keys.digest(Array(content.utf8)).hex)\n" }

  init(at: Timestamp, commit: Int64, digest: [UInt8]) {
    self.at = at
    self.commit = commit
    self.digest = digest
  }

  /// Whether a line was cut off by a crash: it has not all five words at their full length.
  static func isTorn(_ line: String) -> Bool {
    let parts = line.split(separator: " ")
    return parts.count < 5 || parts[4].utf8.count < 64
  }

  /// Reads a line; nil when it is not one that this journal wrote.
  init?(line: some StringProtocol, keys: JournalKeys) {
    let parts = line.split(separator: " ")
    guard parts.count == 5, parts[0] == "1", let at = Timestamp(rfc3339: String(parts[1])),
      let commit = Int64(parts[2]), let digest = [UInt8](hex: parts[3])
    else { return nil }
    self.init(at: at, commit: commit, digest: digest)
    guard content + " " + keys.digest(Array(content.utf8)).hex == line else { return nil }
  }
}

/// The anchor file.
struct AnchorFile: Sendable {
  let path: String
  let disk: any Disk
  let keys: JournalKeys

  /// Appends an anchor and syncs it.
  func append(_ anchor: Anchor) throws(DiskError) {
    let file = try disk.append(path)
    try file.write(Array(anchor.line(keys).utf8))
    try file.sync()
  }

  /// All anchors, oldest first.
  ///
  /// - Throws: ``JournalError/damaged(_:advice:)`` when a whole line is none of ours.
  func anchors() throws(JournalError) -> [Anchor] {
    var bytes: [UInt8] = []
    do {
      let file = try disk.open(path)
      while true {
        let part = try file.read(upTo: 64 * 1024)
        if part.isEmpty { break }
        bytes += part
      }
    } catch .missing {
      return []
    } catch {
      throw error.journalError
    }
    return try parse(bytes)
  }

  private func parse(_ bytes: [UInt8]) throws(JournalError) -> [Anchor] {
    var anchors: [Anchor] = []
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      let text = String(decoding: line, as: UTF8.self)
      if let anchor = Anchor(line: text, keys: keys) {
        anchors.append(anchor)
      } else if !Anchor.isTorn(text) {
        throw .damaged(
          "tệp anchors có dòng không do hub ghi / the anchor file holds a line that this journal did not write.",
          advice: JournalError.restoreAdvice)
      }
    }
    return anchors
  }

  /// Why the database does not hold what an anchor says; nil when it does.
  static func complaint(_ anchor: Anchor, _ connection: Connection) throws(SQLiteError) -> String? {
    let found = try connection.prepared("SELECT digest FROM commit_log WHERE number = ?")
    defer { found.reset() }
    found.bind(1, anchor.commit)
    if try found.step() {
      guard found.blob(0) != anchor.digest else { return nil }
      return "commit \(anchor.commit) không khớp mốc \(anchor.at) / commit \(anchor.commit) differs from the anchor of "
        + "\(anchor.at)."
    }
    let thinned = try connection.prepared(
      "SELECT last_commit, root FROM segment WHERE thinned = 2 AND first_commit <= ?1 AND last_commit >= ?1")
    defer { thinned.reset() }
    thinned.bind(1, anchor.commit)
    if try thinned.step(), thinned.integer(0) != anchor.commit || thinned.blob(1) == anchor.digest { return nil }
    return "thiếu commit \(anchor.commit) mà mốc \(anchor.at) đã ghi / commit \(anchor.commit), anchored at "
      + "\(anchor.at), is missing: the database was cut off or is an older copy."
  }
}
