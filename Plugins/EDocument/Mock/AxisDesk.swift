internal import AxisWire
internal import EdXMLWire
internal import HubKit
internal import Synchronization

/// Answers the axis' operations. Where it stands in a URL does not matter: the last part of the path is the operation.
final class AxisDesk: ServedInterface {
  private let state: Mutex<AxisState>
  private let clock: any HubClock

  init(_ state: AxisState, clock: any HubClock) {
    self.state = Mutex(state)
    self.clock = clock
  }

  /// Answers one request; offices at their desks work off what it brought.
  func respond(to request: ServedRequest) async -> ServedResponse {
    let now = clock.now
    if let path = Self.controlPath(request.path) {
      return state.withLock { AxisControl.answer(request, path, &$0, at: now) }
    }
    let call = AxisCall(request)
    let fault = state.withLock { $0.fault(call.operation, call.agencies(in: $0)) }
    switch fault?.fault {
    case .unavailable:
      return ServedResponse(status: 503, headers: [HeaderField("Retry-After", "1")])
    case .errorCode:
      return AxisAnswer.fail(code: fault?.code ?? "20", "a fault that was asked for")
    case .slow:
      // A cancelled wait only means that nobody waits for the answer any more.
      try? await clock.sleep(until: now + .milliseconds(fault?.milliseconds ?? 1000))
    default: break
    }
    let answer = state.withLock { state in
      let answer = call.carryOut(on: &state, at: now, spoiledBy: fault?.fault)
      AxisOffices.work(&state, at: now)
      return answer
    }
    switch fault?.fault {
    case .emptyBody: return ServedResponse(status: 200)
    case .unreadable:
      return ServedResponse(
        status: 200, headers: [HeaderField("Content-Type", "text/html")], body: Array("<html><body>".utf8))
    default: return answer
    }
  }

  private static func controlPath(_ path: String) -> String? {
    guard let range = path.firstRange(of: "/_mock/") else { return nil }
    return String(path[range.upperBound...])
  }
}
