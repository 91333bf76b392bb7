internal import Glibc

/// Keeps body files where they are while somebody copies the journal: a lock of the kernel's on a file of its own, so
/// that it also works between processes and ends with its holder.
///
/// The hub unlinks a file only after the commit that no longer names it. Whoever holds the gate first and then looks at
/// the database therefore finds every file that it names: one that the hub removed before the gate was held had left
/// the database before too.
final class RemovalGate {
  private let file: Int32

  /// Holds the gate; waits for a removal under way, which takes no longer than an unlink.
  init(_ path: String) throws(JournalError) {
    file = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw .io("open \(path): \(String(cString: strerror(errno)))") }
    while flock(file, LOCK_SH) != 0 {
      guard errno == EINTR else {
        let code = errno
        close(file)
        throw .io("flock \(path): \(String(cString: strerror(code)))")
      }
    }
  }

  deinit { close(file) }

  /// Does `remove`, unless the gate is held. What was left is found again as an orphan.
  static func unlessHeld(_ path: String, _ remove: () -> Void) {
    let file = Glibc.open(path, O_RDWR | O_CLOEXEC)
    guard file >= 0 else {
      // Where there is no gate nobody holds it.
      if errno == ENOENT { remove() }
      return
    }
    defer { close(file) }
    if flock(file, LOCK_EX | LOCK_NB) == 0 { remove() }
  }
}
