internal import Glibc

/// Changes files of one folder so that a crash leaves the old or the new one, and two who change at a time do not
/// lose one another's work.
struct SafeFolder {
  let path: String

  /// Runs `work` while no other process or thread is inside, waiting for its turn.
  func exclusively<Result>(_ work: () throws(AgencyEditError) -> Result) throws(AgencyEditError) -> Result {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .cannotWrite(file: path, cause: lastCause()) }
    defer { close(descriptor) }
    while flock(descriptor, LOCK_EX) != 0 {
      guard errno == EINTR else { throw .cannotWrite(file: path, cause: lastCause()) }
    }
    return try work()
  }

  /// Replaces a file: writes a new one beside it, syncs it, gives it the old one's name, syncs the folder. The new
  /// file has the old one's mode and owner; where there was none, mode 0600.
  func replace(_ name: String, with bytes: [UInt8]) throws(AgencyEditError) {
    let target = realPath("\(path)/\(name)") ?? "\(path)/\(name)"
    let temporary = "\(path)/.\(name).\(getpid()).\(UInt32.random(in: 0 ... .max)).tmp"
    do {
      try write(bytes, to: temporary, like: FileFacts(path: target))
      guard rename(temporary, target) == 0 else { throw FileError.system(lastCause()) }
      try syncFolder(of: target)
    } catch {
      unlink(temporary)
      guard case .system(let cause) = error as? FileError else { throw .cannotWrite(file: name, cause: "\(error)") }
      throw .cannotWrite(file: name, cause: cause)
    }
  }

  private func write(_ bytes: [UInt8], to path: String, like old: FileFacts?) throws(FileError) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw .system(lastCause()) }
    defer { close(descriptor) }
    if let old {
      if old.owner != geteuid() || old.group != getegid() {
        // Else the hub, which may run as another user, could not read the file any more.
        guard fchown(descriptor, old.owner, old.group) == 0 else { throw .system(lastCause()) }
      }
      guard fchmod(descriptor, old.mode) == 0 else { throw .system(lastCause()) }
    }
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw .system(lastCause()) }
      rest = rest.dropFirst(count)
    }
    guard fsync(descriptor) == 0 else { throw .system(lastCause()) }
  }

  private func syncFolder(of file: String) throws(FileError) {
    let folder = file.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    let descriptor = open(folder.isEmpty ? "/" : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .system(lastCause()) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw .system(lastCause()) }
  }
}
