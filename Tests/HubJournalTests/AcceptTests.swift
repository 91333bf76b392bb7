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

  @Test func `the same message twice gets the first receipt, other content is a conflict`() async throws {
    let fixture = try JournalFixture()
    let journal = try fixture.open()
    let first = newExchange("m1")
    _ = try await journal.accept([first], advancing: nil)
    let again = try await journal.accept([newExchange("m1")], advancing: nil)
    #expect(again == [.duplicate(first.id, receivedAt: first.receivedAt)])
    let other = try await journal.accept([newExchange("m1", fingerprint: [2])], advancing: nil)
    #expect(other == [.conflict(first.id)])
    #expect(try await journal.accept([newExchange("m1", sender: "H24.14")], advancing: nil) == [.new(sequence: 2)])
    await journal.close()
  }

  @Test func `a batch with a conflict writes nothing, the cursor neither`() async throws {
    let fixture = try JournalFixture()
    let journal = try fixture.open()
    let first = newExchange("m1")
    _ = try await journal.accept([first], advancing: nil)
    let batch = [newExchange("m2"), newExchange("m1", fingerprint: [2])]
    let result = try await journal.accept(batch, advancing: Cursor(source: "s", value: "1"))
    #expect(result == [.withheld, .conflict(first.id)])
    #expect(try journal.exchange(batch[0].id) == nil)
    #expect(try journal.cursor(of: "s") == nil)
    #expect(try journal.statistics().commits == 1)
    let twice = [newExchange("m3"), newExchange("m3")]
    let pair = try await journal.accept(twice, advancing: nil)
    #expect(pair == [.new(sequence: 2), .duplicate(twice[0].id, receivedAt: twice[0].receivedAt)])
    await journal.close()
  }

  @Test func `callers that come together share commits and duplicates among them share one receipt`() async throws {
    let fixture = try JournalFixture()
    let journal = try fixture.open()
    let all = try await withThrowingTaskGroup(of: Acceptance.self) { group in
      for number in 0..<1000 {
        group.addTask { try await journal.accept([newExchange("m\(number / 2)")], advancing: nil)[0] }
      }
      return try await group.reduce(into: [Acceptance]()) { $0.append($1) }
    }
    let new = all.count { if case .new = $0 { true } else { false } }
    let duplicates = all.count { if case .duplicate = $0 { true } else { false } }
    #expect(new == 500)
    #expect(duplicates == 500)
    let statistics = try journal.statistics()
    #expect(statistics.exchanges[.received] == 500)
    #expect(statistics.commits < 500, "fewer commits than new exchanges")
    await journal.close()
    #expect(try fixture.verify().isSound)
  }

  @Test func `an id is free again when its window has passed, swept or not`() async throws {
    let fixture = try JournalFixture()
    let journal = try fixture.open()
    _ = try await journal.accept([newExchange("m1"), newExchange("m2")], advancing: nil)
    let later = JournalFixture.start + .seconds(36 * 86_400)
    fixture.clock.set(later)
    #expect(
      try await journal.accept([newExchange("m1", at: later, fingerprint: [9])], advancing: nil) == [.new(sequence: 3)])
    #expect(try await journal.sweep(limit: 100) == 2)
    #expect(try await journal.sweep(limit: 100) == 0)
    let again = try await journal.accept([newExchange("m1", at: later, fingerprint: [9])], advancing: nil)
    guard case .duplicate = again[0] else {
      Issue.record("the newer use of the id was swept with the older one")
      return
    }
    #expect(try await journal.accept([newExchange("m2", at: later)], advancing: nil) == [.new(sequence: 4)])
    await journal.close()
  }
}
