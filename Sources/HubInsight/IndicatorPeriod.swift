extension Indicators {
  /// What happened in a time. All counts; see ``Endpoint`` for waiting times.
  public struct Period: Sendable, Hashable, Codable {
    /// Dossiers of administrative procedures.
    public var dossiers: Dossiers
    /// Documents between agencies.
    public var documents: Carried
    /// Their statuses.
    public var documentStatuses: Carried
    /// Questions about persons.
    public var lookups: Lookups
    /// All messages.
    public var exchanges: Exchanges
    /// Refused before they were taken in, by code.
    public var refusedAtTheDoor: [String: Int]
    /// By endpoint.
    public var endpoints: [String: Endpoint]
  }

  /// Dossiers of administrative procedures.
  public struct Dossiers: Sendable, Hashable, Codable {
    /// Heard of for the first time.
    public var received: Int
    /// First `finished` or `returned` not after the due time.
    public var finishedOnTime: Int
    /// First `finished` or `returned` after the due time.
    public var finishedLate: Int
    /// Finished, and nobody ever said when it was due.
    public var finishedUndated: Int
    /// Not accepted, withdrawn or stopped.
    public var endedOtherwise: Int
  }

  /// Messages of one kind.
  public struct Carried: Sendable, Hashable, Codable {
    /// Taken in.
    public var received: Int
    /// Reached at least one receiver.
    public var carried: Int
  }

  /// Questions about persons: calls of services whose name begins with `population/`.
  public struct Lookups: Sendable, Hashable, Codable {
    /// All.
    public var total: Int
    /// Those that gave no purpose.
    public var withoutPurpose: Int
    /// By the agency that asked.
    public var byAgency: [String: Int]
  }

  /// All messages.
  public struct Exchanges: Sendable, Hashable, Codable {
    /// Taken in.
    public var received: Int
    /// Ended at every receiver.
    public var delivered: Int
    /// Ended at some receivers only.
    public var partly: Int
    /// Reached nobody.
    public var failed: Int
  }

  /// One endpoint.
  public struct Endpoint: Sendable, Hashable, Codable {
    /// Deliveries that the far side has.
    public var delivered: Int
    /// Deliveries that it will never take.
    public var refused: Int
    /// Deliveries that wait for a person.
    public var parked: Int
    /// Deliveries whose time was over.
    public var expired: Int
    /// Questions whose asker had gone.
    public var abandoned: Int
    /// Attempts that failed and were followed by another.
    public var failedAttempts: Int
    /// From the receipt of a message to its delivery.
    public var waiting: Waiting
  }

  /// Waiting times; all but the count nil when there are none.
  public struct Waiting: Sendable, Hashable, Codable {
    /// How many.
    public var count: Int
    /// Mean.
    public var meanMilliseconds: Int64?
    /// Half took no longer, by fixed buckets.
    public var p50Milliseconds: Int64?
    /// 95 of 100 took no longer, by fixed buckets.
    public var p95Milliseconds: Int64?
  }
}

extension Indicators.Period {
  init(_ figures: Figures) {
    let dossiers = figures.dossiers
    self.init(
      dossiers: Indicators.Dossiers(
        received: dossiers.received, finishedOnTime: dossiers.finishedOnTime, finishedLate: dossiers.finishedLate,
        finishedUndated: dossiers.finishedUndated, endedOtherwise: dossiers.endedOtherwise),
      documents: Indicators.Carried(figures.documents),
      documentStatuses: Indicators.Carried(figures.documentStatuses),
      lookups: Indicators.Lookups(
        total: figures.lookups.total, withoutPurpose: figures.lookups.withoutPurpose,
        byAgency: figures.lookups.byAgency),
      exchanges: Indicators.Exchanges(
        received: figures.exchanges.received, delivered: figures.exchanges.delivered,
        partly: figures.exchanges.partly, failed: figures.exchanges.failed),
      refusedAtTheDoor: figures.refusedAtTheDoor, endpoints: figures.endpoints.mapValues(Indicators.Endpoint.init))
  }
}

extension Indicators.Carried {
  init(_ figures: Figures.Carried) { self.init(received: figures.received, carried: figures.carried) }
}

extension Indicators.Endpoint {
  init(_ figures: Figures.Endpoint) {
    let waiting = figures.waiting
    self.init(
      delivered: figures.delivered, refused: figures.refused, parked: figures.parked, expired: figures.expired,
      abandoned: figures.abandoned, failedAttempts: figures.failedAttempts,
      waiting: Indicators.Waiting(
        count: waiting.count, meanMilliseconds: waiting.meanMilliseconds,
        p50Milliseconds: waiting.milliseconds(percent: 50), p95Milliseconds: waiting.milliseconds(percent: 95)))
  }
}
