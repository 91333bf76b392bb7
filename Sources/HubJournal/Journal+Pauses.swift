internal import FoundationEssentials
public import HubKit

/// An endpoint that a person has stopped.
public struct EndpointPause: Sendable, Hashable {
  /// Its name in the configuration.
  public var endpoint: String
  /// Since when.
  public var since: Timestamp
  /// Who stopped it.
  public var by: String
  /// Why, in a sentence.
  public var reason: String

  /// Creates a pause.
  public init(endpoint: String, since: Timestamp, by: String, reason: String) {
    self.endpoint = endpoint
    self.since = since
    self.by = by
    self.reason = reason
  }
}

extension Journal {
  /// Writes down that a person has stopped an endpoint, and returns after the sync. Of an endpoint that was stopped
  /// before, who and why are replaced.
  public func pause(_ pause: EndpointPause) async throws(JournalError) {
    let event = try note("endpoint.paused", pause)
    try await write(rows: 2) { transaction throws(WriteFailure) in
      try transaction.insert(event, exchange: nil)
      let insert = try transaction.change(
        "INSERT OR REPLACE INTO endpoint_pause (endpoint, since, by, reason) VALUES (?, ?, ?, ?)")
      insert.bind(1, pause.endpoint)
      insert.bind(2, pause.since.microseconds)
      insert.bind(3, pause.by)
      insert.bind(4, pause.reason)
      try insert.execute()
    }
  }

  /// Writes down that a person lets an endpoint go, and returns after the sync.
  ///
  /// - Parameter order: which endpoint, who, when and why.
  public func resume(_ order: EndpointPause) async throws(JournalError) {
    let event = try note("endpoint.resumed", order)
    try await write(rows: 2) { transaction throws(WriteFailure) in
      try transaction.insert(event, exchange: nil)
      let delete = try transaction.change("DELETE FROM endpoint_pause WHERE endpoint = ?")
      delete.bind(1, order.endpoint)
      try delete.execute()
    }
  }

  /// The endpoints that are stopped, by name.
  public func pauses() throws(JournalError) -> [EndpointPause] {
    try read { reading throws(SQLiteError) in
      let find = try reading.connection.prepared(
        "SELECT endpoint, since, by, reason FROM endpoint_pause ORDER BY endpoint")
      defer { find.reset() }
      var found: [EndpointPause] = []
      while try find.step() {
        found.append(
          EndpointPause(
            endpoint: find.text(0), since: Timestamp(microseconds: find.integer(1)), by: find.text(2),
            reason: find.text(3)))
      }
      return found
    }
  }

  private func note(_ kind: String, _ order: EndpointPause) throws(JournalError) -> PreparedEvent {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let note = ["endpoint": order.endpoint, "reason": order.reason]
    let payload = (try? encoder.encode(note)).map(Array.init) ?? []
    return try preparation.event(principal: order.by, kind: kind, at: order.since, payload: payload)
  }
}
