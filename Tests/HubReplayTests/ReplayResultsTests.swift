import HubBus
import HubJournal
import HubKit
import HubTesting
import HubTransform
import Testing

@testable import HubReplay

@Suite("Results of a replay, in a journal of their own")
struct ReplayResultsTests {
  private static let keys = JournalKeys(master: [UInt8](32..<64))

  /// A journal of results and its reader.
  private struct Results {
    let folder: TemporaryDirectory
    let journal: Journal
    let results: ReplayResults

    init() async throws {
      folder = try TemporaryDirectory("results")
      journal = try Journal.open(
        JournalOptions(directory: folder.file("journal"), duplicateWindow: .zero), keys: keys, clock: SystemClock())
      results = try await ReplayResults(journal, source: "monday", configuration: "candidate", files: [1])
    }

    var history: ExchangeHistory { ExchangeHistory(journal: journal) }

    /// Lets it go and follows its chain.
    func closed() async throws -> VerifyReport {
      await journal.close()
      return try JournalVerifier.verify(directory: folder.file("journal"), keys: keys)
    }
  }

  private func recorded(_ seed: UInt64, _ pool: TransformPool) async throws -> (
    recordings: [Recording], steps: [ExchangeID: [String]]
  ) {
    let traffic = try Traffic(seed: seed, pool: pool)
    try await traffic.run(110, seed: seed)
    let recordings = try await traffic.recordings()
    let history = ExchangeHistory(journal: traffic.journal)
    let steps = try recordings.map { ($0.exchange.id, try Self.names(history.steps(of: $0.exchange.id))) }
    await traffic.close()
    return (recordings, Dictionary(uniqueKeysWithValues: steps))
  }

  /// What happened to which delivery, whatever came first among several.
  private static func names(_ steps: [TimelineEntry]) -> [String] {
    steps.map { "\($0.name) \($0.delivery ?? 0) \($0.attempt ?? 0)" }.sorted()
  }

  @Test("On the same configuration they tell step by step what the journal tells")
  func sameSteps() async throws {
    let pool = TransformPool(program: nil)
    defer { pool.shutdown() }
    let (recordings, steps) = try await recorded(5, pool)
    let results = try await Results()
    let report = try await replay(recordings, on: TrafficRoutes.stand(TrafficRoutes.book(), pool), results.results)
    #expect(report.isClean)
    for recording in recordings {
      let id = recording.exchange.id
      let own = try results.history.steps(of: id)
      #expect(Self.names(own) == steps[id], "\(recording.exchange)")
      #expect(own.map(\.at) == own.map(\.at).sorted(), "time does not run back")
    }
    #expect(try results.history.search(query("same")).count == recordings.count)
    #expect(try results.history.search(query("different")).isEmpty)
    #expect(try await results.closed().firstBroken == nil)
  }

  @Test("On a changed one they hold what it makes, and what differs is found by a key, with places and no values")
  func changed() async throws {
    let pool = TransformPool(program: nil)
    defer { pool.shutdown() }
    let recordings = try await recorded(6, pool).recordings
    let change = TrafficRoutes.Change(route: "part", jq: #".name += "!""#)
    let stand = TrafficRoutes.stand(TrafficRoutes.book(change), pool)
    let results = try await Results()
    let report = try await replay(recordings, on: stand, results.results)
    #expect(report.different > 0)
    #expect(await results.results.written == recordings.count)
    for recording in recordings { try await holds(recording, as: stand, results) }
    let different = try results.history.search(query("different"))
    #expect(Set(different.map(\.id)) == Set(report.groups.flatMap(\.exchanges)))
    for view in different {
      let receipt = try #require(view.events.first?.detail)
      #expect(receipt.contains("monday") && receipt.contains("candidate") && receipt.contains("body  /name"))
      #expect(!receipt.contains("Nguyễn") && !receipt.contains("Trần") && !receipt.contains("Lê"))
    }
    let verified = try await results.closed()
    #expect(verified.firstBroken == nil && verified.records > Int64(recordings.count))
  }

  /// Whether the results tell of an exchange what a configuration makes of it.
  private func holds(_ recording: Recording, as stand: ReplayStand, _ results: Results) async throws {
    let exchange = recording.exchange
    let made = try #require(await stand.play(recording, origins: OriginTape(exchange.origins))).made
    let view = try #require(try results.history.exchange(exchange.id))
    let stored = try #require(try results.journal.exchange(exchange.id))
    #expect(stored.principal == exchange.principal && stored.receivedAt == exchange.receivedAt)
    #expect(stored.envelope.named == exchange.envelope && stored.configuration == "candidate")
    let body = try #require(stored.body)
    #expect(try results.journal.bytes(of: body, limit: 1 << 20) == recording.contents[exchange.body])
    let steps = try results.history.steps(of: exchange.id)
    #expect(view.state == made.state && steps.last { $0.route != nil }?.route == made.route)
    var deliveries = view.deliveries
    for child in steps.flatMap({ $0.children ?? [] }) {
      deliveries += try #require(try results.history.exchange(child)).deliveries
    }
    #expect(
      deliveries.map { "\($0.endpoint) \($0.state)" } == made.deliveries.map { "\($0.name.endpoint) \($0.state)" })
  }

  @Test("An id that stands for two messages costs the second one alone")
  func conflict() async throws {
    let pool = TransformPool(program: nil)
    defer { pool.shutdown() }
    let all = try await recorded(7, pool).recordings
    let first = try #require(all.first { $0.exchange.made.route == "plain" })
    var second = first
    second.exchange.id = .make(at: first.exchange.receivedAt)
    second.exchange.body = second.contents.add(Array(#"{"id":"other"}"#.utf8), type: "application/json")
    let others = all.filter { $0.exchange.id != first.exchange.id }
    let results = try await Results()
    _ = try await replay(
      [first, second] + others, on: TrafficRoutes.stand(TrafficRoutes.book(), pool), results.results)
    #expect(await results.results.left == 1)
    #expect(await results.results.written == all.count)
    #expect(try results.history.exchange(second.exchange.id) == nil)
    #expect(try results.history.exchange(first.exchange.id) != nil)
    #expect(try await results.closed().firstBroken == nil)
  }

  private func query(_ end: String) -> SearchQuery {
    var query = SearchQuery()
    query.limit = .max
    query.businessKey = (ReplayResults.key, end)
    return query
  }
}
