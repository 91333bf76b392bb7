public import HubKit
internal import Logging
internal import Synchronization

/// How the bus stands at one moment, for the console and for `lgsp endpoint list`.
public struct BusSnapshot: Sendable {
  /// One endpoint.
  public struct Endpoint: Sendable {
    /// Name and connector in the configuration.
    public var name, connector: String
    /// Since when nothing is sent, and not before when it is tried again; nil: the far system is well.
    public var pausedSince, pausedUntil: Timestamp?
    /// Why it is paused, or why it could not be asked.
    public var reason: String?
    /// Its two versions, if it has a second one.
    public var versions: Versions?
    /// Who has stopped it, if a person has; apart from what the hub does by itself.
    public var stop: EndpointStop?
    /// Deliveries waiting and under way.
    public var waiting, underway: Int
    /// Deliveries that reached their receiver, and those that ended otherwise, since the start.
    public var delivered, failed: Int
    /// When something last reached it.
    public var lastSuccess: Timestamp?
    /// Half, and 95 of 100, of the last attempts that succeeded took no longer.
    public var p50, p95: Duration?
  }

  /// All endpoints, by name.
  public var endpoints: [Endpoint]
  /// Exchanges that are not settled.
  public var open: Int
  /// Whether messages are taken.
  public var isAccepting: Bool
}

extension Bus {
  /// How the bus stands now.
  public func snapshot() -> BusSnapshot {
    let now = clock.now
    return state.withLock { state in
      let rows = state.setup.endpoints.values.sorted { $0.name < $1.name }.map { endpoint in
        let seat = state.core.endpoints[endpoint.name]
        let isPaused = seat?.isPaused(at: now) ?? false
        return BusSnapshot.Endpoint(
          name: endpoint.name, connector: endpoint.connector, pausedSince: isPaused ? seat?.pausedSince : nil,
          pausedUntil: isPaused ? seat?.pausedUntil : nil,
          reason: (isPaused ? seat?.pausedReason : nil) ?? state.pollFailures[endpoint.name]
            ?? state.core.inboxAlarm(endpoint.name, at: now),
          versions: endpoint.policy.next.map {
            BusSnapshot.Versions(next: $0.name, order: seat?.versionOrder, rule: $0.rule)
          }, stop: seat?.stop,
          waiting: (seat?.waitingCount ?? 0) + (seat?.shelf.count ?? 0), underway: seat?.underway ?? 0,
          delivered: seat?.deliveredCount ?? 0,
          failed: seat?.failedCount ?? 0, lastSuccess: seat?.lastSuccess,
          p50: state.durations[endpoint.name]?.percentile(0.5), p95: state.durations[endpoint.name]?.percentile(0.95))
      }
      return BusSnapshot(endpoints: rows, open: state.core.openLoad.count, isAccepting: state.isAccepting)
    }
  }

  /// Remembers and logs, once for each change, that a far system cannot be asked.
  func reportPolling(_ endpoint: String, failure: AdapterError?) {
    let before = state.withLock { state in
      let before = state.pollFailures[endpoint]
      state.pollFailures[endpoint] = failure?.reason
      return before
    }
    guard before != failure?.reason else { return }
    if let failure {
      logger.warning(
        "cannot be asked",
        metadata: ["endpoint": "\(endpoint)", "code": "\(failure.code)", "reason": "\(failure.reason)"])
    } else {
      logger.notice("can be asked again", metadata: ["endpoint": "\(endpoint)"])
    }
  }
}
