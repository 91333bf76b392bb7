internal import HubKit
internal import JSONWire
internal import Synchronization

/// Answers the system's interface.
final class ProcedureDesk: ServedInterface {
  private let state: Mutex<ProcedureState>
  private let token: String?
  private let isLively: Bool
  private let clock: any HubClock

  init(state: ProcedureState, token: String?, isLively: Bool, clock: any HubClock) {
    self.state = Mutex(state)
    self.token = token
    self.isLively = isLively
    self.clock = clock
  }

  func respond(to request: ServedRequest) async -> ServedResponse {
    let now = clock.now
    let parts = request.path.split(separator: "/").map(String.init)
    if parts.first == "_mock" {
      return state.withLock { ProcedureControl.answer(request, Array(parts.dropFirst()), &$0, at: now) }
    }
    guard let token, request.headers["Authorization"] == "Bearer \(token)" else {
      return .problem(401, "Unknown token")
    }
    return state.withLock { state in
      switch (request.method, parts.first ?? "", parts.count) {
      case ("GET", "ping", 1): return ServedResponse(status: 204)
      case ("POST", "dossiers", 1): return spoiled("dossiers", &state) ?? Self.take(request, &state)
      case ("GET", "dossiers", 2): return Self.show(parts[1], state)
      case ("GET", "events", 1): return spoiled("events", &state) ?? events(request, &state, at: now)
      default: return .problem(404, "Nothing is here")
      }
    }
  }

  private func spoiled(_ path: String, _ state: inout ProcedureState) -> ServedResponse? {
    guard let fault = state.fault(path) else { return nil }
    switch fault.kind {
    case .status: return .problem(fault.status ?? 503, "A fault that was asked for")
    case .emptyBody: return ServedResponse(status: 200)
    case .unreadable:
      return ServedResponse(
        status: 200, headers: [HeaderField("Content-Type", "text/html")], body: Array("<html><body>".utf8))
    }
  }

  // MARK: - Dossiers

  private static func take(_ request: ServedRequest, _ state: inout ProcedureState) -> ServedResponse {
    guard request.headers["Content-Type"]?.lowercased().hasPrefix("application/cloudevents+json") == true else {
      return .problem(415, "Events come as application/cloudevents+json")
    }
    guard case .object(let members)? = JSONValue(request.body), members["specversion"] == .text("1.0"),
      let id = members["id"]?.string, !id.isEmpty, let source = members["source"]?.string, !source.isEmpty,
      let data = members["data"], case .object = data
    else { return .problem(400, "It is no CloudEvent with data") }
    guard members["type"]?.string == "vn.haiphong.dossier.submitted" else {
      return .problem(422, "Events of this type are not taken")
    }
    guard let code = data["dossierCode"]?.string, isCode(code) else {
      return .problem(422, "dossierCode is missing or no code of a dossier")
    }
    guard data["procedure"]?["code"]?.string?.isEmpty == false, data["applicant"]?["name"]?.string != nil else {
      return .problem(422, "procedure.code or applicant.name is missing")
    }
    let arrival = ProcedureState.Arrival(
      key: [source, id], code: code, data: data, attributes: members.compactMapValues(\.string))
    let answer = JSONValue.object(["id": .text(id), "dossierCode": .text(code)])
    switch state.take(arrival) {
    case .new: return answer.response(status: 201)
    case .repeated: return answer.response(status: 200)
    case .conflict: return .problem(409, "The event came before with other content")
    }
  }

  private static func show(_ code: String, _ state: ProcedureState) -> ServedResponse {
    guard let dossier = state.dossiers[code] else { return .problem(404, "No such dossier") }
    return JSONValue.object(["status": .text(dossier.status), "dossier": dossier.data]).response()
  }

  /// `<unit>-<yyMMdd>-<number>`, with units of either former province and numbers of four to eight digits.
  private static func isCode(_ text: String) -> Bool {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 3, !parts[0].isEmpty, parts[1].count == 6, (4...8).contains(parts[2].count) else {
      return false
    }
    let isUnit = parts[0].allSatisfy { $0.isASCII && ($0.isUppercase || $0.isNumber || $0 == ".") }
    return isUnit && parts[1...].allSatisfy { $0.allSatisfy { $0.isASCII && $0.isNumber } }
  }

  // MARK: - Events

  private func events(_ request: ServedRequest, _ state: inout ProcedureState, at now: Timestamp) -> ServedResponse {
    guard let limit = request.query["limit"].flatMap({ Int($0) }), (1...10_000).contains(limit) else {
      return .problem(400, "limit is from 1 to 10000")
    }
    if isLively { state.advanceAll(at: now) }
    var start = 0
    if let after = request.query["after"] {
      guard let position = state.position(of: after) else { return .problem(410, "The cursor is not known") }
      start = position
    }
    let batch = Array(state.events[start...].prefix(limit))
    var response = JSONValue.list(batch).response()
    response.headers = [
      HeaderField("Content-Type", "application/cloudevents-batch+json"),
      HeaderField("Events-Cursor", state.cursor(start + batch.count)),
    ]
    return response
  }
}

extension ServedResponse {
  /// An error as RFC 9457 describes it.
  static func problem(_ status: Int, _ title: String) -> ServedResponse {
    var response = JSONValue.object(["title": .text(title), "status": .whole(status)]).response(status: status)
    response.headers = [HeaderField("Content-Type", "application/problem+json")]
    return response
  }
}
