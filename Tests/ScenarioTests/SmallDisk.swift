import Foundation
import Testing

/// A file system of a few megabytes in memory, mounted for one test. It needs the right to mount.
struct SmallDisk {
  let folder: String
  private var ballast: String { "\(folder)/ballast" }

  /// Whether this process may mount; tried once.
  static let isPossible: Bool = {
    let folder = FileManager.default.temporaryDirectory.appending(path: "mount-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    guard (try? mount(folder, megabytes: 1)) != nil else { return false }
    return (try? run("/bin/umount", folder)) == 0
  }()

  /// What a test says that is left out without it.
  static let reason: Comment = "needs the right to mount a small file system: run the tests as root"

  init(at folder: String, megabytes: Int) throws {
    self.folder = folder
    try Self.mount(folder, megabytes: megabytes)
  }

  private static func mount(_ folder: String, megabytes: Int) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let status = try run("/bin/mount", "-t", "tmpfs", "-o", "size=\(megabytes)m,mode=0700", "tmpfs", folder)
    guard status == 0 else { throw CityError("mount: \(status)") }
  }

  private static func run(_ tool: String, _ arguments: String...) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(filePath: tool)
    process.arguments = arguments
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }

  /// Bytes that are free.
  var freeBytes: Int {
    let attributes = try? FileManager.default.attributesOfFileSystem(forPath: folder)
    return (attributes?[.systemFreeSize] as? NSNumber)?.intValue ?? 0
  }

  /// Fills the disk until only so many bytes are free.
  func fill(leaving bytes: Int) throws {
    _ = FileManager.default.createFile(atPath: ballast, contents: nil)
    let file = try FileHandle(forWritingTo: URL(filePath: ballast))
    defer { try? file.close() }
    try file.seekToEnd()
    while freeBytes > bytes {
      do {
        try file.write(contentsOf: Data(count: min(freeBytes - bytes, 1 << 20)))
      } catch {
        return
      }
    }
  }

  /// Makes room again.
  func empty() throws { try FileManager.default.removeItem(atPath: ballast) }

  /// Unmounts, even while somebody still has files open.
  func remove() { _ = try? Self.run("/bin/umount", "-l", folder) }
}
