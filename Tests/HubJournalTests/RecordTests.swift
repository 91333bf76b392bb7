import HubKit
import Testing

@testable import HubJournal

@Suite struct RecordTests {
  @Test func `a settled exchange is no longer open and tells its events`() async throws {
    let fixture = try JournalFixture()
    let journal = try fixture.open()
    let (first, second) = (newExchange("a"), newExchange("b"))
    _ = try await journal.accept([first, second], advancing: nil)
    journal.recordLater([step(first.id, .underway, payload: #"[{"name":"routed"}]"#)])
    try await journal.record([step(first.id, .delivered, keep: .forever, payload: #"[{"name":"settled"}]"#)])
    #expect(try journal.unfinishedExchanges(after: 0, limit: 10).map(\.id) == [second.id])
    let payloads = try journal.events(of: first.id).map { String(decoding: $0.payload, as: UTF8.self) }
    #expect(payloads == [#"[{"name":"routed"}]"#, #"[{"name":"settled"}]"#])
    let stored = try #require(try journal.exchange(first.id))
    #expect(stored.state == .delivered)
    #expect(stored.settledAt == JournalFixture.start)
    let statistics = try journal.statistics()
    #expect(statistics.exchanges[.delivered] == 1)
    #expect(statistics.exchanges[.received] == 1)
    #expect(statistics.open == 1)
    #expect(statistics.events == 2)
    #expect(try journal.events(after: 0, limit: 3).map(\.kind) == ["received", "received", "steps"])
    await journal.close()
  }

  @Test func `an event without a state changes nothing of its exchange, and is found by its kind`() async throws {
    let fixture = try JournalFixture()
    let journal = try fixture.open()
    let (open, settled) = (newExchange("a"), newExchange("b"))
    _ = try await journal.accept([open, settled], advancing: nil)
    try await journal.record([step(settled.id, .failed, keep: .digest)])
    let before = try (journal.exchange(open.id), journal.exchange(settled.id))
    let start = JournalFixture.start
    for (id, hour) in [(open.id, 1), (settled.id, 2), (settled.id, 3)] {
      let record = ExchangeRecord(
        exchange: id, kind: "noted", at: start + .seconds(3600 * hour), payload: Array("[]".utf8), state: nil)
      try await journal.record([record])
    }
    let after = try (journal.exchange(open.id), journal.exchange(settled.id))
    #expect(after.0?.state == before.0?.state && after.1?.state == .failed)
    #expect(after.1?.settledAt == before.1?.settledAt && after.1?.settledAt == start)
    #expect(try journal.unfinishedExchanges(after: 0, limit: 10).map(\.id) == [open.id])
    let all = try journal.events(kind: "noted", after: 0, limit: 10)
    #expect(all.map(\.exchange) == [open.id, settled.id, settled.id] && all.allSatisfy { $0.state == nil })
    let some = try journal.events(
      kind: "noted", from: start + .seconds(7200), to: start + .seconds(10800), after: 0, limit: 10)
    #expect(some.map(\.sequence) == [all[1].sequence])
    #expect(try journal.events(kind: "noted", after: all[0].sequence, limit: 1).count == 1)
    await journal.close()
    #expect(try fixture.verify().isSound)
  }

  @Test func `a settled exchange that is taken up again is open again`() async throws {
    let fixture = try JournalFixture()
    let journal = try fixture.open()
    let new = newExchange("a")
    _ = try await journal.accept([new], advancing: nil)
    try await journal.record([step(new.id, .failed, keep: .digest), step(new.id, .underway)])
    #expect(try journal.unfinishedExchanges(after: 0, limit: 10).map(\.state) == [.underway])
    #expect(try journal.exchange(new.id)?.settledAt == nil)
    #expect(try await journal.sweep(limit: 10) == 0)
    try await journal.record([step(new.id, .delivered, keep: .digest)])
    #expect(try journal.unfinishedExchanges(after: 0, limit: 10).isEmpty)
    await journal.close()
    #expect(try fixture.verify().isSound)
  }

  @Test func `an unknown exchange refuses its own call only`() async throws {
    let fixture = try JournalFixture()
    let journal = try fixture.open()
    let stranger = ExchangeID.make(at: JournalFixture.start)
    await #expect(throws: JournalError.self) { try await journal.record([step(stranger, .underway)]) }
    #expect(try await journal.accept([newExchange("a")], advancing: nil) == [.new(sequence: 1)])
    await journal.close()
  }

  @Test func `refusals beyond the limit are counted, not kept`() async throws {
    let fixture = try JournalFixture()
    let journal = try fixture.open {
      $0.auditBurst = 3
      $0.auditEvery = .seconds(10)
    }
    for _ in 0..<50 { journal.audit(kind: "refused", principal: "agency:H24.12", payload: Array("{}".utf8)) }
    journal.audit(kind: "refused", principal: "agency:H24.13", payload: Array("{}".utf8))
    fixture.clock.advance(.seconds(11))
    journal.audit(kind: "refused", principal: "agency:H24.12", payload: Array("{}".utf8))
    try await journal.record([])
    let events = try journal.events(after: 0, limit: 100)
    #expect(events.filter { $0.kind == "refused" }.count == 5)
    let suppressed = events.filter { $0.kind == "journal.suppressed" }
    #expect(suppressed.map { String(decoding: $0.payload, as: UTF8.self) } == [#"{"count":47}"#])
    #expect(suppressed.first?.principal == "agency:H24.12")
    await journal.close()
    #expect(try fixture.verify().isSound)
  }

  @Test func `a pinned configuration is kept under its digest`() async throws {
    let fixture = try JournalFixture()
    let journal = try fixture.open()
    try await journal.pin(configuration: "cfg-1", files: Array("một".utf8))
    try await journal.pin(configuration: "cfg-1", files: Array("một".utf8))
    #expect(try journal.configuration("cfg-1") == Array("một".utf8))
    #expect(try journal.configuration("cfg-2") == nil)
    #expect(try journal.events(after: 0, limit: 10).map(\.kind) == ["journal.configuration"])
    await journal.close()
  }

  @Test func `slow questions run aside`() async throws {
    let fixture = try JournalFixture()
    let journal = try fixture.open()
    _ = try await journal.accept([newExchange("a")], advancing: nil)
    let count = try await journal.aside { journal throws(JournalError) in try journal.search(SearchQuery()).count }
    #expect(count == 1)
    await journal.close()
    await #expect(throws: JournalError.self) { try await journal.aside { _ throws(JournalError) in 1 } }
  }
}
