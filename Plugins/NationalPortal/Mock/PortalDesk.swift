internal import HubKit
internal import JSONWire
internal import Synchronization

/// Answers the adapter's calls. What stands before `/mapi/` in the path is the adapter's affair.
final class PortalDesk: ServedInterface {
  private let state: Mutex<PortalState>
  private let account: PortalAccount
  private let clock: any HubClock

  init(state: PortalState, account: PortalAccount, clock: any HubClock) {
    self.state = Mutex(state)
    self.account = account
    self.clock = clock
  }

  func respond(to request: ServedRequest) async -> ServedResponse {
    let now = clock.now
    if request.path.hasPrefix("/_mock/") {
      return state.withLock { PortalControl.answer(request, &$0, at: now) }
    }
    let isLogin = request.path.hasSuffix("/mapi/login")
    guard isLogin || request.path.hasSuffix("/mapi/g") else {
      return PortalAnswer.fail("-1", "no such path").response(status: 404)
    }
    guard request.method == "POST" else { return PortalAnswer.fail("-1", "POST only").response(status: 405) }
    guard (request.headers["dstcode"] ?? request.query["dstcode"]) == account.dstcode else {
      return PortalAnswer.fail("-1", "dstcode leads nowhere").response(status: 404)
    }
    guard let content = JSONValue(request.body), case .object = content else {
      return PortalAnswer.fail("-1", "the content is no JSON object").response(status: 400)
    }
    return state.withLock { state in
      isLogin ? logIn(content, &state, at: now) : serve(content, &state, at: now)
    }
  }

  private func logIn(_ content: JSONValue, _ state: inout PortalState, at now: Timestamp) -> ServedResponse {
    if let fault = state.fault("login") { return PortalAnswer.spoiled(fault) }
    guard let password = account.password, content["username"]?.string == account.username,
      content["password"]?.string == password
    else { return PortalAnswer.fail("-1", "wrong account").response() }
    let session = state.logIn(until: now + account.sessionLifetime)
    return JSONValue.object(["error_code": .text("0"), "session": .text(session)]).response()
  }

  private func serve(_ content: JSONValue, _ state: inout PortalState, at now: Timestamp) -> ServedResponse {
    guard let session = content["session"]?.string, state.isLive(session, at: now) else {
      return PortalAnswer.fail("-2", "the session is not known").response()
    }
    let service = content["service"]?.string ?? ""
    defer { state.countCall() }
    let fault = state.fault(service)
    if let fault, fault.kind == .errorCode { return PortalAnswer.spoiled(fault) }
    let answer = PortalServices.answer(service, content, &state)
    return fault.map(PortalAnswer.spoiled) ?? answer.response()
  }
}

/// The portal's answers.
enum PortalAnswer {
  static func fail(_ code: String, _ message: String) -> JSONValue {
    .object(["error_code": .text(code), "error_message": .text(message)])
  }

  /// The good code comes as a number, as one zero or as two: all three have been seen.
  static func good(_ code: JSONValue = .text("0"), _ result: JSONValue? = nil) -> JSONValue {
    var answer = JSONValue.object(["error_code": code])
    answer["result"] = result
    return answer
  }

  static func spoiled(_ fault: PortalState.Fault) -> ServedResponse {
    switch fault.kind {
    case .errorCode: fail(fault.code ?? "-1", "a fault that was asked for").response()
    case .emptyBody: ServedResponse(status: 200)
    case .unreadable:
      ServedResponse(
        status: 200, headers: [HeaderField("Content-Type", "text/html")], body: Array("<html><body>".utf8))
    }
  }
}
