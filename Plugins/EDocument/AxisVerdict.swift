internal import HubKit

/// What an answer of the axis means for the message and the endpoint.
///
/// The axis' own list of error codes is not public. The numbers come from one province's variant of the interface
/// (provincial eDoc gateway); what is not listed is tried again. See README.md.
enum AxisVerdict {
  /// Whether a lost answer leaves open if the axis has taken something.
  enum Call { case reading, sending }

  static func of(status: Int, retryAfter: Duration?, call: Call) -> AdapterError? {
    let code = "http-\(status)"
    switch status {
    case 200..<300: return nil
    case 401, 403:
      return AdapterError(
        .outage(after: nil), code: code, reason: "the axis refuses our account: check systemId and secret")
    case 404:
      return AdapterError(.outage(after: nil), code: code, reason: "the axis does not know the path: check url")
    case 429, 503:
      return AdapterError(.outage(after: retryAfter), code: code, reason: "the axis takes nothing at the moment")
    case 502 where call == .sending, 504 where call == .sending:
      return AdapterError(.inDoubt, code: code, reason: "a gateway before the axis lost the axis' answer")
    case 400, 405, 411, 413, 414, 415, 422, 431:
      return AdapterError(.reject, code: code, reason: "the axis does not accept the request")
    default:
      return AdapterError(.retry(after: retryAfter), code: code, reason: "the axis answered with status \(status)")
    }
  }

  static func unreadable(_ what: String, call: Call) -> AdapterError {
    let code = what == "empty" ? "axis-empty-reply" : "axis-unreadable-reply"
    return call == .sending
      ? AdapterError(
        .inDoubt, code: code, reason: "the axis' answer is \(what): whether it has the message is not known")
      : AdapterError(.outage(after: nil), code: code, reason: "the axis' answer is \(what): that is no answer")
  }

  static func of(errorCode: String, description: String?, call: Call) -> AdapterError {
    let code = "axis-\(errorCode.prefix(16))"
    let cause = description.map { String($0.prefix(200)) }
    let (verdict, reason): (AdapterError.Verdict, String) =
      switch errorCode {
      case "0":
        call == .sending ? (.inDoubt, "it says FAIL and code 0 at once") : (.retry(after: nil), "it contradicts itself")
      case "10": (.reject, "it calls the file bad")
      case "15": (.outage(after: nil), "it does not accept our system name or signature: check systemId and secret")
      case "18": (.reject, "it does not know the receiver")
      case "19": (.reject, "the sender is not registered on it")
      case "20": (.retry(after: nil), "it reports a fault of its own")
      case "21": (.reject, "it could not process the file")
      case "22": (.reject, "it says that the file is no edXML")
      case "23": (.retry(after: .seconds(600)), "the receiver is locked on it")
      default: (.retry(after: nil), "it reports the error \(errorCode.prefix(16)), whose meaning is not published")
      }
    return AdapterError(verdict, code: code, reason: "the axis answered: \(reason)", cause: cause)
  }
}
