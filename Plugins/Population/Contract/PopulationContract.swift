internal import FoundationEssentials
public import HubKit
public import HubTesting
internal import Population
internal import PopulationMock

/// Questions about a person in both wrappings, held against the database's mock.
public enum PopulationContract: ConnectorProof {
  /// What is proved.
  public static let connector: any Connector.Type = PopulationConnector.self

  /// SOAP, and JSON around it.
  public static func ways(on bench: ContractBench) -> [ConnectorHarness] {
    ["none", "json"].map { wrapping in
      var harness = bench.harness(
        of: ConnectorKind(connector), settings: { settings($0, wrapping) },
        far: {
          let settings: [String: SettingValue] = ["username": .text("hub.test"), "secret": .text("hub-secret")]
          let declared = PopulationMock.descriptor.settings
          return try PopulationMock(settings: SettingValues(settings, declared: declared), clock: SystemClock())
            .interface
        }, received: received)
      harness.name = wrapping
      harness.makeDelivery = { delivery($0, persons[$0 - 1].question) }
      harness.makeRefusedDelivery = { delivery(9, persons[0].question, official: "CB-KHOA") }
      harness.whatArrives = { delivery in
        let json = String(decoding: try delivery.bodies.bytes(of: delivery.body, limit: .max), as: UTF8.self)
        let person = persons.first { $0.question == json }?.asked ?? ""
        return Array("verify|CB-0042|H24.101|G15-TP31|\(person)".utf8)
      }
      return
        harness
        .skipping(.traceGoesOn, because: "The security server signs the call and takes no header fields but its own.")
        .skipping(.vietnameseIsKept, because: "The database wants names in capitals without marks.")
    }
  }

  /// What is asked, and what must arrive of it in the database's own words, worked out by hand.
  private static let persons: [(question: String, asked: String)] = [
    (
      #"{"personalId":"031090900001","name":"Nguyễn Văn An","birthDate":"1990-03-12"}"#,
      "031090900001|NGUYEN VAN AN|19900312"
    ),
    (
      #"{"personalId":"031185900002","name":"Đặng Thị Ánh Nguyệt","birthDate":"1985-07-04"}"#,
      "031185900002|DANG THI ANH NGUYET|19850704"
    ),
    (#"{"oldId":"039000009","name":"bùi thị nhỡ","birthDate":"1948"}"#, "039000009|BUI THI NHO|1948"),
  ]

  private static func settings(_ url: String, _ wrapping: String) -> [String: SettingValue] {
    [
      "url": .text("\(url)/dancu"), "username": .text("hub.test"), "serviceCode": .text("G15-TP31"),
      "secret": .secret(Secret(reference: "contract", value: "hub-secret")), "wrapping": .text(wrapping),
    ]
  }

  private static func delivery(_ number: Int, _ json: String, official: String = "CB-0042") -> Delivery {
    let envelope = Envelope(
      id: "q-\(number)", source: "/h24.101/mot-cua", type: "vn.haiphong.question",
      extensions: [
        "purpose": "Kiểm tra hồ sơ", "official": official, "unit": "H24.101", "dossier": "H24.101-261123-0001",
        "service": "population/verify",
      ])
    var delivery = Delivery.forContract(number, envelope, operation: "verify", body: Array(json.utf8))
    delivery.question = Question()
    return delivery
  }

  private struct Arrival: Decodable {
    var operation, official, serviceCode, name, birthDate: String
    var unit, personalId, oldId: String?
  }

  private static func received(by database: any ServedInterface) async throws -> [[UInt8]] {
    let list = await database.respond(to: ServedRequest(method: "GET", path: "/_mock/received"))
    return try JSONDecoder().decode([Arrival].self, from: Data(list.body)).map { arrival in
      let parts = [
        arrival.operation, arrival.official, arrival.unit, arrival.serviceCode, arrival.personalId ?? arrival.oldId,
        arrival.name, arrival.birthDate,
      ]
      return Array(parts.map { $0 ?? "" }.joined(separator: "|").utf8)
    }
  }
}
