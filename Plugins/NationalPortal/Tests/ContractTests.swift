import Foundation
import HubKit
import HubTesting
import NationalPortalMock
import Testing

@testable import NationalPortal

extension SocketTests {
  @Suite struct ContractTests {
    private static func harness(_ operation: String) -> ConnectorHarness {
      ConnectorHarness(
        makeAdapter: { port in
          try #require(try parts(url: "http://127.0.0.1:\(port)").outbound)
        },
        makeDelivery: { number in
          delivery(operation == "dossier" ? record(number) : progress(number), operation, number: number)
        },
        makeRefusedDelivery: {
          let change = operation == "dossier" ? ["MaTTHC": "không phải mã"] : ["TrangThai": "77"]
          return delivery(operation == "dossier" ? record(1, change) : progress(1, change), operation)
        },
        makeFarSide: {
          let interface = try Portal.interface(strict: false, clock: SystemClock())
          return FarSide(interface: interface) { try await received(from: interface) }
        },
        whatArrives: { delivery in
          try canonical(String(decoding: try delivery.bodies.bytes(of: delivery.body, limit: .max), as: UTF8.self))
        })
    }

    private static func received(from interface: any ServedInterface) async throws -> [[UInt8]] {
      let list = await interface.respond(to: ServedRequest(method: "GET", path: "/_mock/received"))
      var bodies: [[UInt8]] = []
      for arrival in try JSONDecoder().decode([Portal.Arrival].self, from: Data(list.body)) {
        let path = "/_mock/received/\(arrival.n)/body"
        bodies.append(await interface.respond(to: ServedRequest(method: "GET", path: path)).body)
      }
      return bodies
    }

    @Test(arguments: ["dossier", "progress"], ConnectorContract.Behaviour.allCases)
    func `the outbound adapter keeps the contract`(
      _ operation: String, _ behaviour: ConnectorContract.Behaviour
    ) async {
      let harness = Self.harness(operation).skipping(
        .traceGoesOn, because: "The portal's adapter takes the header fields of its own protocol only.")
      let failure = await ConnectorContract.failure(of: harness, in: behaviour)
      #expect(failure == nil, "\(failure?.message ?? "")")
    }
  }
}
