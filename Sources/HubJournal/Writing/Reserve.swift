/// Room kept aside on the disk. Deleting takes room too, in the write-ahead log: on a disk that is full to the last
/// byte nothing could ever be swept. The reserve is given up for that, and taken again when there is room.
struct Reserve {
  private let folder: String
  private let disk: any Disk
  /// A number of whole megabytes; 0: there is no reserve.
  private let byteCount: Int
  private var path: String { "\(folder)/reserve" }
  private(set) var isReleased = false

  init(in folder: String, disk: any Disk, byteCount: Int) {
    self.folder = folder
    self.disk = disk
    self.byteCount = byteCount
  }

  /// Takes it, unless the disk is too full for that: it must not be what fills the disk.
  ///
  /// - Returns: whether it is held now.
  mutating func take() -> Bool {
    guard byteCount > 0, disk.byteCount(of: path) != byteCount else {
      isReleased = false
      return true
    }
    isReleased = true
    guard disk.freeBytes(at: folder) >= 2 * byteCount else { return false }
    do throws(DiskError) {
      try disk.remove(path)
      let file = try disk.create(path)
      let part = [UInt8](repeating: 0, count: 1 << 20)
      for _ in 0..<byteCount / part.count { try file.write(part) }
      isReleased = false
    } catch {
      try? disk.remove(path)
    }
    return !isReleased
  }

  /// Gives it up.
  ///
  /// - Returns: whether that made room.
  mutating func release() -> Bool {
    let wasHeld = byteCount > 0 && disk.byteCount(of: path) > 0
    try? disk.remove(path)
    isReleased = isReleased || wasHeld
    return wasHeld
  }
}
