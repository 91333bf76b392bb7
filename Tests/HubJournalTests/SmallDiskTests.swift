import Foundation
import HubKit
import Testing

@testable import HubJournal

/// A real file system that is full to the last byte.
@Suite(
  .serialized, .enabled(if: SmallDisk.isPossible, "needs the right to mount a small file system: run the tests as root")
)
struct SmallDiskTests {
  @Test func `on a full disk old bodies and old days still go, and then there is room again`() async throws {
    let fixture = try JournalFixture()
    let disk = try SmallDisk(at: fixture.directory, megabytes: 32)
    defer { disk.remove() }
    let journal = try fixture.open {
      $0.reserveBytes = 4 << 20
      $0.duplicateWindow = .seconds(60)
      $0.keepSegments = .seconds(86_400)
    }
    var old: [NewExchange] = []
    for number in 0..<110 {
      let writer = try journal.writer(mediaType: "a/b", limit: .max)
      try writer.write([UInt8](repeating: UInt8(number), count: 100_000))
      let new = newExchange("m\(number)", body: try writer.finish(), at: fixture.clock.now)
      _ = try await journal.accept([new], advancing: nil)
      try await journal.record([step(new.id, .delivered, at: fixture.clock.now, keep: .digest)])
      old.append(new)
    }
    #expect(disk.exists("reserve"))
    try disk.fill()
    var number = 0
    var refusal: JournalError?
    while refusal == nil, number < 2000 {
      number += 1
      let new = newExchange("n\(number)", body: .inline([UInt8](repeating: 1, count: 15_000)), at: fixture.clock.now)
      do throws(JournalError) {
        _ = try await journal.accept([new], advancing: nil)
      } catch {
        refusal = error
      }
      try disk.fill()
    }
    #expect(refusal == .full)
    #expect(try fixture.bodyFiles().count == 110)
    #expect(disk.freeBytes < 64 << 10)

    while try await journal.sweep(limit: 10) > 0 {}
    #expect(try fixture.bodyFiles().isEmpty)
    #expect(disk.freeBytes > 10 << 20)
    // The room is there again, and with it the reserve.
    let after = newExchange("after", at: fixture.clock.now)
    _ = try await journal.accept([after], advancing: nil)
    #expect(disk.exists("reserve"))
    fixture.clock.advance(.seconds(3 * 86_400))
    _ = try await journal.accept([newExchange("later", at: fixture.clock.now)], advancing: nil)
    try disk.fill()
    while try await journal.thin(limit: 50) > 0 {}
    for new in old { #expect(try journal.exchange(new.id) == nil) }
    #expect(try journal.exchange(after.id) != nil)
    await journal.close()
    #expect(try fixture.verify().firstBroken == nil)
  }
}

/// A file system of a few megabytes in memory, mounted for one test.
struct SmallDisk {
  let folder: String

  static let isPossible: Bool = {
    let folder = FileManager.default.temporaryDirectory.appending(path: "mount-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    guard let disk = try? SmallDisk(at: folder, megabytes: 1) else { return false }
    disk.remove()
    return true
  }()

  init(at folder: String, megabytes: Int) throws {
    self.folder = folder
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let status = try Self.run("/bin/mount", "-t", "tmpfs", "-o", "size=\(megabytes)m,mode=0700", "tmpfs", folder)
    guard status == 0 else { throw JournalError.io("mount: \(status)") }
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

  var freeBytes: Int { PosixDisk().freeBytes(at: folder) }

  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: "\(folder)/\(name)") }

  /// Takes all room that there is.
  func fill() throws {
    let file = try PosixDisk().append("\(folder)/ballast")
    while freeBytes > 0 {
      do throws(DiskError) {
        try file.write([UInt8](repeating: 0, count: min(freeBytes, 1 << 20)))
      } catch .full {
        return
      }
    }
  }

  func remove() { _ = try? Self.run("/bin/umount", "-l", folder) }
}
