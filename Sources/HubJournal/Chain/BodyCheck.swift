internal import FoundationEssentials
internal import HubKit

/// Opens one body and compares it with its digest.
struct BodyCheck {
  enum Outcome {
    case sound
    case keyDropped
    case broken(String)
  }

  let opening: Opening
  let unsealing: Unsealing
  let connection: Connection

  func outcome(
    _ row: ExchangeRow, state: Int64, file: String?, bytes: [UInt8], _ wanted: (digest: String, bytes: Int64)
  ) throws(SQLiteError) -> Outcome {
    if let file { return try stored(file, wanted) }
    let key: Int64
    var sealed = bytes
    if state == BodyCode.masked {
      guard let masked = MaskedInline(bytes) else {
        return .broken("nội dung đã che hỏng / its masked body is damaged.")
      }
      key = masked.key
      sealed = masked.sealed
    } else {
      key = row.bodyKey ?? 0
    }
    let label = ExchangeRow.label(row.id, state == BodyCode.masked ? "masked" : "body")
    return try self.sealed(sealed, key: key, label: label, wanted)
  }

  /// Bytes that lie in a row, sealed to it.
  func sealed(
    _ sealed: [UInt8], key: Int64, label: [UInt8], _ wanted: (digest: String, bytes: Int64)
  ) throws(SQLiteError) -> Outcome {
    guard let dataKey = try unsealing.key(key, connection) else {
      return try wasDropped(key) ? .keyDropped : .broken("thiếu khoá dữ liệu \(key) / data key \(key) is missing.")
    }
    guard let plain = Sealing.open(sealed, with: dataKey.key, label: label) else {
      return .broken("nội dung không mở được / its body does not open with its key.")
    }
    guard opening.keys.digest(plain).hex == wanted.digest else {
      return .broken("nội dung khác lúc nhận / its body is not what was received (digest).")
    }
    return .sound
  }

  /// Bytes that lie in a file.
  func stored(_ file: String, _ wanted: (digest: String, bytes: Int64)) throws(SQLiteError) -> Outcome {
    let reference = BodyReference(id: file, digest: wanted.digest, mediaType: "", byteCount: Int(wanted.bytes))
    var looking: SQLiteError?
    do throws(BodyError) {
      let reader = try BodyFileReader(
        reference, paths: opening.paths, disk: opening.options.disk, keys: opening.keys
      ) { (number) throws(BodyError) in
        do throws(SQLiteError) {
          if let key = try unsealing.key(number, connection) { return key }
          if try wasDropped(number) { throw SQLiteError(code: 0, message: "dropped") }
        } catch {
          looking = error
        }
        throw .gone
      }
      while try !reader.read(upTo: BodyFile.chunkByteCount).isEmpty {}
      return .sound
    } catch .gone {
      if let looking, looking.code != 0 { throw looking }
      return looking == nil ? .broken("thiếu tệp nội dung / its body file is missing: \(file)") : .keyDropped
    } catch {
      return .broken("tệp nội dung hỏng / its body file is damaged: \(file)")
    }
  }

  /// A key may be missing only when an event says that it was dropped.
  private func wasDropped(_ number: Int64) throws(SQLiteError) -> Bool {
    let find = try connection.prepared("SELECT day FROM data_key WHERE number = ? AND dropped_at IS NOT NULL")
    defer { find.reset() }
    find.bind(1, number)
    guard try find.step() else { return false }
    let day = find.text(0)
    let events = ExchangeReading(unsealing: unsealing, connection: connection)
    return try events.events("WHERE e.kind = 'journal.key-dropped'") { _ in }.contains { event in
      event.payload == Array(#"{"day":"\#(day)"}"#.utf8)
    }
  }
}

/// The payload of `journal.masked`.
struct MaskingNote: Codable {
  var bytes: Int64
  var digest: String
  var byteCount: Int64 { bytes }

  init?(_ payload: [UInt8]) {
    guard let note = try? JSONDecoder().decode(MaskingNote.self, from: Data(payload)) else { return nil }
    self = note
  }
}
