internal import HubKit

/// Something that goes wrong on purpose, a number of times.
struct CentreFault: Codable {
  enum Kind: String, Codable, CaseIterable {
    /// 503 with `Retry-After`; nothing is taken.
    case unavailable
    /// 429 with `Retry-After`; nothing is taken.
    case busy
    /// 500; nothing is taken.
    case broken
    /// 403: the token lost its right; nothing is taken.
    case forbidden
    /// Status 200 and no body, after the figures were taken.
    case emptyBody = "empty-body"
    /// Status 200 and a page of HTML, after the figures were taken.
    case unreadable
    /// Status 200 with the name of other figures, after these were taken.
    case otherName = "other-name"
    /// The answer waits for `milliseconds`.
    case slow
  }

  var fault: Kind
  /// How many requests it spoils; nil: one; negative: all.
  var times: Int?
  /// Seconds in `Retry-After`; nil: the header is left out.
  var retryAfter: Int?
  /// How long the answer waits.
  var milliseconds: Int?

  /// What is answered in place of doing anything.
  var answerBefore: ServedResponse? {
    switch fault {
    case .unavailable: refusal(503, "IOC-190", "Closed for maintenance.")
    case .busy: refusal(429, "IOC-191", "Too many figures.")
    case .broken: refusal(500, "IOC-192", "An error inside.")
    case .forbidden: refusal(403, "IOC-106", "The token may not put figures.")
    default: nil
    }
  }

  /// What is answered after all was done.
  var answerAfter: ServedResponse? {
    switch fault {
    case .emptyBody: ServedResponse(status: 200)
    case .unreadable:
      ServedResponse(
        status: 200, headers: [HeaderField("Content-Type", "text/html")], body: Array("<html><body>".utf8))
    case .otherName: .json("{\"snapshotId\":\"0-0\",\"result\":\"stored\"}")
    default: nil
    }
  }

  private func refusal(_ status: Int, _ code: String, _ message: String) -> ServedResponse {
    var response = ServedResponse.refusal(status, code, message)
    if let retryAfter { response.headers.append(HeaderField("Retry-After", String(retryAfter))) }
    return response
  }
}

extension CentreState {
  /// The fault that spoils the next request, if there is one; it is used up by that.
  mutating func strike() -> CentreFault? {
    guard let fault = faults.first else { return nil }
    let left = (fault.times ?? 1) - 1
    if left == 0 { faults.removeFirst() } else if left > 0 { faults[0].times = left }
    return fault
  }
}
