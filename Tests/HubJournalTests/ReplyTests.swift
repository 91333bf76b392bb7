import Foundation
import HubKit
import Testing

@testable import HubJournal

@Suite("Replies and dead letters")
struct ReplyTests {
  private func delivered(
    _ id: ExchangeID, at time: Timestamp = JournalFixture.start, keep: KeepPolicy? = .duration(.seconds(60)),
    _ replies: [StoredReply]
  ) -> ExchangeRecord {
    ExchangeRecord(
      exchange: id, kind: "steps", at: time, payload: Array("[]".utf8), state: .delivered, keep: keep,
      replies: replies)
  }

  @Test func `a reply is kept beside its exchange, sealed, and goes with the exchange's own body`() async throws {
    let fixture = try JournalFixture()
    let journal = try fixture.open()
    let answer = Array(#"{"match":true,"note":"khớp hoàn toàn"}"#.utf8)
    let writer = try journal.writer(mediaType: "application/json", limit: 1 << 20)
    try writer.write([UInt8](repeating: 0x7B, count: 40_000))
    let large = try writer.finish()
    let new = newExchange("q1")
    _ = try await journal.accept([new], advancing: nil)
    try await journal.record([
      delivered(
        new.id,
        [
          StoredReply(delivery: 1, body: .inline(answer), mediaType: "application/json"),
          StoredReply(delivery: 2, body: large, mediaType: nil),
        ])
    ])
    let first = try #require(try journal.reply(of: new.id, delivery: 1))
    #expect(try journal.bytes(of: first.body, limit: 1 << 20) == answer)
    #expect(first.mediaType == "application/json")
    let second = try #require(try journal.reply(of: new.id, delivery: 2))
    #expect(try journal.bytes(of: second.body, limit: 1 << 20).count == 40_000)
    #expect(try journal.reply(of: new.id, delivery: 3) == nil)
    #expect(fixture.contains(try fixture.allBytes(), Array("khớp hoàn toàn".utf8)) == false)
    fixture.clock.advance(.seconds(30))
    #expect(try await journal.sweep(limit: 10) == 0)
    fixture.clock.advance(.seconds(31))
    _ = try await journal.sweep(limit: 10)
    #expect(try journal.reply(of: new.id, delivery: 1) == nil)
    #expect(try fixture.bodyFiles() == [])
    await journal.close()
    #expect(try fixture.verify().isSound)
  }

  @Test func `an orphan search leaves the file of a reply alone`() async throws {
    let fixture = try JournalFixture()
    let journal = try fixture.open { $0.orphanAge = .zero }
    let writer = try journal.writer(mediaType: "application/json", limit: 1 << 20)
    try writer.write([UInt8](repeating: 0x31, count: 40_000))
    let new = newExchange("q1")
    _ = try await journal.accept([new], advancing: nil)
    try await journal.record([
      delivered(new.id, keep: .forever, [StoredReply(delivery: 1, body: try writer.finish(), mediaType: nil)])
    ])
    fixture.clock.set(Timestamp(seconds: 4_000_000_000))
    #expect(try await journal.removeOrphans() == 0)
    let kept = try #require(try journal.reply(of: new.id, delivery: 1))
    #expect(try journal.bytes(of: kept.body, limit: 1 << 20).count == 40_000)
    await journal.close()
  }

  @Test func `a restart sees dead letters among what is open, by place, until they end well`() async throws {
    let fixture = try JournalFixture()
    let journal = try fixture.open()
    let batch = (0..<4).map { newExchange("m\($0)") }
    _ = try await journal.accept(batch, advancing: nil)
    func settle(_ index: Int, _ state: ExchangeState, dead: Bool) -> ExchangeRecord {
      var record = step(batch[index].id, state, keep: .digest)
      record.isDeadLetter = dead
      return record
    }
    try await journal.record([settle(0, .failed, dead: true), settle(2, .delivered, dead: false)])
    #expect(
      try journal.unfinishedExchanges(after: 0, limit: 10).map(\.id) == [batch[0].id, batch[1].id, batch[3].id])
    #expect(try journal.unfinishedExchanges(after: 1, limit: 1).map(\.id) == [batch[1].id])
    try await journal.record([settle(0, .delivered, dead: false)])
    #expect(try journal.unfinishedExchanges(after: 0, limit: 10).map(\.id) == [batch[1].id, batch[3].id])
    await journal.close()
  }

  @Test func `a journal of the first format is brought to the newest with all that it holds`() async throws {
    let fixture = try JournalFixture()
    let first = try fixture.open()
    let batch = (0..<3).map { newExchange("m\($0)") }
    _ = try await first.accept(batch, advancing: nil)
    try await first.record([step(batch[0].id, .failed, keep: .digest), step(batch[1].id, .delivered, keep: .digest)])
    await first.close()
    try fixture.tamper(
      """
      DROP TABLE dead_letter; DROP TABLE reply; DROP TABLE shelf; DROP TABLE endpoint_pause;
      DROP TABLE endpoint_version; DROP TABLE redelivery_item; DROP TABLE redelivery_job; DROP INDEX event_kind; PRAGMA user_version = 1
      """)
    let second = try fixture.open()
    #expect(try second.unfinishedExchanges(after: 0, limit: 10).map(\.id) == [batch[0].id, batch[2].id])
    try await second.record([
      delivered(batch[2].id, [StoredReply(delivery: 1, body: .inline([1]), mediaType: nil)])
    ])
    #expect(try second.reply(of: batch[2].id, delivery: 1) != nil)
    await second.close()
    #expect(try fixture.verify().isSound)
  }
}
