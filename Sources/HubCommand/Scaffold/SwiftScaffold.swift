// The files of a connector that is compiled in.

extension ConnectorScaffold {
  var swiftFiles: [String: String] {
    [
      "\(typeName)Connector.swift": connector, "\(typeName)Outbound.swift": outbound,
      "Mock/\(typeName)Mock.swift": moduleMock, "Tests/ContractTests.swift": tests, "Tests/Fixtures/.gitkeep": "",
      "README.md": readme("`\(typeName)Outbound.swift`", "`swift test --filter \(typeName)Tests`"),
    ]
  }

  private var connector: String {
    """
    public import HubKit

    /// The far system in a sentence.
    public struct \(typeName)Connector: Connector {
      /// What it is.
      public static let descriptor = ConnectorDescriptor(
        name: "\(name)", summary: "The far system in a sentence.", certificate: "C",
        settings: [
          Setting("url", .url, required: true, example: "https://far.example", help: "Base URL of the far system.")
        ],
        version: "0.1.0")

      private let url: String

      /// Checks settings.
      public init(settings: SettingValues) throws(SettingError) {
        guard let url = settings.text("url"), !url.isEmpty else {
          throw SettingError("url", "is missing: give the base URL of the far system.")
        }
        self.url = url
      }

      /// Makes the sender.
      public func make(_ context: ConnectorContext) throws(AdapterError) -> ConnectorParts {
        ConnectorParts(outbound: \(typeName)Outbound(url: url, transport: context.transport, clock: context.clock))
      }
    }

    """
  }

  private var outbound: String {
    """
    internal import HubKit

    /// Puts items to the far system, named by the delivery's id, so that the same again changes nothing there.
    struct \(typeName)Outbound: OutboundAdapter {
      let url: String
      let transport: any Transport
      let clock: any HubClock

      func deliver(_ delivery: Delivery) async throws(AdapterError) -> Reply {
        let bytes: [UInt8]
        do throws(BodyError) { bytes = try delivery.bodies.bytes(of: delivery.body, limit: 64 << 20) } catch {
          throw AdapterError(.reject, code: "body-unreadable", reason: "The message's bytes cannot be had.")
        }
        var request = OutboundRequest(
          method: "PUT", url: "\\(url)/items/\\(delivery.id)", body: .bytes(bytes),
          timeout: max(.milliseconds(1), delivery.deadline - clock.now))
        if let trace = delivery.envelope.extensions[ExtensionName.traceParent] {
          request.headers.append(HeaderField("traceparent", trace))
        }
        let response = try await transport.send(request)
        switch response.status {
        case 200, 201: return Reply(code: "\\(response.status)")
        case 422: throw AdapterError(.reject, code: "refused", reason: "The far system refuses this item.")
        case 408, 425, 429, 500:
          throw AdapterError(
            .retry(after: response.retryAfter(now: clock.now)), code: "http-\\(response.status)", reason: "Try again.")
        default:
          throw AdapterError(
            .outage(after: response.retryAfter(now: clock.now)), code: "http-\\(response.status)",
            reason: "The far system answered \\(response.status).")
        }
      }

      func probe() async throws(AdapterError) {
        let response = try await transport.send(OutboundRequest(method: "GET", url: "\\(url)/health"))
        guard response.status == 204 else {
          throw AdapterError(
            .outage(after: nil), code: "http-\\(response.status)", reason: "The far system is not well.")
        }
      }
    }

    """
  }

  private var moduleMock: String {
    """
    public import HubKit
    internal import Synchronization

    /// The far system's side.
    public struct \(typeName)Mock: ConnectorMock {
      /// What it is.
      public static let descriptor = ConnectorDescriptor(
        name: "\(name)", summary: "Takes items and keeps each once.", certificate: "C", settings: [])

      /// What it answers.
      public let interface: any ServedInterface

      /// Creates the far system with nothing in it.
      public init(settings: SettingValues, clock: any HubClock) throws(SettingError) {
        interface = \(typeName)Desk()
      }
    }

    /// Answers `PUT /items/{id}` and `GET /health`; `GET /_mock/received` tells how many it holds.
    final class \(typeName)Desk: ServedInterface {
      private let items = Mutex<[String: [UInt8]]>([:])

      func respond(to request: ServedRequest) async -> ServedResponse {
        if request.path == "/health" { return ServedResponse(status: 204) }
        if request.path == "/_mock/received" {
          return ServedResponse(status: 200, body: Array("\\(items.withLock { $0.count })".utf8))
        }
        guard request.method == "PUT", request.path.hasPrefix("/items/") else { return ServedResponse(status: 404) }
        if request.body.isEmpty { return ServedResponse(status: 422) }
        let isNew = items.withLock { $0.updateValue(request.body, forKey: request.path) == nil }
        return ServedResponse(status: isNew ? 201 : 200)
      }
    }

    """
  }

  private var tests: String {
    """
    import HubKit
    import HubTesting
    import HubTransport
    import Testing

    @testable import \(typeName)
    @testable import \(typeName)Mock

    @Suite(.timeLimit(.minutes(2))) struct `The contract of connectors` {
      private static let loop = CurlLoop()

      private static func delivery(_ number: Int, _ body: String) -> Delivery {
        let clock = SystemClock()
        return Delivery(
          id: "contract-\\(number).1", exchange: .make(at: clock.now), attempt: 1,
          envelope: Envelope(id: "\\(number)", source: "/contract", type: "vn.example.item"), receiver: nil,
          body: .inline(Array(body.utf8)), bodies: MemoryBodyStore(), receivedAt: clock.now,
          deadline: clock.now + .seconds(30))
      }

      private static var harness: ConnectorHarness {
        var harness = ConnectorHarness(
          makeParts: { port in
            let settings = SettingValues(["url": .text("http://127.0.0.1:\\(port)")])
            let allowed = [AllowedAddress("127.0.0.1")].compactMap { $0 }
            let transport = loop.transport(for: "test", TransportOptions(allow: allowed))
            return try \(typeName)Connector(settings: settings).make(.forTests(transport: transport))
          },
          makeFarSide: {
            let desk = \(typeName)Desk()
            return FarSide(interface: desk) {
              let answer = await desk.respond(to: ServedRequest(method: "GET", path: "/_mock/received"))
              return Array(repeating: [], count: Int(String(decoding: answer.body, as: UTF8.self)) ?? 0)
            }
          })
        harness.comparesBytes = false
        harness.makeDelivery = { delivery($0, "item \\($0)") }
        harness.makeRefusedDelivery = { delivery(9, "") }
        harness.makeTextDelivery = { delivery(1, $0) }
        harness.kind = (ConnectorKind(\(typeName)Connector.self), ["url": .text("http://127.0.0.1:1")])
        return harness
      }

      @Test(arguments: ConnectorContract.Behaviour.allCases)
      func `holds`(_ behaviour: ConnectorContract.Behaviour) async {
        #expect(await ConnectorContract.failure(of: Self.harness, in: behaviour) == nil)
      }
    }

    """
  }
}
