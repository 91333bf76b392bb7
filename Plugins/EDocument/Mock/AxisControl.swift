internal import FoundationEssentials
internal import HubKit
internal import JSONWire

/// The control interface under `/_mock/`: not part of the axis, for tests, the demo and `lgsp send --register`.
enum AxisControl {
  static func answer(
    _ request: ServedRequest, _ path: String, _ state: inout AxisState, at now: Timestamp
  ) -> ServedResponse {
    let parts = path.split(separator: "/").map(String.init)
    switch (request.method, parts.first ?? "", parts.count) {
    case ("POST", "systems", 1): return systems(request, &state)
    case ("GET", "received", 1): return received(request, state)
    case ("GET", "received", 3) where parts[2] == "body": return body(parts[1], state)
    case ("POST", "faults", 1): return faults(request, &state)
    case ("GET", "faults", 1): return ServedResponse.encoding(state.faults)
    case ("DELETE", "faults", 1):
      state.faults = []
      return done
    case ("POST", "offices", 1): return offices(request, &state, at: now)
    case ("POST", "tick", 1):
      AxisOffices.work(&state, at: now)
      return done
    default: return ServedResponse.json(status: 404, "{\"error\":\"no such control\"}")
    }
  }

  private static let done = ServedResponse.json("{\"done\":true}")

  private static func read<Form: Decodable>(_ request: ServedRequest, _ type: Form.Type) -> Form? {
    try? JSONDecoder().decode(type, from: Data(request.body))
  }

  private static func refused(_ what: String) -> ServedResponse {
    ServedResponse.json(status: 400, "{\"error\":\"\(what)\"}")
  }

  // MARK: - Accounts

  private struct SystemForm: Decodable {
    struct Agency: Decodable {
      var code: String
      var name: String?
    }
    var systemId: String
    var secret: String
    var agencies: [Agency]?
  }

  /// Adds a system or gives it another key; agencies named here move to it.
  private static func systems(_ request: ServedRequest, _ state: inout AxisState) -> ServedResponse {
    guard let form = read(request, SystemForm.self), !form.systemId.isEmpty, !form.secret.isEmpty else {
      return refused("systemId, secret and agencies [{code, name}] are needed")
    }
    state.systems[form.systemId] = form.secret
    for agency in form.agencies ?? [] {
      state.register(AxisState.Agency(code: agency.code, name: agency.name ?? agency.code, system: form.systemId))
    }
    return done
  }

  // MARK: - What arrived

  private struct Arrival: Encodable {
    var docId, from, to, messageType, sha256, state, documentId, at: String
    var byteCount: Int
    var acknowledged: Bool
  }

  private static func received(_ request: ServedRequest, _ state: AxisState) -> ServedResponse {
    let agency = request.query["agency"]
    return ServedResponse.encoding(
      state.items.filter { agency == nil || $0.to == agency }.map { item in
        Arrival(
          docId: item.docId, from: item.from, to: item.to, messageType: item.messageType, sha256: item.digest,
          state: item.state.rawValue, documentId: item.summary.documentId, at: item.createdAt.description,
          byteCount: item.bytes.count, acknowledged: item.state == .done)
      })
  }

  private static func body(_ docId: String, _ state: AxisState) -> ServedResponse {
    guard let item = state.item(docId) else { return ServedResponse.json(status: 404, "{\"error\":\"no such item\"}") }
    return ServedResponse(
      status: 200, headers: [HeaderField("Content-Type", "application/xml")], body: item.bytes)
  }

  // MARK: - Behaviour

  private static func faults(_ request: ServedRequest, _ state: inout AxisState) -> ServedResponse {
    guard let fault = read(request, AxisFault.self) else {
      let kinds = AxisFault.Kind.allCases.map(\.rawValue).joined(separator: ", ")
      return refused("agency and fault are needed; fault is one of \(kinds)")
    }
    state.faults.append(fault)
    return done
  }

  private struct OfficeForm: Decodable {
    var codes: [String]
    var statuses: [String]?
  }

  private static func offices(
    _ request: ServedRequest, _ state: inout AxisState, at now: Timestamp
  ) -> ServedResponse {
    guard let form = read(request, OfficeForm.self) else { return refused("codes and statuses are needed") }
    AxisOffices.open(form.codes, statuses: form.statuses, in: &state)
    AxisOffices.work(&state, at: now)
    return done
  }
}
