public import HubJournal
public import HubKit

/// Tells the life of an exchange from the journal: for the API, the console, `lgsp trace` and `lgsp search`.
public struct ExchangeHistory: Sendable {
  let journal: Journal

  /// Reads from an open journal.
  public init(journal: Journal) {
    self.journal = journal
  }

  /// The whole life of one exchange; nil when the journal does not know it.
  ///
  /// - Throws: `JournalError` when the journal cannot be read.
  public func exchange(_ id: ExchangeID) throws -> ExchangeView? {
    guard let stored = try journal.exchange(id) else { return nil }
    return try view(stored)
  }

  /// The exchanges that a query finds, newest first.
  ///
  /// - Throws: `JournalError` when the journal cannot be read.
  public func search(_ query: SearchQuery) throws -> [ExchangeView] {
    try journal.search(query).map(view)
  }

  /// What some agencies sent, newest first.
  ///
  /// - Throws: `JournalError` when the journal cannot be read.
  public func sent(
    by agencies: [OrganisationCode], type: String, in range: Range<Timestamp>, limit: Int
  ) throws -> [SentMessage] {
    var query = SearchQuery()
    (query.type, query.from, query.to, query.limit) = (type, range.lowerBound, range.upperBound, limit)
    let found = try agencies.flatMap { agency in
      query.sender = agency.text
      return try journal.search(query)
    }
    return try found.sorted { $0.sequence > $1.sequence }.prefix(limit).map { try message($0) }
  }

  /// An exchange with its keys, from what the journal holds of it.
  ///
  /// - Throws: `JournalError` when the journal cannot be read.
  public func message(_ stored: StoredExchange) throws -> SentMessage {
    SentMessage(
      sequence: stored.sequence, exchange: try view(stored), envelope: stored.envelope, keys: stored.businessKeys,
      notes: AdmissionNote.decode(stored.note))
  }

  /// One exchange with its keys; nil when the journal does not know it.
  ///
  /// - Throws: `JournalError` when the journal cannot be read.
  public func message(_ id: ExchangeID) throws -> SentMessage? { try journal.exchange(id).map(message) }

  /// The exchanges with a key, oldest first.
  ///
  /// - Throws: `JournalError` when the journal cannot be read.
  public func messages(with key: BusinessKey, limit: Int) throws -> [SentMessage] {
    var query = SearchQuery()
    query.businessKey = (key.name, key.value)
    query.limit = limit
    return try journal.search(query).reversed().map(message)
  }

  /// The steps of an exchange after its receipt, oldest first; empty when it has none, or none any more.
  ///
  /// - Throws: `JournalError` when the journal cannot be read.
  public func steps(of id: ExchangeID) throws -> [TimelineEntry] {
    try journal.events(of: id).flatMap { Steps.decode($0.payload) }
  }

  private func view(_ stored: StoredExchange) throws -> ExchangeView {
    let entries = try steps(of: stored.id)
    var seat = ExchangeSeat(
      id: stored.id, sequence: stored.sequence, receivedAt: stored.receivedAt, expiry: nil,
      principal: stored.principal, orderingKey: nil)
    let isSettled = seat.restore(entries)
    let settled = isSettled ? entries.last { $0.name == .settled } : nil
    return ExchangeView(
      id: stored.id, state: settled?.state ?? stored.state, type: stored.envelope.type,
      source: stored.envelope.source, messageID: stored.envelope.id, sender: stored.envelope.sender,
      receivers: stored.envelope.receivers, subject: stored.envelope.subject, receivedAt: stored.receivedAt,
      settledAt: settled?.at, reason: settled?.detail,
      deliveries: seat.deliveries.enumerated().map { index, delivery in
        DeliveryView(
          id: DeliveryRef(exchange: stored.id, number: index + 1).id, endpoint: delivery.planned.endpoint,
          receiver: delivery.planned.receiver, operation: delivery.planned.operation,
          role: delivery.planned.role?.rawValue, state: delivery.state, attempts: delivery.attempts,
          reason: delivery.state == .delivered ? nil : delivery.reason)
      },
      events: received(stored) + entries.flatMap { [event($0, seat)] + shadows($0) })
  }

  private static let reasonNames = [
    ExtensionName.service, ExtensionName.purpose, ExtensionName.official, ExtensionName.unit, ExtensionName.dossier,
  ]

  private func received(_ stored: StoredExchange) -> [EventView] {
    let notes = AdmissionNote.decode(stored.note).map(\.description)
    // For whom and why data were asked: what an inspection of look-ups wants to know.
    let reasons = Self.reasonNames.compactMap { name in
      stored.envelope.extensions[name].map { "\(name) \($0)" }
    }
    let brought = "\(stored.bodyByteCount) bytes from \(stored.principal)"
    let detail = ([brought] + reasons + notes).joined(separator: "; ")
    return [EventView(name: "received", at: stored.receivedAt, detail: detail)]
  }

  /// Who is asked the same in shadow: a step of its own, since those who took part are not told.
  private func shadows(_ entry: TimelineEntry) -> [EventView] {
    (entry.deliveries ?? []).compactMap { planned in
      planned.shadow.map {
        EventView(name: "shadow", at: entry.at, endpoint: planned.endpoint, detail: "also asked: \($0)")
      }
    }
  }

  private func event(_ entry: TimelineEntry, _ seat: ExchangeSeat) -> EventView {
    let delivery = entry.delivery.flatMap { number in
      seat.deliveries.indices.contains(number - 1) ? seat.deliveries[number - 1].planned : nil
    }
    var details: [String] = []
    if let route = entry.route { details.append("route \(route)") }
    if let comparison = entry.comparison { details.append(comparison.description) }
    if let code = entry.code { details.append("code \(code)") }
    if let detail = entry.detail { details.append(detail) }
    if let reference = entry.reference { details.append("reference \(reference)") }
    let first = entry.detail == nil ? 0 : 1
    details += (entry.violations ?? []).dropFirst(entry.name == .invalid ? first : 0).map(\.description)
    if let until = entry.until { details.append("again at \(until)") }
    if let state = entry.state { details.append(state.rawValue) }
    if let by = entry.by { details.append("by \(by)") }
    if let job = entry.job { details.append("redelivery job \(job)") }
    return EventView(
      name: entry.name.rawValue, at: entry.at, endpoint: delivery?.endpoint, receiver: delivery?.receiver,
      durationMilliseconds: entry.microseconds.map { Double($0) / 1000 },
      detail: details.isEmpty ? nil : details.joined(separator: "; "))
  }
}

extension Bus {
  /// The life of exchanges, from this bus's journal.
  public var history: ExchangeHistory { ExchangeHistory(journal: journal) }
}
