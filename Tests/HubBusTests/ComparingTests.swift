import HubJournal
import HubKit
import HubRouting
import HubTesting
import HubTransform
import Synchronization
import Testing

@testable import HubBus

@Suite("Shadows: asked the same, compared, and heard by nobody")
struct ComparingTests {
  /// A personal number that must appear nowhere but in the bodies.
  private static let number = "031090900001"

  /// A far side that says what it is told to, once it is let.
  private final class Speaker: OutboundAdapter {
    private let gate: Gate
    private let says: @Sendable (Delivery) throws(AdapterError) -> Reply
    private let heard = Mutex<[Delivery]>([])

    init(isOpen: Bool = true, _ says: @escaping @Sendable (Delivery) throws(AdapterError) -> Reply) {
      gate = Gate(isOpen: isOpen)
      self.says = says
    }

    convenience init(isOpen: Bool = true, _ json: String) {
      self.init(isOpen: isOpen) { _ in
        Reply(code: "200", mediaType: "application/json", body: .inline(Array(json.utf8)))
      }
    }

    var deliveries: [Delivery] { heard.withLock { $0 } }

    func open() { gate.open() }

    func deliver(_ delivery: Delivery) async throws(AdapterError) -> Reply {
      heard.withLock { $0.append(delivery) }
      _ = try await gate.deliver(delivery)
      return try says(delivery)
    }

    func probe() async throws(AdapterError) {}
  }

  private static let connector = ConnectorDescriptor(
    name: "land", summary: "", certificate: "A", settings: [],
    operations: [.init("parcel", "", isRead: true), .init("owner", "", isRead: true), .init("register", "")])

  private static func endpoint(
    _ name: String, _ far: any OutboundAdapter, concurrency: Int = 8, shadow: Bool = false
  ) -> BusEndpoint {
    var policy = EndpointPolicy(concurrency: concurrency, timeout: .seconds(30))
    if shadow { policy.next = .init(name: "\(name)@next", rule: .never, isShadow: true) }
    return BusEndpoint(name: name, connector: "land", outbound: far, policy: policy, descriptor: connector)
  }

  private static func hub(
    _ endpoints: [BusEndpoint], operation: String = "parcel", shadow: RouteShadow? = nil,
    folder: TemporaryDirectory? = nil
  ) throws -> SwapHub {
    let key = RouteKey(
      name: "person", jq: TextSource(name: "key", text: ".id", place: SourcePlace(file: "key")), personal: true)
    let route = Route(
      name: "parcels", match: RouteMatch(["service": [Pattern("land")]]),
      to: [.endpoint(EndpointAddress("a", operation: operation))], shadow: shadow, keys: [key])
    return try SwapHub(RouteBook(digest: "shadow", routes: [route]), endpoints, folder: folder)
  }

  private static func ask(_ hub: SwapHub, _ id: String) async throws -> Answer {
    let envelope = Envelope(
      id: id, source: "/test", type: Question.eventType, dataContentType: "application/json",
      extensions: [ExtensionName.service: "land"])
    let body = Body.inline(Array(#"{"id":"\#(number)"}"#.utf8))
    return try await hub.bus.ask(
      Message(envelope: envelope, body: body, principal: .hub("test")), within: .seconds(60))
  }

  private static func report(_ hub: SwapHub, of name: String = "parcels", after count: Int) async throws
    -> ComparisonReport
  {
    try await waitUntil("all are compared") {
      let report = try hub.bus.history.comparisons(of: name)
      return report.map { $0.compared + $0.failed + $0.dropped == count } ?? false
    }
    return try #require(try hub.bus.history.comparisons(of: name))
  }

  @Test("Fields are counted one by one after the shadow's own mapping, and no value leaves")
  func fields() async throws {
    let live = Speaker(
      #"{"area":120.0,"owner":{"id":"\#(Self.number)","name":"An"},"plots":[1,2],"\#(Self.number)":1}"#)
    let other = Speaker { delivery in
      let name = delivery.id.hasSuffix(".1.shadow") && delivery.envelope.id == "2" ? "Bình" : "An"
      let json = #"{"dienTich":120,"chu":{"ten":"\#(name)","dinhDanh":"\#(Self.number)"},"thua":[1,2,3]}"#
      return Reply(code: "200", mediaType: "application/json", body: .inline(Array(json.utf8)))
    }
    let program = TextSource(
      name: "ilis.jq", text: "{area: .dienTich, owner: {id: .chu.dinhDanh, name: .chu.ten}, plots: .thua}",
      place: SourcePlace(file: "ilis.jq"))
    let shadow = RouteShadow(to: EndpointAddress("b", operation: "owner"), map: [.jq(program)])
    let hub = try Self.hub([Self.endpoint("a", live), Self.endpoint("b", other)], shadow: shadow)
    try await hub.running { hub in
      for id in ["1", "2"] {
        let answer = try await Self.ask(hub, id)
        #expect(answer.outcome.state == .delivered)
        let body = try #require(answer.reply?.body)
        let bytes = try hub.journal.bytes(of: body, limit: 1000)
        #expect(String(decoding: bytes, as: UTF8.self).contains("area"), "the answer is the live one")
      }
      let report = try await Self.report(hub, after: 2)
      #expect(report.endpoint == "a/parcel" && report.shadow == "b/owner" && report.route == "parcels")
      #expect(report.compared == 2 && report.different == 2 && report.failed == 0 && report.latency.shadow != nil)
      let rows = report.fields.map { "\($0.path) \($0.seen) \($0.agree) \($0.differ) \($0.onlyLive) \($0.onlyShadow)" }
      #expect(
        rows == [
          "/* 2 0 0 2 0", "/plots/* 2 0 0 0 2", "/owner/name 2 1 1 0 0", "/area 2 2 0 0 0", "/owner/id 2 2 0 0 0",
        ])
      #expect(other.deliveries.map(\.operation) == ["owner", "owner"])
      let events = try hub.journal.events(kind: "compared", after: 0, limit: 10)
      #expect(events.count == 2 && events.allSatisfy { $0.exchange != nil && $0.state == nil })
      for event in events {
        let text = String(decoding: event.payload, as: UTF8.self)
        #expect(text.contains("/owner/name") && !text.contains(Self.number) && !text.contains("Bình"))
      }
      let id = try #require(report.fields[2].examples.first)
      let view = try #require(try hub.bus.history.exchange(id))
      #expect(view.state == .delivered)
      #expect(view.events.contains { $0.name == "shadow" && $0.detail == "also asked: b/owner" })
      #expect(view.events.contains { $0.name == "compared" && $0.detail?.contains("/owner/name") == true })
    }
  }

  @Test("The caller has his answer while the shadow is silent; what it has no room for is dropped; the report survives")
  func silent() async throws {
    let (live, other) = (Speaker(#"{"a":1}"#), Speaker(isOpen: false, #"{"a":1}"#))
    let folder = try TemporaryDirectory("shadow")
    let endpoints = [Self.endpoint("a", live), Self.endpoint("b", other, concurrency: 1)]
    let shadow = RouteShadow(to: EndpointAddress("b", operation: "parcel"))
    try await Self.hub(endpoints, shadow: shadow, folder: folder).running { hub in
      #expect(try await Self.ask(hub, "1").outcome.state == .delivered)
      try await waitUntil("the shadow is asked") { other.deliveries.count == 1 }
      for id in ["2", "3"] { #expect(try await Self.ask(hub, id).outcome.state == .delivered) }
      let report = try await Self.report(hub, after: 2)
      #expect(report.dropped == 2 && report.reasons == ["busy": 2] && other.deliveries.count == 1)
      #expect(try hub.bus.history.search(SearchQuery()).allSatisfy { $0.state == .delivered })
      other.open()
      #expect(try await Self.report(hub, after: 3).same == 1)
    }
    try await Self.hub(endpoints, shadow: shadow, folder: folder).running { hub in
      let report = try await Self.report(hub, after: 3)
      #expect(report.same == 1 && report.dropped == 2, "after a restart as before")
      #expect(try hub.bus.history.comparisons(of: "parcels", to: Timestamp(seconds: 0)) == nil)
    }
  }

  @Test("A shadow that fails or says something odd is asked once, and counted")
  func failing() async throws {
    let live = Speaker(#"{"a":1}"#)
    let other = Speaker { delivery throws(AdapterError) in
      switch delivery.envelope.id {
      case "1": throw AdapterError(.retry(after: .zero), code: "down", reason: "No.")
      case "2": return Reply(code: "200", mediaType: "application/json", body: .inline(Array("{".utf8)))
      default: return Reply(code: "200", mediaType: "text/plain", body: .inline([1]))
      }
    }
    let hub = try Self.hub([Self.endpoint("a", live, shadow: true), Self.endpoint("a@next", other)])
    try await hub.running { hub in
      for id in ["1", "2", "3"] { #expect(try await Self.ask(hub, id).outcome.state == .delivered) }
      let report = try await Self.report(hub, of: "a", after: 3)
      #expect(report.shadow == "a@next/parcel" && other.deliveries.count == 3 && live.deliveries.count == 3)
      #expect(report.failed == 1 && report.reasons == ["down": 1] && report.different == 2)
      #expect(report.fields.map(\.path) == [""] && report.fields.first?.differ == 2)
      #expect(try hub.bus.history.comparisons(of: "a/parcel") != nil)
      #expect(try hub.bus.history.comparisons(of: "b") == nil)
    }
  }

  @Test("What may change something is asked once, whatever the configuration says")
  func changes() async throws {
    let (live, other) = (Speaker(#"{"a":1}"#), Speaker(#"{"a":1}"#))
    let hub = try Self.hub(
      [Self.endpoint("a", live, shadow: true), Self.endpoint("a@next", other)], operation: "register")
    try await hub.running { hub in
      let answer = try await Self.ask(hub, "1")
      let view = try #require(try hub.bus.history.exchange(answer.receipt.exchange))
      #expect(!view.events.contains { $0.name == "shadow" })
    }
    #expect(other.deliveries.isEmpty)
    #expect(Self.connector.isRead("parcel") && !Self.connector.isRead(nil) && !Self.connector.isRead("other"))
  }

  @Test("What a place says is bounded, and says so")
  func bounded() {
    var comparison = ShadowComparison(endpoint: "a", shadow: "b", .dropped)
    let pairs = (0..<30).map { ("/d\($0)", JSONComparison.Finding.differs) } + (0..<300).map { ("/s\($0)", .same) }
    comparison.take(Dictionary(uniqueKeysWithValues: pairs), hasMore: false)
    #expect(comparison.result == .differs && comparison.differ?.count == 20 && comparison.agree?.count == 200)
    #expect(comparison.isCut == true)
    comparison.take(["/a": .same], hasMore: false)
    #expect(comparison.result == .same)
  }
}
