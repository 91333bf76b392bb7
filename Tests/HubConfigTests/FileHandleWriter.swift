import Glibc

/// Writes over a file's bytes in place, as some editors do: the inode stays.
struct FileHandleWriter {
  private let path: String

  init?(_ path: String) {
    guard access(path, W_OK) == 0 else { return nil }
    self.path = path
  }

  func overwrite(_ bytes: [UInt8]) {
    let descriptor = open(path, O_WRONLY)
    defer { close(descriptor) }
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }
}
