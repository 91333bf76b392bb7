internal import HubKit

/// Something that goes wrong on purpose, for one agency, a number of times.
struct AxisFault: Codable {
  enum Kind: String, Codable, CaseIterable {
    /// Status 200 and no body, after the call was carried out.
    case emptyBody = "empty-body"
    /// Status 200 and a page of HTML, after the call was carried out.
    case unreadable
    /// The list names its first item twice.
    case duplicateDocId = "duplicate-docid"
    /// getEdoc gives half of the base64 text.
    case truncatedBase64 = "truncated-base64"
    /// FAIL with `code`, and nothing is carried out.
    case errorCode = "error-code"
    /// The answer waits for `milliseconds`.
    case slow
    /// Status 503, and nothing is carried out.
    case unavailable
  }

  /// The agency concerned, as receiver of a send or owner of a list; `*` for all.
  var agency: String
  var fault: Kind
  /// How many calls it spoils; nil: one; negative: all.
  var times: Int?
  /// The only operation that it spoils; nil: every one where it makes sense.
  var operation: String?
  /// ErrorCode of `error-code`.
  var code: String?
  /// Delay of `slow`.
  var milliseconds: Int?

  func concerns(_ operation: String, _ agencies: [String]) -> Bool {
    guard times != 0, agency == "*" || agencies.contains(agency) else { return false }
    if let only = self.operation { return only == operation }
    switch fault {
    case .duplicateDocId: return operation == "getReceivedEdocList"
    case .truncatedBase64: return operation == "getEdoc"
    default: return true
    }
  }
}

extension AxisState {
  /// The fault that spoils a call, if there is one; it is used up by that.
  mutating func fault(_ operation: String, _ agencies: [String]) -> AxisFault? {
    guard let position = faults.firstIndex(where: { $0.concerns(operation, agencies) }) else { return nil }
    let fault = faults[position]
    let left = (fault.times ?? 1) - 1
    if left == 0 {
      faults.remove(at: position)
    } else if left > 0 {
      faults[position].times = left
    }
    return fault
  }
}
