public import HubKit
public import HubTesting
internal import JSONWire
internal import NationalPortal
internal import NationalPortalMock

/// Dossiers and their progress, held against the portal's mock.
public enum NationalPortalContract: ConnectorProof {
  /// What is proved.
  public static let connector: any Connector.Type = NationalPortalConnector.self

  /// A dossier, and a step of one.
  public static func ways(on bench: ContractBench) -> [ConnectorHarness] {
    ["dossier", "progress"].map { operation in
      let progress = operation == "progress" ? Self.progress : [:]
      var harness = bench.harness(
        of: ConnectorKind(connector), settings: settings,
        far: {
          let settings: [String: SettingValue] = ["password": .secret(password), "strictCodes": .flag(false)]
          let declared = NationalPortalMock.descriptor.settings
          return try NationalPortalMock(settings: SettingValues(settings, declared: declared), clock: SystemClock())
            .interface
        }, received: { try await FarSide.bodies(of: $0, by: "n") })
      harness.name = operation
      harness.makeDelivery = { delivery($0, operation, record($0, progress)) }
      harness.makeRefusedDelivery = {
        let wrong = operation == "dossier" ? ["MaTTHC": "không phải mã"] : ["TrangThai": "77"]
        return delivery(9, operation, record(9, progress.merging(wrong) { $1 }))
      }
      harness.makeTextDelivery = { delivery(1, operation, record(1, progress.merging(["ChuHoSo": $0]) { $1 })) }
      harness.whatArrives = { delivery in
        JSONValue(try delivery.bodies.bytes(of: delivery.body, limit: .max))?.bytes ?? []
      }
      harness.endSessions = {
        _ = await $0.interface.respond(to: ServedRequest(method: "DELETE", path: "/_mock/sessions"))
      }
      harness.offer = { farSide, _ in
        for number in 1...4 {
          _ = await farSide.interface.respond(
            to: ServedRequest(method: "POST", path: "/_mock/submit", body: Array(record(number, [:]).utf8)))
        }
        return (1...4).map(code)
      }
      return harness.skipping(
        .traceGoesOn, because: "The portal's adapter takes the header fields of its own protocol only.")
    }
  }

  private static let password = Secret(reference: "contract", value: "mat-khau")
  private static let progress = [
    "ThoiDiemXuLy": "20261127101500", "TrangThai": "4", "NguoiXuLy": "Trần Thị Ví Dụ",
  ]

  private static func settings(_ url: String) -> [String: SettingValue] {
    [
      "url": .text("\(url)/XrdAdapter/RestService/forward"), "dstcode": .text("VN:GOV:000.00.00.G22:vpcpdvcprovider"),
      "username": .text("lgsp"),
      "unit": .text("000.00.00.H24"), "password": .secret(password), "poll": .flag(true),
    ]
  }

  private static func code(_ number: Int) -> String { "000.00.00.H24-261127-000\(number)" }

  /// A record that the portal takes: of nobody, and strings only.
  private static func record(_ number: Int, _ more: [String: String]) -> String {
    let members = [
      "MaHoSo": code(number), "MaTTHC": "2.000477", "ChuHoSo": "Nguyễn Văn Mẫu", "TrangThaiHoSo": "4",
      "HoSoCoThanhPhanSoHoa": "1",
    ].merging(more) { $1 }
    return String(decoding: JSONValue.object(members.mapValues { .text($0) }).bytes, as: UTF8.self)
  }

  private static func delivery(_ number: Int, _ operation: String, _ json: String) -> Delivery {
    let envelope = Envelope(id: "m-\(number)", source: "/contract", type: "vn.test")
    return .forContract(number, envelope, operation: operation, body: Array(json.utf8))
  }
}
