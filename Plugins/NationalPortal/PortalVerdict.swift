internal import HubKit

/// What an answer of the portal means. Beyond 0, -1 and 3/-3 its codes are not public: see the table in README.md.
struct PortalVerdict: Sendable {
  /// What was asked, as far as a lost answer is concerned.
  enum Call: Sendable {
    /// Nothing changes at the portal: it may be asked again.
    case reading
    /// The portal may have acted.
    case writing
  }

  /// What the code of an answer means.
  enum Meaning: Equatable {
    case good
    case exists
    case sessionLost
    case failed(AdapterError)
  }

  let sessionCodes: Set<String>
  let rejectCodes: Set<String>

  func meaning(of code: String) -> Meaning {
    switch code {
    case "0", "00": return .good
    case "3", "-3": return .exists
    case Self.unauthorised: return .sessionLost
    case _ where sessionCodes.contains(code): return .sessionLost
    default: break
    }
    let word = Self.word(code)
    if rejectCodes.contains(code) {
      return .failed(
        AdapterError(
          .reject, code: word, reason: "the portal answered \(Self.shown(code)): it will not take this record"))
    }
    let what = code == "-1" ? "it reports a general fault" : "a code whose meaning is not published"
    return .failed(
      AdapterError(.retry(after: nil), code: word, reason: "the portal answered \(Self.shown(code)): \(what)"))
  }

  /// Nil for an answer whose content decides.
  static func of(_ response: OutboundResponse, call: Call) -> AdapterError? {
    let status = response.status
    let code = "http-\(status)"
    let wait = response.retryAfter()
    switch status {
    case 200..<300: return nil
    case 300..<400, 403, 404, 405, 407:
      return AdapterError(
        .outage(after: nil), code: code,
        reason: "the adapter answered \(status): check url, dstcode and the city's rights there")
    case 429, 503:
      return AdapterError(.outage(after: wait), code: code, reason: "the portal takes nothing at the moment")
    case 502, 504:
      return AdapterError(
        call == .writing ? .inDoubt : .outage(after: wait), code: code, reason: "the adapter lost the portal's answer")
    case 400, 411, 413, 414, 415, 422, 431:
      return AdapterError(
        call == .writing ? .reject : .retry(after: nil), code: code, reason: "the adapter does not accept the request")
    default:
      return AdapterError(.retry(after: wait), code: code, reason: "the adapter answered with status \(status)")
    }
  }

  /// An answer that says nothing is no success: after a write nobody knows what the portal did.
  static func unreadable(_ what: String, call: Call) -> AdapterError {
    let code = what == "empty" ? "portal-empty-reply" : "portal-unreadable-reply"
    return call == .writing
      ? AdapterError(
        .inDoubt, code: code, reason: "the portal's answer is \(what): whether it has the record is not known")
      : AdapterError(.outage(after: nil), code: code, reason: "the portal's answer is \(what): that is no answer")
  }

  /// Stands for a status 401, which has no code of the portal's.
  static let unauthorised = "http-401"

  /// Codes of answers that say nothing.
  static let unreadableCodes: Set<String> = ["portal-empty-reply", "portal-unreadable-reply"]

  /// Stable word for machines.
  static func word(_ code: String) -> String { "portal-\(shown(code))" }

  /// A code comes from outside: what is not short and plain is not repeated.
  private static func shown(_ code: String) -> String {
    let isPlain = code.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
    return isPlain && code.utf8.count <= 16 ? code : "unknown"
  }
}
