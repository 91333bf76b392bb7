import Foundation
import HubKit
import HubTesting
import HubTransport
import ProcedureSystemMock
import Testing

@testable import ProcedureSystem

/// All that opens sockets, one at a time: a port that one test knows to be dead must not come alive as another's
/// server.
@Suite(.serialized) enum SocketTests {}

/// One loop for all tests: its thread is not free.
let loop = CurlLoop()

var transport: any Transport {
  loop.transport(for: "system", .thisMachine)
}

struct TestFailure: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}

func parts(
  url: String, token: String? = "the", transport other: (any Transport)? = nil
) throws -> ConnectorParts {
  let values: [String: SettingValue] = [
    "url": .text(url), "token": .secret(Secret(reference: "test", value: token)),
  ]
  return try ProcedureSystemConnector(
    settings: SettingValues(values, declared: ProcedureSystemConnector.descriptor.settings)
  ).make(.forTests(endpoint: "procedure-system", transport: other ?? transport))
}

func code(_ number: Int) -> String { "000.00.00.H24-261127-000\(number)" }

/// A canonical dossier of nobody.
func dossier(_ number: Int = 1, note: String = "thử nghiệm") -> String {
  """
  {"dossierCode": "\(code(number))", "procedure": {"code": "2.000477"}, "channel": "online",
  "applicant": {"kind": "citizen", "name": "Nguyễn Văn Mẫu"}, "fees": [{"amount": 8000}], "vneidVerified": true,
  "dueAt": "2026-11-30T17:00:00+07:00", "note": "\(note)"}
  """
}

func delivery(_ body: String, number: Int = 1, seconds: Int64 = 30) -> Delivery {
  Delivery(
    id: "x.\(number)", exchange: ExchangeID(time: Timestamp(seconds: 0), random: (1, UInt64(number))), attempt: 1,
    envelope: Envelope(
      id: "m-\(number)", source: "/dvcqg", type: "vn.gov.dvcqg.dossier", subject: code(number),
      extensions: [
        "dossierstatus": "registered", "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
      ]),
    receiver: nil, body: .inline(Array(body.utf8)), bodies: MemoryBodyStore(), receivedAt: SystemClock().now,
    deadline: SystemClock().now + .seconds(seconds))
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

/// The mock on a socket.
final class System: Sendable {
  let server: LoopbackServer
  let clock = TestClock()

  init(lively: Bool = false) throws {
    server = try LoopbackServer(try System.interface(lively: lively, clock: clock))
  }

  deinit { server.close() }

  static func interface(lively: Bool = false, clock: any HubClock) throws -> any ServedInterface {
    try ProcedureSystemMock(
      settings: SettingValues(
        ["token": .secret(Secret(reference: "test", value: "the")), "lively": .flag(lively)],
        declared: ProcedureSystemMock.descriptor.settings), clock: clock
    ).interface
  }

  func outbound(token: String = "the") throws -> any OutboundAdapter {
    try #require(try parts(url: server.url, token: token).outbound)
  }

  func source() throws -> any PollingSource { try #require(try parts(url: server.url).sources.first) }

  func send(_ method: String, _ path: String, _ json: String = "") async throws -> OutboundResponse {
    try await transport.send(
      OutboundRequest(
        method: method, url: "\(server.url)/\(path)", headers: [HeaderField("Authorization", "Bearer the")],
        body: method == "GET" ? nil : .bytes(Array(json.utf8))))
  }

  func control(_ method: String, _ path: String, _ json: String = "") async throws {
    let response = try await send(method, "_mock/\(path)", json)
    guard response.status == 200 else { throw TestFailure("\(path): \(response.status)") }
  }

  struct Arrival: Decodable, Sendable {
    var n: Int
    var id, type, source, dossierCode, status: String
    var dossierstatus: String?
    var repeats: Int
  }

  func received() async throws -> [Arrival] {
    try JSONDecoder().decode([Arrival].self, from: Data(try await send("GET", "_mock/received").body))
  }
}
