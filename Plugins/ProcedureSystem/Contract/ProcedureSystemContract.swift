public import HubKit
public import HubTesting
internal import JSONWire
internal import ProcedureSystem
internal import ProcedureSystemMock

/// Dossiers and their events, held against the procedure system's mock.
public enum ProcedureSystemContract: ConnectorProof {
  /// What is proved.
  public static let connector: any Connector.Type = ProcedureSystemConnector.self

  /// One way: dossiers out, events in.
  public static func ways(on bench: ContractBench) -> [ConnectorHarness] {
    var harness = bench.harness(
      of: ConnectorKind(connector), settings: { ["url": .text($0), "token": .secret(token)] },
      far: {
        try ProcedureSystemMock(settings: SettingValues(["token": .secret(token)]), clock: SystemClock()).interface
      }, received: { try await FarSide.bodies(of: $0, by: "n") })
    harness.makeDelivery = { delivery($0, dossier($0)) }
    harness.makeRefusedDelivery = { delivery(9, #"{"dossierCode": "không phải mã"}"#) }
    harness.makeTextDelivery = { delivery(1, dossier(1, note: $0)) }
    harness.whatArrives = { delivery in
      JSONValue(try delivery.bodies.bytes(of: delivery.body, limit: .max))?.bytes ?? []
    }
    harness.offer = { farSide, _ in try await offer(farSide.interface) }
    return [harness]
  }

  private static let token = Secret(reference: "contract", value: "the-bi-mat")

  private static func code(_ number: Int) -> String { "000.00.00.H24-261127-000\(number)" }

  /// A canonical dossier of nobody.
  private static func dossier(_ number: Int, note: String = "thử nghiệm") -> String {
    """
    {"dossierCode": "\(code(number))", "procedure": {"code": "2.000477"}, "channel": "online",
    "applicant": {"kind": "citizen", "name": "Nguyễn Văn Mẫu"}, "note": "\(note)"}
    """
  }

  private static func delivery(_ number: Int, _ json: String) -> Delivery {
    let envelope = Envelope(
      id: "m-\(number)", source: "/dvcqg", type: "vn.gov.dvcqg.dossier", subject: code(number),
      extensions: ["dossierstatus": "registered"])
    return .forContract(number, envelope, body: Array(json.utf8))
  }

  /// Four dossiers come in, and each takes a step.
  private static func offer(_ system: any ServedInterface) async throws -> [String] {
    let login = HeaderField("Authorization", "Bearer \(token.reveal() ?? "")")
    for number in 1...4 {
      let event = """
        {"specversion": "1.0", "id": "\(number)", "source": "/contract", "type": "vn.haiphong.dossier.submitted",
        "data": \(dossier(number))}
        """
      let headers = [login, HeaderField("Content-Type", "application/cloudevents+json")]
      _ = await system.respond(
        to: ServedRequest(method: "POST", path: "/dossiers", headers: headers, body: Array(event.utf8)))
    }
    _ = await system.respond(to: ServedRequest(method: "POST", path: "/_mock/advance"))
    let events = await system.respond(
      to: ServedRequest(method: "GET", path: "/events", query: [HeaderField("limit", "100")], headers: [login]))
    guard case .list(let list)? = JSONValue(events.body) else { return [] }
    return list.compactMap { $0["id"]?.string }
  }
}
