internal import HubKit

/// Looks over the kept replies of an exchange: each must open under its own place, and be what its digest says. The
/// chain does not cover replies, so one that was deleted is not missed.
struct ReplyCheck {
  let body: BodyCheck

  func complaint(about exchange: Int64, id: [UInt8]) throws(SQLiteError) -> String? {
    let rows = try body.connection.prepared(
      "SELECT delivery, body_key, body_bytes, body_digest, body_file, body FROM reply WHERE exchange = ?")
    defer { rows.reset() }
    rows.bind(1, exchange)
    while try rows.step() {
      let delivery = rows.integer(0)
      let wanted = (digest: rows.blob(3).hex, bytes: rows.integer(2))
      let outcome =
        if let file = rows.optionalText(4) {
          try body.stored(file, wanted)
        } else {
          try body.sealed(rows.blob(5), key: rows.integer(1), label: PreparedReply.label(id, delivery), wanted)
        }
      if case .broken(let what) = outcome { return "trả lời \(delivery) / reply \(delivery): \(what)" }
    }
    return nil
  }
}
