/// How a journal works. The defaults suit a production machine.
public struct JournalOptions: Sendable {
  /// The directory that the journal owns alone; made when it does not exist.
  public var directory: String
  /// Whether the journal is only read: for command-line tools beside a running daemon. Takes no lock; every call
  /// that writes throws ``JournalError/stopped(_:)``.
  public var isReadOnly: Bool
  /// Most rows that one commit takes; more wait for the next.
  public var commitRowsMax: Int
  /// How long a message id stays taken. Afterwards the sender may use it again.
  public var duplicateWindow: Duration
  /// How long events keep their content once their day is over; nil: for ever.
  public var keepEvents: Duration?
  /// How long anything but header and root of a day is kept, never less than ``duplicateWindow``; nil: for ever.
  public var keepSegments: Duration?
  /// How often the head of the chain is written to the anchor file.
  public var anchorEvery: Duration
  /// Most time for the quick check of the database at the start; what it has not seen by then is left to
  /// `lgsp journal verify`.
  public var quickCheckMax: Duration
  /// Most time for one search.
  public var searchMax: Duration
  /// Connections for reading.
  public var readers: Int
  /// How long an unnamed body file is left alone.
  public var orphanAge: Duration
  /// Refusals that one principal may leave in the audit log in a row.
  public var auditBurst: Int
  /// After how long one more is allowed.
  public var auditEvery: Duration
  /// Called once, from the journal's own thread, when the disk failed and the journal has stopped: the process
  /// should end. What was not acknowledged may or may not be on the disk.
  public var onFailure: @Sendable (JournalError) -> Void
  /// Most pages of the database file, for tests of a full disk; nil: no limit.
  var databasePagesMax: Int?
  /// Pages of the write-ahead log, of 4 KB, with which it is brought into the database.
  var checkpointPages = 4000
  /// Room kept aside for what makes room on a full disk, in whole megabytes; 0: none.
  var reserveBytes = 4 << 20
  /// SQLite's VFS, for tests of a failing disk; nil: its own.
  var vfs: String?
  /// How body files and anchors reach the disk.
  var disk: any Disk = PosixDisk()

  /// Creates options.
  public init(
    directory: String, isReadOnly: Bool = false, commitRowsMax: Int = 1024,
    duplicateWindow: Duration = .seconds(35 * 86_400), keepEvents: Duration? = nil, keepSegments: Duration? = nil,
    anchorEvery: Duration = .seconds(3600),
    quickCheckMax: Duration = .seconds(2), searchMax: Duration = .seconds(10), readers: Int = 4,
    orphanAge: Duration = .seconds(3600), auditBurst: Int = 20, auditEvery: Duration = .seconds(3),
    onFailure: @escaping @Sendable (JournalError) -> Void = { _ in }
  ) {
    self.directory = directory
    self.isReadOnly = isReadOnly
    self.commitRowsMax = commitRowsMax
    self.duplicateWindow = duplicateWindow
    self.keepEvents = keepEvents
    self.keepSegments = keepSegments
    self.anchorEvery = anchorEvery
    self.quickCheckMax = quickCheckMax
    self.searchMax = searchMax
    self.readers = readers
    self.orphanAge = orphanAge
    self.auditBurst = auditBurst
    self.auditEvery = auditEvery
    self.onFailure = onFailure
  }
}

/// Where things lie in the journal's directory.
struct JournalPaths: Sendable {
  let directory: String
  var database: String { "\(directory)/journal.db" }
  var lock: String { "\(directory)/lock" }
  var anchors: String { "\(directory)/anchors" }
  var bodies: String { "\(directory)/bodies" }
  /// Bodies that nobody has accepted yet; see ``ArrivingBodies``.
  var arriving: String { "\(directory)/arriving" }
  /// Held by whoever copies the bodies; see ``RemovalGate``.
  var gate: String { "\(directory)/bodies.lock" }
}
