internal import HubKit
internal import SOAPWire
internal import XMLWire

/// What a failure of the database means for the question and for the endpoint.
///
/// C06's own list of error codes is not public. The codes `DC-..` are ours, spoken by the mock; what a real service
/// says is judged by the side that its fault blames. See README.md.
enum PopulationVerdict {
  /// The database's clock and ours differ, or the unit of the timestamp is wrong.
  private static let skew = (
    AdapterError.Verdict.outage(after: nil), "clock",
    "refuses our timestamp: check this machine's clock (NTP), and the setting `timestamp` (seconds or milliseconds)"
  )
  private static let credentials = (
    AdapterError.Verdict.outage(after: nil), "credentials",
    "does not accept our account: check username, secret and signedUrl"
  )

  /// What a code means; the first part of the code is ours, `DC-`.
  static func of(code: String) -> AdapterError? {
    let (verdict, _, words): (AdapterError.Verdict, String, String)
    switch code {
    case "DC-01": (verdict, words) = (.reject, "calls the request incomplete or out of order")
    case "DC-02": (verdict, words) = (credentials.0, credentials.2)
    case "DC-03": (verdict, words) = (skew.0, skew.2)
    case "DC-04":
      (verdict, words) = (.outage(after: nil), "does not let our account use this service: check serviceCode")
    case "DC-05": (verdict, words) = (.reject, "does not know the official, or does not let him ask")
    case "DC-06": (verdict, words) = (.reject, "calls a value of the question wrong")
    case "DC-07": (verdict, words) = (.outage(after: .seconds(60)), "says that we ask too much")
    case "DC-08": (verdict, words) = (.retry(after: nil), "reports a fault of its own")
    case "DC-09": (verdict, words) = (.reject, "has had another question under the same MaYeuCau")
    default: return nil
    }
    return AdapterError(verdict, code: "population-\(code)", reason: "The population database \(words).")
  }

  /// What a SOAP fault means. Its words are not passed on: a far system may quote what it was asked.
  static func of(_ fault: SOAPFault) -> AdapterError {
    let code = fault.detail?.all { $0.name.local == "MaLoi" }.first?.text ?? ""
    if let error = of(code: code) { return error }
    let (verdict, word, words): (AdapterError.Verdict, String, String) =
      if saysClock(fault.reason) {
        skew
      } else if saysCredentials(fault) {
        credentials
      } else {
        switch fault.side {
        case .client: (.reject, "fault-client", "says that the question is at fault")
        case .server: (.retry(after: nil), "fault-server", "reports a fault of its own")
        case .versionMismatch, .mustUnderstand:
          (.outage(after: nil), "fault-soap", "does not speak our SOAP: check url and wrapping")
        case nil: (.retry(after: nil), "fault-unknown", "reports a fault whose meaning is not published")
        }
      }
    return AdapterError(
      verdict, code: "population-\(word)", reason: "The population database \(words).",
      cause: "SOAP fault \(shown(fault.code))" + (code.isEmpty ? "" : ", code \(shown(code))"))
  }

  private static func saysClock(_ words: String) -> Bool {
    let text = PopulationName.normalised(words, removingSpaces: false)
    return ["TIMESTAMP", "TIME STAMP", "LECH THOI GIAN", "SAI THOI GIAN"].contains { text.contains($0) }
  }

  private static func saysCredentials(_ fault: SOAPFault) -> Bool {
    ([fault.code] + fault.subcodes).contains { $0.contains("Authentication") || $0.contains("Authorization") }
  }

  /// What an HTTP status means; nil for one that lets the body speak.
  static func of(status: Int, retryAfter: Duration?) -> AdapterError? {
    let (verdict, words): (AdapterError.Verdict, String)
    switch status {
    case 200..<300: return nil
    case 401, 403, 407: (verdict, words) = (.outage(after: nil), "our account is refused: check username and secret")
    case 300..<400, 404, 405, 501: (verdict, words) = (.outage(after: nil), "nothing there takes questions: check url")
    case 429, 503: (verdict, words) = (.outage(after: retryAfter), "it takes nothing at the moment")
    case 502, 504: (verdict, words) = (.inDoubt, "a gateway before it lost its answer")
    case 408, 500..<600: (verdict, words) = (.retry(after: retryAfter), "it failed")
    default: (verdict, words) = (.reject, "it does not accept the request")
    }
    return AdapterError(
      verdict, code: "http-\(status)", reason: "The population database answered with status \(status): \(words).")
  }

  /// An answer that is none. Asking again does no harm, but the database has written the question down.
  static func noAnswer(_ word: String, _ words: String, cause: String? = nil) -> AdapterError {
    AdapterError(
      .inDoubt, code: "population-\(word)", reason: "The population database's answer \(words).", cause: cause)
  }

  /// A code of the far side as far as it looks like one; never a number that could be a person's.
  static func shown(_ code: String) -> String {
    let isCode =
      !code.isEmpty && code.utf8.count <= 32 && code.contains(where: { $0.isASCII && $0.isLetter })
      && code.unicodeScalars.allSatisfy {
        $0.isASCII
          && ($0.properties.isAlphabetic || $0.properties.numericType != nil || "-._".unicodeScalars.contains($0))
      }
    if isCode { return code }
    return code.utf8.count <= 6 && Int(code) != nil ? code : "(unreadable)"
  }
}
