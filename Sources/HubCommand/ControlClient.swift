internal import ArgumentParser
internal import Foundation
internal import HubAdmin
internal import HubKit
internal import HubTransport

/// Gives orders to the hub that runs on this machine, over its control socket.
struct ControlClient: Sendable {
  private let path: String
  private let transport: any Transport

  /// What goes with an order.
  struct Order: Encodable, Sendable {
    var delivery: Int?
    var resend: Bool?
    var reason: String?
    var by = ControlClient.operatorName
  }

  /// Opens a way to the hub of a configuration folder and closes it again.
  static func open<Value>(
    _ location: ConfigLocation, _ work: (ControlClient) async throws -> Value
  ) async throws -> Value {
    let site = try Site(configFolder: location.folder)
    let loop = CurlLoop()
    let client = ControlClient(
      path: try HubAssembly.controlSocket(site.configuration, location.folder), loop: loop)
    let result: Result<Value, any Error>
    do { result = .success(try await work(client)) } catch { result = .failure(error) }
    await loop.shutdown()
    return try result.get()
  }

  private init(path: String, loop: CurlLoop) {
    self.path = path
    var options = TransportOptions()
    options.unixSocketPath = path
    options.responseBytesMax = 64 << 20
    transport = loop.transport(for: "control", options, recorder: nil)
  }

  /// Who gives the order, as he calls himself: several operators may share a user.
  private static var operatorName: String? {
    let environment = ProcessInfo.processInfo.environment
    return ["LGSP_OPERATOR", "SUDO_USER", "USER"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
  }

  /// A value as part of an address.
  static func escaped(_ value: String) -> String {
    value.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
  }

  func get<Value: Decodable>(_ path: String) async throws -> Value { try await send("GET", path, nil) }

  func post<Value: Decodable>(_ path: String, _ order: some Encodable) async throws -> Value {
    try await send("POST", path, Array(try JSONEncoder().encode(order)))
  }

  private func send<Value: Decodable>(_ method: String, _ target: String, _ body: [UInt8]?) async throws -> Value {
    let response: OutboundResponse
    do {
      response = try await transport.send(
        OutboundRequest(
          method: method, url: "http://localhost\(target)", headers: [HeaderField("Content-Type", "application/json")],
          body: body.map { .bytes($0) }))
    } catch {
      throw unreached(error)
    }
    guard response.status == 200 else {
      let problem = try? JSONDecoder().decode(GatewayClient.Problem.self, from: Data(response.body))
      throw Failure(
        problem?.detail ?? "HTTP \(response.status)", exitCode: Self.exitCode(of: response.status))
    }
    return try JSONDecoder().decode(Value.self, from: Data(response.body))
  }

  private static func exitCode(of status: Int) -> ExitCode {
    switch status {
    case 404: ExitStatus.notFound
    case 403, 409, 410, 422: ExitStatus.refused
    default: ExitStatus.wrong
    }
  }

  private func unreached(_ error: AdapterError) -> Failure {
    guard error.code == "connect-refused" || error.code == "connect-failed" else {
      return Failure(
        "Hub không trả lời / the hub did not answer on \(path): \(error.reason)", exitCode: ExitStatus.unreachable)
    }
    if access(path, F_OK) == 0, access(path, W_OK) != 0 {
      return Failure(
        "Không có quyền ra lệnh cho hub / this user may not order the hub: \(path). Run it as the hub's user: "
          + "sudo -u lgsp lgsp …", exitCode: ExitStatus.refused)
    }
    return Failure(
      "Hub không chạy trên máy này / no hub of this configuration runs on this machine: nothing answers at \(path). "
        + "Start it: lgsp run. Another configuration: --config.", exitCode: ExitStatus.unreachable)
  }
}
