import Foundation
import HubKit
import HubTesting
import JSONWire
import Testing

@testable import ProcedureSystem

extension SocketTests {
  @Suite struct ContractTests {
    private static let harness = ConnectorHarness(
      makeAdapter: { port in try #require(try parts(url: "http://127.0.0.1:\(port)").outbound) },
      makeDelivery: { number in delivery(dossier(number), number: number) },
      makeRefusedDelivery: { delivery(#"{"dossierCode": "không phải mã"}"#) },
      makeFarSide: {
        let interface = try System.interface(clock: SystemClock())
        return FarSide(interface: interface) { try await received(from: interface) }
      },
      whatArrives: { delivery in
        let bytes = try delivery.bodies.bytes(of: delivery.body, limit: .max)
        return try #require(JSONValue(bytes)).bytes
      })

    private static func received(from interface: any ServedInterface) async throws -> [[UInt8]] {
      let list = await interface.respond(to: ServedRequest(method: "GET", path: "/_mock/received"))
      var bodies: [[UInt8]] = []
      for arrival in try JSONDecoder().decode([System.Arrival].self, from: Data(list.body)) {
        let path = "/_mock/received/\(arrival.n)/body"
        bodies.append(await interface.respond(to: ServedRequest(method: "GET", path: path)).body)
      }
      return bodies
    }

    @Test(arguments: ConnectorContract.Behaviour.allCases)
    func `the outbound adapter keeps the contract`(_ behaviour: ConnectorContract.Behaviour) async {
      let failure = await ConnectorContract.failure(of: Self.harness, in: behaviour)
      #expect(failure == nil, "\(failure?.message ?? "")")
    }
  }
}
