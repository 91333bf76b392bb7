import FoundationEssentials
import HubKit

extension OverviewSnapshot {
  /// The snapshot as `/status.json` gives it: names are stable, times are RFC 3339 in UTC, durations are milliseconds.
  func json() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return Array(try encoder.encode(StatusDocument(self)))
  }
}

/// The wire form, apart from the model so that renaming a property does not rename a field that others read.
private struct StatusDocument: Encodable {
  struct Note: Encodable {
    var vi: String
    var en: String
  }

  struct Exchanges: Encodable {
    var since: Timestamp
    var accepted, received, underway, delivered, partly, failed, refused, parked: Int
  }

  struct Endpoint: Encodable {
    var name, connector, state: String
    var since: Timestamp?
    var reason: String?
    var nextTry: Timestamp?
    var waiting, inFlight, delivered, failed: Int
    var lastSuccess: Timestamp?
    var p50Milliseconds, p95Milliseconds: Double?
  }

  struct Flow: Encodable {
    var name: String
    var perMinute: [Int]
  }

  struct Exchange: Encodable {
    var id: ExchangeID
    var receivedAt: Timestamp
    var type: String
    var sender: String?
    var receivers: [String]
    var state: ExchangeState
    var reason: String?
  }

  struct Refusal: Encodable {
    var time: Timestamp
    var principal, type: String?
    var code, reason: String
  }

  struct Journal: Encodable {
    var exchanges, events, bytes, freeBytes, freeBytesMin: Int
    var oldestOpen: Timestamp?
  }

  var takenAt, startedAt: Timestamp
  var version, configurationDigest, health: String
  var configurationLoadedAt: Timestamp
  var configurationRefusedAt: Timestamp?
  var notes: [Note]
  var exchanges: Exchanges
  var overdueDocuments: Int?
  var endpoints: [Endpoint]
  var flows: [Flow]
  var recentExchanges: [Exchange]
  var recentRefusals: [Refusal]
  var journal: Journal

  init(_ snapshot: OverviewSnapshot) {
    let counts = snapshot.counts
    takenAt = snapshot.takenAt
    startedAt = snapshot.startedAt
    version = snapshot.version
    configurationDigest = snapshot.configurationDigest
    configurationLoadedAt = snapshot.configurationLoadedAt
    configurationRefusedAt = snapshot.configurationRefusedAt
    health = snapshot.health.rawValue
    notes = snapshot.notes.map { Note(vi: $0.text.vi, en: $0.text.en) }
    exchanges = Exchanges(
      since: counts.since, accepted: counts.accepted, received: counts.received, underway: counts.underway,
      delivered: counts.delivered, partly: counts.partly, failed: counts.failed, refused: counts.refused,
      parked: counts.parked)
    overdueDocuments = snapshot.overdueDocuments
    endpoints = snapshot.endpoints.map { row in
      Endpoint(
        name: row.name, connector: row.connector, state: row.state.rawValue, since: row.since, reason: row.reason,
        nextTry: row.nextTry, waiting: row.waiting, inFlight: row.inFlight, delivered: row.delivered,
        failed: row.failed, lastSuccess: row.lastSuccess, p50Milliseconds: row.p50?.milliseconds,
        p95Milliseconds: row.p95?.milliseconds)
    }
    flows = snapshot.flows.map { Flow(name: $0.name, perMinute: $0.perMinute) }
    recentExchanges = snapshot.recentExchanges.prefix(OverviewSnapshot.recentMax).map { row in
      Exchange(
        id: row.id, receivedAt: row.receivedAt, type: row.type, sender: row.sender, receivers: row.receivers,
        state: row.state, reason: row.reason)
    }
    recentRefusals = snapshot.recentRefusals.prefix(OverviewSnapshot.recentMax).map { row in
      Refusal(time: row.time, principal: row.principal, type: row.type, code: row.code, reason: row.reason)
    }
    let store = snapshot.journal
    journal = Journal(
      exchanges: store.exchanges, events: store.events, bytes: store.bytes, freeBytes: store.freeBytes,
      freeBytesMin: store.freeBytesMin, oldestOpen: store.oldestOpen)
  }
}
