internal import FoundationEssentials
internal import HubKit

/// What an answer of the operations centre means. The README gives the table and the reasons.
struct OperationsCentreAnswer {
  private let response: OutboundResponse

  /// The longest wait that is believed.
  static let waitMax = Duration.seconds(3600)

  init(_ response: OutboundResponse) {
    self.response = response
  }

  /// The reply to figures that the far side took.
  ///
  /// - Throws: `AdapterError` for everything else, also for a success that does not name these figures.
  func reply(to name: String) throws(AdapterError) -> Reply {
    guard response.status == 200 || response.status == 201 else { throw failure }
    guard let taken = try? JSONDecoder().decode(Taken.self, from: Data(response.body)), taken.snapshotId == name,
      Self.results.contains(taken.result)
    else {
      throw AdapterError(
        .inDoubt, code: "unreadable",
        reason: "The operations centre answered \(response.status) without saying that it has these figures.")
    }
    return Reply(code: taken.result, reference: taken.snapshotId)
  }

  /// Stored as the newest, taken before, or older than what it has.
  private static let results: Set<String> = ["stored", "known", "superseded"]

  private struct Taken: Decodable {
    var snapshotId: String
    var result: String
  }

  private var failure: AdapterError {
    let code = farCode
    return AdapterError(
      verdict, code: code ?? "http-\(response.status)",
      reason: "The operations centre answered \(response.status)\(code.map { ", \($0)" } ?? "")\(advice).")
  }

  /// Only the code is kept of the far side's words: it may quote what it was sent.
  private var farCode: String? {
    struct Failure: Decodable { var code: String }
    guard let failure = try? JSONDecoder().decode(Failure.self, from: Data(response.body)),
      failure.code.wholeMatch(of: /IOC-[0-9]{3}/) != nil
    else { return nil }
    return failure.code
  }

  /// What every message would meet is an outage, so that none is lost for it.
  private var verdict: AdapterError.Verdict {
    switch response.status {
    case 200...299: .inDoubt
    case 300...399, 401, 403, 404, 405, 407: .outage(after: nil)
    case 408, 425, 429, 500: .retry(after: retryAfter)
    case 501...599: .outage(after: retryAfter)
    default: .reject
    }
  }

  private var advice: String {
    switch response.status {
    case 300...399: ": a redirect is not followed; put the new address under `url:`"
    case 401, 403, 407: ": it does not accept the hub's token; see `token:`"
    case 404, 405: ": nothing there takes figures; see `url:`"
    default: ""
    }
  }

  /// How long the far side asks us to wait, in seconds (RFC 9110 section 10.2.3); nil when it does not say.
  var retryAfter: Duration? {
    guard let text = response.headers["Retry-After"], let seconds = Int64(text), seconds >= 0 else { return nil }
    return min(.seconds(min(seconds, 86_400)), Self.waitMax)
  }
}
