public import HubKit

/// What the control bus shows of a running hub. The composition root gathers it from bus, journal and configuration, so
/// that this module knows none of them.
public protocol HubOverview: Sendable {
  /// The state of things now. Called at most about once a second, however many people look; should take milliseconds.
  ///
  /// It must carry no personal data: ids, codes, types, counts and sentences that name no person.
  func snapshot() async -> OverviewSnapshot

  /// What is configured of an endpoint. It must carry no secret.
  ///
  /// - Returns: nil when there is none of that name.
  func sheet(ofEndpoint name: String) -> EndpointSheet?

  /// The documents of a month, agency by agency, counted in the journal: may take seconds, on no thread of the tasks'.
  /// Called for one month at a time, and not again for the same one within a minute.
  ///
  /// - Returns: nil when the journal cannot be read.
  func documents(in month: CalendarMonth) async -> DocumentMonth?
}

/// Keeps the last snapshot for a moment, so that a hundred open status pages cost as much as one. Calls that come while
/// one is being made wait for that one.
actor SnapshotCache {
  private let overview: any HubOverview
  private let clock: any HubClock
  private let lifetime: Duration
  private var last: (snapshot: OverviewSnapshot, takenAt: Timestamp)?
  private var waiting: [CheckedContinuation<OverviewSnapshot, Never>] = []
  private var isTaking = false

  /// - Parameter lifetime: for how long a snapshot is as good as a new one.
  init(_ overview: any HubOverview, clock: any HubClock, lifetime: Duration) {
    self.overview = overview
    self.clock = clock
    self.lifetime = lifetime
  }

  func snapshot() async -> OverviewSnapshot {
    let now = clock.now
    // A clock that was set back must not freeze the page.
    if let last, last.takenAt <= now, now - last.takenAt < lifetime { return last.snapshot }
    if isTaking { return await withCheckedContinuation { waiting.append($0) } }
    isTaking = true
    let snapshot = await overview.snapshot()
    isTaking = false
    last = (snapshot, now)
    for continuation in waiting { continuation.resume(returning: snapshot) }
    waiting = []
    return snapshot
  }
}
