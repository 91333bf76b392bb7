import HubKit
import Testing

@testable import HubJournal

@Suite("What operators order, on the disk")
struct OrderTests {
  private func marked(_ id: ExchangeID, _ state: ExchangeState, dead: Bool, keep: KeepPolicy? = nil) -> ExchangeRecord {
    var record = step(id, state, keep: keep)
    record.isDeadLetter = dead
    return record
  }

  @Test func `what waits for a person is listed by place, be its exchange settled or not, until it waits no more`()
    async throws
  {
    let fixture = try JournalFixture()
    let journal = try fixture.open()
    let batch = (0..<4).map { newExchange("m\($0)") }
    _ = try await journal.accept(batch, advancing: nil)
    let ids = batch.map(\.id)
    try await journal.record([
      marked(ids[3], .failed, dead: true, keep: .digest), marked(ids[1], .underway, dead: true),
      marked(ids[0], .failed, dead: true, keep: .digest), marked(ids[2], .underway, dead: false),
    ])
    #expect(try journal.deadLetters(after: 0, limit: 10).map(\.id) == [ids[0], ids[1], ids[3]])
    #expect(try journal.deadLetters(after: 1, limit: 1).map(\.id) == [ids[1]])
    #expect(try journal.deadLetterCount() == 3)
    // Put back: open again, and not waiting for anybody.
    try await journal.record([marked(ids[0], .underway, dead: false)])
    #expect(try journal.deadLetters(after: 0, limit: 10).map(\.id) == [ids[1], ids[3]])
    #expect(try journal.unfinishedExchanges(after: 0, limit: 10).map(\.id) == ids)
    // Given up: settled as before, its body goes by the route's rule.
    fixture.clock.advance(.seconds(60))
    try await journal.record([marked(ids[3], .failed, dead: false, keep: .digest)])
    #expect(try journal.deadLetters(after: 0, limit: 10).map(\.id) == [ids[1]])
    #expect(try await journal.sweep(limit: 10) == 1)
    #expect(try journal.exchange(ids[3])?.body == nil)
    await journal.close()
    #expect(try fixture.verify().isSound)
  }

  @Test func `a stopped endpoint stays stopped over a restart, and who did it is in the chain`() async throws {
    let fixture = try JournalFixture()
    var journal = try fixture.open()
    let now = JournalFixture.start
    let first = EndpointPause(endpoint: "tax", since: now, by: "an (lgsp)", reason: "bảo trì")
    let second = EndpointPause(endpoint: "axis", since: now, by: "binh", reason: "works")
    try await journal.pause(first)
    try await journal.pause(second)
    var again = first
    again.reason = "bảo trì lâu hơn"
    try await journal.pause(again)
    await journal.close()
    journal = try fixture.open()
    #expect(try journal.pauses() == [second, again])
    try await journal.resume(EndpointPause(endpoint: "axis", since: now, by: "chi", reason: "done"))
    #expect(try journal.pauses() == [again])
    let events = try journal.events(after: 0, limit: 10)
    #expect(events.map(\.kind).suffix(2) == ["endpoint.paused", "endpoint.resumed"])
    #expect(events.count { $0.kind == "endpoint.paused" } == 3)
    #expect(events.last?.principal == "chi")
    #expect(String(decoding: events.last?.payload ?? [], as: UTF8.self) == #"{"endpoint":"axis","reason":"done"}"#)
    await journal.close()
    #expect(try fixture.verify().isSound)
  }
}
