import EDocument
import EDocumentMock
import EdXMLWire
import Foundation
import HubKit
import HubTesting
import Testing

extension SocketTests {
  @Suite struct ContractTests {
    private static let harness = ConnectorHarness(
      makeAdapter: { port in try parts(url: "http://127.0.0.1:\(port)").outbound },
      makeDelivery: { number in delivery(sample("plain", number: number), number: number) },
      makeRefusedDelivery: { delivery(sample("plain"), to: agency("H99.99", "nobody")) },
      makeFarSide: {
        let interface = try Axis.makeInterface(clock: SystemClock())
        return FarSide(interface: interface) { try await received(from: interface) }
      },
      whatArrives: { delivery in
        let bytes = try delivery.bodies.bytes(of: delivery.body, limit: .max)
        let plan = try TraceStamp.scan(BytesReader(bytes), organisation: "H24.1", time: delivery.receivedAt)
        return try SplicedReader(BytesReader(bytes), plan).rest(limit: .max)
      })

    private static func received(from interface: any ServedInterface) async throws -> [[UInt8]] {
      let list = await interface.respond(to: ServedRequest(method: "GET", path: "/_mock/received"))
      var bodies: [[UInt8]] = []
      for arrival in try JSONDecoder().decode([Axis.Arrival].self, from: Data(list.body)) {
        let path = "/_mock/received/\(arrival.docId)/body"
        bodies.append(await interface.respond(to: ServedRequest(method: "GET", path: path)).body)
      }
      return bodies
    }

    @Test(arguments: ConnectorContract.Behaviour.allCases)
    func `the outbound adapter keeps the contract`(_ behaviour: ConnectorContract.Behaviour) async {
      let harness = Self.harness.skipping(
        .traceGoesOn, because: "Parameters go to the axis as signed header fields, and others are not foreseen.")
      let failure = await ConnectorContract.failure(of: harness, in: behaviour)
      #expect(failure == nil, "\(failure?.message ?? "")")
    }
  }
}
