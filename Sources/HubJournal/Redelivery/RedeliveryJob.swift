public import HubKit

/// Redelivery in bulk as a person orders it.
public struct RedeliveryOrder: Sendable, Hashable {
  /// What is put back: opaque to the journal.
  public var filter: String
  /// Who orders it.
  public var by: String
  /// Why.
  public var reason: String
  /// When.
  public var at: Timestamp
  /// Most a second.
  public var rate: Double
  /// The share, 0 to 1, of those that failed again among those that have ended, from which on it stops.
  public var errorShareMax: Double?
  /// Most in all.
  public var countMax: Int?

  /// Creates an order.
  public init(
    filter: String, by: String, reason: String, at: Timestamp, rate: Double, errorShareMax: Double? = nil,
    countMax: Int? = nil
  ) {
    self.filter = filter
    self.by = by
    self.reason = reason
    self.at = at
    self.rate = rate
    self.errorShareMax = errorShareMax
    self.countMax = countMax
  }
}

/// Redelivery in bulk as the journal has it.
public struct RedeliveryJob: Sendable, Hashable {
  /// Where a job stands.
  public enum State: String, Sendable, Hashable, Codable, CaseIterable {
    /// The hub goes on with it by itself, also after a restart.
    case running
    /// A person has halted it.
    case paused
    /// Too much failed again, or a person wants no more of it. It can be taken up again.
    case stopped
    /// It has gone through all that it was ordered for.
    case done
  }

  /// How often each thing has happened.
  public struct Counts: Sendable, Hashable {
    /// What the filter found when it began; nil: not counted yet.
    public var selected: Int?
    /// Put back to their places.
    public var putBack = 0
    /// Not put back; each says why.
    public var refused = 0
    /// Of those put back: the receiver has it.
    public var delivered = 0
    /// Of those put back: ended otherwise once more.
    public var failed = 0

    /// Creates counts of nothing.
    public init() {}
  }

  /// Its name: 1, 2, 3 and so on.
  public var number: Int64
  /// As it was ordered.
  public var order: RedeliveryOrder
  /// Where it stands.
  public var state: State
  /// Since when, who brought it there, and why.
  public var stateAt: Timestamp, stateBy: String, stateReason: String
  /// The journal's place when it was ordered: what began to wait for a person later does not belong to it.
  public var through: Int64
  /// The place up to which it has gone.
  public var cursor: Int64 = 0
  /// What has come of it.
  public var counts = Counts()
  /// The same when a person last let it go.
  public var deliveredBefore = 0, failedBefore = 0

  /// Creates a job that has just been ordered.
  public init(number: Int64, order: RedeliveryOrder, through: Int64) {
    self.number = number
    self.order = order
    self.through = through
    state = .running
    stateAt = order.at
    stateBy = order.by
    stateReason = order.reason
  }
}

/// What has become of something that a redelivery job was to put back.
public enum RedeliveryEnd: Int64, Sendable, Hashable, CaseIterable {
  /// It is back at its place and has not ended.
  case putBack = 1
  /// The receiver has it.
  case delivered = 2
  /// It ended otherwise once more.
  case failed = 3
  /// It was not put back.
  case refused = 4
}

/// What a record tells of a redelivery job.
public struct RedeliveryMark: Sendable, Hashable {
  /// Which job.
  public var job: Int64
  /// Which delivery, from 1; nil: the message, which was planned again.
  public var delivery: Int?
  /// What became of it.
  public var end: RedeliveryEnd

  /// Creates a mark.
  public init(job: Int64, delivery: Int?, end: RedeliveryEnd) {
    self.job = job
    self.delivery = delivery
    self.end = end
  }
}

/// One of the things that a redelivery job was about.
public struct RedeliveryItem: Sendable, Hashable {
  /// The exchange.
  public var exchange: ExchangeID
  /// Which delivery, from 1; nil: the message itself.
  public var delivery: Int?
  /// What became of it.
  public var end: RedeliveryEnd
  /// Why it was not put back.
  public var note: String?
}
