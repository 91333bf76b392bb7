internal import HubKit

/// Looks over a whole journal: computes the chain again, opens every body, compares every mutable column with the event
/// that set it. Read-only; works while the daemon runs.
public enum JournalVerifier {
  /// Looks until the first broken record.
  ///
  /// - Parameters:
  ///   - directory: the journal's.
  ///   - progress: called now and then with commits done and commits in all.
  /// - Returns: what was found; ``VerifyReport/firstBroken`` names the first broken record.
  /// - Throws: ``JournalError`` when it cannot be looked at: no journal, another key, a newer format, a file that
  ///   SQLite cannot read.
  public static func verify(
    directory: String, keys: JournalKeys, progress: (_ done: Int64, _ all: Int64) -> Void = { _, _ in }
  ) throws(JournalError) -> VerifyReport {
    try verify(JournalOptions(directory: directory, isReadOnly: true), keys: keys, progress: progress)
  }

  static func verify(
    _ options: JournalOptions, keys: JournalKeys, clock: any HubClock = SystemClock(),
    progress: (Int64, Int64) -> Void
  ) throws(JournalError) -> VerifyReport {
    let opening = try Opening.run(options, keys: keys, clock: clock)
    let anchors = try AnchorFile(path: opening.paths.anchors, disk: options.disk, keys: keys).anchors()
    let readers = ReaderPool(path: opening.paths.database, countMax: 2)
    defer { readers.close() }
    var walk = ChainWalk(opening: opening, readers: readers)
    do throws(ChainWalk.Stop) {
      try walk.structure()
      try walk.run(progress)
      try walk.compare(anchors)
    } catch {
      switch error {
      case .broken(let broken): walk.report.firstBroken = broken
      case .failed(let error): throw error
      }
    }
    return walk.report
  }
}

/// Goes along the chain from its beginning.
struct ChainWalk {
  /// Why the walk ended early.
  enum Stop: Error {
    case broken(VerifyReport.Broken)
    case failed(JournalError)
  }

  /// Commits looked at in one read transaction: a longer one would keep the write-ahead log from shrinking.
  private static let commitsPerLook: Int64 = 256

  let opening: Opening
  let readers: ReaderPool
  var report = VerifyReport()
  private var expected = RecordDigest.genesis
  private var nextSequence: Int64 = 1

  init(opening: Opening, readers: ReaderPool) {
    self.opening = opening
    self.readers = readers
  }

  private struct Segment {
    var day: String
    var previous: [UInt8]
    var firstCommit: Int64
    var lastCommit: Int64?
    var first: Int64
    var last: Int64?
    var root: [UInt8]?
    var isSealed: Bool
    var thinned: Int64
  }

  private func look<Value>(
    _ work: (Connection) throws(SQLiteError) -> Value
  ) throws(Stop) -> Value {
    do throws(JournalError) { return try readers.read(work) } catch { throw .failed(error) }
  }

  private func broken(_ what: String, commit: Int64? = nil, sequence: Int64? = nil) -> Stop {
    .broken(.init(sequence: sequence, commit: commit, what: what))
  }

  /// SQLite's own check of the file.
  func structure() throws(Stop) {
    let finding = try look { connection throws(SQLiteError) in
      let check = try connection.prepared("PRAGMA quick_check(1)")
      defer { check.reset() }
      return try check.step() ? check.text(0) : ""
    }
    if finding != "ok" { throw broken("tệp SQLite hỏng / the SQLite file is damaged: \(finding)") }
  }

  /// All segments, and in each all commits.
  mutating func run(_ progress: (Int64, Int64) -> Void) throws(Stop) {
    let (segments, all) = try look { connection throws(SQLiteError) in
      (try Self.segments(connection), try connection.integer("SELECT max(number) FROM commit_log") ?? 0)
    }
    var nextCommit: Int64 = 1
    for segment in segments {
      guard segment.previous == expected, segment.firstCommit == nextCommit, segment.first == nextSequence else {
        throw broken(
          "đoạn \(segment.day) không nối vào đoạn trước / segment \(segment.day) does not continue the one before.",
          commit: segment.firstCommit)
      }
      if segment.thinned > 0 { report.thinnedSegments += 1 }
      let last = segment.lastCommit ?? all
      try records(of: segment, upTo: last, all, progress)
      if segment.isSealed, segment.root != expected || segment.last != nextSequence - 1 {
        throw broken(
          "gốc của đoạn \(segment.day) không khớp / the root of segment \(segment.day) differs.", commit: last)
      }
      nextCommit = last + 1
    }
    if nextCommit != all + 1 {
      throw broken(
        "commit \(nextCommit) không thuộc đoạn nào / commit \(nextCommit) lies in no segment.", commit: nextCommit)
    }
    try nothingOutside()
  }

  /// The records of a segment: all of them, or what outlived it.
  private mutating func records(
    of segment: Segment, upTo last: Int64, _ all: Int64, _ progress: (Int64, Int64) -> Void
  ) throws(Stop) {
    if segment.thinned < Thinning.root.rawValue {
      do throws(Stop) {
        return try commits(segment.firstCommit...max(segment.firstCommit, last), all, progress)
      } catch {
        // The daemon may have begun to remove the segment after this look began.
        guard case .broken = error, try isRemoved(segment) else { throw error }
      }
    }
    try leftovers(of: segment)
    expected = segment.root ?? []
    nextSequence = (segment.last ?? 0) + 1
  }

  private func isRemoved(_ segment: Segment) throws(Stop) -> Bool {
    try look { connection throws(SQLiteError) in
      try connection.integer("SELECT 1 FROM segment WHERE thinned = 2 AND first_commit = \(segment.firstCommit)") != nil
    }
  }

  /// Rows that no commit names were put in by someone else.
  private func nothingOutside() throws(Stop) {
    let last = nextSequence - 1
    let stray = try look { connection throws(SQLiteError) in
      // Commits made since are later ones, with rows of their own.
      let end = try connection.integer("SELECT max(last) FROM commit_log") ?? 0
      return try connection.integer(
        "SELECT min(sequence) FROM (SELECT sequence FROM exchange WHERE sequence > \(max(end, last)) OR sequence < 1 "
          + "UNION ALL SELECT sequence FROM event WHERE sequence > \(max(end, last)) OR sequence < 1)")
    }
    if let stray {
      throw broken("bản ghi ngoài chuỗi / a record that no commit names.", sequence: stray)
    }
  }

  private mutating func commits(
    _ range: ClosedRange<Int64>, _ all: Int64, _ progress: (Int64, Int64) -> Void
  ) throws(Stop) {
    var number = range.lowerBound
    while number <= range.upperBound {
      let end = min(range.upperBound, number + Self.commitsPerLook - 1)
      var copy = self
      let found: VerifyReport.Broken? = try look { connection throws(SQLiteError) in
        let check = RecordCheck(opening: opening, connection: connection, readers: readers)
        for number in number...end {
          if let broken = try copy.commit(number, check) { return broken }
        }
        return nil
      }
      self = copy
      if let found { throw .broken(found) }
      number = end + 1
      progress(end, all)
    }
  }

  /// What outlived its segment.
  private mutating func leftovers(of segment: Segment) throws(Stop) {
    let end = segment.last ?? 0
    var place = segment.first - 1
    while true {
      let begin = place
      var counted = report
      let (last, found): (Int64?, VerifyReport.Broken?) = try look { connection throws(SQLiteError) in
        let kept = KeptCheck(RecordCheck(opening: opening, connection: connection, readers: readers))
        let records = try kept.records(
          behind: begin, upTo: min(end, try KeptCheck.end(connection)), limit: Int(Self.commitsPerLook))
        for record in records {
          if let broken = try kept.firstBroken(record, segmentEnd: end, &counted) { return (nil, broken) }
        }
        return (records.last?.sequence, nil)
      }
      report = counted
      if let found { throw .broken(found) }
      guard let last else { return }
      place = last
    }
  }

  /// One commit: its records one by one, then all together.
  private mutating func commit(
    _ number: Int64, _ check: RecordCheck
  ) throws(SQLiteError) -> VerifyReport.Broken? {
    let chain = ChainCheck(check.connection)
    guard let commit = try chain.commit(number) else {
      return .init(commit: number, what: "thiếu commit / the commit is missing.")
    }
    guard commit.first == nextSequence, commit.last >= commit.first else {
      return .init(sequence: nextSequence, commit: number, what: "đứt quãng / the commit begins at another place.")
    }
    let records = try chain.records(commit)
    for (offset, record) in records.enumerated() where record.sequence != commit.first + Int64(offset) {
      return .init(
        sequence: commit.first + Int64(offset), commit: number, what: "bản ghi bị xoá / the record was deleted.")
    }
    if let broken = try check.firstBroken(commit, &report) { return broken }
    guard records.count == Int(commit.last - commit.first + 1) else {
      return .init(
        sequence: commit.first + Int64(records.count), commit: number,
        what: "bản ghi bị xoá / the record was deleted.")
    }
    let digest = RecordDigest.commit(previous: expected, number: number, at: commit.at, records: records)
    guard digest == commit.digest else {
      return .init(
        sequence: commit.first, commit: number,
        what: "commit không khớp chuỗi / the commit's digest does not fit into the chain.")
    }
    expected = digest
    nextSequence = commit.last + 1
    report.commits += 1
    report.records += Int64(records.count)
    return nil
  }

  /// What was anchored outside must be inside.
  mutating func compare(_ anchors: [Anchor]) throws(Stop) {
    for anchor in anchors {
      let complaint = try look { connection throws(SQLiteError) in try AnchorFile.complaint(anchor, connection) }
      if let complaint { throw broken(complaint, commit: anchor.commit) }
      report.anchors += 1
    }
  }

  private static func segments(_ connection: Connection) throws(SQLiteError) -> [Segment] {
    let rows = try connection.prepared(
      """
      SELECT day, previous, first_commit, last_commit, first, last, root, sealed, thinned FROM segment ORDER BY day
      """)
    defer { rows.reset() }
    var found: [Segment] = []
    while try rows.step() {
      found.append(
        Segment(
          day: rows.text(0), previous: rows.blob(1), firstCommit: rows.integer(2), lastCommit: rows.optionalInteger(3),
          first: rows.integer(4), last: rows.optionalInteger(5), root: rows.optionalBlob(6),
          isSealed: rows.integer(7) == 1, thinned: rows.integer(8)))
    }
    return found
  }
}
