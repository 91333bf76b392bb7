public import HubKit
internal import Synchronization

extension Journal {
  /// Replaces a body for good, when it may be kept only masked; the chain keeps the digest of the first one and gets
  /// that of the second.
  ///
  /// - Parameters:
  ///   - masked: what may stay; empty: nothing but the digest.
  ///   - keep: how long from now on; nil: as the exchange has it. With it, nothing is done to an exchange that has not
  ///     settled.
  public func replaceBody(
    of id: ExchangeID, with masked: [UInt8], keep: KeepPolicy? = nil
  ) async throws(JournalError) {
    guard let stored = try exchange(id) else {
      throw .io("không có giao dịch \(id) / the journal does not know exchange \(id)")
    }
    let replacement = try replacement(masked, of: stored)
    let payload = #"{"bytes":\#(masked.count),"digest":"\#(digest(masked))"}"#
    let now = clock.now
    try await settle([replacement.file].compactMap { $0 })
    let event = try preparation.event(
      exchange: id.bytes, kind: "journal.masked", at: now, payload: Array(payload.utf8),
      state: keep == nil ? nil : stored.state, keepUntil: keep.map { preparation.keepUntil($0, from: now) })
    let files = bodyFiles
    try await write(rows: 2) { transaction throws(WriteFailure) in
      guard let standing = try transaction.standing(id.bytes) else { return }
      let isSettled = standing.phase == StateCode.settled && standing.state == StateCode.number(stored.state)
      guard keep == nil || isSettled else { return }
      try transaction.insert(event, exchange: standing.sequence)
      try transaction.move(standing, by: event.row)
      try transaction.replaceBody(of: standing.sequence, by: replacement, files)
    }
  }

  /// Makes bodies outlive a crash, so that a commit may name them; what is settled already costs nothing.
  public func settle(_ body: Body) async throws(JournalError) {
    if case .stored(let reference) = body { try await settle([reference.id]) }
  }

  /// Leaves nothing of a body that was refused; one that a commit names stays.
  public func discard(_ body: Body) {
    if let id = body.storedID, arriving.key(of: id) != nil { arriving.discard(id) }
  }

  func settle(_ ids: [String]) async throws(JournalError) {
    let waiting = ids.filter { arriving.key(of: $0) != nil }
    if !waiting.isEmpty { try await settling?.settle(waiting) }
  }

  /// The masked body in the form in which the row takes it. It goes under the key of the day of receipt, and ends
  /// with it.
  private func replacement(
    _ masked: [UInt8], of stored: StoredExchange
  ) throws(JournalError) -> Transaction.Replacement {
    let day = stored.receivedAt.day
    if masked.isEmpty { return .init(state: BodyCode.gone) }
    guard masked.count > Body.inlineBytesMax else {
      let key = ring.key(for: day, .bodies)
      let label = ExchangeRow.label(stored.id.bytes, "masked")
      guard let sealed = try? Sealing.seal(masked, with: key.key, label: label) else { throw .io("AES-GCM") }
      return .init(state: BodyCode.masked, key: key.number, body: sealed)
    }
    do throws(BodyError) {
      let writer = BodyFileWriter(place: bodyPlace, mediaType: "", limit: .max, day: day)
      try writer.write(masked)
      guard case .stored(let reference) = try writer.finish() else { throw BodyError.io("masked body") }
      return .init(
        state: BodyCode.masked, body: MaskedFile(reference).packed, file: reference.id,
        fileBytes: Int64(reference.byteCount))
    } catch .full {
      throw .full
    } catch {
      throw .io("\(error)")
    }
  }

  var bodyFiles: BodyFiles { BodyFiles(paths: paths, disk: options.disk) }

  /// Deletes bodies whose time is over and ids whose window has passed, at most `limit` of each, and forgets body files
  /// that nothing names. Called again until it returns 0, then again after a while.
  ///
  /// - Returns: how many were deleted.
  public func sweep(limit: Int) async throws(JournalError) -> Int {
    flushSuppressed()
    let now = clock.now
    let files = bodyFiles
    let expired = now - options.duplicateWindow
    let count = try await write(rows: 2 * limit, makesRoom: true) { transaction throws(WriteFailure) in
      try transaction.sweepBodies(until: now, limit: limit, files)
        + transaction.expireDuplicates(before: expired, limit: limit)
    }
    let isOrphanTime = lastOrphanSearch.withLock { last in
      guard now - last >= options.orphanAge else { return false }
      last = now
      return true
    }
    return count + (isOrphanTime ? try await removeOrphans() : 0)
  }

  /// Removes body files that nothing names and nobody has touched for ``JournalOptions/orphanAge``: left by a crash, or
  /// by a message that was a duplicate.
  ///
  /// - Returns: how many.
  public func removeOrphans() async throws(JournalError) -> Int {
    let oldEnough = (clock.now - options.orphanAge).microseconds / 1_000_000
    let files = bodyFiles
    return try await aside { (journal) throws(JournalError) in
      let given: Int
      do throws(DiskError) { given = try journal.arriving.removeOld(modifiedBefore: oldEnough) } catch {
        throw error.journalError
      }
      let candidates = try files.candidates(modifiedBefore: oldEnough)
      var removed = given
      for name in candidates
      where try journal.read({ reading throws(SQLiteError) in
        try !Transaction.names(name, reading.connection)
      }) {
        files.remove(name)
        removed += 1
      }
      return removed
    }
  }

  /// Makes all bodies of messages received on a day unreadable, by dropping their key. Envelopes, events and digests
  /// stay. Backups that were made before still hold the key.
  ///
  /// - Parameter day: as in `2026-11-23`, in UTC; it must be over.
  /// - Returns: how many keys were dropped.
  public func dropKey(day: String) async throws(JournalError) -> Int {
    let now = clock.now
    guard day < now.day else {
      throw .io("ngày \(day) chưa qua, chưa bỏ khoá được / day \(day) is not over: its key is still in use")
    }
    let event = try preparation.event(
      kind: "journal.key-dropped", at: now, payload: Array(#"{"day":"\#(day)"}"#.utf8))
    let ring = ring
    return try await write(rows: 4, makesRoom: true) { transaction throws(WriteFailure) in
      try transaction.dropKeys(of: day, event, ring)
    }
  }
}

/// The body files, as far as they are only named and removed.
struct BodyFiles: Sendable {
  let paths: JournalPaths
  let disk: any Disk

  /// Unlinks a file. One that stays is found again as an orphan.
  func remove(_ name: String) {
    guard BodyFileReader.isName(name) || name.hasSuffix(".part") else { return }
    RemovalGate.unlessHeld(paths.gate) { try? disk.remove("\(paths.bodies)/\(name)") }
  }

  /// Files that nobody has written to since then.
  func candidates(modifiedBefore seconds: Int64) throws(JournalError) -> [String] {
    var found: [String] = []
    do throws(DiskError) {
      for day in try disk.list(paths.bodies) where day.isDirectory {
        for file in try disk.list("\(paths.bodies)/\(day.name)") where file.modifiedAtSeconds < seconds {
          found.append("\(day.name)/\(file.name)")
        }
      }
    } catch {
      throw error.journalError
    }
    return found
  }
}

extension Body {
  /// The store's name for it; nil when it is carried along.
  var storedID: String? { if case .stored(let reference) = self { reference.id } else { nil } }
}
