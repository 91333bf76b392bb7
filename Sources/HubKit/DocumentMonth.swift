/// Documents between agencies in a month, agency by agency: how many, and how long it took them. New documents and
/// replacements; recalls, updates and statuses are none of their own. The page, the CSV file and `lgsp document report`
/// write it.
public struct DocumentMonth: Sendable, Hashable, Codable {
  /// Statuses that come later than this after the month's end change nothing any more.
  public static let settledAfter = Duration.seconds(90 * 86_400)

  /// Which month, as in `2026-11`.
  public var month: String
  /// The time for which these figures hold: when they were made, or when nothing could change any more.
  public var madeAt: Timestamp
  /// A receiver who said nothing for so long is late.
  public var arrivalWithinSeconds: Int64
  /// By code.
  public var agencies: [Agency]
  /// All agencies together.
  public var total: Figures

  /// One agency.
  public struct Agency: Sendable, Hashable, Codable {
    /// Its code.
    public var code: OrganisationCode
    /// Its name, where the configuration knows it.
    public var name: String?
    /// Its figures.
    public var figures: Figures

    /// Creates an agency.
    public init(code: OrganisationCode, name: String? = nil, figures: Figures) {
      (self.code, self.name, self.figures) = (code, name, figures)
    }
  }

  /// What an agency sent and received. All that follows ``received`` counts what it received.
  public struct Figures: Sendable, Hashable, Codable {
    /// Documents that it sent.
    public var sent = 0
    /// Documents sent to it.
    public var received = 0
    /// Those of which it sent a status, whichever.
    public var arrived = 0
    /// Accepted (03), or further (04 to 06).
    public var accepted = 0
    /// Refused (02).
    public var refused = 0
    /// Completed (06).
    public var completed = 0
    /// Those whose first status came too late, or is due and has not come.
    public var overdue = 0
    /// Those that lie among the dead letters and were never heard of.
    public var undelivered = 0
    /// From the hub's receipt to status 01.
    public var toArrive = Times()
    /// To status 03.
    public var toAccept = Times()
    /// To status 06.
    public var toComplete = Times()

    /// Nothing yet.
    public init() {}
  }

  /// How long it took.
  public struct Times: Sendable, Hashable, Codable {
    /// Half took no longer; nil: there were none.
    public var medianMilliseconds: Int64?
    /// The longest.
    public var worstMilliseconds: Int64?

    /// None.
    public init() {}

    /// Of some times, in any order.
    public init(_ times: [Duration]) {
      let sorted = times.map { $0.wholeMicroseconds }.sorted()
      guard let last = sorted.last else { return }
      let (low, high) = (sorted[(sorted.count - 1) / 2], sorted[sorted.count / 2])
      medianMilliseconds = (low + (high - low) / 2) / 1000
      worstMilliseconds = last / 1000
    }
  }

  /// Creates a month.
  public init(
    month: CalendarMonth, madeAt: Timestamp, arrivalWithin: Duration, agencies: [Agency], total: Figures
  ) {
    self.month = month.text
    self.madeAt = madeAt
    arrivalWithinSeconds = arrivalWithin.components.seconds
    self.agencies = agencies
    self.total = total
  }
}
