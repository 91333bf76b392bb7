import Foundation
import HubBus
import HubJournal
import HubKit
import HubTesting
import Testing

@testable import HubInsight

/// A month's documents, agency by agency, against figures that were counted by hand.
@Suite struct DocumentMonthTests {
  private static let month = CalendarMonth("2026-11") ?? CalendarMonth(of: Timestamp(seconds: 0))
  private static let hour = Duration.seconds(3600)
  private static let within = Duration.seconds(86_400)

  private static func figures(_ post: Post, at now: Timestamp) -> [String: DocumentMonth.Figures] {
    var tally = DocumentTally(month)
    for event in post.events { tally.apply(event) }
    let result = tally.result(at: now, within: within)
    var all = Dictionary(uniqueKeysWithValues: result.agencies.map { ($0.code.text, $0.figures) })
    all["total"] = result.total
    return all
  }

  private static func counts(_ figures: DocumentMonth.Figures) -> [Int] {
    [
      figures.sent, figures.received, figures.arrived, figures.accepted, figures.refused, figures.completed,
      figures.overdue,
    ]
  }

  private static func milliseconds(_ times: DocumentMonth.Times) -> [Int64?] {
    [times.medianMilliseconds, times.worstMilliseconds]
  }

  @Test func `what was sent, received, confirmed and refused is counted at each agency`() throws {
    var post = Post()
    post.now = Self.month.range.lowerBound + Self.hour
    post.document("D1", to: ["A", "B"])
    let first = post.now - .seconds(1)
    post.document("D2", from: "A", to: ["B"])
    post.now = first + Self.hour
    post.status("01", of: "D1", from: "A")
    post.now = first + Self.hour * 3
    post.status("03", of: "D1", from: "A")
    post.status("01", of: "D1", from: "A")
    post.now = first + Self.hour * 5
    post.status("02", of: "D1", from: "B")
    post.now = first + Self.hour * 40
    post.status("06", of: "D1", from: "A")
    post.status("01", of: "D2", from: "B")
    let all = Self.figures(post, at: post.now)
    #expect(all["S"]?.sent == 1 && all["S"]?.received == 0)
    let a = try #require(all["A"])
    #expect(Self.counts(a) == [1, 1, 1, 1, 0, 1, 0])
    #expect(Self.milliseconds(a.toArrive) == [3_600_000, 3_600_000])
    #expect(Self.milliseconds(a.toAccept) == [10_800_000, 10_800_000])
    #expect(Self.milliseconds(a.toComplete) == [144_000_000, 144_000_000])
    let b = try #require(all["B"])
    #expect(Self.counts(b) == [0, 2, 2, 0, 1, 0, 1])
    #expect(b.toArrive.worstMilliseconds == 144_000_000, "two seconds apart: sent one later, told one later")
    let total = try #require(all["total"])
    #expect(Self.counts(total) == [2, 3, 3, 1, 1, 1, 1])
    #expect(Self.milliseconds(total.toArrive) == [(3_600_000 + 144_000_000) / 2, 144_000_000])
  }

  @Test func `only what came in the month counts, whenever it is answered`() {
    var post = Post()
    post.now = Self.month.range.lowerBound - .seconds(1)
    post.document("before", to: ["A"])
    post.document("first", to: ["A"])
    post.now = Self.month.range.upperBound - .seconds(1)
    post.document("last", to: ["A"])
    post.document("after", to: ["A"])
    for id in ["before", "last", "after"] { post.status("03", of: id, from: "A") }
    let figures = Self.figures(post, at: post.now)["A"]
    #expect(figures?.received == 2)
    #expect(figures?.accepted == 1)
    #expect(figures?.overdue == 1, "the first one has waited all month")
  }

  @Test func `who is late stays late, and who could not be reached is not`() {
    var post = Post()
    post.now = Self.month.range.lowerBound
    post.document("late", to: ["A"])
    post.document("lost", to: ["B"])
    post.end(.refused, for: "B")
    post.document("back", to: ["C"])
    post.status("13", of: "back", from: "S", to: ["C"])
    post.document("fresh", to: ["D"])
    post.document("nowhere", to: ["E"])
    post.settleFailed()
    post.now = post.now + Self.within + Self.hour
    post.status("01", of: "late", from: "A")
    var all = Self.figures(post, at: post.now)
    #expect(all.mapValues(\.overdue).filter { $0.value > 0 } == ["A": 1, "D": 1, "total": 2])
    #expect(all.mapValues(\.undelivered).filter { $0.value > 0 } == ["B": 1, "E": 1, "total": 2])
    #expect(all["C"]?.arrived == 0)
    post.status("01", of: "lost", from: "B")
    all = Self.figures(post, at: post.now)
    #expect(all["B"]?.undelivered == 0, "it reached him by another way")
  }

  @Test func `the middle of an even number of times lies between two`() {
    func median(_ seconds: [Int]) -> Int64? { DocumentMonth.Times(seconds.map { .seconds($0) }).medianMilliseconds }
    #expect(median([]) == nil)
    #expect(median([7]) == 7000)
    #expect(median([9, 1]) == 5000)
    #expect(median([1, 9, 2]) == 2000)
    #expect(median([5, 1, 100, 2]) == 3500)
  }

  @Test(arguments: UInt64(1)...20)
  func `the tally agrees with the life of each document`(_ seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    var post = Post()
    post.now = Self.month.range.lowerBound
    var folds: [String: DocumentFold] = [:]
    var documents: [String: [String]] = [:]
    for number in 0..<60 {
      if number % 3 == 0 {
        let id = "D\(number)"
        documents[id] = ["A", "B", "C"].filter { _ in Bool.random(using: &random) } + ["Z"]
        post.document(id, to: documents[id] ?? [])
      } else {
        let about = documents.keys.sorted().randomElement(using: &random) ?? ""
        let code = DocumentStatus.allCases.randomElement(using: &random)?.rawValue ?? "01"
        let who = documents[about]?.randomElement(using: &random) ?? "Z"
        post.status(code, of: about, from: code == "13" ? "S" : who, to: code == "13" ? [who] : ["S"])
      }
    }
    for event in post.events {
      guard case .received(let origin, let envelope)? = event.news.first, let id = origin.subject else { continue }
      let view = ExchangeView(
        id: origin.exchange, state: .delivered, type: origin.type, source: "/t", messageID: envelope.id,
        sender: envelope.sender, receivers: envelope.receivers, subject: id, receivedAt: origin.receivedAt)
      folds[id, default: DocumentFold(id)].take(
        SentMessage(sequence: 0, exchange: view, envelope: envelope, keys: []))
    }
    let states = folds.values.flatMap { $0.life.receivers.map { ($0.receiver.text, $0.state) } }
    let all = Self.figures(post, at: post.now)
    for code in ["A", "B", "C", "Z"] {
      let own = states.filter { $0.0 == code }.map(\.1)
      let figures = try #require(all[code])
      #expect(figures.received == own.count)
      #expect(figures.refused == own.count { $0 == .refused })
      #expect(figures.completed == own.count { $0 == .completed })
      #expect(figures.accepted == own.count { [.accepted, .assigned, .processing, .completed].contains($0) })
    }
  }

  // MARK: - A real journal

  @Test(.timeLimit(.minutes(2)))
  func `a journal of three months tells each month, whatever else it holds`() async throws {
    let folder = try TemporaryDirectory("month")
    let clock = TestClock(now: Self.month.range.lowerBound - .seconds(40 * 86_400))
    let journal = try Journal.open(
      JournalOptions(directory: folder.file("journal")), keys: JournalKeys(master: [UInt8](0..<32)), clock: clock)
    let writer = MonthWriter(journal: journal, clock: clock)
    for day in 0..<100 {
      try await writer.noise(day)
      // One a day: A answers after a day, B refuses delivery every second day, C never answers.
      try await writer.document("D\(day)", to: ["A", "B", "C"], refusedBy: day % 2 == 0 ? "B" : nil)
      if day > 0 { try await writer.status("03", of: "D\(day - 1)", from: "A") }
      clock.advance(by: Self.within)
    }
    let reading = DocumentReading(EventFeed(journal: journal, scope: DocumentReading.scope))
    let watch = DocumentWatch(arrivalWithin: .seconds(12 * 3600), watchFor: .seconds(10 * 86_400))
    var seen: [Int] = []
    let november = try await reading.month(Self.month, at: clock.now, by: watch) { done, total in
      seen.append(done)
      #expect(done <= total)
    }
    #expect(seen.last.map { $0 > 0 } == true)
    let figures = Dictionary(uniqueKeysWithValues: november.agencies.map { ($0.code.text, $0.figures) })
    #expect(figures["S"]?.sent == 30)
    #expect(november.total.received == 90)
    #expect(figures["A"]?.accepted == 30 && figures["A"]?.overdue == 30)
    #expect(figures["A"]?.toAccept.medianMilliseconds == 86_400_000)
    #expect(figures["B"]?.undelivered == 15 && figures["B"]?.overdue == 15)
    #expect(figures["C"]?.overdue == 30)
    // The same from a feed that tells everything.
    let whole = try await DocumentReading(EventFeed(journal: journal)).month(Self.month, at: clock.now, by: watch)
    #expect(whole == november)
    // Ten days are watched, the tenth is over; A has not answered the last one, whose time is over.
    let overdue = try await reading.overdue(at: clock.now, by: watch)
    let now = clock.now
    #expect(overdue.count { $0.receiver.text == "C" } == 9)
    #expect(overdue.count { $0.receiver.text == "B" } == 5)
    #expect(overdue.filter { $0.receiver.text == "A" }.map(\.documentId) == ["D99"])
    #expect(overdue.allSatisfy { now - $0.sentAt <= watch.watchFor && $0.sender?.text == "S" })
    let empty = try await reading.month(Self.month.advanced(by: 12), at: clock.now, by: watch)
    #expect(empty.agencies.isEmpty && empty.total == DocumentMonth.Figures())
    await journal.close()
  }
}

/// Writes documents, statuses and other things into a real journal, as the bus does.
struct MonthWriter {
  let journal: Journal
  let clock: TestClock

  func document(_ id: String, to receivers: [String], refusedBy: String?) async throws {
    let exchange = try await receive("vn.gov.edoc.document", id, from: "S", to: receivers, ["documentaction": "new"])
    var planned = TimelineEntry(.routed, at: clock.now)
    planned.deliveries = receivers.map {
      PlannedDelivery(endpoint: "e", receiver: OrganisationCode($0), orderingKey: nil)
    }
    let ends = receivers.enumerated().map { index, code in
      TimelineEntry(code == refusedBy ? .refused : .delivered, at: clock.now, delivery: index + 1)
    }
    var settled = TimelineEntry(.settled, at: clock.now)
    settled.state = refusedBy == nil ? .delivered : .partly
    try await record(exchange, [planned] + ends + [settled], settled.state ?? .delivered)
  }

  func status(_ code: String, of id: String, from sender: String) async throws {
    let exchange = try await receive("vn.gov.edoc.status", id, from: sender, to: ["S"], ["documentstatus": code])
    var settled = TimelineEntry(.settled, at: clock.now)
    settled.state = .delivered
    try await record(exchange, [settled], .delivered)
  }

  /// What is no document.
  func noise(_ number: Int) async throws {
    _ = try await receive("vn.haiphong.dossier.status", "H24-\(number)", from: "A", to: ["B"], [:])
  }

  private func receive(
    _ type: String, _ subject: String, from sender: String, to receivers: [String], _ attributes: [String: String]
  ) async throws -> ExchangeID {
    let id = ExchangeID.make(at: clock.now)
    var envelope = Envelope(id: id.text, source: "/t", type: type, subject: subject, extensions: attributes)
    envelope.sender = OrganisationCode(sender)
    envelope.receivers = receivers.compactMap(OrganisationCode.init)
    let new = NewExchange(
      id: id, message: Message(envelope: envelope, body: .inline([1]), principal: .endpoint("t")),
      receivedAt: clock.now, fingerprint: nil, configuration: "c")
    _ = try await journal.accept([new], advancing: nil)
    return id
  }

  private func record(_ id: ExchangeID, _ entries: [TimelineEntry], _ state: ExchangeState) async throws {
    try await journal.record([
      ExchangeRecord(
        exchange: id, kind: "steps", at: clock.now, payload: Array(try JSONEncoder().encode(entries)), state: state,
        businessKeys: [], keep: nil)
    ])
  }
}
