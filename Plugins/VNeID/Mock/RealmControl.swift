internal import FoundationEssentials
internal import HubKit

/// The control interface under `/_mock/`: not part of VNeID, for tests and the demo.
struct RealmControl {
  let state: RealmState

  func respond(to request: ServedRequest) -> ServedResponse {
    switch (request.method, request.path) {
    case ("GET", "/_mock/received"): return .unstored(state.arrivals)
    case ("DELETE", "/_mock/received"):
      state.forget()
      return done
    case ("GET", "/_mock/faults"): return .unstored(state.faults)
    case ("POST", "/_mock/faults"): return addFault(request)
    case ("DELETE", "/_mock/faults"):
      state.clearFaults()
      return done
    case ("POST", "/_mock/rotate"): return state.rotate() ? done : ServedResponse(status: 500)
    default:
      return .unstored(
        status: 404,
        ["error": "known are received (GET, DELETE), faults (GET, POST, DELETE) and rotate (POST) below /_mock/"])
    }
  }

  private var done: ServedResponse { .unstored(["done": true]) }

  private func addFault(_ request: ServedRequest) -> ServedResponse {
    guard let fault = try? JSONDecoder().decode(RealmFault.self, from: Data(request.body)) else {
      let kinds = RealmFault.Kind.allCases.map(\.rawValue).joined(separator: ", ")
      let operations = RealmFault.Operation.allCases.map(\.rawValue).joined(separator: ", ")
      return .unstored(
        status: 400,
        ["error": "fault is needed, one of \(kinds); operation is one of \(operations); times is a number"])
    }
    state.add(fault)
    return done
  }
}
