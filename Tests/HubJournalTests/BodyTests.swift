import Foundation
import HubKit
import Testing

@testable import HubJournal

@Suite struct BodyTests {
  /// Bytes that do not repeat.
  private func bytes(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) } }

  private func stored(_ journal: Journal, _ bytes: [UInt8]) throws -> Body {
    let writer = try journal.writer(mediaType: "application/pdf", limit: 10 << 20)
    for start in stride(from: 0, to: bytes.count, by: 10_000) {
      try writer.write(Array(bytes[start..<min(start + 10_000, bytes.count)]))
    }
    return try writer.finish()
  }

  @Test(arguments: [0, 1, 16_384, 16_385, 65_535, 65_536, 65_537, 131_072, 300_000])
  func `a body is read as it was written`(count: Int) async throws {
    let fixture = try JournalFixture()
    let journal = try fixture.open()
    let body = try stored(journal, bytes(count))
    #expect(body.byteCount == count)
    #expect(try journal.reader(of: body).rest(limit: .max) == bytes(count))
    let new = newExchange("a", body: body)
    _ = try await journal.accept([new], advancing: nil)
    let back = try #require(try journal.exchange(new.id)?.body)
    #expect(back == body)
    #expect(try journal.reader(of: back).rest(limit: .max) == bytes(count))
    if case .stored(let reference) = back {
      #expect(reference.digest == journal.digest(bytes(count)))
      #expect(try fixture.bodyFiles() == [reference.id])
    }
    await journal.close()
    let report = try fixture.verify()
    #expect(report.isSound)
    #expect(report.bodies == 1)
  }

  @Test func `a body over the limit is refused and one given up leaves nothing`() async throws {
    let fixture = try JournalFixture()
    let journal = try fixture.open()
    let writer = try journal.writer(mediaType: "text/plain", limit: 100_000)
    try writer.write(bytes(90_000))
    #expect(throws: BodyError.tooLarge(limit: 100_000)) { try writer.write(bytes(20_000)) }
    writer.discard()
    let other = try journal.writer(mediaType: "text/plain", limit: 100_000)
    try other.write(bytes(90_000))
    _ = try other.finish()
    other.discard()
    #expect(try fixture.bodyFiles() == [])
    await journal.close()
  }

  @Test func `a changed, cut or swapped body file is damaged`() async throws {
    let fixture = try JournalFixture()
    let journal = try fixture.open()
    let body = try stored(journal, bytes(200_000))
    guard case .stored(let reference) = body else {
      Issue.record("large bodies go to a file")
      return
    }
    _ = try await journal.accept([newExchange("a", body: body)], advancing: nil)
    let path = "\(fixture.directory)/bodies/\(reference.id)"
    let good = try #require(FileManager.default.contents(atPath: path))
    var flipped = good
    flipped[100_000] ^= 1
    let chunk = 80 + 65_552
    let swapped = good[..<80] + good[chunk..<chunk + 65_552] + good[80..<chunk] + good[(chunk + 65_552)...]
    for bad in [flipped, good.dropLast(1), good.prefix(chunk), swapped, good.prefix(10)] {
      try Data(bad).write(to: URL(filePath: path))
      #expect {
        _ = try journal.reader(of: body).rest(limit: .max)
      } throws: { error in
        if case .damaged? = error as? BodyError { true } else { false }
      }
    }
    try FileManager.default.removeItem(atPath: path)
    #expect(throws: BodyError.gone) { _ = try journal.reader(of: body) }
    var outside = reference
    outside.id = "../journal.db"
    #expect(throws: (any Error).self) { _ = try journal.reader(of: .stored(outside)) }
    await journal.close()
  }

  @Test func `bodies go when their time is over and their digest stays`() async throws {
    let fixture = try JournalFixture()
    let journal = try fixture.open()
    let batch = [
      newExchange("small"), newExchange("large", body: try stored(journal, bytes(100_000))), newExchange("kept"),
      newExchange("open"),
    ]
    _ = try await journal.accept(batch, advancing: nil)
    try await journal.record([
      step(batch[0].id, .delivered, keep: .digest), step(batch[1].id, .delivered, keep: .duration(.seconds(60))),
      step(batch[2].id, .delivered, keep: .forever),
    ])
    #expect(try journal.statistics().bodyBytes == 100_000)
    #expect(try await journal.sweep(limit: 10) == 1)
    #expect(try journal.exchange(batch[0].id)?.body == nil)
    #expect(try journal.exchange(batch[0].id)?.bodyByteCount == batch[0].message.body.byteCount)
    #expect(try journal.exchange(batch[1].id)?.body != nil)
    fixture.clock.advance(.seconds(61))
    #expect(try await journal.sweep(limit: 10) == 1)
    #expect(try fixture.bodyFiles() == [])
    #expect(try journal.statistics().bodyBytes == 0)
    #expect(try journal.exchange(batch[2].id)?.body == batch[2].message.body)
    #expect(try journal.exchange(batch[3].id)?.body == batch[3].message.body)
    await journal.close()
    let report = try fixture.verify()
    #expect(report.firstBroken == nil)
    #expect(report.bodiesGone == 2)
  }

  @Test(arguments: [0, 50, 50_000])
  func `a masked body takes the place of the first`(count: Int) async throws {
    let fixture = try JournalFixture()
    let journal = try fixture.open()
    let new = newExchange("a", body: try stored(journal, bytes(80_000)))
    _ = try await journal.accept([new], advancing: nil)
    try await journal.record([step(new.id, .delivered, keep: .duration(.seconds(60)))])
    try await journal.replaceBody(of: new.id, with: bytes(count))
    let body = try journal.exchange(new.id)?.body
    #expect(try body.map { try journal.reader(of: $0).rest(limit: .max) } == (count == 0 ? nil : bytes(count)))
    #expect(try fixture.bodyFiles().count == (count > 16_384 ? 1 : 0))
    #expect(try fixture.verify().firstBroken == nil)
    fixture.clock.advance(.seconds(61))
    _ = try await journal.sweep(limit: 10)
    #expect(try fixture.bodyFiles() == [])
    #expect(try journal.statistics().bodyBytes == 0)
    await journal.close()
    #expect(try fixture.verify().firstBroken == nil)
  }

  @Test func `a body that waits to be masked is found, and once masked it is kept as long as was said`() async throws {
    let fixture = try JournalFixture()
    let journal = try fixture.open()
    let batch = [newExchange("masked"), newExchange("other"), newExchange("never masked"), newExchange("open")]
    _ = try await journal.accept(batch, advancing: nil)
    let minute = Duration.seconds(60)
    for (new, keep) in zip(batch, [minute, .seconds(61), minute]) {
      try await journal.record([step(new.id, .delivered, keep: .duration(keep))])
    }
    let waiting = [batch[0].id, batch[2].id]
    #expect(try journal.settledBodies(keptFor: minute, after: 0, limit: 10).map(\.id) == waiting)
    let first = try journal.settledBodies(keptFor: minute, after: 0, limit: 1)
    #expect(first.map(\.id) == [batch[0].id])
    let place = try #require(first.first?.sequence)
    #expect(try journal.settledBodies(keptFor: minute, after: place, limit: 9).map(\.id) == [batch[2].id])
    fixture.clock.advance(.seconds(2))
    try await journal.replaceBody(of: batch[0].id, with: bytes(50), keep: .duration(.seconds(600)))
    try await journal.replaceBody(of: batch[3].id, with: bytes(50), keep: .duration(.seconds(600)))
    #expect(try journal.exchange(batch[0].id)?.isMasked == true)
    #expect(try journal.exchange(batch[3].id)?.isMasked == false, "it has not settled")
    #expect(try journal.settledBodies(keptFor: minute, after: 0, limit: 9).map(\.id) == [batch[2].id])
    fixture.clock.advance(.seconds(60))
    #expect(try await journal.sweep(limit: 10) == 2)
    #expect(try journal.exchange(batch[0].id)?.body != nil)
    #expect(try journal.exchange(batch[2].id)?.body == nil)
    #expect(try fixture.verify().firstBroken == nil)
    fixture.clock.advance(.seconds(600))
    #expect(try await journal.sweep(limit: 10) == 1)
    #expect(try journal.exchange(batch[0].id)?.body == nil)
    await journal.close()
    #expect(try fixture.verify().firstBroken == nil)
  }

  @Test func `dropping a day's key drops its bodies and nothing else`() async throws {
    let fixture = try JournalFixture()
    let journal = try fixture.open()
    let batch = [newExchange("small"), newExchange("large", body: try stored(journal, bytes(100_000)))]
    _ = try await journal.accept(batch, advancing: nil)
    await #expect(throws: JournalError.self) { try await journal.dropKey(day: "2026-11-23") }
    let nextDay = JournalFixture.start + .seconds(86_400)
    fixture.clock.set(nextDay)
    let later = newExchange("later", at: nextDay)
    _ = try await journal.accept([later], advancing: nil)
    #expect(try await journal.dropKey(day: "2026-11-23") == 1)
    #expect(try journal.exchange(batch[0].id)?.body == nil)
    #expect(try journal.exchange(batch[0].id)?.envelope == batch[0].message.envelope)
    let large = try #require(try journal.exchange(batch[1].id)?.body)
    #expect(throws: BodyError.gone) { _ = try journal.reader(of: large) }
    #expect(try journal.exchange(later.id)?.body == later.message.body)
    await journal.close()
    let report = try fixture.verify()
    #expect(report.firstBroken == nil)
    #expect(report.bodiesGone == 2)
    let again = try fixture.open()
    #expect(try again.exchange(batch[0].id)?.body == nil)
    await again.close()
  }

  @Test func `files that nothing names are removed when they are old`() async throws {
    let fixture = try JournalFixture()
    let real = Timestamp(seconds: Int64(Date().timeIntervalSince1970))
    fixture.clock.set(real)
    let journal = try fixture.open()
    let named = newExchange("a", body: try stored(journal, bytes(50_000)), at: real)
    _ = try await journal.accept([named], advancing: nil)
    // A duplicate's body settles before the journal sees that it is one.
    let again = newExchange("a", body: try stored(journal, bytes(50_000)), at: real)
    _ = try await journal.accept([again], advancing: nil)
    _ = try stored(journal, bytes(60_000))
    #expect(try await journal.removeOrphans() == 0)
    #expect(try fixture.bodyFiles().count == 2)
    #expect(try fixture.arrivingFiles().count == 1)
    fixture.clock.advance(.seconds(7200))
    #expect(try await journal.sweep(limit: 10) == 2)
    #expect(try fixture.bodyFiles().count == 1)
    #expect(try fixture.arrivingFiles() == [])
    #expect(try journal.reader(of: named.message.body).rest(limit: .max).count == 50_000)
    await journal.close()
  }
}
