public import HubKit

/// What a replay found.
public struct ReplayReport: Sendable, Encodable {
  /// An exchange that could not be played.
  public struct Unplayable: Sendable, Encodable {
    /// Which one; nil: its record itself could not be read.
    public var exchange: ExchangeID?
    /// Why.
    public var reason: String
  }

  /// A place on the wire that changes by itself.
  public struct Volatile: Sendable, Encodable {
    /// Whose requests.
    public var subject: String
    /// Where in them.
    public var place: String
  }

  /// A confirmed difference.
  public struct Ignored: Sendable, Encodable {
    /// The name under which it was confirmed.
    public var name: String
    /// How often it was met.
    public var count: Int
  }

  /// Exchanges of which the same came as was recorded.
  public var same = 0
  /// Exchanges of which something else came.
  public var different = 0
  /// Calls for which nothing was recorded.
  public var newCalls = 0
  /// Recorded calls that are not made any more.
  public var missingCalls = 0
  /// The differences by cause, those of most exchanges first.
  public var groups: [ReplayGroup] = []
  /// How many exchanges could not be played.
  public var unplayed = 0
  /// The first of them.
  public var unplayable: [Unplayable] = []
  /// Recorded exchanges of which the journal tells another story than their own configuration.
  public var odd = 0
  /// Places that change by themselves, and were not compared.
  public var volatile: [Volatile] = []
  /// Confirmed differences.
  public var ignored: [Ignored] = []
  /// Kinds of difference that found no room in ``groups``.
  public var untold = 0

  /// Whether everything was played and nothing differs.
  public var isClean: Bool { different == 0 && unplayed == 0 }
}

/// Counts what comes of one exchange after the other.
struct ReplayTally {
  private let ignore: [IgnoreRule]
  private var report = ReplayReport()
  private var causes = Causes()
  private var ignored: [String: Int] = [:]

  private static let unplayableMax = 100

  init(ignore: [IgnoreRule]) {
    self.ignore = ignore
  }

  /// - Returns: the differences that nobody has confirmed; nil when it could not be played.
  mutating func add(_ outcome: Replayer.Outcome) -> Differences? {
    switch outcome {
    case .unplayable(let id, let reason):
      report.unplayed += 1
      if report.unplayable.count < Self.unplayableMax {
        report.unplayable.append(ReplayReport.Unplayable(exchange: id, reason: reason))
      }
      return nil
    case .played(let recording, _, var differences, let newCalls, let missingCalls):
      var confirmed = Set<String>()
      let ignore = ignore
      differences.remove { difference, _ in
        guard let rule = ignore.first(where: { $0.covers(difference) }) else { return false }
        confirmed.insert(rule.name)
        return true
      }
      for name in confirmed { ignored[name, default: 0] += 1 }
      if differences.isEmpty { report.same += 1 } else { report.different += 1 }
      if !recording.exchange.oddities.isEmpty { report.odd += 1 }
      report.newCalls += newCalls
      report.missingCalls += missingCalls
      causes.add(differences, of: recording.exchange.id)
      return differences
    }
  }

  func report(volatile: [VolatilePlaces.Place], sources: MappingSources) -> ReplayReport {
    var report = report
    report.groups = causes.groups(sources)
    report.untold = causes.untold
    report.volatile = volatile.map { ReplayReport.Volatile(subject: $0.subject, place: $0.name) }
    report.ignored = ignored.sorted { $0.key < $1.key }.map { ReplayReport.Ignored(name: $0.key, count: $0.value) }
    return report
  }
}
