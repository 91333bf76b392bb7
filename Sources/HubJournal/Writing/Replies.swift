internal import HubKit

extension Transaction {
  /// Keeps a far system's answer; a later one to the same delivery takes its place.
  func insert(_ reply: PreparedReply, of exchange: Int64) throws(WriteFailure) {
    let insert = try change(
      """
      INSERT OR REPLACE INTO reply (
        exchange, delivery, media_type, body_key, body_bytes, body_digest, body_file, body)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)
      """)
    insert.bind(1, exchange)
    insert.bind(2, reply.delivery)
    insert.bind(3, reply.mediaType)
    insert.bind(4, reply.bodyKey)
    insert.bind(5, reply.byteCount)
    insert.bind(6, reply.digest)
    insert.bind(7, reply.file)
    insert.bind(8, reply.sealed)
    try insert.execute()
    if reply.file != nil { tally { $0.bodyFileBytes += reply.byteCount } }
  }

  /// Lets all answers of an exchange go, with the files that hold them.
  func removeReplies(of exchange: Int64, _ files: BodyFiles) throws(WriteFailure) {
    let find = try prepared("SELECT body_file, body_bytes FROM reply WHERE exchange = ?")
    find.bind(1, exchange)
    var found: [(file: String?, bytes: Int64)] = []
    while try find.next() { found.append((find.optionalText(0), find.integer(1))) }
    find.reset()
    guard !found.isEmpty else { return }
    let delete = try change("DELETE FROM reply WHERE exchange = ?")
    delete.bind(1, exchange)
    try delete.execute()
    for case (let file?, let bytes) in found {
      tally { $0.bodyFileBytes -= bytes }
      unlink(file, files)
    }
  }

  /// Says whether an exchange waits for a person.
  func mark(_ exchange: Int64, asDeadLetter isDeadLetter: Bool) throws(WriteFailure) {
    let mark = try change(
      isDeadLetter
        ? "INSERT OR IGNORE INTO dead_letter (exchange) VALUES (?)" : "DELETE FROM dead_letter WHERE exchange = ?")
    mark.bind(1, exchange)
    try mark.execute()
  }
}
