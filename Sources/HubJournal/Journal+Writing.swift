internal import Crypto
public import HubKit

extension Journal {
  /// Writes messages down in one transaction and returns after the sync. All or none: when one is a
  /// ``Acceptance/conflict(_:)``, nothing is written, the cursor neither.
  ///
  /// A message whose key is under way in another call waits for that commit and gets the same exchange.
  ///
  /// - Parameters:
  ///   - batch: may be empty, to advance a cursor alone.
  ///   - cursor: where the source stands after them.
  ///   - records: steps of other exchanges that belong to it: written when the batch is, and only then.
  /// - Throws: ``JournalError/full`` when nothing could be kept for want of room.
  public func accept(
    _ batch: [NewExchange], advancing cursor: Cursor?, recording records: [ExchangeRecord] = []
  ) async throws(JournalError) -> [Acceptance] {
    let bodies = batch.map(\.message.body) + records.flatMap(\.replies).map(\.body)
    try await settle(bodies.compactMap(\.storedID))
    var events: [PreparedEvent] = []
    for record in records { events.append(try preparation.event(record)) }
    let steps = events
    var prepared: [PreparedExchange] = []
    prepared.reserveCapacity(batch.count)
    for new in batch { prepared.append(try preparation.exchange(new)) }
    let ready = prepared
    return try await write(rows: ready.count + steps.count + 1) { transaction throws(WriteFailure) in
      let acceptances = try transaction.accept(ready, advancing: cursor)
      let isWritten = acceptances.allSatisfy { if case .new = $0 { true } else { false } }
      if isWritten { try transaction.record(steps) }
      return acceptances
    }
  }

  /// Writes down what happened and returns after the sync.
  ///
  /// - Throws: ``JournalError/io(_:)`` when an exchange is not known: then none of them is written.
  public func record(_ records: [ExchangeRecord]) async throws(JournalError) {
    try await settle(records.flatMap(\.replies).compactMap(\.body.storedID))
    var prepared: [PreparedEvent] = []
    for record in records { prepared.append(try preparation.event(record)) }
    let ready = prepared
    try await write(rows: ready.count) { transaction throws(WriteFailure) in try transaction.record(ready) }
  }

  /// Writes down what happened with the next commit, in the order of the calls. Nobody waits; on a full disk it is
  /// kept and tried again, any other failure goes to ``JournalOptions/onFailure``.
  public func recordLater(_ records: [ExchangeRecord]) {
    // Made ready by the writer: the caller may hold a lock that keeps the order of such calls.
    let preparation = preparation
    let place = bodyPlace
    writeLater(rows: records.count) { transaction throws(WriteFailure) in
      var ready: [PreparedEvent] = []
      do throws(JournalError) {
        // Settled before by whoever has the time; here only what was not.
        let ids = records.flatMap(\.replies).compactMap(\.body.storedID)
        if !ids.isEmpty {
          do throws(DiskError) { try BodySettling(place: place).settle(ids) } catch { throw error.journalError }
        }
        for record in records { ready.append(try preparation.event(record)) }
      } catch {
        throw .refused(error)
      }
      try transaction.record(ready)
    }
  }

  func recordLater(_ ready: [PreparedEvent]) {
    writeLater(rows: ready.count) { transaction throws(WriteFailure) in try transaction.record(ready) }
  }

  /// Hands work to the writer for which nobody waits.
  func writeLater(rows: Int, _ work: @escaping @Sendable (Transaction) throws(WriteFailure) -> Void) {
    let onFailure = options.onFailure
    guard let writer else { return onFailure(.stopped("chỉ mở để đọc / it is open for reading only")) }
    writer.submit(
      WriteJob(
        rows: rows, isKept: true,
        work: { transaction throws(WriteFailure) in
          try work(transaction)
          return {}
        },
        fail: { error in
          // The stop itself was told already, once.
          if case .stopped = error { return }
          onFailure(error)
        }))
  }

  /// Leaves a record of something that has no exchange, such as a refusal. Never waits, and never lets one principal
  /// fill the disk: beyond ``JournalOptions/auditBurst`` only the number is recorded, as `journal.suppressed`.
  public func audit(kind: String, principal: String, payload: [UInt8]) {
    let now = clock.now
    guard writer != nil, case .allowed(let suppressed) = limiter.ask(principal, at: now) else { return }
    do throws(JournalError) {
      var events: [PreparedEvent] = []
      if suppressed > 0 { events.append(try suppression(of: principal, count: suppressed, at: now)) }
      events.append(try preparation.event(principal: principal, kind: kind, at: now, payload: payload))
      recordLater(events)
    } catch {
      options.onFailure(error)
    }
  }

  /// Leaves a record of something that nobody may miss, and returns after the sync. No limit holds it back: whoever
  /// causes many waits for each.
  public func incident(kind: String, principal: String, payload: [UInt8]) async throws(JournalError) {
    let event = try preparation.event(principal: principal, kind: kind, at: clock.now, payload: payload)
    try await write(rows: 1) { transaction throws(WriteFailure) in try transaction.record([event]) }
  }

  private func suppression(of principal: String, count: Int, at now: Timestamp) throws(JournalError) -> PreparedEvent {
    try preparation.event(
      principal: principal, kind: "journal.suppressed", at: now, payload: Array(#"{"count":\#(count)}"#.utf8))
  }

  /// Records what the audit limit has held back so far.
  func flushSuppressed() {
    let now = clock.now
    for (principal, count) in limiter.takeSuppressed() {
      if let event = try? suppression(of: principal, count: count, at: now) { recordLater([event]) }
    }
  }

  /// Keeps a configuration that goes live, for ever. May be repeated.
  ///
  /// - Parameters:
  ///   - digest: under which exchanges name it.
  ///   - files: all of it, in a form that is the caller's own.
  public func pin(configuration digest: String, files: [UInt8]) async throws(JournalError) {
    let now = clock.now
    let content = Array(SHA256.hash(data: files)).hex
    let payload = #"{"configuration":"\#(digest.filter { $0 != "\"" && $0 != "\\" })","sha256":"\#(content)"}"#
    let event = try preparation.event(kind: "journal.configuration", at: now, payload: Array(payload.utf8))
    try await write(rows: 2) { transaction throws(WriteFailure) in
      let number = try transaction.configuration(digest)
      let pin = try transaction.change(
        "UPDATE configuration SET files = ?2, pinned_at = ?3 WHERE number = ?1 AND files IS NULL")
      pin.bind(1, number)
      pin.bind(2, files)
      pin.bind(3, now.microseconds)
      try pin.execute()
      if transaction.connection.changes > 0 { try transaction.insert(event, exchange: nil) }
    }
  }
}
