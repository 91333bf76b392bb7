internal import HubKit
internal import Synchronization

/// Answers the service's operations, wherever in a URL it stands, and the control interface under `/_mock/`.
final class CitizenDesk: ServedInterface {
  private let state: Mutex<CitizenState>
  private let clock: any HubClock

  init(_ state: CitizenState, clock: any HubClock) {
    self.state = Mutex(state)
    self.clock = clock
  }

  /// Answers one request.
  func respond(to request: ServedRequest) async -> ServedResponse {
    let now = clock.now
    if let path = Self.controlPath(request.path) {
      return state.withLock { CitizenControl.answer(request, path, &$0) }
    }
    switch request.method {
    case "GET":
      let refusal = state.withLock { $0.accounts.refusal(of: request, at: now) }
      return refusal == nil ? CitizenAnswer.description : ServedResponse(status: 401)
    case "POST": return await answer(request, at: now)
    default: return ServedResponse(status: 405, headers: [HeaderField("Allow", "GET, POST")])
    }
  }

  private func answer(_ request: ServedRequest, at now: Timestamp) async -> ServedResponse {
    let call: CitizenCall
    do throws(CitizenCall.Refusal) { call = try CitizenCall.read(request) } catch {
      // Whoever is not known is not told what is wrong with his question.
      let refusal = state.withLock { $0.accounts.refusal(of: request, at: now) }
      return CitizenAnswer.fault(refusal ?? error.code, isWrapped: error.isWrapped)
    }
    let (refusal, fault) = state.withLock { state -> (CitizenFault.Code?, CitizenFault?) in
      if let refusal = state.accounts.refusal(of: request, at: now) { return (refusal, nil) }
      if state.blockedOfficials.contains(call.official) { return (.official, nil) }
      return (nil, state.fault(for: call.operation))
    }
    if let refusal { return CitizenAnswer.fault(refusal, isWrapped: call.isWrapped) }
    switch fault?.fault {
    case .skew: return CitizenAnswer.fault(.clock, isWrapped: call.isWrapped)
    case .errorCode: return CitizenAnswer.fault(fault?.code ?? .inside, isWrapped: call.isWrapped)
    case .unavailable: return ServedResponse(status: 503, headers: [HeaderField("Retry-After", "1")])
    case .slow:
      // A cancelled wait only means that nobody waits for the answer any more.
      try? await clock.sleep(until: now + .milliseconds(fault?.milliseconds ?? 1000))
    default: break
    }
    return state.withLock { Self.carryOut(call, request.body, on: &$0, at: now, spoiledBy: fault?.fault) }
  }

  private static func carryOut(
    _ call: CitizenCall, _ bytes: [UInt8], on state: inout CitizenState, at now: Timestamp,
    spoiledBy fault: CitizenFault.Kind?
  ) -> ServedResponse {
    let citizen = state.citizen(for: call)
    let result =
      switch call.operation {
      case .verify: citizen == nil ? "no-match" : "match"
      case .lookup: citizen == nil ? "not-found" : "found"
      }
    guard state.take(call, bytes: bytes, result: result, at: now) else {
      return CitizenAnswer.fault(.reused, isWrapped: call.isWrapped)
    }
    let other = state.citizens.first { $0.personalID != citizen?.personalID }
    return CitizenAnswer(call: call, citizen: citizen, other: other, spoiledBy: fault).response
  }

  private static func controlPath(_ path: String) -> String? {
    guard let range = path.firstRange(of: "/_mock/") else { return nil }
    return String(path[range.upperBound...])
  }
}
