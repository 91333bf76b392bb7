import Foundation
import HubKit
import Synchronization

@testable import HubJournal

/// A journal in a directory of its own, which goes when the test ends.
final class JournalFixture: Sendable {
  static let master = [UInt8](0..<32)
  static let start = Timestamp(rfc3339: "2026-11-23T08:00:00Z") ?? Timestamp(seconds: 0)

  let directory: String
  let clock = SteppedClock(JournalFixture.start)

  init() throws {
    directory = FileManager.default.temporaryDirectory.appending(path: "journal-\(UUID().uuidString)").path
  }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  var keys: JournalKeys { JournalKeys(master: Self.master) }

  func open(_ change: (inout JournalOptions) -> Void = { _ in }) throws(JournalError) -> Journal {
    var options = JournalOptions(directory: directory)
    options.reserveBytes = 0
    change(&options)
    return try Journal.open(options, keys: keys, clock: clock)
  }

  /// A copy of the directory as it is now: what a crash would leave.
  func crashCopy() throws -> JournalFixture {
    let copy = try JournalFixture()
    try FileManager.default.copyItem(atPath: directory, toPath: copy.directory)
    copy.clock.set(clock.now)
    return copy
  }

  func verify() throws(JournalError) -> VerifyReport {
    try JournalVerifier.verify(
      JournalOptions(directory: directory, isReadOnly: true), keys: keys, clock: clock, progress: { _, _ in })
  }

  /// Changes the database behind the journal's back.
  func tamper(_ sql: String) throws {
    let connection = try Connection(path: directory + "/journal.db", isReadOnly: false)
    try connection.execute(sql)
    connection.close()
  }
}

/// A clock that moves when it is told.
final class SteppedClock: HubClock {
  private let time: Mutex<Timestamp>
  init(_ start: Timestamp) { time = Mutex(start) }
  var now: Timestamp { time.withLock { $0 } }
  func set(_ new: Timestamp) { time.withLock { $0 = new } }
  func advance(_ duration: Duration) { time.withLock { $0 = $0 + duration } }
  func sleep(until deadline: Timestamp) async throws { set(max(now, deadline)) }
}

/// A message with chosen parts.
func newExchange(
  _ id: String, body: Body = .inline(Array(#"{"maHoSo":"H24.12-1"}"#.utf8)), at time: Timestamp = JournalFixture.start,
  fingerprint: [UInt8] = [1], type: String = "vn.gov.edoc.document", subject: String? = nil,
  keys: [BusinessKey] = [], extensions: [String: String] = [:], sender: String = "H24.12"
) -> NewExchange {
  var envelope = Envelope(
    id: id, source: "/edoc", type: type, subject: subject, dataContentType: "application/json",
    extensions: ["receiver": "H24.13,000.00.00.G22"])
  envelope.extensions.merge(extensions) { $1 }
  let principal: Principal = OrganisationCode(sender).map { .agency($0) } ?? .endpoint(sender)
  envelope.sender = OrganisationCode(sender)
  return NewExchange(
    id: .make(at: time), message: Message(envelope: envelope, body: body, principal: principal), receivedAt: time,
    fingerprint: fingerprint, configuration: "cfg-1", businessKeys: keys, note: Array(#"{"notes":[]}"#.utf8))
}

/// A record of one step.
func step(
  _ id: ExchangeID, _ state: ExchangeState, at time: Timestamp = JournalFixture.start, keep: KeepPolicy? = nil,
  payload: String = "[]", keys: [BusinessKey] = []
) -> ExchangeRecord {
  ExchangeRecord(
    exchange: id, kind: "steps", at: time, payload: Array(payload.utf8), state: state, businessKeys: keys, keep: keep)
}

extension JournalFixture {
  /// All bytes of all files.
  func allBytes() throws -> [UInt8] {
    var all: [UInt8] = []
    for name in try FileManager.default.subpathsOfDirectory(atPath: directory) {
      if let data = FileManager.default.contents(atPath: "\(directory)/\(name)") { all.append(contentsOf: data) }
    }
    return all
  }

  func contains(_ bytes: [UInt8], _ part: [UInt8]) -> Bool {
    bytes.indices.dropLast(part.count - 1).contains { bytes[$0] == part[0] && bytes[$0...].starts(with: part) }
  }

  /// Files of bodies that nobody has accepted.
  func arrivingFiles() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: directory + "/arriving").sorted()
  }

  /// The body files, by path below `bodies`.
  func bodyFiles() throws -> [String] {
    let root = directory + "/bodies"
    return try FileManager.default.subpathsOfDirectory(atPath: root).filter { $0.contains("/") }.sorted()
  }
}
