internal import HubKit
internal import JSONWire
internal import Synchronization

/// Answers requests: the centre's own under `/api/indicators`, the control under `/_mock/`.
final class CentreDesk: ServedInterface {
  private let state: Mutex<CentreState>
  private let token: String
  private let clock: any HubClock

  init(_ state: CentreState, token: String, clock: any HubClock) {
    self.state = Mutex(state)
    self.token = token
    self.clock = clock
  }

  func respond(to request: ServedRequest) async -> ServedResponse {
    let steps = request.path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map(String.init)
    if steps.first == "_mock" {
      return state.withLock { CentreControl.answer(request, Array(steps.dropFirst()), &$0) }
    }
    guard steps.starts(with: ["api", "indicators"]), steps.count <= 3 else {
      return .refusal(404, "IOC-100", "Figures are put to /api/indicators/{snapshotId}.")
    }
    guard request.headers["Authorization"] == "Bearer \(token)" else {
      return .refusal(401, "IOC-101", "The token is missing or another one.")
    }
    let fault = state.withLock { $0.strike() }
    if let milliseconds = fault?.milliseconds {
      // A cancelled wait only means that nobody waits for the answer any more.
      try? await clock.sleep(until: clock.now + .milliseconds(milliseconds))
    }
    if let spoiled = fault?.answerBefore { return spoiled }
    let answer = answer(request, name: steps.count == 3 ? steps[2] : nil)
    return fault?.answerAfter ?? answer
  }

  private func answer(_ request: ServedRequest, name: String?) -> ServedResponse {
    switch (request.method, name) {
    case ("GET", nil): return state.withLock { .encoding(CentreState.Newest(newest: $0.newestName)) }
    case ("PUT", let name?): return put(request, name)
    default: return .refusal(405, "IOC-102", "Figures come by PUT, one name at a time.")
    }
  }

  private func put(_ request: ServedRequest, _ name: String) -> ServedResponse {
    guard CentreForm.isName(name) else {
      return .refusal(400, "IOC-103", "The name may have letters, digits, - and _, at most 64.")
    }
    switch CentreForm.read(request.body) {
    case .failure(let complaint): return .refusal(422, "IOC-104", complaint.text)
    case .success(let form):
      guard form.snapshotId == name else {
        return .refusal(422, "IOC-105", "The figures bear another name than the address.")
      }
      let now = clock.now
      return state.withLock { $0.take(form, request.body, at: now) }
    }
  }
}

extension ServedResponse {
  /// The centre's way to say no: a code of its own and a sentence.
  static func refusal(_ status: Int, _ code: String, _ message: String) -> ServedResponse {
    struct Refusal: Encodable { var code, message: String }
    return .encoding(status: status, Refusal(code: code, message: message))
  }
}
