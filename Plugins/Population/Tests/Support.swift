import Foundation
import HubKit
import HubTesting
import HubTransport
import PopulationMock

@testable import Population

/// One loop for all tests: its thread is not free.
let loop = CurlLoop()

let username = "hub.test"
let secret = "hub-secret"

/// The first invented person of the mock, as a canonical question.
let an = #"{"personalId":"031090900001","name":"Nguyễn Văn An","birthDate":"1990-03-12"}"#

struct TestFailure: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}

func settings(_ url: String, _ more: [String: SettingValue] = [:]) -> SettingValues {
  let usual: [String: SettingValue] = [
    "url": .text(url), "username": .text(username), "serviceCode": .text("G15-TP31"),
    "secret": .secret(Secret(reference: "test", value: secret)),
  ]
  return SettingValues(usual.merging(more) { $1 }, declared: PopulationConnector.descriptor.settings)
}

func adapter(
  _ url: String, _ more: [String: SettingValue] = [:], transport: (any Transport)? = nil,
  clock: any HubClock = SystemClock()
) throws -> any OutboundAdapter {
  let options = TransportOptions.thisMachine
  let context = ConnectorContext.forTests(
    endpoint: "population", transport: transport ?? loop.transport(for: "population", options), clock: clock)
  guard let outbound = try PopulationConnector(settings: settings(url, more)).make(context).outbound else {
    throw TestFailure("the connector has no outbound adapter")
  }
  return outbound
}

/// A question as the bus hands it over.
func delivery(
  _ json: String = an, operation: String? = "verify", number: Int = 1, clock: any HubClock = SystemClock(),
  change: (inout Delivery) -> Void = { _ in }
) -> Delivery {
  var delivery = Delivery(
    id: "0198c000-0000-7000-8000-00000000000\(number).1",
    exchange: ExchangeID(time: Timestamp(seconds: 0), random: (1, UInt64(number))), attempt: 1,
    envelope: Envelope(
      id: "q-\(number)", source: "/h24.101/mot-cua", type: "vn.haiphong.question",
      extensions: [
        "purpose": "Kiểm tra hồ sơ", "official": "CB-0042", "unit": "H24.101", "dossier": "H24.101-261123-0001",
        "service": "population/verify",
      ]),
    receiver: nil, operation: operation, question: Question(), body: .inline(Array(json.utf8)),
    bodies: MemoryBodyStore(), receivedAt: clock.now, deadline: clock.now + .seconds(30))
  change(&delivery)
  return delivery
}

/// MaYeuCau of ``delivery(_:operation:number:clock:change:)`` with number 1, computed by `sha256sum`.
let requestID = "H24.101-261123-0001-6323d4f913aa196e0a4bb440"

/// The error of an attempt that must fail.
func error(of attempt: () async throws(AdapterError) -> some Any) async -> AdapterError? {
  do {
    _ = try await attempt()
    return nil
  } catch {
    return error
  }
}

func json(_ reply: Reply) throws -> String {
  guard case .inline(let bytes) = reply.body else { throw TestFailure("the answer is not inline") }
  return String(decoding: bytes, as: UTF8.self)
}

func fixture(_ name: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(fileURLWithPath: path(name)))) }

func path(_ name: String) -> String {
  URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/\(name)").path
}

/// The mock on a socket, with a clock that both sides read.
final class Database: Sendable {
  let server: LoopbackServer
  let clock: TestClock

  init(_ more: [String: SettingValue] = [:]) throws {
    clock = TestClock()
    server = try LoopbackServer(try Database.interface(clock: clock, more))
  }

  static func interface(clock: any HubClock, _ more: [String: SettingValue] = [:]) throws -> any ServedInterface {
    let values = (["username": .text(username), "secret": .text(secret)] as [String: SettingValue]).merging(more) { $1 }
    return try PopulationMock(
      settings: SettingValues(values, declared: PopulationMock.descriptor.settings), clock: clock
    ).interface
  }

  deinit { server.close() }

  var url: String { "\(server.url)/dancu" }

  func adapter(_ more: [String: SettingValue] = [:], clock: (any HubClock)? = nil) throws -> any OutboundAdapter {
    try PopulationTests.adapter(url, more, clock: clock ?? self.clock)
  }

  func ask(_ delivery: Delivery, _ more: [String: SettingValue] = [:]) async throws -> String {
    try json(try await adapter(more).deliver(delivery))
  }

  func delivery(
    _ json: String = an, operation: String? = "verify", number: Int = 1, change: (inout Delivery) -> Void = { _ in }
  ) -> Delivery {
    PopulationTests.delivery(json, operation: operation, number: number, clock: clock, change: change)
  }

  @discardableResult
  func control(_ method: String, _ path: String, _ json: String = "") async throws -> [UInt8] {
    let options = TransportOptions.thisMachine
    let response = try await loop.transport(for: "control", options).send(
      OutboundRequest(
        method: method, url: "\(server.url)/_mock/\(path)", body: method == "GET" ? nil : .bytes(Array(json.utf8))))
    guard response.status == 200 else {
      throw TestFailure("\(path): \(response.status) \(String(decoding: response.body, as: UTF8.self))")
    }
    return response.body
  }

  struct Arrival: Decodable, Sendable {
    var n: Int
    var operation, requestId, official, serviceCode, name, birthDate, result: String
    var unit, personalId, oldId: String?
    var wrapped: Bool
    var repeats: Int
  }

  func received() async throws -> [Arrival] {
    try JSONDecoder().decode([Arrival].self, from: Data(try await control("GET", "received")))
  }

  func body(_ number: Int) async throws -> [UInt8] { try await control("GET", "received/\(number)/body") }
}
