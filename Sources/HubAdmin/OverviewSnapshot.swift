public import HubKit

/// A running hub at one moment: what the status page, `/status.json` and part of `/metrics` are made of.
///
/// It is public to whoever may see the page, so it holds no personal data: ids, codes, types, counts, and sentences
/// that name no person.
public struct OverviewSnapshot: Sendable, Hashable {
  /// When these figures were taken.
  public var takenAt: Timestamp
  /// Since when the process runs.
  public var startedAt: Timestamp
  /// Version of the program, as in `1.2.0`.
  public var version: String
  /// Digest of the configuration in force, in lower-case hex.
  public var configurationDigest: String
  /// Since when that one is in force.
  public var configurationLoadedAt: Timestamp
  /// When the hub was last told to load another one and refused it; nil: never, or it has loaded one since.
  public var configurationRefusedAt: Timestamp?
  /// Whose hub it is, for the heading; empty for none.
  public var operatorName: String
  /// Exchanges by state.
  public var counts: ExchangeCounts
  /// At how many receivers documents are overdue: nothing was heard of them in time; nil: not known yet.
  public var overdueDocuments: Int?
  /// One row for each endpoint, in the order in which they should be read.
  public var endpoints: [EndpointRow]
  /// One row for each flow, busiest first.
  public var flows: [FlowRow]
  /// The latest exchanges, newest first; the page shows up to ``recentMax``.
  public var recentExchanges: [ExchangeRow]
  /// The latest refusals at the door, newest first; the page shows up to ``recentMax``.
  public var recentRefusals: [RefusalRow]
  /// The message store.
  public var journal: JournalStatus

  /// How many exchanges and how many refusals the page shows.
  public static let recentMax = 10

  /// Creates a snapshot.
  public init(
    takenAt: Timestamp, startedAt: Timestamp, version: String, configurationDigest: String,
    configurationLoadedAt: Timestamp? = nil, configurationRefusedAt: Timestamp? = nil, operatorName: String = "",
    counts: ExchangeCounts, overdueDocuments: Int? = nil, endpoints: [EndpointRow] = [], flows: [FlowRow] = [],
    recentExchanges: [ExchangeRow] = [], recentRefusals: [RefusalRow] = [], journal: JournalStatus
  ) {
    self.takenAt = takenAt
    self.startedAt = startedAt
    self.version = version
    self.configurationDigest = configurationDigest
    self.configurationLoadedAt = configurationLoadedAt ?? startedAt
    self.configurationRefusedAt = configurationRefusedAt
    self.operatorName = operatorName
    self.counts = counts
    self.overdueDocuments = overdueDocuments
    self.endpoints = endpoints
    self.flows = flows
    self.recentExchanges = recentExchanges
    self.recentRefusals = recentRefusals
    self.journal = journal
  }
}

/// How many exchanges stand where.
public struct ExchangeCounts: Sendable, Hashable {
  /// Since when settled exchanges and refusals are counted; open ones are counted whatever their age.
  public var since: Timestamp
  /// Written down, not routed yet.
  public var received: Int
  /// On their way.
  public var underway: Int
  /// Delivered to every receiver.
  public var delivered: Int
  /// Delivered to some receivers.
  public var partly: Int
  /// Delivered to none.
  public var failed: Int
  /// Refused at the door: never written down, so no exchanges.
  public var refused: Int
  /// Exchanges of which something waits for a person among the dead letters; counted whatever their age.
  public var parked: Int

  /// Creates counts.
  public init(
    since: Timestamp, received: Int = 0, underway: Int = 0, delivered: Int = 0, partly: Int = 0, failed: Int = 0,
    refused: Int = 0, parked: Int = 0
  ) {
    self.since = since
    self.received = received
    self.underway = underway
    self.delivered = delivered
    self.partly = partly
    self.failed = failed
    self.refused = refused
    self.parked = parked
  }

  /// All that the hub gave a receipt for.
  public var accepted: Int { received + underway + delivered + partly + failed }
}

/// One endpoint.
public struct EndpointRow: Sendable, Hashable {
  /// What an endpoint is doing.
  public enum State: String, Sendable, Hashable, CaseIterable {
    /// Messages go out.
    case running
    /// A person has stopped it.
    case paused
    /// The far system does not answer; the hub tries again by itself.
    case down
  }

  /// Its name in the configuration.
  public var name: String
  /// Which connector it uses.
  public var connector: String
  /// What it is doing.
  public var state: State
  /// Since when it has been doing that; nil when unknown.
  public var since: Timestamp?
  /// Why it is paused or down, in a sentence.
  public var reason: String?
  /// When the hub asks a far system that is down again.
  public var nextTry: Timestamp?
  /// Deliveries that wait.
  public var waiting: Int
  /// Deliveries being made now.
  public var inFlight: Int
  /// Deliveries made, since the process began.
  public var delivered: Int
  /// Deliveries that ended otherwise, since the process began.
  public var failed: Int
  /// When the far system last took something.
  public var lastSuccess: Timestamp?
  /// Half of the recent attempts took no longer; nil before the first.
  public var p50: Duration?
  /// Nineteen of twenty recent attempts took no longer; nil before the first.
  public var p95: Duration?

  /// Creates a row.
  public init(
    name: String, connector: String, state: State = .running, since: Timestamp? = nil, reason: String? = nil,
    nextTry: Timestamp? = nil, waiting: Int = 0, inFlight: Int = 0, delivered: Int = 0, failed: Int = 0,
    lastSuccess: Timestamp? = nil, p50: Duration? = nil, p95: Duration? = nil
  ) {
    self.name = name
    self.connector = connector
    self.state = state
    self.since = since
    self.reason = reason
    self.nextTry = nextTry
    self.waiting = waiting
    self.inFlight = inFlight
    self.delivered = delivered
    self.failed = failed
    self.lastSuccess = lastSuccess
    self.p50 = p50
    self.p95 = p95
  }
}

/// How much of one kind passes: a route, or an event type.
public struct FlowRow: Sendable, Hashable {
  /// Its name.
  public var name: String
  /// Exchanges accepted in each of the last minutes, oldest first, the running minute last; see ``MinuteCounts``.
  public var perMinute: [Int]

  /// Creates a row.
  public init(name: String, perMinute: [Int]) {
    self.name = name
    self.perMinute = perMinute
  }
}
