import Foundation
import HubKit
import Synchronization
import Testing

@testable import HubJournal

@Suite struct BackupTests {
  private func large(_ journal: Journal, _ count: Int, _ seed: UInt8 = 5) throws -> Body {
    let writer = try journal.writer(mediaType: "application/pdf", limit: .max)
    try writer.write([UInt8](repeating: seed, count: count))
    return try writer.finish()
  }

  private func take(_ fixture: JournalFixture, _ folder: String) throws -> JournalBackup.Report {
    try JournalBackup.take(of: fixture.directory, to: folder, keys: fixture.keys, clock: fixture.clock)
  }

  private func restore(_ folder: String, _ fixture: JournalFixture) async throws -> JournalBackup.Restored {
    try await JournalBackup.restore(folder, to: fixture.directory, keys: fixture.keys, clock: fixture.clock)
  }

  private func verify(_ folder: String, _ fixture: JournalFixture) throws -> VerifyReport {
    try JournalVerifier.verify(
      JournalOptions(directory: folder, isReadOnly: true), keys: fixture.keys, clock: fixture.clock,
      progress: { _, _ in })
  }

  @Test func `copies taken under traffic are whole, each with all its bodies`() async throws {
    let fixture = try JournalFixture()
    let journal = try fixture.open()
    let isOver = Mutex(false)
    async let traffic: Int = {
      var number = 0
      while !isOver.withLock({ $0 }) {
        let new = newExchange("m\(number)", body: try large(journal, 30_000, UInt8(number % 200)))
        _ = try await journal.accept([new], advancing: nil)
        var record = step(new.id, .delivered, keep: number % 3 == 0 ? .forever : .digest)
        record.replies = [StoredReply(delivery: 1, body: try large(journal, 20_000), mediaType: "a/b")]
        try await journal.record([record])
        // What has just been written goes at once: a copy must not miss it.
        _ = try await journal.sweep(limit: 10)
        number += 1
      }
      return number
    }()
    var reports: [JournalBackup.Report] = []
    for number in 0..<8 {
      let folder = "\(fixture.directory)-copy\(number)"
      defer { try? FileManager.default.removeItem(atPath: folder) }
      while try journal.statistics().commits < (reports.last?.commit ?? 0) + 10 { await Task.yield() }
      reports.append(try take(fixture, folder))
      let verified = try verify(folder, fixture)
      #expect(verified.firstBroken == nil)
      #expect(verified.commits == reports[number].commit)
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["anchors", "bodies", "journal.db"])
    }
    isOver.withLock { $0 = true }
    #expect(try await traffic > 30)
    await journal.close()
    #expect(try fixture.verify().isSound)
  }

  @Test func `a file that is being copied stays until the copy is made`() async throws {
    let fixture = try JournalFixture()
    let real = Timestamp(seconds: Int64(Date().timeIntervalSince1970))
    fixture.clock.set(real)
    let journal = try fixture.open()
    let new = newExchange("a", body: try large(journal, 50_000), at: real)
    _ = try await journal.accept([new], advancing: nil)
    try await journal.record([step(new.id, .delivered, at: real, keep: .digest)])
    var gate: RemovalGate? = try RemovalGate(JournalPaths(directory: fixture.directory).gate)
    #expect(try await journal.sweep(limit: 10) == 1)
    #expect(try fixture.bodyFiles().count == 1)
    withExtendedLifetime(gate) {}
    gate = nil
    fixture.clock.advance(.seconds(7200))
    #expect(try await journal.removeOrphans() == 1)
    #expect(try fixture.bodyFiles().isEmpty)
    await journal.close()
  }

  @Test func `nothing is overwritten, and nothing half-done stays`() async throws {
    let fixture = try JournalFixture()
    let journal = try fixture.open()
    let new = newExchange("a", body: try large(journal, 50_000))
    _ = try await journal.accept([new], advancing: nil)
    let copies = try JournalFixture()
    let folder = "\(copies.directory)/copy"
    _ = try take(fixture, folder)
    let before = try verify(folder, fixture)
    #expect(throws: JournalError.self) { try take(fixture, folder) }
    #expect(try verify(folder, fixture) == before)
    let other = JournalKeys(master: [UInt8](repeating: 1, count: 32))
    #expect(throws: JournalError.wrongKey) {
      try JournalBackup.take(of: fixture.directory, to: folder + "2", keys: other, clock: fixture.clock)
    }
    let body = try #require(try fixture.bodyFiles().first)
    try FileManager.default.removeItem(atPath: "\(fixture.directory)/bodies/\(body)")
    #expect {
      try take(fixture, folder + "3")
    } throws: { error in
      "\(error)".contains(body)
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: copies.directory) == ["copy"])
    await journal.close()
  }

  @Test func `a restored journal begins a new epoch and tells what is in doubt`() async throws {
    let fixture = try JournalFixture()
    let journal = try fixture.open()
    let (open, dead, done) = (newExchange("open", body: try large(journal, 50_000)), newExchange("d"), newExchange("e"))
    for new in [open, dead, done] { _ = try await journal.accept([new], advancing: Cursor(source: "s", value: "7")) }
    var failed = step(dead.id, .failed, keep: .forever)
    failed.isDeadLetter = true
    try await journal.record([failed, step(done.id, .delivered, keep: .forever), step(open.id, .underway)])
    fixture.clock.advance(.seconds(60))
    let folder = "\(fixture.directory)-copy"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let report = try take(fixture, folder)
    #expect(report.open == 1 && report.exchanges == 3 && report.bodyFiles == 1 && report.epoch == 1)
    #expect(report.takenAt == fixture.clock.now)
    // Lost with the old disk.
    let lost = newExchange("lost", at: fixture.clock.now)
    _ = try await journal.accept([lost], advancing: Cursor(source: "s", value: "8"))
    await journal.close()

    let target = try JournalFixture()
    target.clock.set(fixture.clock.now + .seconds(3600))
    let restored = try await restore(folder, target)
    #expect(restored.epoch == 2 && restored.at == target.clock.now && restored.report == report)
    #expect(restored.inDoubt.map(\.id) == [open.id])
    #expect(try target.verify().firstBroken == nil)
    let again = try target.open()
    #expect(try again.epoch() == 2)
    #expect(again.restoredThrough == 6)
    #expect(try again.exchange(lost.id) == nil)
    #expect(try again.cursor(of: "s") == "7")
    #expect(try again.unfinishedExchanges(after: 0, limit: 10).map(\.id) == [open.id, dead.id])
    let body = try #require(try again.exchange(open.id)?.body)
    #expect(try again.reader(of: body).rest(limit: .max) == [UInt8](repeating: 5, count: 50_000))
    #expect(try again.events(after: 6, limit: 10).map(\.kind) == ["journal.restored"])
    _ = try await again.accept([lost], advancing: nil)
    await again.close()
    let report2 = try target.verify()
    #expect(report2.firstBroken == nil)
    #expect(report2.anchors >= 2)
  }

  @Test func `a copy that was damaged is not restored, and no folder that holds something`() async throws {
    let fixture = try JournalFixture()
    let journal = try fixture.open()
    _ = try await journal.accept([newExchange("a", body: try large(journal, 50_000))], advancing: nil)
    let folder = "\(fixture.directory)-copy"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    _ = try take(fixture, folder)
    await journal.close()
    await #expect(throws: JournalError.self) { try await restore(folder, fixture) }
    let target = try JournalFixture()
    let body = try #require(try fixture.bodyFiles().first)
    let path = "\(folder)/bodies/\(body)"
    // The copy's name for the file, not the file itself, which it may share with the journal.
    let bytes = try #require(FileManager.default.contents(atPath: path))
    try FileManager.default.removeItem(atPath: path)
    try bytes.dropLast(1).write(to: URL(filePath: path))
    await #expect(throws: JournalError.self) { try await restore(folder, target) }
    #expect(!FileManager.default.fileExists(atPath: target.directory))
    try bytes.write(to: URL(filePath: path))
    try FileManager.default.createDirectory(atPath: target.directory, withIntermediateDirectories: true)
    #expect(try await restore(folder, target).epoch == 2)
    let anchors = "\(folder)/anchors"
    try FileManager.default.removeItem(atPath: anchors)
    await #expect(throws: JournalError.self) { try await restore(folder, try JournalFixture()) }
  }
}
