internal import Glibc
internal import HubKit
internal import Synchronization

extension Journal {
  /// The process that has the journal in a directory open for writing; nil when none has. A process that begins to open
  /// it at this very moment may be told that it is taken.
  public static func owner(of directory: String) -> Int32? {
    DirectoryLock.owner(path: JournalPaths(directory: directory).lock)
  }
}

/// Makes one process the owner of the directory: a lock of the kernel's, which ends with the process, however it ends.
final class DirectoryLock: Sendable {
  private let descriptor: Mutex<Int32?>

  /// Takes the lock and writes down who has it.
  ///
  /// - Throws: ``JournalError/busy(owner:)`` naming who has it.
  init(path: String, now: Timestamp) throws(JournalError) {
    let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw .io("open \(path): \(String(cString: strerror(errno)))") }
    guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
      let code = errno
      let owner = Self.owner(file)
      Glibc.close(file)
      guard code == EWOULDBLOCK else { throw .io("flock \(path): \(String(cString: strerror(code)))") }
      throw .busy(owner: owner)
    }
    let text = "pid \(getpid()), since \(now)\n"
    let written = text.utf8CString.withUnsafeBytes { bytes in
      ftruncate(file, 0) == 0 && pwrite(file, bytes.baseAddress, text.utf8.count, 0) == text.utf8.count
    }
    guard written else {
      let code = errno
      Glibc.close(file)
      throw code == ENOSPC ? .full : .io("write \(path): \(String(cString: strerror(code)))")
    }
    descriptor = Mutex(file)
  }

  deinit { release() }

  /// Gives it up.
  func release() {
    descriptor.withLock { descriptor in
      // Said aloud: a child that was forked at this moment holds the descriptor until it runs its own program.
      if let file = descriptor {
        _ = flock(file, LOCK_UN)
        close(file)
      }
      descriptor = nil
    }
  }

  /// The process that holds the lock; nil when none does.
  static func owner(path: String) -> Int32? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { Glibc.close(file) }
    guard flock(file, LOCK_SH | LOCK_NB) != 0, errno == EWOULDBLOCK else { return nil }
    return Int32(owner(file).drop { $0 != " " }.dropFirst().prefix { $0.isNumber })
  }

  private static func owner(_ file: Int32) -> String {
    var bytes = [UInt8](repeating: 0, count: 200)
    let count = pread(file, &bytes, bytes.count, 0)
    let text = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    return String(text.prefix { $0 != "\n" })
  }
}
