internal import HubKit
internal import JSONWire
internal import Logging

/// Asks the portal for dossiers: the list of some days (`DanhSachHoSo`), then each new one's record
/// (`TraCuuHoSo`) and the bytes of its files (`LayTaiLieuHoSo`).
///
/// The list is by days, which is the form that has been seen; what is new within them is decided here, by
/// ``PortalCursor``. Whatever ends a batch in the middle, what was read until then is kept, and the rest comes with the
/// next poll.
struct NationalPortalSource: PollingSource {
  /// Extension attribute with the number of files that the portal did not hand out.
  static let missingName = "missingfiles"
  /// Most lines that may be owed before the whole source counts as away.
  static let owedMax = 50

  let name = "dossiers"
  let client: PortalClient
  let settings: NationalPortalSettings
  let clock: any HubClock
  let endpoint: String
  let logger: Logger

  func poll(after cursor: String?, limit: Int, bodies: any BodyStore) async throws(AdapterError) -> Page {
    let now = clock.now
    var reached = cursor.flatMap(PortalCursor.init) ?? PortalCursor(from: now - settings.lookBack)
    let listed = try await list(from: reached, now: now)
    let new = listed.filter(reached.isNew)
    // What is not listed any more is not owed any more.
    reached.owed = reached.owed.filter(listed.contains)
    var batch = Batch()
    // New ones first: what could not be had before may never be had, and must not use up the batch.
    for entry in new.prefix(limit) + reached.owed where !batch.isOver && batch.items.count < limit {
      await take(entry, into: &batch, &reached, now: PortalDate.text(now), bodies)
    }
    if batch.items.isEmpty, !new.isEmpty, let failure = batch.failure { throw failure }
    if let failure = batch.failure {
      logger.notice(
        "not all of the portal's new dossiers could be had; the rest is asked for again",
        metadata: ["code": "\(failure.code)"])
    }
    return Page(items: batch.items, cursor: reached.text, hasMore: !batch.isOver && new.count > limit)
  }

  /// The portal keeps no count for us: there is nothing to tell it.
  func acknowledge(_ page: Page, refusals: [Int: NotAccepted]) async throws(AdapterError) {}

  private struct Batch {
    var items: [Page.Item] = []
    var failure: AdapterError?
    /// Nothing more can be had now.
    var isOver = false
  }

  // MARK: - List

  /// Lines in order of time, oldest first. Lines without a code or a time are no lines.
  private func list(from cursor: PortalCursor, now: Timestamp) async throws(AdapterError) -> [PortalCursor.Entry] {
    let earliest = ([cursor.time] + cursor.owed.map(\.time)).compactMap(PortalDate.parse).min() ?? now
    let answer = try await reading(
      "DanhSachHoSo",
      [
        "donViXuLy": .text(settings.unit), "ngayNhan1": .text(PortalDate.day(min(earliest, now))),
        // A day more: the portal's clock may be ahead of ours.
        "ngayNhan2": .text(PortalDate.day(now + .seconds(86_400))),
      ])
    guard case .list(let lines)? = answer["result"] else {
      throw PortalVerdict.unreadable("without a list", call: .reading)
    }
    let entries = lines.compactMap { line -> PortalCursor.Entry? in
      guard let code = line["MaHoSo"]?.string, PortalRecord.isCode(code),
        let time = [line["NgayTiepNhan"], line["NgayNopHoSo"]].lazy.compactMap({ $0?.string }).first(where: {
          PortalDate.parse($0) != nil
        })
      else { return nil }
      return PortalCursor.Entry(time: time, code: code)
    }
    if entries.count < lines.count {
      logger.warning(
        "the portal lists dossiers without code or time", metadata: ["count": "\(lines.count - entries.count)"])
    }
    return Array(Set(entries)).sorted()
  }

  // MARK: - Records

  private func take(
    _ entry: PortalCursor.Entry, into batch: inout Batch, _ cursor: inout PortalCursor, now: String,
    _ bodies: any BodyStore
  ) async {
    do throws(AdapterError) {
      batch.items.append(try await item(entry, bodies))
      cursor.take(entry, now: now)
    } catch {
      switch error.verdict {
      case .reject:
        batch.items.append(malformed(entry, "the portal does not hand it out: \(error.code)"))
        cursor.take(entry, now: now)
        return
      case .retry where cursor.owed.count < Self.owedMax: cursor.owe(entry, now: now)
      default: batch.isOver = true
      }
      batch.failure = batch.failure ?? error
    }
  }

  private func item(
    _ entry: PortalCursor.Entry, _ bodies: any BodyStore
  ) async throws(AdapterError) -> Page.Item {
    let answer = try await reading("TraCuuHoSo", ["maHoSo": .text(entry.code)])
    let found = answer["result"]?.items.first ?? answer["result"]
    guard let found, var record = PortalRecord(found), record.code == entry.code else {
      return malformed(entry, "TraCuuHoSo gave no record of this code")
    }
    record.tidyFiles()
    let missing = try await fetchFiles(of: &record)
    let bytes = record.value.bytes
    guard bytes.count <= settings.recordBytesMax else {
      return malformed(entry, "the record has \(bytes.count) bytes, more than recordBytesMax allows")
    }
    var envelope = record.envelope(bytes, now: clock.now)
    if missing > 0 { envelope.extensions[Self.missingName] = "\(missing)" }
    return Page.Item(reference: entry.code, envelope: envelope, body: try await kept(bytes, bodies))
  }

  /// - Returns: how many files the portal does not hand out; the dossier comes without their bytes.
  private func fetchFiles(of record: inout PortalRecord) async throws(AdapterError) -> Int {
    var missing = 0
    for (position, id) in record.filesToFetch {
      do throws(AdapterError) {
        let answer = try await reading("LayTaiLieuHoSo", ["maHoSo": .text(record.code), "tepDinhKemId": .text(id)])
        let file = answer["result"]?.items.first ?? answer["result"]
        guard let base64 = file?["Base64"]?.string ?? file?.string, !base64.isEmpty else {
          throw AdapterError(.retry(after: nil), code: "portal-no-file", reason: "the portal's answer has no file")
        }
        record.putFile(base64, at: position)
      } catch {
        guard error.verdict == .reject else { throw error }
        missing += 1
      }
    }
    return missing
  }

  private func malformed(_ entry: PortalCursor.Entry, _ diagnosis: String) -> Page.Item {
    var envelope = Envelope(
      id: "\(entry.code).\(entry.time)", source: "/dvcqg", type: PortalRecord.malformedType, subject: entry.code,
      time: PortalDate.parse(entry.time), dataContentType: "text/plain")
    envelope.extensions[PortalRecord.diagnosisName] = diagnosis
    return Page.Item(reference: entry.code, envelope: envelope, body: .empty)
  }

  private func kept(_ bytes: [UInt8], _ bodies: any BodyStore) async throws(AdapterError) -> Body {
    do throws(BodyError) { return try await BodyBytes.keep(bytes, in: bodies, on: .dispatch).get() } catch {
      throw AdapterError(
        .outage(after: nil), code: "body-not-kept", reason: "a dossier's bytes cannot be kept", cause: "\(error)")
    }
  }

  /// What was only read may be read again: nothing is in doubt. An answer about one dossier that makes no sense is
  /// that dossier's trouble and must not hold up all others.
  private func reading(_ service: String, _ parts: [String: JSONValue]) async throws(AdapterError) -> JSONValue {
    do throws(AdapterError) {
      return try await client.call(service, parts, as: .reading).content
    } catch {
      if PortalVerdict.unreadableCodes.contains(error.code), parts["maHoSo"] != nil {
        throw AdapterError(.retry(after: nil), code: error.code, reason: error.reason)
      }
      guard error.verdict == .inDoubt else { throw error }
      throw AdapterError(.outage(after: nil), code: error.code, reason: error.reason, cause: error.cause)
    }
  }
}
