internal import CoreMetrics
internal import HubKit

/// The bus's meters. Names are part of the API; labels are endpoints and words from closed lists, so their number is
/// bounded.
struct BusMetrics: Sendable {
  private let acceptedCounter = Counter(label: "lgsp_exchanges_accepted_total")

  func accepted() { acceptedCounter.increment() }

  func refused(_ code: NotAccepted.Code) {
    Counter(label: "lgsp_exchanges_refused_total", dimensions: [("code", code.rawValue)]).increment()
  }

  func settled(_ state: ExchangeState) {
    Counter(label: "lgsp_exchanges_settled_total", dimensions: [("state", state.rawValue)]).increment()
  }

  func attempted(endpoint: String, _ attempt: BusCore.Attempt) {
    let result =
      switch attempt.result {
      case .success: "delivered"
      case .failure(let error): error.verdict.word
      }
    Counter(label: "lgsp_attempts_total", dimensions: [("endpoint", endpoint), ("result", result)]).increment()
    Timer(label: "lgsp_attempt_seconds", dimensions: [("endpoint", endpoint)])
      .recordNanoseconds(attempt.microseconds * 1000)
  }
}

extension AdapterError.Verdict {
  /// One word without the time to wait.
  var word: String {
    switch self {
    case .retry: "retry"
    case .outage: "outage"
    case .reject: "reject"
    case .inDoubt: "in-doubt"
    case .cancelled: "cancelled"
    }
  }
}
