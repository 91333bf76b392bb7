import HubBus
import HubJournal
import HubKit
import Synchronization
import Testing

@testable import HubInsight

@Suite("What operators order of a real bus, and what the feed tells of it")
struct OrderTests {
  /// Refuses everything until it is mended.
  private final class Mendable: OutboundAdapter {
    private let state = Mutex<(isMended: Bool, keys: [String])>((false, []))

    var keys: [String] { state.withLock { $0.keys } }

    func mend() { state.withLock { $0.isMended = true } }

    func deliver(_ delivery: Delivery) async throws(AdapterError) -> Reply {
      let takes = state.withLock { state in
        if state.isMended { state.keys.append(delivery.id) }
        return state.isMended
      }
      guard takes else { throw AdapterError(.reject, code: "no", reason: "No.") }
      return Reply(code: "0")
    }

    func probe() async throws(AdapterError) {}
  }

  private func running(_ body: (SmallHub, Mendable) async throws -> Void) async throws {
    let city = Mendable()
    let hub = try SmallHub(outbound: ["city": city, "axis": Scripted()])
    try await hub.running { hub in try await body(hub, city) }
    await hub.close()
  }

  private func refusal(_ order: () async throws(OrderRefusal) -> [OrderedDelivery]) async -> OrderRefusal.Code? {
    do throws(OrderRefusal) {
      _ = try await order()
      return nil
    } catch {
      return error.code
    }
  }

  @Test("An order about what has settled this moment finds its end, each time")
  func atOnce() async throws {
    try await running { hub, city in
      var ids: [ExchangeID] = []
      for number in 0..<30 { ids.append(try await hub.send("vn.test", "m\(number)").exchange) }
      city.mend()
      for id in ids {
        let done = try await hub.bus.redeliver(id, by: "an", reason: "mended")
        #expect(done.map(\.id) == ["\(id).1"])
        let receipt = Receipt(exchange: id, receivedAt: Timestamp(seconds: 0), duplicate: false)
        #expect(await hub.bus.outcome(of: receipt, within: .seconds(30))?.state == .delivered)
        let again = try await hub.bus.redeliver(id, resend: true, by: "an", reason: "lost")
        #expect(again.map(\.id) == ["\(id).2"])
      }
      let keys = Set(ids.flatMap { ["\($0).1", "\($0).2"] })
      try await waitUntil("all came twice") { Set(city.keys) == keys }
    }
  }

  @Test("Of many orders about one exchange at the same time one is carried out")
  func sideBySide() async throws {
    try await running { hub, city in
      let id = try await hub.send("vn.test", "m").exchange
      city.mend()
      let refused = await withTaskGroup(of: OrderRefusal.Code?.self) { group in
        for _ in 0..<20 {
          group.addTask {
            await self.refusal { () throws(OrderRefusal) in
              try await hub.bus.redeliver(id, by: "an", reason: "mended")
            }
          }
        }
        return await group.reduce(into: [OrderRefusal.Code?]()) { $0.append($1) }
      }
      #expect(refused.count { $0 == nil } == 1)
      try await waitUntil("it came") { !city.keys.isEmpty }
      #expect(city.keys == ["\(id).1"])
    }
  }

  @Test("What is gone, or was never there, is named")
  func refusals() async throws {
    try await running { hub, city in
      city.mend()
      let id = try await hub.send("vn.test", "m").exchange
      try await hub.journal.record([])
      while try await hub.journal.sweep(limit: 10) > 0 {}
      let bus = hub.bus
      let codes = [
        await refusal { () throws(OrderRefusal) in try await bus.redeliver(id, resend: true, by: "an", reason: "x") },
        await refusal { () throws(OrderRefusal) in try await bus.drop(id, by: "an", reason: "x") },
        await refusal { () throws(OrderRefusal) in
          try await bus.redeliver(.make(at: Timestamp(seconds: 1)), by: "an", reason: "x")
        },
      ]
      #expect(codes == [.gone, .senseless, .unknown])
      await #expect(throws: OrderRefusal.self) { try await bus.pause("nobody", by: "an", reason: "x") }
    }
  }

  @Test("What is kept only masked is not sent again")
  func masked() async throws {
    try await running { hub, city in
      city.mend()
      let id = try await hub.send("vn.test", "m").exchange
      try await hub.journal.record([])
      try await hub.journal.replaceBody(of: id, with: Array("x".utf8), keep: .duration(.seconds(60)))
      let code = await refusal { () throws(OrderRefusal) in
        try await hub.bus.redeliver(id, resend: true, by: "an", reason: "x")
      }
      #expect(code == .gone)
      #expect(city.keys == ["\(id).1"])
    }
  }

  @Test("The feed tells the end of a delivery that was put back, and of one that was sent anew, with its endpoint")
  func feed() async throws {
    try await running { hub, city in
      let id = try await hub.send("vn.test", "m").exchange
      city.mend()
      _ = try await hub.bus.redeliver(id, by: "an", reason: "mended")
      let receipt = Receipt(exchange: id, receivedAt: Timestamp(seconds: 0), duplicate: false)
      _ = await hub.bus.outcome(of: receipt, within: .seconds(30))
      _ = try await hub.bus.redeliver(id, resend: true, by: "an", reason: "lost")
      _ = await hub.bus.outcome(of: receipt, within: .seconds(30))
      try await hub.journal.record([])
      let news = try await EventFeed(journal: hub.journal).events(after: 0, limit: 100).flatMap(\.news)
      let ends = news.compactMap { news -> String? in
        guard case .ended(let state, let delivery) = news else { return nil }
        return "\(state) \(delivery.number) \(delivery.endpoint)"
      }
      #expect(ends == ["refused 1 city", "delivered 1 city", "delivered 2 city"])
    }
  }

  @Test("A paused endpoint holds what comes in, and lets it go when it is resumed; what waits is counted behind")
  func pause() async throws {
    try await running { hub, city in
      city.mend()
      try await hub.bus.pause("city", by: "an", reason: "works")
      let envelope = Envelope(id: "m", source: "/test", type: "vn.test", dataContentType: "text/plain")
      let receipt = try await hub.bus.accept(
        [Message(envelope: envelope, body: .inline([1]), principal: .endpoint("test"))], advancing: nil)[0]
      try await waitUntil("it waits") { hub.bus.snapshot().endpoints.contains { $0.waiting == 1 } }
      #expect(hub.bus.snapshot().endpoints.first { $0.name == "city" }?.stop?.by == "an")
      #expect(try hub.journal.pauses().map(\.endpoint) == ["city"])
      try await hub.bus.resume("city", by: "an", reason: "done")
      #expect(await hub.bus.outcome(of: receipt, within: .seconds(30))?.state == .delivered)
      #expect(try hub.journal.pauses().isEmpty)
    }
  }
}
