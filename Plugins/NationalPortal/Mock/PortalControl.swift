internal import FoundationEssentials
internal import HubKit
internal import JSONWire

/// The control interface under `/_mock/`: not part of the portal, for tests and the demo.
enum PortalControl {
  static func answer(_ request: ServedRequest, _ state: inout PortalState, at now: Timestamp) -> ServedResponse {
    let parts = request.path.split(separator: "/").dropFirst().map(String.init)
    switch (request.method, parts.first ?? "", parts.count) {
    case ("GET", "received", 1): return received(state)
    case ("GET", "received", 3) where parts[2] == "body": return body(parts[1], state)
    case ("POST", "submit", 1): return submit(request, &state, at: now)
    case ("GET", "sessions", 1):
      return JSONValue.object([
        "logins": .whole(state.logins), "live": .whole(state.liveSessions(at: now)),
      ]).response()
    case ("DELETE", "sessions", 1): return dropSessions(request, &state)
    case ("POST", "faults", 1): return fault(request, &state)
    case ("GET", "faults", 1): return faults(state)
    case ("DELETE", "faults", 1):
      state.faults = []
      return done
    default: return JSONValue.object(["error": .text("no such control")]).response(status: 404)
    }
  }

  private static let done = JSONValue.object(["done": .text("true")]).response()

  private static func refused(_ what: String) -> ServedResponse {
    JSONValue.object(["error": .text(what)]).response(status: 400)
  }

  // MARK: - What arrived

  private static func received(_ state: PortalState) -> ServedResponse {
    JSONValue.list(
      state.arrivals.enumerated().map { index, arrival in
        .object([
          "n": .whole(index + 1), "service": .text(arrival.service), "code": .text(arrival.code),
          "isUpdating": .text(arrival.isUpdating ? "True" : "False"), "repeats": .whole(arrival.repeats),
          "status": arrival.record["TrangThai"] ?? arrival.record["TrangThaiHoSo"] ?? .text(""),
        ])
      }
    ).response()
  }

  private static func body(_ number: String, _ state: PortalState) -> ServedResponse {
    guard let index = Int(number), state.arrivals.indices.contains(index - 1) else {
      return JSONValue.object(["error": .text("it never came")]).response(status: 404)
    }
    return state.arrivals[index - 1].record.response()
  }

  // MARK: - What citizens do

  /// A citizen files a dossier: the one given, or a synthetic one. The answer is the record as the portal would push
  /// it. `?time=yyyyMMddHHmmss` sets when it was filed.
  private static func submit(
    _ request: ServedRequest, _ state: inout PortalState, at now: Timestamp
  ) -> ServedResponse {
    let time = request.query["time"] ?? SyntheticDossier.time(now)
    guard time.utf8.count == 14, time.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
      return refused("time is yyyyMMddHHmmss")
    }
    let record: JSONValue
    if request.body.isEmpty {
      record = SyntheticDossier.make(number: state.filed.count + 1, time: time)
    } else {
      guard let given = JSONValue(request.body), given.hasOnlyStrings, given["MaHoSo"]?.string != nil else {
        return refused("give a record with MaHoSo and strings only, or nothing")
      }
      record = given
    }
    state.file(record, time: time)
    return record.response(status: 201)
  }

  // MARK: - Behaviour

  /// At once, or after `?after=` more calls of services.
  private static func dropSessions(_ request: ServedRequest, _ state: inout PortalState) -> ServedResponse {
    if let after = request.query["after"].flatMap({ Int($0) }), after > 0 {
      state.dropsAfter = after
    } else {
      state.dropSessions()
    }
    return done
  }

  private static func fault(_ request: ServedRequest, _ state: inout PortalState) -> ServedResponse {
    guard let fault = try? JSONDecoder().decode(PortalState.Fault.self, from: Data(request.body)) else {
      return refused("service and kind are needed; kind is error-code, empty-body or unreadable")
    }
    state.faults.append(fault)
    return done
  }

  private static func faults(_ state: PortalState) -> ServedResponse {
    guard let json = try? JSONEncoder().encode(state.faults) else { return ServedResponse(status: 500) }
    return .json(String(decoding: json, as: UTF8.self))
  }
}
