import Foundation
import HubKit
import Testing

@testable import HubJournal

@Suite("The shelf: deliveries that wait on the disk")
struct ShelfTests {
  private func entry(
    _ delivery: Int = 1, at endpoint: String = "e", lane: String? = nil, expiry: Timestamp? = nil
  ) -> ShelfEntry {
    ShelfEntry(delivery: delivery, endpoint: endpoint, lane: lane, principal: "H24.12", byteCount: 10, expiry: expiry)
  }

  /// Messages with their shelf entries, in the order of receipt.
  private func fill(_ journal: Journal, _ entries: [[ShelfEntry]]) async throws -> [ExchangeID] {
    var ids: [ExchangeID] = []
    for (index, own) in entries.enumerated() {
      let new = newExchange("m\(index)")
      _ = try await journal.accept([new], advancing: nil)
      var record = step(new.id, .underway)
      record.shelved = own
      try await journal.record([record])
      ids.append(new.id)
    }
    return ids
  }

  @Test func `pages come in the order of receipt, by endpoint and by lane, without what is left out`() async throws {
    let fixture = try JournalFixture()
    let journal = try fixture.open()
    let ids = try await fill(
      journal,
      [
        [entry(lane: "x")], [entry(at: "f")], [entry(lane: "y"), entry(2, lane: "x")], [], [entry()],
        [entry(lane: "y")],
      ])
    func page(_ query: ShelfQuery) throws -> [ExchangeID] { try journal.shelved(query).map(\.id) }
    #expect(try page(ShelfQuery(endpoint: "e", limit: 10)) == [ids[0], ids[2], ids[4], ids[5]])
    #expect(try page(ShelfQuery(endpoint: "e", limit: 2)) == [ids[0], ids[2]])
    let second = try #require(try journal.exchange(ids[2]))
    #expect(try page(ShelfQuery(endpoint: "e", after: second.sequence, limit: 10)) == [ids[4], ids[5]])
    #expect(try page(ShelfQuery(endpoint: "e", through: second.sequence, limit: 10)) == [ids[0], ids[2]])
    #expect(try page(ShelfQuery(endpoint: "e", lane: "y", limit: 10)) == [ids[2], ids[5]])
    #expect(try page(ShelfQuery(endpoint: "e", without: ["y"], limit: 10)) == [ids[0], ids[2], ids[4]])
    #expect(try page(ShelfQuery(endpoint: "e", without: ["x", "y"], limit: 10)) == [ids[4]])
    #expect(try journal.shelfCounts() == ["e": 5, "f": 1])
    let load = try #require(try journal.shelfLoads()["H24.12"])
    #expect(load.count == 5 && load.bytes == 50)
    await journal.close()
    #expect(try fixture.verify().isSound)
  }

  @Test func `what is on a shelf is not restored at a start, and leaves it with its last record`() async throws {
    let fixture = try JournalFixture()
    var journal = try fixture.open()
    let ids = try await fill(journal, [[entry()], [], [entry()]])
    await journal.close()
    journal = try fixture.open()
    #expect(try journal.unfinishedExchanges(after: 0, limit: 10).map(\.id) == [ids[1]])
    var barred = step(ids[2], .underway)
    barred.isDeadLetter = true
    try await journal.record([barred])
    #expect(try journal.unfinishedExchanges(after: 0, limit: 10).map(\.id) == [ids[1], ids[2]])
    let sequence = try #require(try journal.exchange(ids[2])).sequence
    #expect(try journal.isShelved(sequence))
    var last = step(ids[0], .delivered, keep: .forever)
    last.leavesShelf = true
    try await journal.record([last])
    #expect(try journal.shelved(ShelfQuery(endpoint: "e", limit: 10)).map(\.id) == [ids[2]])
    await journal.close()
    #expect(try fixture.verify().isSound)
  }

  @Test func `entries without steps are written too, once, and expire`() async throws {
    let fixture = try JournalFixture()
    let journal = try fixture.open()
    let ids = try await fill(journal, [[], []])
    let soon = JournalFixture.start + .seconds(5)
    for _ in 0..<2 { journal.shelveLater([entry(expiry: soon)], of: ids[1]) }
    journal.shelveLater([entry(expiry: soon)], of: .make(at: JournalFixture.start))
    try await journal.record([])
    #expect(try journal.shelfCounts() == ["e": 1])
    #expect(try journal.shelved(expiredBy: JournalFixture.start, limit: 10).isEmpty)
    #expect(try journal.shelved(expiredBy: soon, limit: 10).map(\.id) == [ids[1]])
    await journal.close()
    #expect(try fixture.verify().isSound)
  }
}
