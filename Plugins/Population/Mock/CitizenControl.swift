internal import FoundationEssentials
internal import HubKit
internal import JSONWire

/// The control interface under `/_mock/`: not part of the service, for tests and the demo.
enum CitizenControl {
  static func answer(_ request: ServedRequest, _ path: String, _ state: inout CitizenState) -> ServedResponse {
    let parts = path.split(separator: "/").map(String.init)
    switch (request.method, parts.first ?? "", parts.count) {
    case ("GET", "received", 1): return .encoding(state.taken.map(Arrival.init))
    case ("GET", "received", 3) where parts[2] == "body": return body(parts[1], state)
    case ("GET", "persons", 1): return .encoding(state.citizens.map(Person.init))
    case ("POST", "systems", 1): return systems(request, &state)
    case ("POST", "faults", 1): return faults(request, &state)
    case ("GET", "faults", 1): return .encoding(state.faults)
    case ("DELETE", "faults", 1):
      state.faults = []
      return done
    default: return ServedResponse.json(status: 404, "{\"error\":\"no such control\"}")
    }
  }

  private static let done = ServedResponse.json("{\"done\":true}")

  private static func refused(_ what: String) -> ServedResponse {
    ServedResponse.json(status: 400, "{\"error\":\"\(what)\"}")
  }

  // MARK: - Who asked about whom

  private struct Arrival: Encodable {
    var n: Int
    var operation, requestId, official, serviceCode, name, birthDate, result, at: String
    var unit, personalId, oldId: String?
    var wrapped: Bool
    var repeats: Int

    init(_ taken: CitizenState.Taken) {
      let call = taken.call
      n = taken.number
      operation = call.operation == .verify ? "verify" : "lookup"
      (requestId, official, serviceCode) = (call.requestID, call.official, call.service)
      (name, birthDate, result, at) = (call.name, call.birth, taken.result, taken.at.description)
      (unit, personalId, oldId) = (call.unit, call.personalID, call.oldID)
      (wrapped, repeats) = (call.isWrapped, taken.repeats)
    }
  }

  private static func body(_ number: String, _ state: CitizenState) -> ServedResponse {
    guard let taken = state.taken.first(where: { String($0.number) == number }) else {
      return ServedResponse.json(status: 404, "{\"error\":\"no such question\"}")
    }
    return ServedResponse(
      status: 200, headers: [HeaderField("Content-Type", taken.call.isWrapped ? "application/json" : "text/xml")],
      body: taken.bytes)
  }

  // MARK: - Population

  private struct Person: Encodable {
    var personalId, name, birthDate, wardCode: String
    var oldId: String?

    init(_ citizen: SyntheticCitizen) {
      (personalId, name, birthDate) = (citizen.personalID, citizen.fullName, citizen.birth)
      (oldId, wardCode) = (citizen.oldID, citizen.ward.code)
    }
  }

  private struct SystemForm: Decodable {
    var username, secret: String
  }

  /// Adds an account or gives it another secret.
  private static func systems(_ request: ServedRequest, _ state: inout CitizenState) -> ServedResponse {
    guard let form = try? JSONDecoder().decode(SystemForm.self, from: Data(request.body)), !form.username.isEmpty,
      !form.username.contains(":"), !form.secret.isEmpty
    else { return refused("username (without a colon) and secret are needed") }
    state.accounts.secrets[form.username] = form.secret
    return done
  }

  // MARK: - Behaviour

  private static func faults(_ request: ServedRequest, _ state: inout CitizenState) -> ServedResponse {
    guard let fault = try? JSONDecoder().decode(CitizenFault.self, from: Data(request.body)) else {
      let kinds = CitizenFault.Kind.allCases.map(\.rawValue).joined(separator: ", ")
      return refused("fault is needed, one of \(kinds); code is DC-01 to DC-09")
    }
    state.faults.append(fault)
    return done
  }
}
