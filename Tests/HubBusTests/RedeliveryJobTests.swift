import HubKit
import HubRouting
import HubTesting
import Testing

@testable import HubBus
@testable import HubJournal

@Suite("Redelivery in bulk on a real bus and a real journal")
struct RedeliveryJobTests {
  /// Says no to everything, with the message's own code.
  private struct Refusing: OutboundAdapter {
    func deliver(_ delivery: Delivery) async throws(AdapterError) -> Reply {
      throw AdapterError(.reject, code: "code-\(delivery.envelope.id)", reason: "no")
    }
    func probe() async throws(AdapterError) {}
  }

  private static func filter(_ change: (inout DeadLetterFilter) -> Void) -> DeadLetterFilter {
    var filter = DeadLetterFilter()
    change(&filter)
    return filter
  }

  @Test("Of a filter all that is given must hold, and the journal gives it back as it was ordered")
  func finds() async throws {
    let hub = try SwapHub(
      try .marking("m", route: "r", keep: .duration(.seconds(3600))),
      [BusEndpoint(name: "e", connector: "test", outbound: Refusing())])
    try await hub.running { hub in
      for id in ["1", "2"] { #expect(await hub.outcome(try await hub.send(id))?.state == .failed) }
      try await hub.journal.record([])
      let far = Timestamp(seconds: 4_000_000_000)
      let cases: [(DeadLetterFilter, [String])] = [
        (Self.filter { _ in }, ["code-1", "code-2"]), (Self.filter { $0.endpoint = "e" }, ["code-1", "code-2"]),
        (Self.filter { $0.endpoint = "f" }, []), (Self.filter { $0.route = "r" }, ["code-1", "code-2"]),
        (Self.filter { $0.route = "q" }, []), (Self.filter { $0.type = "t" }, ["code-1", "code-2"]),
        (Self.filter { $0.type = "u" }, []), (Self.filter { $0.code = "code-2" }, ["code-2"]),
        (Self.filter { $0.from = far }, []), (Self.filter { $0.to = far }, ["code-1", "code-2"]),
        (Self.filter { $0.sender = "H24.1" }, []), (Self.filter { $0.receiver = "H24.1" }, []),
        (Self.filter { ($0.keyName, $0.keyValue) = ("dossier", "1") }, []),
        (Self.filter { ($0.endpoint, $0.code) = ("e", "code-1") }, ["code-1"]),
        (Self.filter { ($0.endpoint, $0.code) = ("f", "code-1") }, []),
      ]
      for (filter, codes) in cases {
        #expect(try await hub.bus.deadLetters(filter, limit: 10).letters.map(\.code) == codes, "\(filter)")
        #expect(DeadLetterFilter(text: filter.text) == filter)
      }
      #expect(Self.filter { _ in }.isEmpty && !Self.filter { $0.code = "x" }.isEmpty)
    }
  }

  @Test("What cannot be ordered is refused, and says why")
  func refusals() async throws {
    let hub = try SwapHub(
      try .marking("m"), [BusEndpoint(name: "e", connector: "test", outbound: Refusing())])
    try await hub.running { hub in
      func code(
        _ filter: DeadLetterFilter = DeadLetterFilter(), rate: Double = 1, share: Double? = nil, most: Int? = nil
      ) async -> OrderRefusal.Code? {
        do throws(OrderRefusal) {
          _ = try await hub.bus.redeliver(
            filter, rate: rate, errorShareMax: share, countMax: most, by: "an", reason: "r")
          return nil
        } catch {
          return error.code
        }
      }
      #expect(await code(Self.filter { $0.endpoint = "nobody" }) == .unknown)
      for rate in [0, -1, 10_001, .nan, .infinity] { #expect(await code(rate: rate) == .senseless, "\(rate)") }
      for share in [0, 1.1] { #expect(await code(share: share) == .senseless, "\(share)") }
      #expect(await code(most: 0) == .senseless)
      await #expect(throws: OrderRefusal.self) {
        try await hub.bus.setRedelivery(1, .paused, by: "an", reason: "r")
      }
      #expect(try hub.bus.redeliveries(limit: 10).isEmpty)
      #expect(await code() == nil)
      try await waitUntil("there is nothing to do") { try hub.bus.redelivery(1).job.state == .done }
      #expect(try hub.bus.redelivery(1).job.counts.selected == 0)
    }
  }

  @Test("A job that a crash threw back to its beginning puts nothing back twice, and its counts stay right")
  func thrownBack() async throws {
    let hub = try SwapHub(
      try .marking("m", keep: .duration(.seconds(3600))),
      [BusEndpoint(name: "e", connector: "test", outbound: Refusing())])
    try await hub.running { hub in
      for id in ["1", "2", "3"] { #expect(await hub.outcome(try await hub.send(id))?.state == .failed) }
      let job = try await hub.bus.redeliver(
        Self.filter { $0.endpoint = "e" }, rate: 1000, by: "an", reason: "r")
      try await waitUntil("all failed again") { try hub.bus.redelivery(job.number).job.counts.failed == 3 }
      try await waitUntil("it is done") { try hub.bus.redelivery(job.number).job.state == .done }
      // As if nothing of its progress had reached the disk; even what began to wait later is its own.
      try await hub.journal.write(rows: 1) { transaction throws(WriteFailure) in
        try transaction.change("UPDATE redelivery_job SET cursor = 0, through = 1000000, state = 'paused'").execute()
      }
      _ = try await hub.bus.setRedelivery(job.number, .running, by: "an", reason: "r")
      try await waitUntil("it is done again") { try hub.bus.redelivery(job.number).job.state == .done }
      let (ended, failures) = try hub.bus.redelivery(job.number)
      #expect(ended.counts.putBack == 3 && ended.counts.failed == 3 && ended.counts.refused == 0)
      #expect(failures.map(\.end) == [.failed, .failed, .failed])
      for failure in failures {
        let id = try #require(ExchangeID(String(failure.id.dropLast(2))))
        let steps = try #require(try hub.bus.history.exchange(id)).events.filter { $0.name == "redriven" }
        #expect(steps.map { $0.detail?.contains("redelivery job 1") } == [true])
      }
    }
  }
}
