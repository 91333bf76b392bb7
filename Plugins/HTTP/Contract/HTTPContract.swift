internal import HTTP
internal import HTTPMock
public import HubKit
public import HubTesting

/// The plain connector in both modes, held against the agencies' receiving end.
public enum HTTPContract: ConnectorProof {
  /// What is proved.
  public static let connector: any Connector.Type = HTTPConnector.self

  /// Binary and structured mode of CloudEvents over HTTP.
  public static func ways(on bench: ContractBench) -> [ConnectorHarness] {
    ["binary", "structured"].map { mode in
      var harness = bench.harness(
        of: ConnectorKind(connector),
        settings: { ["url": .text("\($0)/agencies/{receiver}/inbox"), "mode": .text(mode)] },
        far: { try HTTPMock(settings: SettingValues([:]), clock: SystemClock()).interface },
        received: { try await FarSide.bodies(of: $0, by: "n") })
      harness.name = mode
      harness.makeDelivery = { delivery($0, #"{"so": \#($0)}"#) }
      harness.makeRefusedDelivery = { delivery(9, "{}", id: "vb-tu-choi") }
      harness.makeTextDelivery = { delivery(1, #"{"trichYeu": "\#($0)"}"#) }
      harness.makeLargeDelivery = { delivery(1, "").large($0) }
      return harness
    }
  }

  private static func delivery(_ number: Int, _ json: String, id: String? = nil) -> Delivery {
    var envelope = Envelope(
      id: id ?? "vb-\(number)", source: "/h24.1/van-thu", type: "vn.example.document",
      dataContentType: "application/json")
    envelope.receivers = [OrganisationCode("H24.2")].compactMap(\.self)
    return .forContract(number, envelope, body: Array(json.utf8))
  }
}
