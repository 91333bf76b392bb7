import HubKit
import Testing

@testable import HubJournal

@Suite("Redelivery jobs on the disk")
struct RedeliveryTests {
  private func order(_ fixture: JournalFixture, countMax: Int? = nil) -> RedeliveryOrder {
    RedeliveryOrder(
      filter: #"{"endpoint":"tax"}"#, by: "an (lgsp)", reason: "đã sửa", at: fixture.clock.now, rate: 2.5,
      errorShareMax: 0.2, countMax: countMax)
  }

  private func told(_ new: NewExchange, _ marks: RedeliveryMark...) -> ExchangeRecord {
    var record = step(new.id, .underway)
    record.redeliveries = marks
    return record
  }

  private func mark(_ job: Int64, _ end: RedeliveryEnd, delivery: Int? = 1) -> RedeliveryMark {
    RedeliveryMark(job: job, delivery: delivery, end: end)
  }

  @Test func `a job and its counts outlive a kill, and each end counts once, with the record that tells it`()
    async throws
  {
    let fixture = try JournalFixture()
    let journal = try fixture.open()
    let batch = (0..<4).map { newExchange("m\($0)") }
    _ = try await journal.accept(batch, advancing: nil)
    let job = try await journal.beginRedelivery(order(fixture, countMax: 9))
    #expect(job == 1)
    #expect(try journal.redelivery(job)?.through == 5, "four receipts and its own event")
    try await journal.setRedelivery(job, selected: 4)
    try await journal.record([
      told(batch[0], mark(job, .putBack)), told(batch[1], mark(job, .putBack), mark(job, .failed)),
      told(batch[2], mark(job, .putBack, delivery: nil)),
    ])
    journal.advanceRedelivery(job, to: 3, refused: [(batch[3].id, 1, "quá hạn / expired")])
    journal.advanceRedelivery(job, to: 2, refused: [(batch[3].id, 1, "again")])
    // Told once more, as after a crash, or of another job's delivery.
    try await journal.record([
      told(batch[0], mark(job, .putBack), mark(job, .delivered)), told(batch[0], mark(job, .delivered)),
      told(batch[1], mark(job, .delivered)), told(batch[3], mark(job, .delivered)),
    ])
    let copy = try fixture.crashCopy()
    await journal.close()
    let after = try copy.open()
    let found = try #require(try after.redelivery(job))
    #expect(found.order == order(fixture, countMax: 9))
    #expect(found.state == .running && found.cursor == 3 && found.counts.selected == 4)
    #expect([found.counts.putBack, found.counts.refused, found.counts.delivered, found.counts.failed] == [3, 1, 1, 1])
    #expect(try after.redeliveryItems(of: job, .failed, limit: 9).map(\.exchange) == [batch[1].id])
    let refused = try after.redeliveryItems(of: job, .refused, limit: 9)
    #expect(refused.map(\.note) == ["quá hạn / expired"] && refused.map(\.delivery) == [1])
    #expect(try after.redeliveryItems(of: job, .putBack, limit: 9).map(\.delivery) == [nil])
    #expect(try after.isRedelivered(by: job, sequence: 1, delivery: 1))
    #expect(try !after.isRedelivered(by: job, sequence: 1, delivery: 2))
    #expect(try !after.isRedelivered(by: job + 1, sequence: 1, delivery: 1))
    await after.close()
    #expect(try copy.verify().isSound)
  }

  @Test func `who halts a job, lets it go or stops it is in the chain, and errors are measured anew once it goes on`()
    async throws
  {
    let fixture = try JournalFixture()
    let journal = try fixture.open()
    let new = newExchange("m")
    _ = try await journal.accept([new], advancing: nil)
    let first = try await journal.beginRedelivery(order(fixture))
    let second = try await journal.beginRedelivery(order(fixture))
    #expect(second == first + 1)
    try await journal.record([told(new, mark(first, .putBack), mark(first, .failed))])
    try await journal.setRedelivery(first, .paused, by: "binh", reason: "giờ cao điểm")
    #expect(try journal.redeliveries(.running).map(\.number) == [second])
    #expect(try journal.redelivery(first)?.stateBy == "binh")
    #expect(try journal.redelivery(first)?.failedBefore == 0)
    try await journal.setRedelivery(first, .running, by: "chi", reason: "xong")
    #expect(try journal.redelivery(first)?.failedBefore == 1)
    try await journal.setRedelivery(second, .done, by: "hub", reason: "all")
    #expect(try journal.redeliveries(limit: 10).map(\.number) == [second, first])
    #expect(try journal.redelivery(9) == nil)
    let events = try journal.events(after: 0, limit: 20).filter { $0.kind.hasPrefix("redelivery.") }
    #expect(
      events.map(\.kind) == [
        "redelivery.ordered", "redelivery.ordered", "redelivery.paused", "redelivery.running", "redelivery.done",
      ])
    #expect(events[2].principal == "binh")
    #expect(String(decoding: events[2].payload, as: UTF8.self) == #"{"job":"1","reason":"giờ cao điểm"}"#)
    await journal.close()
    #expect(try fixture.verify().isSound)
  }

  @Test func `a journal of the format before is brought to this one with all that it holds`() async throws {
    let fixture = try JournalFixture()
    let first = try fixture.open()
    let batch = (0..<2).map { newExchange("m\($0)") }
    _ = try await first.accept(batch, advancing: nil)
    try await first.pause(EndpointPause(endpoint: "tax", since: fixture.clock.now, by: "an", reason: "r"))
    await first.close()
    try fixture.tamper(
      "DROP TABLE redelivery_item; DROP TABLE redelivery_job; DROP INDEX event_kind; PRAGMA user_version = 5")
    let second = try fixture.open()
    #expect(try second.redeliveries(limit: 10).isEmpty)
    #expect(try second.pauses().count == 1)
    let job = try await second.beginRedelivery(order(fixture))
    try await second.record([told(batch[0], mark(job, .putBack))])
    #expect(try second.redelivery(job)?.counts.putBack == 1)
    await second.close()
    #expect(try fixture.verify().isSound)
  }

  @Test func `a job that ran when a copy was taken does not run in what is restored from it`() async throws {
    let fixture = try JournalFixture()
    let journal = try fixture.open()
    let job = try await journal.beginRedelivery(order(fixture))
    let folder = fixture.directory + "-copy"
    let target = try JournalFixture()
    _ = try JournalBackup.take(of: fixture.directory, to: folder, keys: fixture.keys, clock: fixture.clock)
    await journal.close()
    _ = try await JournalBackup.restore(folder, to: target.directory, keys: target.keys, clock: target.clock)
    let restored = try target.open()
    #expect(try restored.redelivery(job)?.state == .paused)
    #expect(try restored.redelivery(job)?.stateBy == "hub")
    await restored.close()
    #expect(try target.verify().isSound)
  }
}
