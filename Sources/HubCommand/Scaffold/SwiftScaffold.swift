// The files of a connector that is compiled in.

extension ConnectorScaffold {
  var swiftFiles: [String: String] {
    [
      "\(typeName)Connector.swift": connector, "\(typeName)Outbound.swift": outbound,
      "Mock/\(typeName)Mock.swift": moduleMock, "Contract/\(typeName)Contract.swift": proof,
      "Tests/ContractTests.swift": tests, "Tests/Fixtures/.gitkeep": "",
      "README.md": readme("`\(typeName)Outbound.swift`", "`lgsp connector test \(name)`"),
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
        version: "0.1.0",
        failures: [
          .init("body-unreadable", "The message's bytes cannot be had."),
          .init("http-<status>", "The far system answered with this status."),
          .init("refused", "The far system refuses this item."),
        ])

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

    /// Answers `PUT /items/{id}` and `GET /health`; `GET /_mock/received` lists what it holds, and
    /// `GET /_mock/received/{id}/body` gives one.
    final class \(typeName)Desk: ServedInterface {
      private let items = Mutex<[(id: String, body: [UInt8])]>([])

      func respond(to request: ServedRequest) async -> ServedResponse {
        let parts = request.path.split(separator: "/").map(String.init)
        switch (request.method, parts.first, parts.count) {
        case ("GET", "health", 1): return ServedResponse(status: 204)
        case ("GET", "_mock", 2):
          let list = items.withLock { $0.map { "{\\"id\\": \\"\\($0.id)\\"}" } }
          return .json("[\\(list.joined(separator: ", "))]")
        case ("GET", "_mock", 4):
          let item = items.withLock { $0.first { $0.id == parts[2] } }
          return ServedResponse(status: item == nil ? 404 : 200, body: item?.body ?? [])
        case ("PUT", "items", 2): return put(parts[1], request.body)
        default: return ServedResponse(status: 404)
        }
      }

      private func put(_ id: String, _ body: [UInt8]) -> ServedResponse {
        if body.isEmpty { return ServedResponse(status: 422) }
        return items.withLock { items in
          if items.contains(where: { $0.id == id }) { return ServedResponse(status: 200) }
          items.append((id, body))
          return ServedResponse(status: 201)
        }
      }
    }

    """
  }

  private var proof: String {
    """
    \(imports(["internal ": [typeName, "\(typeName)Mock"], "public ": ["HubKit", "HubTesting"]]))

    /// Items, held against the far system's mock.
    public enum \(typeName)Contract: ConnectorProof {
      /// What is proved.
      public static let connector: any Connector.Type = \(typeName)Connector.self

      /// One way: items go out.
      public static func ways(on bench: ContractBench) -> [ConnectorHarness] {
        var harness = bench.harness(
          of: ConnectorKind(connector), settings: { ["url": .text($0)] },
          far: { try \(typeName)Mock(settings: SettingValues([:]), clock: SystemClock()).interface },
          received: { try await FarSide.bodies(of: $0, by: "id") })
        harness.makeDelivery = { delivery($0, "item \\($0)") }
        harness.makeRefusedDelivery = { delivery(9, "") }
        harness.makeTextDelivery = { delivery(1, $0) }
        return [harness]
      }

      private static func delivery(_ number: Int, _ text: String) -> Delivery {
        let envelope = Envelope(id: "\\(number)", source: "/contract", type: "vn.example.item")
        return .forContract(number, envelope, body: Array(text.utf8))
      }
    }

    """
  }

  /// Import lines in the order that `swift format` wants: by module.
  private func imports(_ modules: [String: [String]]) -> String {
    modules.flatMap { level, names in names.map { (name: $0, line: "\(level)import \($0)") } }
      .sorted { $0.name < $1.name }.map(\.line).joined(separator: "\n")
  }

  private var tests: String {
    """
    \(imports(["": ["HubTesting", "HubTransport", "Testing", "\(typeName)Contract"]]))

    /// What `lgsp connector test \(name)` looks at, over real sockets.
    @Suite(.serialized, .timeLimit(.minutes(2))) struct `The contract of connectors` {
      private static let loop = CurlLoop()

      @Test(arguments: ConnectorContract.Behaviour.allCases)
      func `is kept`(_ behaviour: ConnectorContract.Behaviour) async {
        let bench = ContractBench(transport: Self.loop.transport(for: "contract", .thisMachine))
        let outcome = await ConnectorContract.outcome(of: \(typeName)Contract.self, in: behaviour, on: bench)
        if case .failed(let message) = outcome { Issue.record("\\(message)") }
      }
    }

    """
  }
}
