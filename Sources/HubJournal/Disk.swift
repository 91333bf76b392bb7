internal import HubKit

/// How body files and anchors reach the disk: the one place where tests let it fail. SQLite has its own way, the VFS.
protocol Disk: Sendable {
  /// Makes a new file; one that exists is an error.
  func create(_ path: String) throws(DiskError) -> any DiskFile
  /// Opens a file for reading.
  func open(_ path: String) throws(DiskError) -> any DiskFile
  /// Opens a file to write over its beginning.
  func revise(_ path: String) throws(DiskError) -> any DiskFile
  /// Opens a file to write at its end; makes it when it does not exist.
  func append(_ path: String) throws(DiskError) -> any DiskFile
  /// Gives a file another name in the same file system.
  func rename(_ path: String, to other: String) throws(DiskError)
  /// Removes a file; one that does not exist is no error.
  func remove(_ path: String) throws(DiskError)
  /// Makes a directory, mode 0700; one that exists is no error. Returns whether it was made.
  @discardableResult
  func makeDirectory(_ path: String) throws(DiskError) -> Bool
  /// Removes an empty directory.
  func removeDirectory(_ path: String) throws(DiskError)
  /// Makes names in a directory durable.
  func syncDirectory(_ path: String) throws(DiskError)
  /// What a directory holds; nothing when it does not exist.
  func list(_ path: String) throws(DiskError) -> [DiskEntry]
  /// Length of a file in bytes; zero when it does not exist.
  func byteCount(of path: String) -> Int
  /// Bytes that are free.
  func freeBytes(at path: String) -> Int
}

/// An open file. Closed when it is let go.
protocol DiskFile: AnyObject, Sendable {
  /// Writes all bytes.
  func write(_ bytes: [UInt8]) throws(DiskError)
  /// The next bytes, fewer than `count` only at the end.
  func read(upTo count: Int) throws(DiskError) -> [UInt8]
  /// Returns once the bytes are on the disk.
  func sync() throws(DiskError)
}

/// A name in a directory.
struct DiskEntry: Sendable, Hashable {
  var name: String
  var isDirectory: Bool
  /// Seconds since 1970, by the file system's clock.
  var modifiedAtSeconds: Int64
}

/// What the disk refused.
enum DiskError: Error, Hashable {
  case full
  case missing
  case failed(String)

  var bodyError: BodyError {
    switch self {
    case .full: .full
    case .missing: .gone
    case .failed(let what): .io(what)
    }
  }

  var journalError: JournalError {
    switch self {
    case .full: .full
    case .missing: .io("tệp không còn / a file is missing")
    case .failed(let what): .io(what)
    }
  }
}
