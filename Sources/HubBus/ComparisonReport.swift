internal import HubJournal
public import HubKit

/// How far the answers of two endpoints agree on live questions: counts, places and times from the journal, never
/// values.
public struct ComparisonReport: Sendable, Encodable {
  /// How one place fared.
  public struct Field: Sendable, Encodable {
    /// Where, as a JSON pointer with `*` for items; empty for the whole answer.
    public var path: String
    /// In how many comparisons either answer had it.
    public var seen = 0
    /// In how many both had the same there, and in how many not.
    public var agree = 0, differ = 0
    /// In how many only the one that counted had it, or only the one in shadow.
    public var onlyLive = 0, onlyShadow = 0
    /// The last exchanges that did not agree there, newest last.
    public var examples: [ExchangeID] = []
  }

  /// How long answers took.
  public struct Spread: Sendable, Encodable {
    /// Half of them, and nineteen of twenty, took no longer.
    public var p50Milliseconds, p95Milliseconds: Double
  }

  /// How long the answers that were compared took.
  public struct Latency: Sendable, Encodable {
    /// Of both; nil when none was compared.
    public var live, shadow: Spread?
  }

  /// The route whose questions were compared; nil, and not in the JSON, when there are several.
  public var route: String?
  /// Whose answers counted, and who was asked in shadow, as `endpoint` or `endpoint/operation`.
  public var endpoint, shadow: String
  /// How many answers were compared, and how many of them were the same or not.
  public var compared = 0, same = 0, different = 0
  /// How many questions the shadow did not answer, and how many it was not asked.
  public var failed = 0, dropped = 0
  /// Why those failed or were dropped: how many by each word.
  public var reasons: [String: Int] = [:]
  /// How many comparisons had more places than are kept.
  public var cut = 0
  /// Places: those that disagree first, most often first.
  public var fields: [Field] = []
  /// How many places there are beyond ``fields``.
  public var fieldsLeftOut = 0
  /// How long both took.
  public var latency = Latency()
  /// Other pairs that were compared under this name, as `endpoint shadow`: name an operation to see one.
  public var others: [String] = []

  static let kind = "compared"
  static let fieldsMax = 1000
  static let examplesMax = 3
}

extension ExchangeHistory {
  /// What was compared under a name, newest pair of endpoints first in line.
  ///
  /// - Parameters:
  ///   - name: of a route, or of an endpoint, `endpoint/operation` too, whose answers count.
  ///   - from: compared then or later; nil: ever.
  ///   - to: compared before then; nil: until now.
  /// - Returns: nil when nothing was.
  /// - Throws: `JournalError` when the journal cannot be read.
  public func comparisons(
    of name: String, from: Timestamp? = nil, to: Timestamp? = nil
  ) throws -> ComparisonReport? {
    var tallies: [String: ComparisonTally] = [:]
    var last: (key: String, sequence: Int64) = ("", 0)
    while true {
      let page = try journal.events(
        kind: ComparisonReport.kind, from: from, to: to, after: last.sequence, limit: 500)
      for event in page {
        for entry in Steps.decode(event.payload) {
          guard let comparison = entry.comparison, let id = event.exchange, entry.isOf(name) else { continue }
          last.key = "\(comparison.endpoint) \(comparison.shadow)"
          tallies[last.key, default: ComparisonTally(comparison)].add(comparison, of: id, by: entry.route)
        }
      }
      guard let end = page.last else { break }
      last.sequence = end.sequence
    }
    guard let tally = tallies.removeValue(forKey: last.key) else { return nil }
    var report = tally.report()
    report.others = tallies.keys.sorted()
    return report
  }
}

extension TimelineEntry {
  fileprivate func isOf(_ name: String) -> Bool {
    guard let endpoint = comparison?.endpoint else { return false }
    return route == name || endpoint == name || endpoint.hasPrefix("\(name)/")
  }
}

/// Adds comparisons of one pair up.
private struct ComparisonTally {
  private var counts: ComparisonReport
  private var routes: Set<String> = []
  private var fields: [String: ComparisonReport.Field] = [:]
  private var leftOut: Set<String> = []
  private var live: [Int64] = []
  private var shadow: [Int64] = []

  init(_ comparison: ShadowComparison) {
    counts = ComparisonReport(endpoint: comparison.endpoint, shadow: comparison.shadow)
  }

  mutating func add(_ comparison: ShadowComparison, of id: ExchangeID, by route: String?) {
    if let route { routes.insert(route) }
    if let code = comparison.code { counts.reasons[code, default: 0] += 1 }
    switch comparison.result {
    case .same: counts.same += 1
    case .differs: counts.different += 1
    case .failed: return counts.failed += 1
    case .dropped: return counts.dropped += 1
    }
    counts.compared += 1
    if comparison.isCut == true { counts.cut += 1 }
    if let microseconds = comparison.microseconds { live.append(microseconds) }
    if let microseconds = comparison.shadowMicroseconds { shadow.append(microseconds) }
    add(comparison.agree, \.agree, nil)
    add(comparison.differ, \.differ, id)
    add(comparison.onlyLive, \.onlyLive, id)
    add(comparison.onlyShadow, \.onlyShadow, id)
  }

  private mutating func add(
    _ paths: [String]?, _ count: WritableKeyPath<ComparisonReport.Field, Int>, _ example: ExchangeID?
  ) {
    for path in paths ?? [] {
      guard fields[path] != nil || fields.count < ComparisonReport.fieldsMax else {
        leftOut.insert(path)
        continue
      }
      var field = fields[path] ?? ComparisonReport.Field(path: path)
      field.seen += 1
      field[keyPath: count] += 1
      if let example { field.examples = (field.examples + [example]).suffix(ComparisonReport.examplesMax) }
      fields[path] = field
    }
  }

  func report() -> ComparisonReport {
    var counts = counts
    counts.route = routes.count == 1 ? routes.first : nil
    counts.fields = fields.values.sorted { left, right in
      (right.seen - right.agree, left.path) < (left.seen - left.agree, right.path)
    }
    counts.fieldsLeftOut = leftOut.count
    counts.latency = ComparisonReport.Latency(live: Self.spread(live), shadow: Self.spread(shadow))
    return counts
  }

  private static func spread(_ microseconds: [Int64]) -> ComparisonReport.Spread? {
    guard !microseconds.isEmpty else { return nil }
    let sorted = microseconds.sorted()
    let at = { (share: Double) in Double(sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]) / 1000 }
    return ComparisonReport.Spread(p50Milliseconds: at(0.5), p95Milliseconds: at(0.95))
  }
}
