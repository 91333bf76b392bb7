internal import Glibc

/// What `stat` says about a file: enough to notice that it was changed or replaced.
struct FileFacts: Hashable {
  enum Kind { case file, folder, other }

  var kind: Kind
  var device: UInt64
  var inode: UInt64
  var size: Int
  var modifiedSeconds: Int
  var modifiedNanoseconds: Int
  var mode: mode_t
  var owner: uid_t
  var group: gid_t

  /// Follows links. Returns nil, with `errno` set, when there is no such file or no right to see it.
  init?(path: String) {
    var facts = stat()
    guard stat(path, &facts) == 0 else { return nil }
    self.init(facts)
  }

  init(_ facts: stat) {
    switch facts.st_mode & S_IFMT {
    case S_IFREG: kind = .file
    case S_IFDIR: kind = .folder
    default: kind = .other
    }
    device = UInt64(facts.st_dev)
    inode = UInt64(facts.st_ino)
    size = Int(facts.st_size)
    modifiedSeconds = facts.st_mtim.tv_sec
    modifiedNanoseconds = facts.st_mtim.tv_nsec
    mode = facts.st_mode & 0o7777
    owner = facts.st_uid
    group = facts.st_gid
  }
}

enum FileError: Error {
  case tooLarge
  case system(String)
}

/// A whole file with the facts of exactly these bytes: asked of the open file, after the last byte was read.
func readFile(_ path: String, limit: Int) throws(FileError) -> (bytes: [UInt8], facts: FileFacts) {
  // Without O_NONBLOCK, opening a named pipe would wait for ever.
  let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
  guard descriptor >= 0 else { throw .system(lastCause()) }
  defer { close(descriptor) }
  var bytes: [UInt8] = []
  var part = [UInt8](repeating: 0, count: 64 * 1024)
  while true {
    let count = Glibc.read(descriptor, &part, part.count)
    if count < 0, errno == EINTR { continue }
    guard count >= 0 else { throw .system(lastCause()) }
    guard bytes.count + count <= limit else { throw .tooLarge }
    if count == 0 { break }
    bytes += part[..<count]
  }
  var facts = stat()
  guard fstat(descriptor, &facts) == 0 else { throw .system(lastCause()) }
  return (bytes, FileFacts(facts))
}

/// Names in a folder, unsorted; nil, with `errno` set, when it cannot be read.
func namesIn(folder: String) -> [String]? {
  guard let stream = opendir(folder) else { return nil }
  defer { closedir(stream) }
  var names: [String] = []
  while let entry = readdir(stream) {
    let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
      pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
    }
    if name != ".", name != ".." { names.append(name) }
  }
  return names
}

/// The path without links; nil, with `errno` set, when something on the way does not exist.
func realPath(_ path: String) -> String? {
  guard let real = realpath(path, nil) else { return nil }
  defer { free(real) }
  return String(cString: real)
}

/// What the last failed system call said, in words.
func lastCause() -> String {
  String(cString: strerror(errno)).lowercased()
}

/// A path as the configuration means it: relative ones start at the configuration folder.
///
/// - Parameters:
///   - path: as written, as in `../Data`.
///   - folder: the configuration folder.
public func configuredPath(_ path: String, in folder: String) -> String {
  path.hasPrefix("/") ? path : "\(folder)/\(path)"
}
