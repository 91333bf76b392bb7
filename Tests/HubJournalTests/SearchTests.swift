import HubKit
import Testing

@testable import HubJournal

@Suite struct SearchTests {
  private func found(_ journal: Journal, _ change: (inout SearchQuery) -> Void) throws -> [String] {
    var query = SearchQuery()
    change(&query)
    return try journal.search(query).map(\.envelope.id)
  }

  @Test func `each part of a query narrows what is found`() async throws {
    let fixture = try JournalFixture()
    let journal = try fixture.open()
    let hour = JournalFixture.start + .seconds(3600)
    let person = BusinessKey(name: "citizen", value: "031099000123", personal: true)
    // "ồ" composed in the message, decomposed in the question.
    let batch = [
      newExchange("a-1", subject: "12/QĐ-UBND", keys: [BusinessKey(name: "dossier", value: "hồ sơ 7")]),
      newExchange("a-2", at: hour, subject: "12/QĐ-SNV", keys: [person], sender: "H24.14"),
      newExchange("b-1", at: hour, type: "vn.gov.dvc.status", extensions: ["receiver": "H24.99"]),
    ]
    _ = try await journal.accept(batch, advancing: nil)
    try await journal.record([
      step(batch[0].id, .delivered, keep: .forever, keys: [BusinessKey(name: "document", value: "G22,7816/VPCP")])
    ])
    #expect(try found(journal) { _ in } == ["b-1", "a-2", "a-1"])
    #expect(try found(journal) { $0.limit = 1 } == ["b-1"])
    #expect(try found(journal) { $0.before = 2 } == ["a-1"])
    #expect(try found(journal) { $0.businessKey = (nil, "ho\u{0302}\u{0300} sơ 7") } == ["a-1"])
    #expect(try found(journal) { $0.businessKey = ("document", "G22,7816/VPCP") } == ["a-1"])
    #expect(try found(journal) { $0.businessKey = ("dossier", "G22,7816/VPCP") } == [])
    #expect(try found(journal) { $0.person = " 031099000123 " } == ["a-2"])
    #expect(try found(journal) { $0.businessKey = (nil, "031099000123") } == [])
    #expect(try found(journal) { $0.sender = "H24.14" } == ["a-2"])
    #expect(try found(journal) { $0.receiver = "H24.99" } == ["b-1"])
    #expect(try found(journal) { $0.receiver = "H24.9" } == [])
    #expect(try found(journal) { $0.type = "vn.gov.dvc.status" } == ["b-1"])
    #expect(try found(journal) { $0.state = .delivered } == ["a-1"])
    #expect(try found(journal) { $0.from = hour } == ["b-1", "a-2"])
    #expect(try found(journal) { $0.to = hour } == ["a-1"])
    #expect(try found(journal) { $0.text = "12/QĐ" } == ["a-2", "a-1"])
    #expect(try found(journal) { $0.text = "a-" } == ["a-2", "a-1"])
    #expect(try found(journal) { $0.text = batch[1].id.text } == ["a-2"])
    #expect(try found(journal) { $0.text = String(batch[2].id.text.prefix(23)) }.contains("b-1"))
    #expect(try found(journal) { $0.text = "100%" } == [])
    #expect(try journal.exchange(batch[0].id)?.businessKeys.map(\.name) == ["dossier", "document"])
    await journal.close()
  }

  @Test func `the newest exchange with a key is found, before a time if asked`() async throws {
    let fixture = try JournalFixture()
    let journal = try fixture.open()
    let key = BusinessKey(name: "document", value: "7816")
    let hour = JournalFixture.start + .seconds(3600)
    _ = try await journal.accept(
      [newExchange("old", keys: [key]), newExchange("new", at: hour, keys: [key])], advancing: nil)
    #expect(try journal.find(businessKey: "document", value: "7816")?.envelope.id == "new")
    #expect(try journal.find(businessKey: "document", value: "7816", before: hour)?.envelope.id == "old")
    #expect(try journal.find(businessKey: "dossier", value: "7816") == nil)
    await journal.close()
  }

  @Test func `a personal value stands nowhere in the files`() async throws {
    let fixture = try JournalFixture()
    let journal = try fixture.open()
    let person = BusinessKey(name: "citizen", value: "031099000123", personal: true)
    let body = Body.inline(Array("số 031099000123".utf8))
    let new = newExchange("a", body: body, keys: [person], extensions: ["official": "031099000123"])
    _ = try await journal.accept([new], advancing: nil)
    try await journal.record([step(new.id, .underway, payload: #"["031099000123"]"#)])
    await journal.close()
    let files = try fixture.allBytes()
    #expect(!files.isEmpty)
    #expect(!fixture.contains(files, Array("031099000123".utf8)))
    #expect(fixture.contains(files, Array("H24.12".utf8)))
  }
}
