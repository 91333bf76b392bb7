internal import HubJournal
internal import HubKit
internal import Logging
internal import Synchronization

// The backlog of endpoints, on the disk: what the core says of it, carried out.

extension Bus {
  /// Names a lane in the journal.
  func digest(of lane: EndpointSeat.LaneName, at endpoint: String) -> String? {
    guard case .key(let key, let receiver) = lane else { return nil }
    return String(journal.digest(Array("\(endpoint)\n\(receiver?.text ?? "")\n\(key)".utf8)).prefix(32))
  }

  /// What goes on the shelf, in the journal's terms.
  func shelfEntries(_ places: [BusCore.ShelfPlace]) -> [ShelfEntry] {
    places.map { place in
      ShelfEntry(
        delivery: place.delivery, endpoint: place.endpoint, lane: digest(of: place.lane, at: place.endpoint),
        principal: place.principal, byteCount: place.byteCount, expiry: place.expiry)
    }
  }

  /// Reads a page of what waits for an endpoint. One that cannot be read now is tried again, or it would never come.
  ///
  /// - Returns: the page; nil when the hub stops.
  func read(_ endpoint: String, _ reading: Shelf.Reading) async -> BusCore.Input? {
    let query = ShelfQuery(
      endpoint: endpoint, lane: reading.lane.flatMap { digest(of: $0, at: endpoint) },
      without: reading.without.compactMap { digest(of: $0, at: endpoint) }, after: reading.after,
      through: reading.through, limit: reading.limit)
    while true {
      do {
        // What was handed to the journal before this reading began is on the disk when it is read.
        try await journal.record([])
        let page = try await journal.aside { journal throws(JournalError) in
          try journal.shelved(query).map { stored throws(JournalError) in try self.shelved(stored) }
        }
        return .shelved(page, endpoint: endpoint, reading, isLast: page.count < reading.limit)
      } catch {
        logger.error(
          "the backlog cannot be read now", metadata: ["endpoint": "\(endpoint)", "reason": "\(error)"])
        guard (try? await clock.sleep(until: clock.now + .seconds(1))) != nil else { return nil }
      }
    }
  }

  /// Ends what sleeps on the disk and has expired.
  func expireSleeping() async throws {
    let limit = 200
    while !state.withLock({ $0.isDraining }) {
      let now = clock.now
      let page = try await journal.aside { journal throws(JournalError) in
        try journal.shelved(expiredBy: now, limit: limit).map { stored throws(JournalError) in
          try self.shelved(stored)
        }
      }
      guard !page.isEmpty else { return }
      submit(.overdue(page))
      // Those that have ended are off the shelf after the next commit.
      try await journal.record([])
      guard page.count == limit else { return }
    }
  }

  func shelved(_ stored: StoredExchange) throws(JournalError) -> BusCore.Shelved {
    let entries = try journal.events(of: stored.id).flatMap { Steps.decode($0.payload) }
    return BusCore.Shelved(seat: seat(stored), entries: entries, ended: try endedChildren(of: entries))
  }

  /// Tells the core what waits on the disk when the hub starts.
  func takeStock() throws(JournalError) {
    let loads = try journal.shelfLoads().mapValues { OpenLoad(count: $0.count, bytes: $0.bytes) }
    submit(.stock(try journal.shelfCounts(), loads))
  }
}
