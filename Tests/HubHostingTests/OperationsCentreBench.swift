import Foundation
import HubKit
import HubTesting
import HubTransport
import OperationsCentreMock

let token = "token-for-tests-only"

func adapter(
  url: String, token value: String? = token, transport: any Transport = transport(),
  clock: any HubClock = SystemClock()
) throws -> any OutboundAdapter {
  let settings: [String: SettingValue] = [
    "url": .text(url), "token": .secret(Secret(reference: "file:test.token", value: value)),
  ]
  let parts = try Hosted.operationsCentre().configured(SettingValues(settings))(
    .forTests(endpoint: "ioc-test", transport: transport, clock: clock))
  guard let outbound = parts.outbound else { throw TestingError("the connector has no outbound adapter") }
  return outbound
}

/// Figures as the hub sends them; `received` tells them apart.
func figures(_ name: String, sequence: Int, received: Int = 1, day: String = "2026-11-23") -> String {
  let counts = """
    {"dossiers":{"received":\(received),"finishedOnTime":0,"finishedLate":0,"finishedUndated":0,"endedOtherwise":0},\
    "documents":{"received":0,"carried":0},"documentStatuses":{"received":0,"carried":0},\
    "lookups":{"total":1,"withoutPurpose":0,"byAgency":{"H24.1":1}},\
    "exchanges":{"received":\(received),"delivered":0,"partly":0,"failed":0},"refusedAtTheDoor":{},\
    "endpoints":{"city-systems":{"delivered":1,"refused":0,"parked":0,"expired":0,"abandoned":0,"failedAttempts":0,\
    "waiting":{"count":1,"meanMilliseconds":12}}}}
    """
  return """
    {"snapshotId":"\(name)","takenAt":"2026-11-23T01:00:00.000Z","sequence":\(sequence),"timeZone":"+07:00",\
    "openDossiers":{"open":1,"overdue":0},"total":\(counts),"days":[{"day":"\(day)","figures":\(counts)}]}
    """
}

func delivery(_ name: String, _ body: String, clock: any HubClock = SystemClock()) -> Delivery {
  Delivery(
    id: "0198c000-0000-7000-8000-000000000001.1", exchange: .make(at: clock.now), attempt: 1,
    envelope: Envelope(
      id: name, source: "/hub/insight", type: "vn.haiphong.ioc.indicators", subject: name,
      dataContentType: "application/json"),
    receiver: nil, body: .inline(Array(body.utf8)), bodies: MemoryBodyStore(), receivedAt: clock.now,
    deadline: clock.now + .seconds(180))
}

/// A delivery of sound figures.
func delivery(_ number: Int) -> Delivery {
  delivery("\(number)-1", figures("\(number)-1", sequence: number, received: number))
}

/// How a delivery ended.
func outcome(_ adapter: any OutboundAdapter, _ delivery: Delivery) async -> Result<Reply, AdapterError> {
  do throws(AdapterError) {
    return .success(try await adapter.deliver(delivery))
  } catch {
    return .failure(error)
  }
}

extension Result where Failure == AdapterError {
  var error: AdapterError? {
    if case .failure(let error) = self { error } else { nil }
  }
}

extension Result<Reply, AdapterError> {
  var code: String? { try? get().code }
}

/// The mock on a socket.
struct Bench {
  let server: LoopbackServer

  init() throws {
    server = try LoopbackServer(try Self.makeInterface())
  }

  static func makeInterface() throws -> any ServedInterface {
    try OperationsCentreMock(settings: SettingValues(["token": .text(token)]), clock: SystemClock()).interface
  }

  func adapter(token value: String? = token) throws -> any OutboundAdapter {
    try HubHostingTests.adapter(url: server.url, token: value)
  }

  struct Arrival: Decodable {
    var n: Int
    var snapshotId: String
    var result: String
    var repeats: Int
  }

  func received() async throws -> [Arrival] {
    try JSONDecoder().decode([Arrival].self, from: Data(try await send("GET", "/_mock/received").body))
  }

  /// Names of days and how many dossiers each has.
  func dossiersByDay() async throws -> [String: Int] {
    struct Shown: Decodable {
      struct Period: Decodable { var dossiers: [String: Int] }
      var days: [String: Period]
    }
    let shown = try JSONDecoder().decode(Shown.self, from: Data(try await send("GET", "/_mock/figures").body))
    return shown.days.compactMapValues { $0.dossiers["received"] }
  }

  func fault(_ json: String) async throws {
    let response = try await send("POST", "/_mock/faults", json)
    guard response.status == 200 else { throw TestingError(String(decoding: response.body, as: UTF8.self)) }
  }

  @discardableResult
  func send(_ method: String, _ path: String, _ json: String? = nil) async throws -> OutboundResponse {
    try await transport().send(
      OutboundRequest(method: method, url: server.url + path, body: json.map { .bytes(Array($0.utf8)) }))
  }
}
