internal import EDocument
internal import EDocumentMock
internal import EdXMLWire
public import HubKit
public import HubTesting

/// Documents over the axis, held against the axis' mock with two systems on it: this hub's and a far one.
public enum EDocumentContract: ConnectorProof {
  /// What is proved.
  public static let connector: any Connector.Type = EDocumentConnector.self

  /// One way: documents.
  public static func ways(on bench: ContractBench) -> [ConnectorHarness] {
    var harness = bench.harness(
      of: ConnectorKind(connector), settings: { settings($0, system: "hub.test", key: "hub-key") },
      far: {
        let settings = SettingValues([
          "systems": .map(["hub.test": "hub-key", "far.test": "far-key"]),
          "agencies": .map([city.code.text: "hub.test", far.code.text: "far.test"]),
        ])
        return try EDocumentMock(settings: settings, clock: SystemClock()).interface
      }, received: { try await FarSide.bodies(of: $0, by: "docId") })
    harness.makeDelivery = { delivery($0, to: far) }
    harness.makeRefusedDelivery = { delivery(9, to: agency("H99.99", "nobody")) }
    harness.whatArrives = { delivery in
      // The hub adds itself to the trace header of what it forwards.
      let bytes = try delivery.bodies.bytes(of: delivery.body, limit: .max)
      let plan = try TraceStamp.scan(BytesReader(bytes), organisation: "H24.1", time: delivery.receivedAt)
      return try SplicedReader(BytesReader(bytes), plan).rest(limit: .max)
    }
    harness.makeTextDelivery = { text in
      let sample = String(decoding: document(1, from: city, to: far), as: UTF8.self)
      let subject = sample.replacing(/<edXML:Subject>[^<]*/, with: "<edXML:Subject>\(text)")
      return delivery(1, to: far, document: Array(subject.utf8))
    }
    harness.offer = { farSide, port in
      let settings = try EDocumentSettings(
        SettingValues(
          settings("http://127.0.0.1:\(port)", system: "far.test", key: "far-key"),
          declared: EDocumentConnector.descriptor.settings))
      let client = try AxisClient(settings: settings, transport: bench.transport, clock: SystemClock())
      for number in 1...4 {
        let bytes = document(number, from: far, to: city)
        _ = try await client.send(.edoc, from: far.code.text, to: [city.code.text], byteCount: bytes.count) {
          () throws(BodyError) in BytesReader(bytes)
        }
      }
      // The receiver's copy has a name of its own.
      return try await FarSide.listed(by: farSide.interface, "docId")
    }
    return [
      harness.skipping(
        .traceGoesOn, because: "Parameters go to the axis as signed header fields, and others are not foreseen.")
    ]
  }

  private static let city = agency("H24.12", "Sở Nội vụ")
  private static let far = agency("000.00.15.H24", "UBND phường")

  private static func agency(_ code: String, _ name: String) -> Agency {
    guard let parsed = OrganisationCode(code) else { preconditionFailure("\(code) is no code") }
    return Agency(code: parsed, name: name)
  }

  private static func settings(_ url: String, system: String, key: String) -> [String: SettingValue] {
    [
      "url": .text(url), "systemId": .text(system), "organisation": .text("H24.1"),
      "secret": .secret(Secret(reference: "contract", value: key)),
    ]
  }

  private static func document(_ number: Int, from: Agency, to: Agency) -> [UInt8] {
    EDocumentSamples.make(
      SampleRequest(
        kind: "edocument/plain", number: number, run: "contract", sender: from, receivers: [to],
        now: SystemClock().now)
    ).body
  }

  private static func delivery(_ number: Int, to: Agency, document: [UInt8]? = nil) -> Delivery {
    var envelope = Envelope(id: "m-\(number)", source: "/contract", type: EdXMLMessage.documentType)
    envelope.sender = city.code
    envelope.receivers = [to.code]
    return .forContract(number, envelope, body: document ?? Self.document(number, from: city, to: to))
  }
}
