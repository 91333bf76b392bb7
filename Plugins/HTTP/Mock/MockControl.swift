internal import FoundationEssentials
internal import HubKit

/// The control interface under `/_mock/`: what came, and the fault switches.
struct MockControl {
  let agencies: ReceivingAgencies

  /// Answers one request; `steps` are the parts of the path after `_mock`.
  func respond(to request: ServedRequest, steps: [String]) -> ServedResponse {
    switch (request.method, steps.first ?? "", steps.count) {
    case ("GET", "received", 1): return .encoding(agencies.received(agency: request.query["agency"]))
    case ("DELETE", "received", 1):
      agencies.forget()
      return ServedResponse(status: 204)
    case ("GET", "received", 3) where steps[2] == "body": return body(steps[1])
    case ("GET", "faults", 1): return .encoding(agencies.faults)
    case ("PUT", "faults", 2): return setFault(request, agency: steps[1])
    default:
      return .problem(
        404, "Nothing is here",
        "Known are GET and DELETE /_mock/received, GET /_mock/received/<n>/body, GET /_mock/faults and "
          + "PUT /_mock/faults/<code>."
      )
    }
  }

  private func body(_ text: String) -> ServedResponse {
    guard let number = Int(text), let body = agencies.body(of: number) else {
      return .problem(404, "No such body", "It never came, or was forgotten to make room.")
    }
    return ServedResponse(
      status: 200, headers: [HeaderField("Content-Type", body.mediaType ?? "application/octet-stream")],
      body: body.bytes)
  }

  private func setFault(_ request: ServedRequest, agency: String) -> ServedResponse {
    guard let fault = try? JSONDecoder().decode(Fault.self, from: Data(request.body)) else {
      return .problem(
        400, "Not a fault",
        #"Give {"mode": "refuse-422" | "unavailable-503" | "fail-times" | "slow" | "none", "times": 2, "ms": 500}."#)
    }
    agencies.setFault(fault, of: agency)
    return .encoding(fault)
  }
}

extension ServedResponse {
  /// An answer with a value as JSON.
  static func encoding(status: Int = 200, _ value: some Encodable) -> ServedResponse {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(value) else {
      return ServedResponse(status: 500)
    }
    return .json(status: status, String(decoding: data, as: UTF8.self))
  }
}
