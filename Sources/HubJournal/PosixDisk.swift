internal import Glibc

/// The machine's own disk.
struct PosixDisk: Disk {
  func create(_ path: String) throws(DiskError) -> any DiskFile {
    try PosixFile(path, O_WRONLY | O_CREAT | O_EXCL)
  }

  func open(_ path: String) throws(DiskError) -> any DiskFile { try PosixFile(path, O_RDONLY) }

  func revise(_ path: String) throws(DiskError) -> any DiskFile { try PosixFile(path, O_WRONLY) }

  func append(_ path: String) throws(DiskError) -> any DiskFile {
    try PosixFile(path, O_WRONLY | O_CREAT | O_APPEND)
  }

  func rename(_ path: String, to other: String) throws(DiskError) {
    guard Glibc.rename(path, other) == 0 else { throw .last("rename", path) }
  }

  func remove(_ path: String) throws(DiskError) {
    guard unlink(path) == 0 || errno == ENOENT else { throw .last("unlink", path) }
  }

  @discardableResult
  func makeDirectory(_ path: String) throws(DiskError) -> Bool {
    if mkdir(path, 0o700) == 0 { return true }
    guard errno == EEXIST else { throw .last("mkdir", path) }
    return false
  }

  func removeDirectory(_ path: String) throws(DiskError) {
    guard rmdir(path) == 0 || errno == ENOENT else { throw .last("rmdir", path) }
  }

  func syncDirectory(_ path: String) throws(DiskError) {
    try PosixFile(path, O_RDONLY | O_DIRECTORY).sync()
  }

  func list(_ path: String) throws(DiskError) -> [DiskEntry] {
    guard let directory = opendir(path) else {
      if errno == ENOENT { return [] }
      throw .last("opendir", path)
    }
    defer { closedir(directory) }
    var entries: [DiskEntry] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      var status = stat()
      guard name != ".", name != "..", lstat("\(path)/\(name)", &status) == 0 else { continue }
      entries.append(
        DiskEntry(
          name: name, isDirectory: status.st_mode & S_IFMT == S_IFDIR,
          modifiedAtSeconds: Int64(status.st_mtim.tv_sec)))
    }
    return entries
  }

  func byteCount(of path: String) -> Int {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : 0
  }

  func freeBytes(at path: String) -> Int {
    var status = statvfs()
    return statvfs(path, &status) == 0 ? Int(status.f_bavail) * Int(status.f_frsize) : 0
  }
}

/// A file by its descriptor.
final class PosixFile: DiskFile {
  private let descriptor: Int32
  private let path: String

  init(_ path: String, _ flags: Int32) throws(DiskError) {
    self.path = path
    descriptor = Glibc.open(path, flags | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw .last("open", path) }
  }

  deinit { close(descriptor) }

  func write(_ bytes: [UInt8]) throws(DiskError) {
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        Glibc.write(descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw .last("write", path) }
      done += count
    }
  }

  func read(upTo count: Int) throws(DiskError) -> [UInt8] {
    var failed = false
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        let got = Glibc.read(descriptor, buffer.baseAddress.map { $0 + filled }, count - filled)
        if got < 0, errno == EINTR { continue }
        failed = got < 0
        guard got > 0 else { return }
        filled += got
      }
    }
    if failed { throw .last("read", path) }
    return bytes
  }

  func sync() throws(DiskError) {
    guard fsync(descriptor) == 0 else { throw .last("fsync", path) }
  }
}

extension DiskError {
  /// The error that the last system call left.
  fileprivate static func last(_ call: String, _ path: String) -> DiskError {
    switch errno {
    case ENOSPC, EDQUOT: .full
    case ENOENT: .missing
    case let code: .failed("\(call) \(path): \(String(cString: strerror(code)))")
    }
  }
}
