internal import FoundationEssentials
internal import HubKit
internal import JSONWire

/// The control interface under `/_mock/`: for tests and the demo.
enum ProcedureControl {
  static func answer(
    _ request: ServedRequest, _ parts: [String], _ state: inout ProcedureState, at now: Timestamp
  ) -> ServedResponse {
    switch (request.method, parts.first ?? "", parts.count) {
    case ("GET", "received", 1): return received(state)
    case ("GET", "received", 3) where parts[2] == "body": return body(parts[1], state)
    case ("POST", "advance", 1): return advance(request, &state, at: now)
    case ("POST", "events", 1): return insert(request, &state)
    case ("DELETE", "cursors", 1):
      state.forgetCursors()
      return done
    case ("POST", "faults", 1): return fault(request, &state)
    case ("DELETE", "faults", 1):
      state.faults = []
      return done
    default: return .problem(404, "No such control")
    }
  }

  private static let done = JSONValue.object(["done": .text("true")]).response()

  private static func received(_ state: ProcedureState) -> ServedResponse {
    JSONValue.list(
      state.arrivals.enumerated().map { index, arrival in
        var line: [String: JSONValue] = arrival.attributes.mapValues { .text($0) }
        line["n"] = .whole(index + 1)
        line["dossierCode"] = .text(arrival.code)
        line["status"] = .text(state.dossiers[arrival.code]?.status ?? "")
        line["repeats"] = .whole(arrival.repeats)
        return .object(line)
      }
    ).response()
  }

  private static func body(_ number: String, _ state: ProcedureState) -> ServedResponse {
    guard let index = Int(number), state.arrivals.indices.contains(index - 1) else {
      return .problem(404, "It never came")
    }
    return state.arrivals[index - 1].data.response()
  }

  private struct Step: Decodable {
    var dossierCode: String?
    var status: String?
  }

  /// One dossier, or all of them; to a status, or to the next one.
  private static func advance(
    _ request: ServedRequest, _ state: inout ProcedureState, at now: Timestamp
  ) -> ServedResponse {
    let step = request.body.isEmpty ? Step() : try? JSONDecoder().decode(Step.self, from: Data(request.body))
    guard let step else { return .problem(400, "Give dossierCode and status, or nothing") }
    if let status = step.status, !ProcedureState.words.contains(status) { return .problem(422, "No such status") }
    guard let code = step.dossierCode else {
      for code in state.order { state.advance(code, to: step.status, at: now) }
      return done
    }
    guard state.dossiers[code] != nil else { return .problem(404, "No such dossier") }
    state.advance(code, to: step.status, at: now)
    return done
  }

  private static func insert(_ request: ServedRequest, _ state: inout ProcedureState) -> ServedResponse {
    guard let event = JSONValue(request.body) else { return .problem(400, "It is no JSON") }
    state.insert(event)
    return done
  }

  private static func fault(_ request: ServedRequest, _ state: inout ProcedureState) -> ServedResponse {
    guard let fault = try? JSONDecoder().decode(ProcedureState.Fault.self, from: Data(request.body)) else {
      return .problem(400, "path and kind are needed; kind is status, empty-body or unreadable")
    }
    state.faults.append(fault)
    return done
  }
}
