import HubKit
import Testing

@testable import HubJournal

/// What projections read: receipts without bodies.
@Suite struct ReceiptTests {
  @Test func `Receipts of a range come in order, with the whole envelope`() async throws {
    let fixture = try JournalFixture()
    let journal = try fixture.open()
    let batch = (1...5).map { number in
      newExchange("m-\(number)", subject: "H24-\(number)", extensions: ["dossierstatus": "finished"])
    }
    _ = try await journal.accept(batch, advancing: nil)
    try await journal.record([step(batch[1].id, .delivered)])
    let all = try journal.receipts(in: 1...100)
    #expect(all.map(\.id) == batch.map(\.id))
    #expect(all.map(\.envelope) == batch.map(\.message.envelope))
    #expect(all.map(\.principal) == batch.map(\.message.principal.text))
    #expect(all.allSatisfy { $0.receivedAt == JournalFixture.start })
    #expect(all.map(\.sequence) == all.map(\.sequence).sorted())
    let middle = try journal.receipts(in: all[1].sequence...all[3].sequence)
    #expect(middle.map(\.id) == batch[1...3].map(\.id))
    await journal.close()
  }

  @Test func `One receipt is found by its id, an unknown one is not`() async throws {
    let fixture = try JournalFixture()
    let journal = try fixture.open()
    let new = newExchange("m-1")
    _ = try await journal.accept([new], advancing: nil)
    #expect(try journal.receipt(of: new.id)?.envelope == new.message.envelope)
    #expect(try journal.receipt(of: .make(at: JournalFixture.start)) == nil)
    await journal.close()
  }
}
