import Foundation
import HubBus
import HubConfig
import HubHosting
import HubInsight
import HubJournal
import HubKit
import HubTesting
import HubTransform
import HubTransport
import Logging
import OperationsCentreMock
import Testing

/// The whole way: journal, figures, bus, connector, operations centre on a real socket.
@Suite(.timeLimit(.minutes(3))) struct PushTests {
  static let loop = CurlLoop()
  static let pool = TransformPool(program: nil)
  private static let token = "token-of-the-test"
  private static let fast = InsightSettings(
    every: .seconds(3600), minInterval: .milliseconds(20), pollEvery: .milliseconds(5), pageSize: 10)

  /// The operations centre and the adapter that reaches it.
  private struct Centre {
    let server: LoopbackServer
    let adapter: any OutboundAdapter

    init() throws {
      let mock = try OperationsCentreMock(
        settings: SettingValues(["token": .text(PushTests.token)]), clock: SystemClock())
      server = try LoopbackServer(mock.interface)
      let folder = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
      let files = try ConfigFiles(connectorFolder: "/\(folder)/Config/connectors/operations-centre")
      let kinds = HostedConnectors.kinds(of: loadConnectors(files).0, in: "/nowhere", pool: PushTests.pool)
      let settings = SettingValues([
        "url": .text(server.url), "token": .secret(Secret(reference: "file:t", value: PushTests.token)),
      ])
      let parts = try kinds[0].configured(settings)(.forTests(transport: Self.transport()))
      guard let outbound = parts.outbound else { throw TestingError("no outbound adapter") }
      adapter = outbound
    }

    static func transport() -> any Transport {
      PushTests.loop.transport(for: "test", .thisMachine)
    }

    func send(_ method: String, _ path: String, _ json: String? = nil) async throws -> [UInt8] {
      try await Self.transport().send(
        OutboundRequest(method: method, url: server.url + path, body: json.map { .bytes(Array($0.utf8)) })
      ).body
    }

    /// How many documents the centre believes to have been taken in, over all days; nil before the first figures.
    func documents() async throws -> Int? {
      struct Shown: Decodable {
        struct Period: Decodable { var documents: [String: Int] }
        var newest: String?
        var days: [String: Period]
      }
      let shown = try JSONDecoder().decode(Shown.self, from: Data(try await send("GET", "/_mock/figures")))
      guard shown.newest != nil else { return nil }
      return shown.days.values.compactMap { $0.documents["received"] }.reduce(0, +)
    }

    struct Arrival: Decodable, Hashable {
      var snapshotId: String
      var sequence: Int64
    }

    func received() async throws -> [Arrival] {
      try JSONDecoder().decode([Arrival].self, from: Data(try await send("GET", "/_mock/received")))
    }
  }

  private func hub(_ centre: Centre, folder: TemporaryDirectory? = nil) throws -> SmallHub {
    try SmallHub(
      outbound: ["axis": Scripted(), "city": Scripted(), "operations-centre": centre.adapter], folder: folder)
  }

  @Test func `Figures reach the operations centre, and their own delivery is no news`() async throws {
    let centre = try Centre()
    let hub = try hub(centre)
    try await hub.running(insight: Self.fast) { hub in
      for number in 1...3 { try await hub.send("vn.gov.edoc.document", "d\(number)") }
      try await waitUntil("the centre knows of three documents") { try await centre.documents() == 3 }
      // All that happens from here on is the hub's own: the figures' receipt, delivery and end.
      try await waitUntil("nothing is under way") { try hub.journal.statistics().open == 0 }
      let projection = try await hub.rebuilt()
      #expect(projection.newsSequence < projection.sequence)
      let newest = try #require(try await centre.received().map(\.sequence).max())
      #expect(newest <= projection.newsSequence)
      // Something else happens: the next figures stand at it, and none were sent in between for the hub's own sake.
      try await hub.send("vn.gov.edoc.document", "d4")
      try await waitUntil("the centre knows of four documents") { try await centre.documents() == 4 }
      // Figures never stand at a record of the hub's own.
      let own = try await EventFeed(journal: hub.journal).events(after: 0, limit: 10_000).filter(Self.isOwn)
      #expect(!own.isEmpty)
      let received = try await centre.received()
      #expect(Set(received.map(\.sequence)).isDisjoint(with: own.map(\.sequence)))
    }
    await hub.close()
  }

  /// Whether a record tells of what the hub sent in its own name.
  private static func isOwn(_ event: FeedEvent) -> Bool {
    event.news.contains { news in
      switch news {
      case .received(let origin, _), .settled(_, let origin, _): origin.principal == "hub:insight"
      case .ended(_, let delivery), .attemptFailed(let delivery): delivery.origin.principal == "hub:insight"
      case .refusedAtTheDoor(_, _, let principal): principal == "hub:insight"
      }
    }
  }

  @Test func `A far side that is away delays the last figures and never loses them`() async throws {
    let centre = try Centre()
    let hub = try hub(centre)
    _ = try await centre.send("POST", "/_mock/faults", #"{"fault":"unavailable","times":-1}"#)
    try await hub.running(insight: Self.fast) { hub in
      for number in 1...5 { try await hub.send("vn.gov.edoc.document", "d\(number)") }
      try await waitUntil("figures wait for the centre") {
        hub.bus.snapshot().endpoints.contains { $0.name == "operations-centre" && $0.reason != nil }
      }
      #expect(try await centre.received().isEmpty)
      _ = try await centre.send("DELETE", "/_mock/faults")
      try await waitUntil("the centre knows of five documents") { try await centre.documents() == 5 }
    }
    await hub.close()
  }

  @Test func `A hub that stops while the far side is away sends the last figures after its restart`() async throws {
    let centre = try Centre()
    let first = try hub(centre)
    _ = try await centre.send("POST", "/_mock/faults", #"{"fault":"unavailable","times":-1}"#)
    try await first.running(insight: Self.fast) { hub in
      for number in 1...2 { try await hub.send("vn.gov.edoc.document", "d\(number)") }
      try await waitUntil("figures wait for the centre") {
        hub.bus.snapshot().endpoints.contains { $0.name == "operations-centre" && $0.reason != nil }
      }
    }
    await first.close()
    _ = try await centre.send("DELETE", "/_mock/faults")
    let second = try hub(centre, folder: first.folder)
    try await second.running(insight: Self.fast) { _ in
      try await waitUntil("the centre knows of two documents") { try await centre.documents() == 2 }
    }
    await second.close()
  }

  @Test func `The schedule sends figures although nothing has changed, each time by another name`() async throws {
    let centre = try Centre()
    let hub = try hub(centre)
    var settings = Self.fast
    settings.every = .milliseconds(50)
    settings.minInterval = .milliseconds(10)
    try await hub.running(insight: settings) { _ in
      try await waitUntil("figures came three times") { try await centre.received().count >= 3 }
      let received = try await centre.received()
      #expect(Set(received.map(\.sequence)) == [0])
      #expect(Set(received.map(\.snapshotId)).count == received.count)
    }
    await hub.close()
  }

  @Test func `What the bus does not take is offered again`() async throws {
    let hub = try SmallHub(outbound: ["city": Scripted()])
    try await hub.running { hub in
      try await hub.send("vn.gov.edoc.status", "s1")
      let gateway = RecordingGateway()
      gateway.refuse([NotAccepted(.unavailable, "Not now."), NotAccepted(.noRoute, "No route.")])
      let service = InsightService(
        feed: EventFeed(journal: hub.journal), gateway: gateway, settings: Self.fast, clock: SystemClock(),
        logger: Logger(label: "test"))
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await service.run() }
        try await waitUntil("it was taken at last") { !gateway.accepted.isEmpty }
        group.cancelAll()
      }
      let message = try #require(gateway.accepted.first)
      #expect(message.principal == .hub("insight"))
      #expect(message.envelope.type == "vn.haiphong.ioc.indicators")
      #expect(message.envelope.id == message.envelope.subject)
      let bytes = try gateway.bodies.bytes(of: message.body, limit: 1 << 20)
      let told = try JSONDecoder().decode(Indicators.self, from: Data(bytes))
      #expect(told.total.documentStatuses.received == 1)
      #expect(told.snapshotId == message.envelope.id)
    }
    await hub.close()
  }
}
