import Foundation
import HubKit
import HubTesting
import Testing

/// The suite that every connector passes, over real sockets.
@Suite(.timeLimit(.minutes(2))) struct `The contract of connectors` {
  private static let harness = ConnectorHarness(
    makeAdapter: { port in try adapter(url: "http://127.0.0.1:\(port)") },
    makeDelivery: { number in delivery(number) },
    makeRefusedDelivery: { delivery("9-1", #"{"snapshotId":"9-1"}"#) },
    makeFarSide: {
      let interface = try Bench.makeInterface()
      return FarSide(interface: interface) { try await bodies(of: interface) }
    })

  private static func bodies(of interface: any ServedInterface) async throws -> [[UInt8]] {
    let list = await interface.respond(to: ServedRequest(method: "GET", path: "/_mock/received"))
    var all: [[UInt8]] = []
    for arrival in try JSONDecoder().decode([Bench.Arrival].self, from: Data(list.body)) {
      let path = "/_mock/received/\(arrival.n)/body"
      all.append(await interface.respond(to: ServedRequest(method: "GET", path: path)).body)
    }
    return all
  }

  @Test(arguments: ConnectorContract.Behaviour.allCases)
  func `holds for the operations centre`(_ behaviour: ConnectorContract.Behaviour) async {
    #expect(await ConnectorContract.failure(of: Self.harness, in: behaviour) == nil)
  }
}
