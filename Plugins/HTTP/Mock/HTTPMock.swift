public import HubKit

/// Plays the receiving systems of many agencies on one socket: `/agencies/<code>/...` takes messages as the `http`
/// connector sends them, `/_mock/...` shows what came and switches faults. See the README beside the connector.
public struct HTTPMock: ConnectorMock {
  /// What it is.
  public static let descriptor = ConnectorDescriptor(
    name: "http", summary: "The receiving systems of many agencies, with memory and faults.", certificate: "A",
    settings: [
      Setting(
        "keptBytesMax", .integer(0...(4 << 30)), default: .integer(256 << 20), example: "1048576",
        help: "Bytes of bodies kept; older bodies are forgotten, their digests stay.")
    ])

  private let agencies: ReceivingAgencies
  private let clock: any HubClock

  /// Creates the agencies' systems, all empty and well.
  public init(settings: SettingValues, clock: any HubClock) throws(SettingError) {
    agencies = ReceivingAgencies(keptBytesMax: settings.integer("keptBytesMax") ?? 256 << 20)
    self.clock = clock
  }

  /// What it answers.
  public var interface: any ServedInterface { MockInterface(agencies: agencies, clock: clock) }
}

/// Parts the agencies' doors from the control interface.
struct MockInterface: ServedInterface {
  let agencies: ReceivingAgencies
  let clock: any HubClock

  func respond(to request: ServedRequest) async -> ServedResponse {
    let steps = request.path.split(separator: "/").map(String.init)
    switch steps.first {
    case "_mock": return MockControl(agencies: agencies).respond(to: request, steps: Array(steps.dropFirst()))
    case "agencies" where steps.count >= 2: return await receive(request, agency: steps[1])
    default: return .problem(404, "Nothing is here", "Messages go to /agencies/<code>/.")
    }
  }

  private func receive(_ request: ServedRequest, agency: String) async -> ServedResponse {
    if let pause = agencies.pause(of: agency) {
      do {
        try await clock.sleep(until: clock.now + pause)
      } catch {
        return .problem(503, "Stopping", "The mock is being stopped.")
      }
    }
    switch request.method {
    case "POST", "PUT", "PATCH": return take(request, agency: agency)
    case "OPTIONS", "HEAD":
      // A system that is away is away for probes too.
      if let fault = agencies.outage(of: agency) { return fault }
      return ServedResponse(status: 204, headers: [HeaderField("Allow", "POST, PUT, PATCH, OPTIONS, HEAD")])
    default: return .problem(405, "Method not allowed", "Messages come by POST, PUT or PATCH.")
    }
  }

  private func take(_ request: ServedRequest, agency: String) -> ServedResponse {
    do {
      let event = try ReceivedEvent(request)
      return agencies.take(event, agency: agency, at: clock.now)
    } catch {
      return .problem(400, "Not a valid message", error.reason)
    }
  }
}

extension ServedResponse {
  /// An error as RFC 9457 describes it.
  static func problem(_ status: Int, _ title: String, _ detail: String, _ extra: [HeaderField] = []) -> ServedResponse {
    var response = ServedResponse.encoding(status: status, ["title": title, "detail": detail])
    response.headers = [HeaderField("Content-Type", "application/problem+json")] + extra
    return response
  }
}
