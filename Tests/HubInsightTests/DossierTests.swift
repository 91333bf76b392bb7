import HubKit
import Testing

@testable import HubInsight

/// Dossiers move forward only.
@Suite struct DossierTests {
  private static func word(
    _ status: String?, at time: Int64, due: Int64? = nil, code: String = "H24-1", day: String = "2026-11-23"
  ) -> DossierBook.Word {
    DossierBook.Word(code: code, status: status, due: due, time: time, day: day)
  }

  @Test func `The first result counts, by the status's own time and due time`() {
    var book = DossierBook()
    #expect(book.hear(Self.word("registered", at: 10, due: 100)) == [.received])
    #expect(book.hear(Self.word("in-progress", at: 20, due: 100)) == [])
    #expect(book.hear(Self.word("finished", at: 100, due: 100)) == [.finished(onTime: true)])
    #expect(book.hear(Self.word("returned", at: 200, due: 100)) == [])
    #expect(book.hear(Self.word("finished", at: 300, due: 100)) == [])
    #expect(book.openCount == 0)
  }

  @Test(
    arguments: [
      (100, 100, DossierBook.Move.finished(onTime: true)), (101, 100, .finished(onTime: false)),
      (500, nil, .finished(onTime: nil)),
    ] as [(Int64, Int64?, DossierBook.Move)])
  func `A dossier that is heard of only when it ends is received and finished at once`(
    time: Int64, due: Int64?, end: DossierBook.Move
  ) {
    var book = DossierBook()
    #expect(book.hear(Self.word("returned", at: time, due: due)) == [.received, end])
  }

  @Test func `The due time that was told before holds when the last status has none`() {
    var book = DossierBook()
    _ = book.hear(Self.word(nil, at: 10, due: 50))
    #expect(book.hear(Self.word("finished", at: 51)) == [.finished(onTime: false)])
  }

  @Test func `An extension counts, an older status that comes late takes nothing back`() {
    var book = DossierBook()
    _ = book.hear(Self.word("in-progress", at: 10, due: 50))
    _ = book.hear(Self.word("supplement-requested", at: 30, due: 90))
    _ = book.hear(Self.word("in-progress", at: 20, due: 50))
    #expect(book.overdue(at: Timestamp(microseconds: 60)) == 0)
    #expect(book.overdue(at: Timestamp(microseconds: 90)) == 0)
    #expect(book.overdue(at: Timestamp(microseconds: 91)) == 1)
    #expect(book.hear(Self.word("finished", at: 80)) == [.finished(onTime: true)])
  }

  @Test(arguments: ["not-accepted", "withdrawn", "stopped"])
  func `Other ends are ends`(status: String) {
    var book = DossierBook()
    #expect(book.hear(Self.word(status, at: 10, due: 5)) == [.received, .endedOtherwise])
    #expect(book.hear(Self.word("finished", at: 20, due: 5)) == [])
    #expect(book.overdue(at: Timestamp(microseconds: 100)) == 0)
  }

  @Test func `Ended dossiers are remembered for so many days, then forgotten`() {
    var book = DossierBook()
    for day in 0...DossierBook.endedDaysMax {
      _ = book.hear(Self.word("finished", at: 1, code: "H24-\(day)", day: "2026-\(100 + day)"))
    }
    // The second day is still known, the first is not.
    #expect(book.hear(Self.word("returned", at: 2, code: "H24-1", day: "2026-136")) == [])
    #expect(book.hear(Self.word("returned", at: 2, code: "H24-0", day: "2026-136")).first == .received)
  }

  @Test func `Of too many open dossiers those that were silent longest are forgotten`() {
    var book = DossierBook()
    for number in 0..<1000 {
      _ = book.hear(Self.word("in-progress", at: Int64(number), due: 0, code: "H24-\(number)"), openMax: 300)
    }
    #expect((297...300).contains(book.openCount))
    #expect(book.hear(Self.word("finished", at: 2000, code: "H24-999"), openMax: 300) == [.finished(onTime: false)])
    #expect(book.hear(Self.word("finished", at: 2000, code: "H24-0"), openMax: 300).first == .received)
  }

  @Test func `Of too many ended dossiers whole days are forgotten, never the newest`() {
    var book = DossierBook()
    for number in 0..<100 {
      _ = book.hear(
        Self.word("finished", at: 1, code: "H24-\(number)", day: "2026-11-\(10 + number / 10)"), endedMax: 25)
    }
    // Days 18 and 19 are left.
    #expect(book.hear(Self.word("returned", at: 2, code: "H24-80"), endedMax: 25) == [])
    #expect(book.hear(Self.word("returned", at: 2, code: "H24-69"), endedMax: 25).first == .received)
  }
}
