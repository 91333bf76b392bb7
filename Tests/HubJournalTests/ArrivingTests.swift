import Foundation
import HubKit
import Testing

@testable import HubJournal

/// Bodies between their first byte and the verdict about their message.
@Suite struct ArrivingTests {
  private let text = Array(String(repeating: "TUYET MAT phuong an ", count: 5000).utf8)

  private func arrive(_ journal: Journal) throws -> Body {
    let writer = try journal.writer(mediaType: "text/plain", limit: 10 << 20)
    for start in stride(from: 0, to: text.count, by: 7000) {
      try writer.write(Array(text[start..<min(start + 7000, text.count)]))
    }
    return try writer.finish()
  }

  @Test func `a body that nobody has accepted can be read by this process and by no other`() async throws {
    let fixture = try JournalFixture()
    let journal = try fixture.open()
    let body = try arrive(journal)
    #expect(try journal.reader(of: body).rest(limit: .max) == text)
    #expect(try fixture.bodyFiles() == [])
    #expect(try fixture.arrivingFiles().count == 1)
    // All that a thief of disk and journal key would have: the file with every data key that there is.
    let crashed = try fixture.crashCopy()
    let header = try #require(
      FileManager.default.contents(atPath: "\(crashed.directory)/arriving/\(try crashed.arrivingFiles()[0])")
    ).prefix(BodyFile.headerByteCount)
    #expect(Array(header) == BodyFile.arrivingHeader, "it holds no key, wrapped or not")
    #expect(try !fixture.contains(crashed.allBytes(), Array("phuong an".utf8)))
    let again = try crashed.open()
    #expect(try crashed.arrivingFiles() == [])
    #expect(throws: BodyError.self) { _ = try again.reader(of: body) }
    await again.close()
    await journal.close()
  }

  @Test func `a refused body leaves nothing, an accepted one stays readable`() async throws {
    let fixture = try JournalFixture()
    let journal = try fixture.open()
    let writer = try journal.writer(mediaType: "text/plain", limit: 10 << 20)
    try writer.write(text)
    let refused = try writer.finish()
    writer.discard()
    #expect(throws: BodyError.self) { _ = try journal.reader(of: refused) }
    let body = try arrive(journal)
    // Begun before, read on after.
    let reader = try journal.reader(of: body)
    _ = try reader.read(upTo: 100)
    let new = newExchange("a", body: body)
    _ = try await journal.accept([new], advancing: nil)
    #expect(try reader.rest(limit: .max) == Array(text.dropFirst(100)))
    #expect(try fixture.arrivingFiles() == [])
    await journal.close()
    let again = try fixture.open()
    #expect(try again.reader(of: body).rest(limit: .max) == text)
    await again.close()
    #expect(try fixture.verify().isSound)
  }

  @Test func `a header that was changed or belongs to another file opens nothing`() async throws {
    let fixture = try JournalFixture()
    let journal = try fixture.open()
    let (one, other) = (try arrive(journal), try arrive(journal))
    _ = try await journal.accept([newExchange("a", body: one), newExchange("b", body: other)], advancing: nil)
    let files = try fixture.bodyFiles().map { "\(fixture.directory)/bodies/\($0)" }
    let contents = files.compactMap { FileManager.default.contents(atPath: $0) }
    try Data(contents[0].prefix(80) + contents[1].dropFirst(80)).write(to: URL(filePath: files[1]))
    #expect(try !fixture.verify().isSound)
    for position in [20, 70] {
      var torn = contents[0]
      torn[position] ^= 1
      try Data(torn).write(to: URL(filePath: files[0]))
      #expect(throws: BodyError.self) {
        for body in [one, other] { _ = try journal.reader(of: body).rest(limit: .max) }
      }
    }
    await journal.close()
  }

  @Test func `files of the first form are read`() async throws {
    let fixture = try JournalFixture()
    let journal = try fixture.open()
    let body = try arrive(journal)
    _ = try await journal.accept([newExchange("a", body: body)], advancing: nil)
    guard case .stored(let reference) = body else { return }
    try FirstBodyForm.rewrite(reference, text, at: "\(fixture.directory)/bodies/\(reference.id)", journal.ring)
    #expect(try journal.reader(of: body).rest(limit: .max) == text)
    await journal.close()
    #expect(try fixture.verify().isSound)
  }
}
