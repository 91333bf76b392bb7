internal import FoundationEssentials
internal import HubKit
internal import JSONWire

/// The control interface under `/_mock/`: not part of the centre, for tests and the demo.
enum CentreControl {
  /// Answers one request; `steps` are the parts of the path after `_mock`.
  static func answer(_ request: ServedRequest, _ steps: [String], _ state: inout CentreState) -> ServedResponse {
    switch (request.method, steps.first ?? "", steps.count) {
    case ("GET", "received", 1): return .encoding(state.arrivals)
    case ("GET", "received", 3) where steps[2] == "body": return body(steps[1], state)
    case ("DELETE", "received", 1):
      state.forget()
      return ServedResponse(status: 204)
    case ("GET", "figures", 1): return figures(state)
    case ("GET", "faults", 1): return .encoding(state.faults)
    case ("POST", "faults", 1): return addFault(request, &state)
    case ("DELETE", "faults", 1):
      state.faults = []
      return ServedResponse(status: 204)
    default:
      return .json(
        status: 404,
        #"{"error":"known: received, received/<n>/body, figures, faults"}"#)
    }
  }

  private static func body(_ text: String, _ state: CentreState) -> ServedResponse {
    guard let number = Int(text), let body = state.body(number) else {
      return .json(status: 404, #"{"error":"it never came, or was forgotten to make room"}"#)
    }
    return ServedResponse(
      status: 200, headers: [HeaderField("Content-Type", "application/json")], body: body)
  }

  /// The newest figures of each day, and their name.
  private static func figures(_ state: CentreState) -> ServedResponse {
    let newest = state.newestName.map { "\"\($0)\"" } ?? "null"
    let days = state.days.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",")
    return .json("{\"newest\":\(newest),\"days\":{\(days)}}")
  }

  private static func addFault(_ request: ServedRequest, _ state: inout CentreState) -> ServedResponse {
    guard let fault = try? JSONDecoder().decode(CentreFault.self, from: Data(request.body)) else {
      let kinds = CentreFault.Kind.allCases.map(\.rawValue).joined(separator: ", ")
      return .json(status: 400, "{\"error\":\"fault is needed, one of \(kinds)\"}")
    }
    state.faults.append(fault)
    return .encoding(state.faults)
  }
}
