internal import HubKit

extension Journal {
  /// The exchanges that a query finds, newest first.
  ///
  /// Keys, sender, ids and subject are indexed; type, receiver and state alone read backwards until there are enough.
  ///
  /// - Throws: ``JournalError/io(_:)`` when it takes longer than ``JournalOptions/searchMax``.
  public func search(_ query: SearchQuery) throws(JournalError) -> [StoredExchange] {
    let search = Search(query, personHash: keys.personHash)
    return try read { reading throws(SQLiteError) in
      try reading.connection.limited(to: options.searchMax) { () throws(SQLiteError) in
        try reading.exchanges(search.condition, search.bind)
      }
    }
  }
}

/// A query as SQL. All values are bound, none is part of the text.
private struct Search {
  private enum Value {
    case number(Int64)
    case text(String)
    case bytes([UInt8])
  }

  private var terms: [String] = []
  private var values: [Value] = []
  private let limit: Int

  init(_ query: SearchQuery, personHash: (String) -> [UInt8]) {
    limit = max(0, query.limit)
    if let key = query.businessKey {
      let name = key.name.map { _ in " AND name = ?" } ?? ""
      add("x.sequence IN (SELECT exchange FROM business_key WHERE value = ?\(name))", .text(key.value.normalized))
      if let name = key.name { values.append(.text(name)) }
    }
    if let person = query.person {
      add("x.sequence IN (SELECT exchange FROM person_key WHERE hash = ?)", .bytes(personHash(person)))
    }
    if let sender = query.sender { add("x.sender = ?", .text(sender)) }
    if let receiver = query.receiver { add("instr(x.receivers, ?) > 0", .text(",\(receiver),")) }
    if let type = query.type { add("x.type = ?", .text(type)) }
    if let state = query.state { add("x.state = ?", .number(StateCode.number(state))) }
    if let before = query.before { add("x.sequence < ?", .number(before)) }
    addTimes(query)
    if let text = query.text, !text.isEmpty { addText(text.normalized) }
  }

  /// The segments' days narrow the places down, so that a time range does not read everything.
  private mutating func addTimes(_ query: SearchQuery) {
    if let from = query.from {
      add("x.received_at >= ?", .number(from.microseconds))
      add(
        "x.sequence >= coalesce((SELECT max(first) FROM segment WHERE day <= ?), 0)",
        .text((from - .seconds(86_400)).day))
    }
    if let to = query.to { add("x.received_at < ?", .number(to.microseconds)) }
  }

  /// Ids and subjects equal to a text or beginning with it: a range of the index.
  private mutating func addText(_ text: String) {
    let end = text + "\u{10FFFF}"
    var choices = [
      "SELECT sequence FROM exchange WHERE message_id >= ? AND message_id < ?",
      "SELECT sequence FROM exchange WHERE subject >= ? AND subject < ?",
    ]
    values += [.text(text), .text(end), .text(text), .text(end)]
    if let (low, high) = Self.idRange(text) {
      choices.append("SELECT sequence FROM exchange WHERE id >= ? AND id <= ?")
      values += [.bytes(low), .bytes(high)]
    }
    terms.append("x.sequence IN (\(choices.joined(separator: " UNION ")))")
  }

  /// The ids that begin with some hex digits; nil when the text is no beginning of an id.
  private static func idRange(_ text: String) -> (low: [UInt8], high: [UInt8])? {
    let digits = text.filter { $0 != "-" }
    guard digits.utf8.count <= 32, digits.utf8.count >= 4,
      let low = [UInt8](hex: digits + String(repeating: "0", count: 32 - digits.utf8.count)),
      let high = [UInt8](hex: digits + String(repeating: "f", count: 32 - digits.utf8.count))
    else { return nil }
    return (low, high)
  }

  private mutating func add(_ term: String, _ value: Value) {
    terms.append(term)
    values.append(value)
  }

  var condition: String {
    let filter = terms.isEmpty ? "" : "WHERE \(terms.joined(separator: " AND ")) "
    return "\(filter)ORDER BY x.sequence DESC LIMIT ?"
  }

  func bind(_ statement: Statement) {
    for (index, value) in (values + [.number(Int64(limit))]).enumerated() {
      let position = Int32(index + 1)
      switch value {
      case .number(let number): statement.bind(position, number)
      case .text(let text): statement.bind(position, text)
      case .bytes(let bytes): statement.bind(position, bytes)
      }
    }
  }
}
