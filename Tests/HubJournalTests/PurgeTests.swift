import Foundation
import HubKit
import Testing

@testable import HubJournal

/// Content that a person has removed before its time.
@Suite struct PurgeTests {
  private func bytes(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) } }

  private func stored(_ journal: Journal, _ count: Int) throws -> Body {
    let writer = try journal.writer(mediaType: "application/pdf", limit: 10 << 20)
    try writer.write(bytes(count))
    return try writer.finish()
  }

  /// The body as it lies in the row, sealed.
  private func sealed(_ fixture: JournalFixture, _ column: String = "body", of table: String = "exchange") throws
    -> [UInt8]
  {
    let connection = try Connection(path: fixture.directory + "/journal.db", isReadOnly: true)
    defer { connection.close() }
    let find = try connection.prepared("SELECT \(column) FROM \(table) ORDER BY 1 LIMIT 1")
    defer { find.reset() }
    return try find.step() ? find.blob(0) : []
  }

  // Bodies up to 16 KB lie in rows, which SQLite moves between pages while they live and of which its log may hold older
  // pages: sealed pieces may be left behind. See the guide; here only bodies that are files are held to it.
  @Test(arguments: [60_000])
  func `nothing of it is left on the disk, its record stays, and the chain holds`(count: Int) async throws {
    let fixture = try JournalFixture()
    let journal = try fixture.open()
    let new = newExchange("a", body: try stored(journal, count))
    let kept = newExchange("b", body: try stored(journal, count + 1))
    _ = try await journal.accept([new, kept], advancing: nil)
    var end = step(new.id, .delivered, keep: .forever)
    end.replies = [StoredReply(delivery: 1, body: .inline(bytes(5000)), mediaType: "a/b")]
    try await journal.record([end])
    let lying = [try sealed(fixture, of: "reply"), count > 16_384 ? [] : try sealed(fixture)].filter { !$0.isEmpty }
    let files = try fixture.bodyFiles()
    for part in lying {
      let isThere = try fixture.contains(fixture.allBytes(), Array(part.suffix(64)))
      #expect(isThere)
    }
    #expect(try await journal.purgeBodies(of: new.id) == count + 5000)
    for part in lying {
      for start in [part.count / 2, part.count - 64] {
        let isLeft = try fixture.contains(fixture.allBytes(), Array(part[start..<(start + 64)]))
        #expect(!isLeft, "byte \(start) of \(part.count)")
      }
    }
    #expect(try fixture.bodyFiles().count == files.count / 2)
    let after = try #require(try journal.exchange(new.id))
    #expect(after.body == nil && after.bodyByteCount == count)
    #expect(after.bodyDigest == journal.digest(bytes(count)))
    #expect(try journal.reply(of: new.id, delivery: 1) == nil)
    #expect(try journal.reader(of: kept.message.body).rest(limit: .max).count == count + 1)
    #expect(try await journal.purgeBodies(of: new.id) == 0, "it may be done again")
    #expect(try journal.statistics().bodyBytes == (count > 16_384 ? count + 1 : 0))
    await journal.close()
    #expect(try fixture.verify().firstBroken == nil)
  }

  @Test func `a body that is gone without the event is found out`() async throws {
    let fixture = try JournalFixture()
    let journal = try fixture.open()
    let new = newExchange("a")
    _ = try await journal.accept([new], advancing: nil)
    try await journal.record([step(new.id, .delivered, keep: .forever)])
    await journal.close()
    try fixture.tamper("UPDATE exchange SET body_state = 5, body = NULL")
    #expect(try fixture.verify().firstBroken != nil)
  }

  @Test func `incidents are on the disk when the call returns, however many there are`() async throws {
    let fixture = try JournalFixture()
    let journal = try fixture.open { $0.auditBurst = 2 }
    for number in 0..<20 {
      journal.audit(kind: "refused", principal: "agency H24.1", payload: [1])
      try await journal.incident(kind: "incident", principal: "agency H24.1", payload: [UInt8(number)])
      let copy = try fixture.crashCopy()
      if number % 7 == 0 {
        let crashed = try copy.open()
        #expect(try crashed.events(kind: "incident", after: 0, limit: 100).count == number + 1)
        await crashed.close()
      }
    }
    #expect(try journal.events(kind: "incident", after: 0, limit: 100).map(\.payload) == (0..<20).map { [UInt8($0)] })
    #expect(try journal.events(kind: "refused", after: 0, limit: 100).count == 2)
    await journal.close()
  }
}
