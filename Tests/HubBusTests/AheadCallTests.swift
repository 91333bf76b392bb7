import Dispatch
import HubJournal
import HubKit
import HubRouting
import HubTesting
import Synchronization
import Testing

@testable import HubBus
@testable import HubJournal

@Suite("Reads that leave while their records are written")
struct AheadCallTests {
  private static func hub(_ far: Gate, _ policy: EndpointPolicy = EndpointPolicy()) throws -> SwapHub {
    let routes = RouteRecord.allCases.map { record in
      Route(
        name: record.rawValue, match: RouteMatch(["service": [Pattern(record.rawValue)]]),
        to: [.endpoint(EndpointAddress("e"))], record: record)
    }
    return try SwapHub(
      RouteBook(digest: "ahead", routes: routes),
      [BusEndpoint(name: "e", connector: "test", outbound: far, policy: policy)])
  }

  private static func question(_ id: String, _ record: RouteRecord, _ method: String) -> Message {
    var envelope = Envelope(
      id: id, source: "/test", type: Question.eventType, dataContentType: Question.parametersType,
      extensions: [ExtensionName.service: record.rawValue])
    envelope.question = Question(method: method)
    return Message(envelope: envelope, body: .inline(Array(id.utf8)), principal: .hub("test"))
  }

  /// Keeps the journal's writer busy until `release` is called.
  private static func holdingWriter(_ journal: Journal) -> DispatchSemaphore {
    let held = DispatchSemaphore(value: 0)
    journal.writeLater(rows: 1) { _ throws(WriteFailure) in held.wait() }
    return held
  }

  @Test("The read is put before its record is on the disk, and answered after; all else is put after")
  func order() async throws {
    let far = Gate(isOpen: true)
    let answers = Answers()
    try await Self.hub(far).running { hub in
      let (bus, held) = (hub.bus, Self.holdingWriter(hub.journal))
      try await withThrowingTaskGroup(of: Void.self) { group in
        // In this order at the journal: none of the others can have been put before the read was.
        for (id, record, method) in [
          ("1", RouteRecord.beforeCall, "GET"), ("2", .beforeReply, "POST"), ("3", .beforeReply, "GET"),
        ] {
          group.addTask {
            let answer = try await bus.ask(Self.question(id, record, method), within: .seconds(60))
            answers.all.withLock { $0[id] = answer }
          }
          try await waitUntil("it waits for the journal") { bus.state.withLock { $0.admitting } == Int(id) }
        }
        try await waitUntil("the read was put") { !far.taken.isEmpty }
        #expect(far.taken == ["3"])
        #expect(answers.all.withLock { $0.isEmpty }, "nobody is answered before the record is on the disk")
        held.signal()
        try await group.waitForAll()
      }
      #expect(far.taken.sorted() == ["1", "2", "3"], "nothing is put twice")
      for (id, answer) in answers.all.withLock({ $0 }) {
        #expect(answer.outcome.state == .delivered && answer.reply != nil, "\(id)")
        let stored = try #require(try hub.journal.exchange(answer.receipt.exchange))
        #expect(stored.envelope.id == id)
      }
      #expect(hub.bus.state.withLock { $0.ahead.isEmpty })
    }
  }

  @Test("A read whose id was used for another question is let go, and the caller hears of the conflict")
  func conflict() async throws {
    let far = Gate(isOpen: true)
    try await Self.hub(far).running { hub in
      _ = try await hub.bus.ask(Self.question("1", .beforeReply, "GET"), within: .seconds(60))
      var other = Self.question("1", .beforeReply, "GET")
      other.body = .inline(Array("other".utf8))
      let refusal = await #expect(throws: NotAccepted.self) { try await hub.bus.ask(other, within: .seconds(60)) }
      #expect(refusal?.code == .conflict)
      #expect(hub.bus.state.withLock { $0.ahead.isEmpty })
    }
  }

  @Test("Reads ahead count as attempts: no more leave than the endpoint bears")
  func concurrency() async throws {
    let far = Gate(isOpen: false)
    let hub = try Self.hub(far, EndpointPolicy(concurrency: 2))
    try await hub.running { hub in
      let (bus, held) = (hub.bus, Self.holdingWriter(hub.journal))
      try await withThrowingTaskGroup(of: Void.self) { group in
        for id in 1...4 {
          group.addTask {
            _ = try await bus.ask(Self.question("\(id)", .beforeReply, "GET"), within: .seconds(60))
          }
        }
        try await waitUntil("all wait for the journal") { bus.state.withLock { $0.admitting } == 4 }
        try await waitUntil("two were put") { far.arrivedCount >= 2 }
        #expect(far.arrivedCount == 2 && hub.bus.state.withLock { $0.ahead.count } == 2)
        held.signal()
        far.open()
        try await group.waitForAll()
      }
      #expect(far.taken.count == 4)
    }
  }
}

private final class Answers: Sendable {
  let all = Mutex<[String: Answer]>([:])
}
