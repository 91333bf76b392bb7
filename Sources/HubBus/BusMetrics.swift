internal import CoreMetrics
internal import HubKit
internal import Synchronization

/// The bus's meters. Names are part of the API; labels are endpoints and words from closed lists, so their number is
/// bounded. Each meter is looked up once: finding it by its labels costs more than counting.
final class BusMetrics: Sendable {
  private struct AttemptKey: Hashable {
    let endpoint: String
    let result: String
  }

  private let acceptedCounter = Counter(label: "lgsp_exchanges_accepted_total")
  private let secretCounter = Counter(label: "lgsp_secret_refusals_total")
  private let signatureCounter = Counter(label: "lgsp_signature_warnings_total")
  private let settledCounters = Dictionary(
    uniqueKeysWithValues: ExchangeState.allCases.map {
      ($0, Counter(label: "lgsp_exchanges_settled_total", dimensions: [("state", $0.rawValue)]))
    })
  private let attempts = Mutex<[AttemptKey: Counter]>([:])
  private let durations = Mutex<[String: Timer]>([:])

  func accepted() { acceptedCounter.increment() }

  func refused(_ code: NotAccepted.Code) {
    Counter(label: "lgsp_exchanges_refused_total", dimensions: [("code", code.rawValue)]).increment()
  }

  func refusedSecret() { secretCounter.increment() }

  func warned(ofSignatures count: Int) { signatureCounter.increment(by: count) }

  func settled(_ state: ExchangeState) { settledCounters[state]?.increment() }

  func redelivered(endpoint: String) {
    Counter(label: "lgsp_redelivered_total", dimensions: [("endpoint", endpoint)]).increment()
  }

  func attempted(endpoint: String, _ attempt: BusCore.Attempt) {
    let result =
      switch attempt.result {
      case .success: "delivered"
      case .failure(let error): error.verdict.word
      }
    let counter = attempts.withLock { known in
      known.value(of: AttemptKey(endpoint: endpoint, result: result)) {
        Counter(label: "lgsp_attempts_total", dimensions: [("endpoint", endpoint), ("result", result)])
      }
    }
    let timer = durations.withLock { known in
      known.value(of: endpoint) { Timer(label: "lgsp_attempt_seconds", dimensions: [("endpoint", endpoint)]) }
    }
    counter.increment()
    timer.recordNanoseconds(attempt.microseconds * 1000)
  }
}

extension Dictionary {
  /// The value of a key, made when there is none.
  fileprivate mutating func value(of key: Key, make: () -> Value) -> Value {
    if let known = self[key] { return known }
    let made = make()
    self[key] = made
    return made
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
