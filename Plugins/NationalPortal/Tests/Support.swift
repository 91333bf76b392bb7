import Foundation
import HubKit
import HubTesting
import HubTransport
import JSONWire
import NationalPortalMock
import Testing

@testable import NationalPortal

/// All that opens sockets, one at a time: a port that one test knows to be dead must not come alive as another's
/// server.
@Suite(.serialized) enum SocketTests {}

/// One loop for all tests: its thread is not free.
let loop = CurlLoop()

let dstcode = "VN:GOV:000.00.00.G22:vpcpdvcprovider"

var transport: any Transport {
  loop.transport(for: "portal", .thisMachine)
}

struct TestFailure: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}

/// Settings of an endpoint; `change` may take any of them away.
func settings(url: String, _ change: [String: SettingValue?] = [:]) -> SettingValues {
  var values: [String: SettingValue?] = [
    "url": .text(url), "dstcode": .text(dstcode), "username": .text("lgsp"), "unit": .text("000.00.00.H24"),
    "password": .secret(Secret(reference: "test", value: "mat-khau")),
    "pushSecret": .secret(Secret(reference: "test", value: "bi-mat")),
    "poll": .flag(true),
  ]
  values.merge(change) { $1 }
  return SettingValues(values.compactMapValues(\.self), declared: NationalPortalConnector.descriptor.settings)
}

func parts(
  url: String, _ change: [String: SettingValue?] = [:], clock: any HubClock = SystemClock(),
  gateway: any Gateway = RecordingGateway(), transport other: (any Transport)? = nil
) throws -> ConnectorParts {
  try NationalPortalConnector(settings: settings(url: url, change)).make(
    .forTests(endpoint: "national-portal", transport: other ?? transport, gateway: gateway, clock: clock))
}

/// A record that the portal takes; strings only.
func record(_ number: Int = 1, _ change: [String: String] = [:]) -> String {
  var members = [
    "MaHoSo": "000.00.00.H24-261127-000\(number)", "MaTTHC": "2.000477", "ChuHoSo": "Nguyễn Văn Mẫu",
    "TrangThaiHoSo": "4", "HoSoCoThanhPhanSoHoa": "1",
  ]
  members.merge(change) { $1 }
  return "{" + members.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \"\($0.value)\"" }.joined(separator: ", ") + "}"
}

/// A step of a dossier that the portal takes.
func progress(_ number: Int = 1, _ change: [String: String] = [:]) -> String {
  record(
    number,
    ["ThoiDiemXuLy": "20261127101500", "TrangThai": "4", "NguoiXuLy": "Trần Thị Ví Dụ"].merging(change) { $1 })
}

func delivery(
  _ body: String, _ operation: String? = nil, number: Int = 1, seconds: Int64 = 30
) -> Delivery {
  Delivery(
    id: "x.\(number)", exchange: ExchangeID(time: Timestamp(seconds: 0), random: (1, UInt64(number))), attempt: 1,
    envelope: Envelope(id: "m-\(number)", source: "/test", type: "vn.test"), receiver: nil, operation: operation,
    body: .inline(Array(body.utf8)), bodies: MemoryBodyStore(), receivedAt: SystemClock().now,
    deadline: SystemClock().now + .seconds(seconds))
}

/// The one text of a JSON value.
func canonical(_ json: String) throws -> [UInt8] { try #require(JSONValue(Array(json.utf8))).bytes }

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
final class Portal: Sendable {
  let server: LoopbackServer
  let clock: TestClock

  init(strict: Bool = true, clock: TestClock = TestClock()) throws {
    self.clock = clock
    server = try LoopbackServer(try Portal.interface(strict: strict, clock: clock))
  }

  deinit { server.close() }

  static func interface(strict: Bool, clock: any HubClock) throws -> any ServedInterface {
    try NationalPortalMock(
      settings: SettingValues(
        ["password": .secret(Secret(reference: "test", value: "mat-khau")), "strictCodes": .flag(strict)],
        declared: NationalPortalMock.descriptor.settings), clock: clock
    ).interface
  }

  /// The adapter's address, with a path of its own before the portal's.
  var url: String { "\(server.url)/XrdAdapter/RestService/forward" }

  func outbound(_ change: [String: SettingValue?] = [:]) throws -> any OutboundAdapter {
    try #require(try parts(url: url, change).outbound)
  }

  func source(_ change: [String: SettingValue?] = [:]) throws -> any PollingSource {
    try #require(try parts(url: url, change, clock: clock).sources.first)
  }

  @discardableResult
  func control(_ method: String, _ path: String, _ json: String = "") async throws -> [UInt8] {
    let response = try await transport.send(
      OutboundRequest(
        method: method, url: "\(server.url)/_mock/\(path)", body: method == "GET" ? nil : .bytes(Array(json.utf8))))
    guard (200..<300).contains(response.status) else {
      throw TestFailure("\(path): \(response.status) \(String(decoding: response.body, as: UTF8.self))")
    }
    return response.body
  }

  struct Arrival: Decodable, Sendable {
    var n: Int
    var service, code, isUpdating, status: String
    var repeats: Int
  }

  func received() async throws -> [Arrival] {
    try JSONDecoder().decode([Arrival].self, from: Data(try await control("GET", "received")))
  }

  struct Sessions: Decodable { var logins, live: Int }

  func sessions() async throws -> Sessions {
    try JSONDecoder().decode(Sessions.self, from: Data(try await control("GET", "sessions")))
  }

  /// A citizen files a dossier; the answer is what the portal would push.
  @discardableResult
  func submit(time: String, code: String? = nil, _ body: String? = nil) async throws -> [UInt8] {
    let json =
      try body
      ?? code.map { code in
        try #require(String(bytes: canonical(record(1, ["MaHoSo": code, "NgayTiepNhan": time])), encoding: .utf8))
      }
    return try await control("POST", "submit?time=\(time)", json ?? "")
  }
}
