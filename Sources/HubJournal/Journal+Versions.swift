internal import FoundationEssentials
public import HubKit

/// A person's word on which version of an endpoint new messages take.
public struct EndpointVersionEntry: Sendable, Hashable {
  /// The endpoint's name in the configuration.
  public var endpoint: String
  /// The version, as in `next`; nil: as the configuration says.
  public var version: String?
  /// Since when.
  public var since: Timestamp
  /// Who said so.
  public var by: String
  /// Why, in a sentence.
  public var reason: String

  /// Creates an entry.
  public init(endpoint: String, version: String?, since: Timestamp, by: String, reason: String) {
    self.endpoint = endpoint
    self.version = version
    self.since = since
    self.by = by
    self.reason = reason
  }
}

extension Journal {
  /// Writes down which version of an endpoint new messages take, and returns after the sync. It takes the place of what
  /// was said of that endpoint before.
  public func setVersion(_ entry: EndpointVersionEntry) async throws(JournalError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let note = ["endpoint": entry.endpoint, "reason": entry.reason, "version": entry.version ?? "auto"]
    let event = try preparation.event(
      principal: entry.by, kind: "endpoint.version", at: entry.since,
      payload: (try? encoder.encode(note)).map(Array.init) ?? [])
    try await write(rows: 2) { transaction throws(WriteFailure) in
      try transaction.insert(event, exchange: nil)
      guard let version = entry.version else {
        let delete = try transaction.change("DELETE FROM endpoint_version WHERE endpoint = ?")
        delete.bind(1, entry.endpoint)
        return try delete.execute()
      }
      let insert = try transaction.change(
        "INSERT OR REPLACE INTO endpoint_version (endpoint, version, since, by, reason) VALUES (?, ?, ?, ?, ?)")
      insert.bind(1, entry.endpoint)
      insert.bind(2, version)
      insert.bind(3, entry.since.microseconds)
      insert.bind(4, entry.by)
      insert.bind(5, entry.reason)
      try insert.execute()
    }
  }

  /// What persons have said of endpoints' versions, by endpoint.
  public func versions() throws(JournalError) -> [EndpointVersionEntry] {
    try read { reading throws(SQLiteError) in
      let find = try reading.connection.prepared(
        "SELECT endpoint, version, since, by, reason FROM endpoint_version ORDER BY endpoint")
      defer { find.reset() }
      var found: [EndpointVersionEntry] = []
      while try find.step() {
        found.append(
          EndpointVersionEntry(
            endpoint: find.text(0), version: find.text(1), since: Timestamp(microseconds: find.integer(2)),
            by: find.text(3), reason: find.text(4)))
      }
      return found
    }
  }
}
