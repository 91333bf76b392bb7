internal import Crypto
internal import Glibc

/// A file of a bundle, read from front to back. Links are not followed: a bundle comes from anywhere.
struct BundleFile: ~Copyable {
  private let descriptor: Int32
  private let name: String

  /// Opens a file.
  init(_ path: String, name: String) throws(BundleError) {
    descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
    self.name = name
    guard descriptor >= 0 else {
      let cause = errno == ELOOP ? "là liên kết / is a link" : String(cString: strerror(errno))
      throw BundleError("\(name): không đọc được / cannot be read: \(cause).")
    }
    var facts = stat()
    guard fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw BundleError("\(name): không phải tệp / is no file.")
    }
  }

  deinit { close(descriptor) }

  /// The next bytes; none at the end.
  func read(upTo count: Int) throws(BundleError) -> [UInt8] {
    var failure: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      let got = Glibc.read(descriptor, buffer.baseAddress, count)
      if got < 0 { failure = errno }
      filled = max(0, got)
    }
    guard failure == 0 else {
      throw BundleError("\(name): không đọc được / cannot be read: \(String(cString: strerror(failure))).")
    }
    return bytes
  }

  /// All of it.
  func whole(limit: Int) throws(BundleError) -> [UInt8] {
    var all: [UInt8] = []
    while true {
      let next = try read(upTo: 1 << 18)
      guard !next.isEmpty else { return all }
      all += next
      guard all.count <= limit else { throw BundleError("\(name): quá lớn / has more than \(limit) bytes.") }
    }
  }

  /// Its digest and length.
  func facts() throws(BundleError) -> BundleManifest.File {
    var hash = SHA256()
    var count = 0
    while true {
      let next = try read(upTo: 1 << 18)
      guard !next.isEmpty else { break }
      hash.update(data: next)
      count += next.count
    }
    return BundleManifest.File(sha256: hash.finalize().hex, bytes: count)
  }
}

extension SHA256Digest {
  /// Lower-case hex.
  var hex: String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
