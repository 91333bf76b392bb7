internal import AxisWire
public import HubKit
internal import JSONWire

/// A document system's signing desk: it signs calls as the vendor's kit does, for whoever tries the hub's interface by
/// hand. The far side of this connector only ever calls, so there is nothing of it that the hub could call.
public struct DocumentSystemsMock: ConnectorMock {
  /// What it is.
  public static let descriptor = ConnectorDescriptor(
    name: "document-systems", summary: "Signs calls of a document system, to be sent to the hub by hand.",
    certificate: "B",
    settings: [
      Setting(
        "systemId", .text, required: true, example: "vxp.qlvb.haiphong", help: "The system in whose name it signs."),
      Setting(
        "secret", .secret, required: true, example: "file:../Data/qlvb.key",
        help: "A demonstration key, never one that is used elsewhere."),
    ])

  /// What it answers.
  public let interface: any ServedInterface

  /// Creates the desk.
  public init(settings: SettingValues, clock: any HubClock) throws(SettingError) {
    guard let systemId = settings.text("systemId"), let secret = settings.secret("secret") else {
      throw SettingError("systemId", "and secret are needed")
    }
    interface = SigningDesk(signing: AxisSigning(systemId: systemId, secret: secret), clock: clock)
  }
}

/// `POST /_mock/sign` with a JSON object of parameters: the header fields of a call, a line each, as curl takes them
/// from a file (`-H @file`).
private struct SigningDesk: ServedInterface {
  let signing: AxisSigning
  let clock: any HubClock

  func respond(to request: ServedRequest) async -> ServedResponse {
    switch (request.method, request.path) {
    case ("GET", "/_mock/received"): return .json("[]")
    case ("POST", "/_mock/sign"): break
    default: return .json(status: 404, "{\"error\":\"POST /_mock/sign\"}")
    }
    guard case .object(let members)? = JSONValue(request.body) else {
      return .json(status: 400, "{\"error\":\"send a JSON object of parameters\"}")
    }
    let parameters = members.sorted { $0.key < $1.key }.compactMap { name, value in
      if case .text(let text) = value { (key: name, value: text) } else { nil }
    }
    guard parameters.count == members.count else {
      return .json(status: 400, "{\"error\":\"all parameters are strings; `to` is a JSON array in a string\"}")
    }
    let lines = signing.headers(parameters, at: clock.now).map { "\($0.name): \($0.value)\n" }
    return ServedResponse(
      status: 200, headers: [HeaderField("Content-Type", "text/plain; charset=utf-8")],
      body: Array(lines.joined().utf8))
  }
}
