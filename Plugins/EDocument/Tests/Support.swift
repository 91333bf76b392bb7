import EDocument
import EDocumentMock
import EdXMLWire
import Foundation
import HubKit
import HubTesting
import HubTransport
import Testing

/// All that opens sockets, one at a time: a port that one test knows to be dead must not come alive as another's
/// server.
@Suite(.serialized) enum SocketTests {}

/// One loop for all tests: its thread is not free.
let loop = CurlLoop()

let hubSystem = "hub.test"
let hubKey = "hub-key"
let sender = agency("H24.12", "Sở Nội vụ")
let receiver = agency("H24.20", "Sở Tài chính")
let far = agency("000.00.15.H24", "UBND phường")

func agency(_ code: String, _ name: String) -> Agency {
  guard let parsed = OrganisationCode(code) else { fatalError("not a code: \(code)") }
  return Agency(code: parsed, name: name)
}

func settings(url: String, secret: String = hubKey, hashStyle: String = "sdk") -> SettingValues {
  SettingValues(
    [
      "url": .text(url), "systemId": .text(hubSystem), "secret": .secret(Secret(reference: "test", value: secret)),
      "organisation": .text("H24.1"), "hashStyle": .text(hashStyle),
    ], declared: EDocumentConnector.descriptor.settings)
}

func parts(
  url: String, secret: String = hubKey, hashStyle: String = "sdk", clock: any HubClock = SystemClock()
) throws -> (outbound: any OutboundAdapter, source: any PollingSource) {
  let connector = try EDocumentConnector(settings: settings(url: url, secret: secret, hashStyle: hashStyle))
  let parts = try connector.make(
    .forTests(
      endpoint: "axis", transport: loop.transport(for: "axis", .thisMachine), clock: clock))
  guard let outbound = parts.outbound, let source = parts.sources.first else { throw TestFailure("no parts") }
  return (outbound, source)
}

struct TestFailure: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}

/// The mock on a socket, with a hub, a far system and their agencies.
final class Axis: Sendable {
  let server: LoopbackServer
  let clock: TestClock

  init() throws {
    clock = TestClock()
    server = try LoopbackServer(try Axis.makeInterface(clock: clock))
  }

  static func makeInterface(clock: any HubClock) throws -> any ServedInterface {
    try EDocumentMock(
      settings: SettingValues([
        "systems": .map([hubSystem: hubKey, "far.test": "far-key"]),
        "agencies": .map([sender.code.text: hubSystem, receiver.code.text: hubSystem, far.code.text: "far.test"]),
      ]), clock: clock
    ).interface
  }

  deinit { server.close() }

  func client(system: String = hubSystem, secret: String = hubKey) throws -> AxisClient {
    let values = SettingValues(
      [
        "url": .text(server.url), "systemId": .text(system), "organisation": .text("H24.1"),
        "secret": .secret(Secret(reference: "test", value: secret)),
      ], declared: EDocumentConnector.descriptor.settings)
    return try AxisClient(
      settings: try EDocumentSettings(values),
      transport: loop.transport(for: "axis", .thisMachine), clock: clock)
  }

  func control(_ method: String, _ path: String, _ json: String = "") async throws -> [UInt8] {
    let response = try await loop.transport(for: "control", .thisMachine).send(
      OutboundRequest(
        method: method, url: "\(server.url)/_mock/\(path)", body: method == "GET" ? nil : .bytes(Array(json.utf8))))
    guard response.status == 200 else {
      throw TestFailure("\(path): \(response.status) \(String(decoding: response.body, as: UTF8.self))")
    }
    return response.body
  }

  struct Arrival: Decodable, Sendable {
    var docId, from, to, messageType, sha256, state, documentId, at: String
    var acknowledged: Bool
  }

  func received(_ agency: String = "") async throws -> [Arrival] {
    let query = agency.isEmpty ? "" : "?agency=\(agency)"
    return try JSONDecoder().decode([Arrival].self, from: Data(try await control("GET", "received\(query)")))
  }

  func body(_ docId: String) async throws -> [UInt8] { try await control("GET", "received/\(docId)/body") }

  /// Puts a document on the axis as the far system would.
  func send(_ bytes: [UInt8], type: AxisClient.MessageType = .edoc, to: [String] = [sender.code.text]) async throws
    -> String
  {
    try await client(system: "far.test", secret: "far-key").send(
      type, from: far.code.text, to: to, byteCount: bytes.count
    ) { () throws(BodyError) in BytesReader(bytes) }
  }
}

func sample(
  _ kind: String, number: Int = 1, from: Agency = sender, to: [Agency] = [far]
) -> SampleMessage {
  EDocumentSamples.make(
    SampleRequest(
      kind: "edocument/\(kind)", number: number, run: "test", sender: from, receivers: to,
      now: Timestamp(seconds: 1_795_391_999)))
}

func delivery(
  _ sample: SampleMessage, type: String = EdXMLMessage.documentType, to: Agency = far, number: Int = 1
) -> Delivery {
  var envelope = Envelope(id: "m-\(number)", source: "/test", type: type)
  envelope.sender = sender.code
  envelope.receivers = [to.code]
  return Delivery(
    id: "x.\(number)", exchange: ExchangeID(time: Timestamp(seconds: 0), random: (1, UInt64(number))), attempt: 1,
    envelope: envelope, receiver: to.code, body: .inline(sample.body), bodies: MemoryBodyStore(),
    receivedAt: Timestamp(seconds: 1_795_391_999), deadline: SystemClock().now + .seconds(30))
}

/// The error of an attempt that must fail.
func error(of attempt: () async throws(AdapterError) -> some Any) async -> AdapterError? {
  do {
    _ = try await attempt()
    return nil
  } catch {
    return error
  }
}
