import Foundation
import HubKit
import Testing

@testable import HubJournal

@Suite struct VerifyTests {
  /// Three exchanges on two days; the second has a large body, the third is open.
  private func sample(_ fixture: JournalFixture) async throws -> [NewExchange] {
    let journal = try fixture.open()
    let writer = try journal.writer(mediaType: "application/pdf", limit: .max)
    try writer.write([UInt8](repeating: 7, count: 100_000))
    let key = BusinessKey(name: "document", value: "7816")
    let first = newExchange("a", keys: [key])
    let second = newExchange("b", body: try writer.finish())
    _ = try await journal.accept([first], advancing: nil)
    _ = try await journal.accept([second], advancing: nil)
    try await journal.record([step(first.id, .delivered, keep: .forever, payload: #"["x"]"#)])
    fixture.clock.advance(.seconds(86_400))
    let third = newExchange("c", at: fixture.clock.now)
    _ = try await journal.accept([third], advancing: nil)
    await journal.close()
    return [first, second, third]
  }

  @Test func `a sound journal verifies, with the daemon running too`() async throws {
    let fixture = try JournalFixture()
    let batch = try await sample(fixture)
    let report = try fixture.verify()
    #expect(report.firstBroken == nil)
    #expect(report.commits == 4)
    #expect(report.records == 4)
    #expect(report.bodies == 3)
    #expect(report.anchors == 1)
    let journal = try fixture.open()
    try await journal.record([step(batch[2].id, .underway)])
    #expect(try fixture.verify().records == 5)
    await journal.close()
    #expect(try fixture.verify().anchors == 2)
  }

  @Test(arguments: [
    ("UPDATE exchange SET type = 'x' WHERE sequence = 1", 1, "digest"),
    ("UPDATE exchange SET received_at = received_at + 1 WHERE sequence = 2", 2, "digest"),
    ("UPDATE exchange SET sealed = zeroblob(length(sealed)) WHERE sequence = 4", 4, "digest"),
    ("UPDATE exchange SET fingerprint = x'00' WHERE sequence = 1", 1, "digest"),
    ("UPDATE configuration SET digest = 'other'", 1, "digest"),
    ("UPDATE exchange SET body = zeroblob(length(body)) WHERE sequence = 1", 1, "does not open"),
    (
      "UPDATE exchange SET body = (SELECT body FROM exchange WHERE sequence = 4) WHERE sequence = 1", 1, "does not open"
    ),
    ("UPDATE exchange SET body = NULL, body_state = 5 WHERE sequence = 1", 1, "though it was to be kept"),
    ("UPDATE exchange SET body_state = 4 WHERE sequence = 1", 1, "no event says so"),
    ("UPDATE exchange SET state = 6 WHERE sequence = 1", 1, "last event says delivered"),
    ("UPDATE exchange SET keep_until = 1 WHERE sequence = 1", 1, "its last event"),
    ("UPDATE exchange SET phase = 3, state = 4 WHERE sequence = 4", 4, "last event says received"),
    ("UPDATE event SET payload = x'00' WHERE sequence = 3", 3, "digest"),
    ("UPDATE event SET thinned = 1, payload = NULL WHERE sequence = 3", 3, "was not thinned"),
    ("DELETE FROM event WHERE sequence = 3", 1, "its last event says received"),
    ("DELETE FROM exchange WHERE sequence = 2", 2, "deleted"),
    ("DELETE FROM business_key", 1, "business key"),
    (
      "UPDATE data_key SET wrapped = NULL WHERE purpose = 'bodies' AND number = (SELECT body_key FROM exchange WHERE sequence = 1)",
      1, "is missing"
    ),
    ("INSERT INTO event (sequence, at, kind, thinned, digest) VALUES (99, 0, 'x', 0, x'00')", 99, "no commit names"),
  ])
  func `the first record that was tampered with is named`(sql: String, sequence: Int, what: String) async throws {
    let fixture = try JournalFixture()
    let batch = try await sample(fixture)
    try fixture.tamper(sql)
    let broken = try #require(try fixture.verify().firstBroken)
    #expect(broken.sequence == Int64(sequence))
    #expect(broken.what.contains(what))
    let names: [Int: ExchangeID] = [1: batch[0].id, 2: batch[1].id, 4: batch[2].id]
    if !sql.hasPrefix("DELETE FROM e"), let id = names[sequence] { #expect(broken.exchange == id) }
  }

  @Test func `a record changed together with its digest breaks its commit`() async throws {
    let fixture = try JournalFixture()
    _ = try await sample(fixture)
    try fixture.tamper("UPDATE event SET digest = zeroblob(32) WHERE sequence = 3")
    #expect(try fixture.verify().firstBroken?.sequence == 3)
    let other = try JournalFixture()
    _ = try await sample(other)
    try other.tamper("UPDATE commit_log SET at = at + 1 WHERE number = 2")
    let broken = try #require(try other.verify().firstBroken)
    #expect(broken.commit == 2)
    #expect(broken.what.contains("chain"))
    let third = try JournalFixture()
    _ = try await sample(third)
    try third.tamper("UPDATE segment SET root = zeroblob(32) WHERE sealed = 1")
    #expect(try third.verify().firstBroken?.what.contains("root") == true)
  }

  @Test func `a body file that is missing or changed is named`() async throws {
    let fixture = try JournalFixture()
    let batch = try await sample(fixture)
    let name = try #require(try fixture.bodyFiles().first)
    let path = "\(fixture.directory)/bodies/\(name)"
    var bytes = try #require(FileManager.default.contents(atPath: path))
    bytes[70_000] ^= 1
    try bytes.write(to: URL(filePath: path))
    let damaged = try #require(try fixture.verify().firstBroken)
    #expect(damaged.exchange == batch[1].id)
    #expect(damaged.what.contains("damaged"))
    try FileManager.default.removeItem(atPath: path)
    #expect(try fixture.verify().firstBroken?.what.contains("missing") == true)
  }

  @Test func `a database that was cut off is found by its anchor`() async throws {
    let fixture = try JournalFixture()
    _ = try await sample(fixture)
    try fixture.tamper(
      """
      DELETE FROM commit_log WHERE number = 4; DELETE FROM exchange WHERE sequence = 4;
      DELETE FROM segment WHERE sealed = 0;
      UPDATE segment SET sealed = 0, root = NULL, last = NULL, last_commit = NULL
      """)
    let broken = try #require(try fixture.verify().firstBroken)
    #expect(broken.commit == 4)
    #expect(broken.what.contains("anchored"))
    #expect {
      _ = try fixture.open()
    } throws: { error in
      if case .damaged? = error as? JournalError { true } else { false }
    }
  }

  @Test func `an anchor that someone else wrote is refused, a torn one is left out`() async throws {
    let fixture = try JournalFixture()
    _ = try await sample(fixture)
    let path = fixture.directory + "/anchors"
    let good = try #require(FileManager.default.contents(atPath: path))
    try (good + good.prefix(60)).write(to: URL(filePath: path))
    let journal = try fixture.open()
    _ = try await journal.accept([newExchange("d", at: fixture.clock.now)], advancing: nil)
    await journal.close()
    #expect(try fixture.verify().anchors == 2)
    let forged = String(decoding: good, as: UTF8.self).replacing(" 4 ", with: " 3 ")
    try Data(forged.utf8).write(to: URL(filePath: path))
    #expect(throws: JournalError.self) { try fixture.verify() }
  }

  @Test(arguments: [
    "UPDATE reply SET body = zeroblob(length(body)) WHERE delivery = 1",
    "UPDATE reply SET body_digest = zeroblob(32) WHERE delivery = 2",
    "UPDATE reply SET delivery = 3 WHERE delivery = 1",
    "UPDATE reply SET body_file = NULL, body = x'00', body_key = 1 WHERE delivery = 2",
  ])
  func `a kept reply that was changed is named by its exchange`(sql: String) async throws {
    let fixture = try JournalFixture()
    let journal = try fixture.open()
    let writer = try journal.writer(mediaType: "a/b", limit: .max)
    try writer.write([UInt8](repeating: 7, count: 30_000))
    let new = newExchange("a")
    _ = try await journal.accept([new], advancing: nil)
    var record = step(new.id, .delivered, keep: .forever)
    record.replies = [
      StoredReply(delivery: 1, body: .inline([1, 2, 3]), mediaType: "a/b"),
      StoredReply(delivery: 2, body: try writer.finish(), mediaType: "a/b"),
    ]
    try await journal.record([record])
    await journal.close()
    #expect(try fixture.verify().isSound)
    try fixture.tamper(sql)
    let broken = try #require(try fixture.verify().firstBroken)
    #expect(broken.exchange == new.id && broken.what.contains("reply"))
  }
}
