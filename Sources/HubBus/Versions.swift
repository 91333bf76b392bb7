internal import HubJournal
internal import HubKit
public import HubRouting
internal import Logging
internal import Synchronization

// Two versions of an endpoint, as persons and the disk have a say in them; `BusCoreVersions.swift` decides.

extension Bus {
  /// Has new messages take one version of an endpoint from now on, also after a restart. What began on a version ends
  /// on it, and what follows something in a lane goes where that is.
  ///
  /// - Parameter takesNext: the second version, or the first; nil: as the configuration says.
  public func setVersion(
    of endpoint: String, takesNext: Bool?, by: String, reason: String
  ) async throws(OrderRefusal) {
    guard let found = setup.endpoints[endpoint] else {
      throw OrderRefusal(
        .unknown, "Không có điểm kết nối \(endpoint)", "no endpoint \(endpoint) is configured; see lgsp endpoint list")
    }
    guard found.policy.next != nil else {
      throw OrderRefusal(
        .senseless, "\(endpoint) chỉ có một phiên bản; thêm `next:` vào cấu hình",
        "\(endpoint) has one version only; give it a `next:` in endpoints/ and load that with lgsp reload")
    }
    let entry = EndpointVersionEntry(
      endpoint: endpoint, version: takesNext.map { $0 ? Self.next : "current" }, since: clock.now, by: by,
      reason: reason)
    try await alone("endpoint \(endpoint)") { () throws(OrderRefusal) in
      try await written { () async throws(JournalError) in try await self.journal.setVersion(entry) }
      state.withLock { $0.core.setVersion(VersionOrder(entry), of: endpoint) }
    }
    logger.notice(
      "an operator chose an endpoint's version",
      metadata: ["endpoint": "\(endpoint)", "version": "\(entry.version ?? "auto")", "by": "\(by)"])
  }

  fileprivate static let next = "next"

  /// What persons have said before, for a bus that starts or takes another configuration.
  func takeUpVersions(_ core: inout BusCore, _ entries: [EndpointVersionEntry]) {
    for entry in entries { core.setVersion(VersionOrder(entry), of: entry.endpoint) }
  }

  /// Looks up where lanes have something on the disk. What cannot be read now is tried again: the messages behind it
  /// wait.
  ///
  /// - Returns: nil when the hub stops.
  func locate(_ id: ExchangeID, _ lanes: [BusCore.VersionedLane]) async -> BusCore.Input? {
    while true {
      do {
        // What was handed to the journal before is on the disk when it is read.
        try await journal.record([])
        let found = try await journal.aside { journal throws(JournalError) in
          var found: [BusCore.VersionedLane: BusCore.Home] = [:]
          for lane in lanes { found[lane] = try self.home(of: lane, in: journal) }
          return found
        }
        return .located(id, found)
      } catch {
        logger.error("the backlog cannot be read now", metadata: ["exchange": "\(id)", "reason": "\(error)"])
        guard (try? await clock.sleep(until: clock.now + .seconds(1))) != nil else { return nil }
      }
    }
  }

  private func home(of lane: BusCore.VersionedLane, in journal: Journal) throws(JournalError) -> BusCore.Home? {
    var home: BusCore.Home?
    for endpoint in [lane.current, lane.next] {
      guard let digest = digest(of: lane.lane, at: endpoint), let newest = try journal.lastShelved(lane: digest),
        newest > home?.newest ?? 0
      else { continue }
      home = BusCore.Home(endpoint: endpoint, newest: newest)
    }
    return home
  }
}

extension VersionOrder {
  fileprivate init?(_ entry: EndpointVersionEntry) {
    guard let version = entry.version else { return nil }
    self.init(isNext: version == Bus.next, since: entry.since, by: entry.by, reason: entry.reason)
  }
}

extension BusSnapshot {
  /// Which of an endpoint's two versions new messages take.
  public struct Versions: Sendable {
    /// Name of the second one, an endpoint of its own.
    public var next: String
    /// A person's word; nil: as the rule says.
    public var order: VersionOrder?
    /// Which messages the second one takes where nobody has said otherwise.
    public var rule: VersionRule
  }
}
