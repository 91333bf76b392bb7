internal import Foundation
internal import Glibc

/// A folder that gets its name only when all of it is on the disk. Until then it has a name that says what it is, and
/// goes when the work fails.
final class StagedFolder {
  let path: String
  private let final: String
  private var isDone = false

  /// Makes the folder beside where it will be.
  ///
  /// - Throws: when something is there already; nothing is ever overwritten.
  init(_ final: String, mayBeEmpty: Bool = false) throws(JournalError) {
    self.final = final
    path = "\(final).part-\(UInt32.random(in: 0 ... .max))"
    let there = try? FileManager.default.contentsOfDirectory(atPath: final)
    let isFree = there.map { $0.isEmpty && mayBeEmpty } ?? !FileManager.default.fileExists(atPath: final)
    guard isFree else {
      throw .io(
        "\(final) đã có, không ghi đè; chọn nơi khác hoặc chuyển nó đi / it is there already and is never overwritten: "
          + "name another place, or move it away")
    }
    do throws(DiskError) {
      try PosixDisk().makeDirectory((final as NSString).deletingLastPathComponent.orCurrent)
      try PosixDisk().makeDirectory(path)
    } catch {
      throw error.journalError
    }
  }

  deinit {
    if !isDone { try? FileManager.default.removeItem(atPath: path) }
  }

  /// Gives it its name.
  func finish() throws(JournalError) {
    let disk = PosixDisk()
    do throws(DiskError) {
      try disk.syncDirectory(path)
      // Replaces an empty directory; any other is an error.
      try disk.rename(path, to: final)
      isDone = true
      try disk.syncDirectory((final as NSString).deletingLastPathComponent.orCurrent)
    } catch {
      throw error.journalError
    }
  }
}

extension String {
  fileprivate var orCurrent: String { isEmpty ? "." : self }
}

/// Copies files so that they are on the disk when it returns.
enum FileCopy {
  /// Makes the file known under a second name, on the same file system; copies it where that cannot be.
  static func link(_ source: String, to target: String) throws(DiskError) {
    if Glibc.link(source, target) == 0 { return }
    try copy(source, to: target)
  }

  static func copy(_ source: String, to target: String) throws(DiskError) {
    let disk = PosixDisk()
    let (from, to) = (try disk.open(source), try disk.create(target))
    while true {
      let bytes = try from.read(upTo: 1 << 20)
      if bytes.isEmpty { break }
      try to.write(bytes)
    }
    try to.sync()
  }

  /// Writes the file's bytes to the disk, whoever wrote them.
  static func sync(_ path: String) throws(DiskError) { try disk(path).sync() }

  private static func disk(_ path: String) throws(DiskError) -> any DiskFile { try PosixDisk().open(path) }
}
