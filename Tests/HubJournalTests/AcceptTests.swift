import HubKit
import Testing

@testable import HubJournal

@Suite struct AcceptTests {
  @Test func `what was accepted is read back whole`() async throws {
    let fixture = try JournalFixture()
    let journal = try fixture.open()
    let keys = [
      BusinessKey(name: "document", value: "123/QĐ-UBND"),
      BusinessKey(name: "person", value: "031099000123", personal: true),
    ]
    let new = newExchange(
      "m1", subject: "Quyết định", keys: keys, extensions: ["purpose": "tra cứu", "official": "cb01"])
    let accepted = try await journal.accept([new], advancing: Cursor(source: "axis/received", value: "17"))
    #expect(accepted == [.new(sequence: 1)])
    let stored = try #require(try journal.exchange(new.id))
    #expect(stored.envelope == new.message.envelope)
    #expect(stored.body == new.message.body)
    #expect(stored.message?.principal == new.message.principal)
    #expect(stored.receivedAt == new.receivedAt)
    #expect(stored.note == new.note)
    #expect(stored.configuration == "cfg-1")
    #expect(stored.state == .received)
    #expect(stored.businessKeys == [keys[0]])
    #expect(stored.bodyDigest == journal.digest(Array(#"{"maHoSo":"H24.12-1"}"#.utf8)))
    #expect(try journal.cursor(of: "axis/received") == "17")
    await journal.close()
  }

  @Test func `a settled exchange is no longer open and tells its events`() async throws {
    let fixture = try JournalFixture()
    let journal = try fixture.open()
    let (first, second) = (newExchange("a"), newExchange("b"))
    _ = try await journal.accept([first, second], advancing: nil)
    journal.recordLater([step(first.id, .underway, payload: #"[{"name":"routed"}]"#)])
    try await journal.record([step(first.id, .delivered, keep: .forever, payload: #"[{"name":"settled"}]"#)])
    #expect(try journal.openExchanges(after: 0, limit: 10).map(\.id) == [second.id])
    #expect(
      try journal.events(of: first.id).map { String(decoding: $0.payload, as: UTF8.self) } == [
        #"[{"name":"routed"}]"#, #"[{"name":"settled"}]"#,
      ])
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
}
