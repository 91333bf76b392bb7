internal import HubKit

extension Transaction {
  /// Where an exchange stands, as far as a change needs to know.
  struct Standing {
    var sequence: Int64
    var phase: Int64
    var state: Int64
  }

  /// Finds an exchange.
  func standing(_ id: [UInt8]) throws(WriteFailure) -> Standing? {
    let find = try prepared("SELECT sequence, phase, state FROM exchange WHERE id = ?")
    defer { find.reset() }
    find.bind(1, id)
    guard try find.next() else { return nil }
    return Standing(sequence: find.integer(0), phase: find.integer(1), state: find.integer(2))
  }

  /// Puts in events and brings their exchanges to the state that follows.
  func record(_ events: [PreparedEvent]) throws(WriteFailure) {
    // All are looked up before anything is written, so that an unknown one refuses its own job only.
    var standings: [Standing?] = []
    for event in events {
      guard let id = event.exchange else {
        standings.append(nil)
        continue
      }
      guard let standing = try standing(id) else {
        let name = ExchangeID(bytes: id)?.text ?? "?"
        throw .refused(.io("không có giao dịch \(name) / the journal does not know exchange \(name)"))
      }
      standings.append(standing)
    }
    for (index, event) in events.enumerated() {
      guard let id = event.exchange else {
        try insert(event, exchange: nil)
        continue
      }
      // An earlier event of this call may have moved the same exchange.
      let standing = index == 0 ? standings[0] : try standing(id)
      guard let standing else { continue }
      try insert(event, exchange: standing.sequence)
      try self.index(event.keys, standing.sequence)
      for reply in event.replies { try insert(reply, of: standing.sequence) }
      try move(standing, by: event.row)
      for entry in event.shelved { try shelve(entry, of: standing.sequence) }
      if event.leavesShelf { try takeOffShelf(standing.sequence) }
      for mark in event.redeliveries { try note(mark, of: standing.sequence) }
      if event.row.state != nil { try mark(standing.sequence, asDeadLetter: event.isDeadLetter) }
    }
  }

  /// Puts in one event.
  func insert(_ event: PreparedEvent, exchange: Int64?) throws(WriteFailure) {
    let record = append { _ in RecordDigest.event(content: event.content, exchange: exchange) }
    let insert = try change(
      """
      INSERT INTO event (sequence, exchange, at, kind, principal, state, keep_until, record_key, payload, keys, thinned,
        digest)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?)
      """)
    insert.bind(1, record.sequence)
    insert.bind(2, exchange)
    insert.bind(3, event.row.at)
    insert.bind(4, event.row.kind)
    insert.bind(5, event.row.principal)
    insert.bind(6, event.row.state)
    insert.bind(7, event.row.keepUntil)
    insert.bind(8, event.row.recordKey)
    insert.bind(9, event.row.payload)
    insert.bind(10, event.row.keys.isEmpty ? nil : event.row.keys)
    insert.bind(11, record.digest)
    try insert.execute()
    tally { $0.events += 1 }
  }

  /// Brings an exchange to the state that an event names, if it names one.
  func move(_ standing: Standing, by event: EventRow) throws(WriteFailure) {
    guard let state = event.state else { return }
    tally { $0.move(from: standing.state, to: state) }
    if let keepUntil = event.keepUntil {
      let settle = try change(
        "UPDATE exchange SET phase = 3, state = ?2, settled_at = ?3, keep_until = ?4 WHERE sequence = ?1")
      settle.bind(1, standing.sequence)
      settle.bind(2, state)
      settle.bind(3, event.at)
      settle.bind(4, keepUntil)
      try settle.execute()
    } else if standing.phase == StateCode.open {
      guard state != standing.state else { return }
      let move = try change("UPDATE exchange SET state = ?2 WHERE sequence = ?1")
      move.bind(1, standing.sequence)
      move.bind(2, state)
      try move.execute()
    } else {
      let reopen = try change(
        "UPDATE exchange SET phase = 2, state = ?2, settled_at = ?3, keep_until = ?3 WHERE sequence = ?1")
      reopen.bind(1, standing.sequence)
      reopen.bind(2, state)
      reopen.bind(3, Schema.unset)
      try reopen.execute()
    }
  }
}
