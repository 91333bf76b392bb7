import Foundation
import HTTPMock
import HubKit
import HubTesting
import HubTransport
import Testing

@testable import HTTP

/// The suite that every connector passes, in each mode, over real sockets.
@Suite(.timeLimit(.minutes(2))) struct `The contract of connectors` {
  static let loop = CurlLoop()

  private func harness(mode: String) -> ConnectorHarness {
    ConnectorHarness(
      makeAdapter: { port in
        let options = TransportOptions(allow: [AllowedAddress("127.0.0.1")].compactMap { $0 })
        return try adapter(
          ["url": .text("http://127.0.0.1:\(port)/agencies/{receiver}/inbox"), "mode": .text(mode)],
          transport: Self.loop.transport(for: "contract", options))
      },
      makeDelivery: { number in delivery(number, body: .inline(Array("{\"so\": \(number)}".utf8))) },
      makeRefusedDelivery: {
        delivery(9) { $0.id = "vb-tu-choi" }
      },
      makeFarSide: {
        let mock = try HTTPMock(settings: SettingValues([:]), clock: SystemClock())
        return FarSide(interface: mock.interface, received: { try await bodies(of: mock.interface) })
      })
  }

  private func bodies(of interface: any ServedInterface) async throws -> [[UInt8]] {
    struct Entry: Decodable { var n: Int }
    let list = await interface.respond(to: ServedRequest(method: "GET", path: "/_mock/received"))
    var all: [[UInt8]] = []
    for entry in try JSONDecoder().decode([Entry].self, from: Data(list.body)) {
      let path = "/_mock/received/\(entry.n)/body"
      all.append(await interface.respond(to: ServedRequest(method: "GET", path: path)).body)
    }
    return all
  }

  @Test(arguments: ConnectorContract.Behaviour.allCases)
  func `holds in binary mode`(_ behaviour: ConnectorContract.Behaviour) async {
    #expect(await ConnectorContract.failure(of: harness(mode: "binary"), in: behaviour) == nil)
  }

  @Test(arguments: ConnectorContract.Behaviour.allCases)
  func `holds in structured mode`(_ behaviour: ConnectorContract.Behaviour) async {
    #expect(await ConnectorContract.failure(of: harness(mode: "structured"), in: behaviour) == nil)
  }
}
