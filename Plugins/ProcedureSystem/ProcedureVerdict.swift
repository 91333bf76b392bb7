internal import HubKit

/// What an answer of the procedure system means. The table stands in README.md.
enum ProcedureVerdict {
  /// Whether a lost answer leaves open if the system has taken something.
  enum Call: Sendable { case reading, writing }

  /// Nil for an answer whose content decides.
  static func of(_ response: OutboundResponse, call: Call) -> AdapterError? {
    let status = response.status
    let code = "http-\(status)"
    let wait = response.retryAfter()
    switch status {
    case 200..<300: return nil
    case 401, 403:
      return AdapterError(.outage(after: nil), code: code, reason: "the system does not accept the hub's token")
    case 300..<400, 404, 405, 407, 501:
      return AdapterError(.outage(after: nil), code: code, reason: "nothing there takes dossiers: check url")
    case 429, 503:
      return AdapterError(.outage(after: wait), code: code, reason: "the system takes nothing at the moment")
    case 502, 504:
      return AdapterError(
        call == .writing ? .inDoubt : .outage(after: wait), code: code, reason: "a gateway lost the system's answer")
    case 408, 425, 500..<600:
      return AdapterError(.retry(after: wait), code: code, reason: "the system answered with status \(status)")
    case 409:
      return AdapterError(.reject, code: code, reason: "the system has other content under the same event id")
    default:
      return AdapterError(
        call == .writing ? .reject : .outage(after: nil), code: code,
        reason: "the system answered \(status): it does not accept this")
    }
  }

  /// An answer that says nothing is no success.
  static func unreadable(_ what: String, call: Call) -> AdapterError {
    let code = what == "empty" ? "empty-reply" : "unreadable-reply"
    return call == .writing
      ? AdapterError(
        .inDoubt, code: code, reason: "the system's answer is \(what): whether it has the dossier is not known")
      : AdapterError(.outage(after: nil), code: code, reason: "the system's answer is \(what): that is no answer")
  }
}
