import Foundation
import HubKit
import Synchronization
import Testing

@testable import HubJournal

@Suite struct ThinningTests {
  static let day = Duration.seconds(86_400)

  /// Three days; on the first and second, exchanges that went well, one that is open, one that waits for a person and
  /// one whose route keeps its body. The third is today.
  struct Sample {
    var settled: [NewExchange] = []
    var open: [NewExchange] = []
    var dead: [NewExchange] = []
    var kept: [NewExchange] = []
    var all: [NewExchange] { settled + open + dead + kept }
    var held: [NewExchange] { open + dead + kept }
  }

  private func fill(_ fixture: JournalFixture, _ journal: Journal) async throws -> Sample {
    var sample = Sample()
    for number in 1...2 {
      let now = fixture.clock.now
      func large(_ name: String) throws -> NewExchange {
        let writer = try journal.writer(mediaType: "application/pdf", limit: .max)
        try writer.write([UInt8](repeating: UInt8(number), count: 40_000))
        return newExchange("\(name)-\(number)", body: try writer.finish(), at: now)
      }
      let key = BusinessKey(name: "dossier", value: "H24-\(number)")
      let settled = try (0..<6).map { try $0 == 0 ? large("s") : newExchange("s\($0)-\(number)", at: now, keys: [key]) }
      let (open, dead, kept) = (
        newExchange("o-\(number)", at: now), newExchange("d-\(number)", at: now), try large("k")
      )
      for new in settled + [open, dead, kept] { _ = try await journal.accept([new], advancing: nil) }
      for new in settled + [open, dead, kept] {
        try await journal.record([step(new.id, .underway, at: now, payload: #"["on its way"]"#)])
      }
      for new in settled {
        var record = step(new.id, .delivered, at: now, keep: .digest, payload: #"["there"]"#)
        record.replies = [StoredReply(delivery: 1, body: .inline([1, 2, 3]), mediaType: "a/b")]
        try await journal.record([record])
      }
      var failed = step(dead.id, .failed, at: now, keep: .digest, payload: #"["refused"]"#)
      failed.isDeadLetter = true
      try await journal.record([failed, step(kept.id, .delivered, at: now, keep: .duration(Self.day * 3000))])
      journal.audit(kind: "refused", principal: "H24.9", payload: Array("{}".utf8))
      sample.settled += settled
      sample.open.append(open)
      sample.dead.append(dead)
      sample.kept.append(kept)
      // The open one of the first day gets an event on the second.
      if number == 2 { try await journal.record([step(sample.open[0].id, .underway, at: now, payload: #"["again"]"#)]) }
      fixture.clock.advance(Self.day)
    }
    _ = try await journal.accept([newExchange("today", at: fixture.clock.now)], advancing: nil)
    return sample
  }

  private func age(_ options: inout JournalOptions) {
    options.duplicateWindow = .seconds(3600)
    options.keepEvents = Self.day * 30
    options.keepSegments = Self.day * 365
  }

  @Test func `nothing is thinned before its time, and nothing without being told to`() async throws {
    let fixture = try JournalFixture()
    let journal = try fixture.open(age)
    _ = try await fill(fixture, journal)
    #expect(try await journal.thin(limit: 100) == 0)
    await journal.close()
    let forever = try fixture.open()
    fixture.clock.advance(Self.day * 4000)
    #expect(try await forever.thin(limit: 100) == 0)
    await forever.close()
  }

  @Test func `events of old days become outlines, but not those a restart needs`() async throws {
    let fixture = try JournalFixture()
    let journal = try fixture.open(age)
    let sample = try await fill(fixture, journal)
    fixture.clock.advance(Self.day * 31)
    while try await journal.thin(limit: 3) > 0 { #expect(try fixture.verify().firstBroken == nil) }
    for new in sample.settled + sample.kept {
      #expect(try journal.events(of: new.id).allSatisfy { $0.payload.isEmpty })
      #expect(try journal.exchange(new.id) != nil)
    }
    for new in sample.open + sample.dead {
      #expect(try !journal.events(of: new.id).contains { $0.payload.isEmpty })
    }
    #expect(try journal.events(of: sample.open[0].id).count == 2)
    #expect(try !journal.events(after: 0, limit: 1000).contains { $0.principal == "H24.9" })
    await journal.close()
    #expect(try fixture.verify().thinnedSegments == 3)
  }

  @Test func `old days go down to their root, and what is held stays whole and tied to the chain`() async throws {
    let fixture = try JournalFixture()
    let journal = try fixture.open(age)
    let sample = try await fill(fixture, journal)
    while try await journal.sweep(limit: 100) > 0 {}
    let bodies = (sample.open + sample.kept).map { Optional($0.message.body) }
    let steps = try (sample.open + sample.dead).map { try journal.events(of: $0.id).map(\.payload) }
    fixture.clock.advance(Self.day * 366)
    var calls = 0
    while try await journal.thin(limit: 4) > 0 {
      calls += 1
      #expect(try fixture.verify().firstBroken == nil, "after step \(calls)")
    }
    #expect(calls > 20)
    for new in sample.settled { #expect(try journal.exchange(new.id) == nil) }
    #expect(try (sample.open + sample.kept).map { try journal.exchange($0.id)?.body } == bodies)
    for new in sample.dead { #expect(try journal.exchange(new.id)?.state == .failed) }
    #expect(
      try (sample.open + sample.dead).map { try journal.events(of: $0.id).map(\.payload).filter { !isNote($0) } }
        == steps)
    #expect(try fixture.bodyFiles().count == 2)
    let waiting = Set(sample.open.map(\.id) + sample.dead.map(\.id))
    #expect(try waiting.isSubset(of: journal.unfinishedExchanges(after: 0, limit: 100).map(\.id)))
    #expect(try journal.statistics().exchanges.values.reduce(0, +) == sample.held.count + 1)
    try await expectCountsMatch(fixture, journal)
    // An id whose exchange is gone may be used again.
    let again = newExchange("s1-1", at: fixture.clock.now)
    guard case .new? = try await journal.accept([again], advancing: nil).first else {
      Issue.record("its id is still taken")
      return
    }
    await journal.close()
    #expect(try fixture.verify().thinnedSegments == 3)
  }

  private func isNote(_ payload: [UInt8]) -> Bool { String(decoding: payload, as: UTF8.self).contains("upTo") }

  @Test func `what was held goes once nothing holds it`() async throws {
    let fixture = try JournalFixture()
    let journal = try fixture.open(age)
    let sample = try await fill(fixture, journal)
    fixture.clock.advance(Self.day * 366)
    while try await journal.thin(limit: 50) > 0 {}
    try await journal.record(
      (sample.open + sample.dead).map { step($0.id, .delivered, at: fixture.clock.now, keep: .digest) })
    while try await journal.sweep(limit: 100) > 0 {}
    #expect(try await journal.thin(limit: 50) == 0, "it is looked for once an hour")
    fixture.clock.advance(.seconds(3601))
    while try await journal.thin(limit: 1) > 0 { #expect(try fixture.verify().firstBroken == nil) }
    for new in sample.open + sample.dead { #expect(try journal.exchange(new.id) == nil) }
    for new in sample.kept { #expect(try journal.exchange(new.id)?.body != nil) }
    try await expectCountsMatch(fixture, journal)
    await journal.close()
    #expect(try fixture.verify().isSound)
  }

  @Test func `kept records go through two removals and stay tied to the chain`() async throws {
    let fixture = try JournalFixture()
    let journal = try fixture.open(age)
    let sample = try await fill(fixture, journal)
    for _ in 0..<3 {
      fixture.clock.advance(Self.day * 367)
      _ = try await journal.accept([newExchange("n\(fixture.clock.now)", at: fixture.clock.now)], advancing: nil)
      while try await journal.thin(limit: 7) > 0 {}
      #expect(try fixture.verify().firstBroken == nil)
    }
    let statistics = try journal.statistics()
    await journal.close()
    try fixture.tamper("UPDATE exchange SET type = 'x' WHERE sequence = (SELECT min(sequence) FROM exchange)")
    #expect(try fixture.verify().firstBroken?.exchange == sample.open[0].id)
    #expect(statistics.open >= 3)
  }

  @Test(arguments: [
    "DELETE FROM event WHERE kind = 'journal.kept' AND exchange = (SELECT min(sequence) FROM exchange)",
    "DELETE FROM event WHERE sequence = (SELECT min(sequence) FROM event WHERE thinned = 0)",
    """
    INSERT INTO event (sequence, exchange, at, kind, state, thinned, digest)
    SELECT 2, min(sequence), 0, 'x', 3, 1, x'00' FROM exchange
    """,
    "UPDATE event SET state = 6 WHERE sequence = (SELECT min(sequence) FROM event WHERE state = 3)",
  ])
  func `what is done to a kept record shows`(sql: String) async throws {
    let fixture = try JournalFixture()
    let journal = try fixture.open(age)
    _ = try await fill(fixture, journal)
    fixture.clock.advance(Self.day * 366)
    while try await journal.thin(limit: 50) > 0 {}
    await journal.close()
    #expect(try fixture.verify().isSound)
    try fixture.tamper(sql)
    #expect(try fixture.verify().firstBroken != nil)
  }

  @Test func `thinning that is killed after any step goes on where it was`() async throws {
    let fixture = try JournalFixture()
    var journal = try fixture.open(age)
    let sample = try await fill(fixture, journal)
    fixture.clock.advance(Self.day * 366)
    var current = fixture
    var isOver = false
    while !isOver {
      isOver = try await journal.thin(limit: 5) == 0
      let crashed = try current.crashCopy()
      await journal.close()
      current = crashed
      #expect(try current.verify().firstBroken == nil)
      journal = try current.open(age)
    }
    #expect(try journal.statistics().exchanges.values.reduce(0, +) == sample.held.count + 1)
    try await expectCountsMatch(current, journal)
    await journal.close()
  }

  @Test func `the space of what went is used again`() async throws {
    let fixture = try JournalFixture()
    let journal = try fixture.open(age)
    var sizes: [Int] = []
    for _ in 0..<4 {
      for number in 0..<150 {
        let new = newExchange("\(fixture.clock.now) \(number)", body: .inline(bytes(3000)), at: fixture.clock.now)
        _ = try await journal.accept([new], advancing: nil)
        try await journal.record([step(new.id, .delivered, at: fixture.clock.now, keep: .digest)])
      }
      fixture.clock.advance(Self.day * 366)
      _ = try await journal.accept([newExchange("\(fixture.clock.now)", at: fixture.clock.now)], advancing: nil)
      while try await journal.sweep(limit: 100) > 0 {}
      while try await journal.thin(limit: 100) > 0 {}
      sizes.append(try pages(fixture))
    }
    await journal.close()
    #expect(sizes[0] > 150)
    #expect(sizes[3] < sizes[0] + sizes[0] / 4, "\(sizes)")
  }

  private func pages(_ fixture: JournalFixture) throws -> Int {
    let connection = try Connection(path: fixture.directory + "/journal.db", isReadOnly: true)
    defer { connection.close() }
    return Int(try connection.integer("PRAGMA page_count") ?? 0)
  }

  private func bytes(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) } }

  /// The counts beside the chain are those of the rows.
  private func expectCountsMatch(_ fixture: JournalFixture, _ journal: Journal) async throws {
    let statistics = try journal.statistics()
    let connection = try Connection(path: fixture.directory + "/journal.db", isReadOnly: true)
    defer { connection.close() }
    #expect(statistics.events == Int(try connection.integer("SELECT count(*) FROM event") ?? 0))
    for state in ExchangeState.allCases {
      let rows = try connection.integer("SELECT count(*) FROM exchange WHERE state = \(StateCode.number(state))")
      #expect(statistics.exchanges[state] == Int(rows ?? 0))
    }
    let bytes = try connection.integer("SELECT coalesce(sum(body_bytes), 0) FROM exchange WHERE body_file IS NOT NULL")
    #expect(statistics.bodyBytes == Int(bytes ?? 0))
  }
}
