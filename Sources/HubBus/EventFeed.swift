internal import FoundationEssentials
public import HubJournal
public import HubKit
internal import Synchronization

/// One record of the journal in words that projections understand: no body, no payload, no personal key.
public struct FeedEvent: Sendable, Hashable {
  /// The record's place in the journal: rising, each once.
  public var sequence: Int64
  /// When it was written down.
  public var at: Timestamp
  /// What it tells, in order; empty for a record that says nothing to a projection.
  public var news: [News]

  /// One thing that happened.
  public enum News: Sendable, Hashable {
    /// A message was taken in.
    case received(Origin, envelope: Envelope)
    /// A delivery came to its end, good or bad.
    case ended(DeliveryState, DeliveryNews)
    /// An attempt failed and another one follows.
    case attemptFailed(DeliveryNews)
    /// All deliveries of an exchange have ended.
    case settled(ExchangeState, Origin, at: Timestamp)
    /// Messages were refused at the door; `code` is ``HubKit/NotAccepted/Code`` in its own words, or
    /// ``FeedEvent/unrecorded``. `principal` is who brought them, as `Principal.text` writes it.
    case refusedAtTheDoor(code: String, count: Int, principal: String)
  }

  /// Where an exchange began.
  public struct Origin: Sendable, Hashable {
    /// The exchange.
    public var exchange: ExchangeID
    /// CloudEvents `type` of the message that began it.
    public var type: String
    /// Its CloudEvents `subject`.
    public var subject: String?
    /// Who brought it, as `Principal.text` writes it.
    public var principal: String
    /// When.
    public var receivedAt: Timestamp

    /// Creates an origin.
    public init(
      exchange: ExchangeID, type: String, subject: String? = nil, principal: String, receivedAt: Timestamp
    ) {
      self.exchange = exchange
      self.type = type
      self.subject = subject
      self.principal = principal
      self.receivedAt = receivedAt
    }
  }

  /// What happened to one delivery.
  public struct DeliveryNews: Sendable, Hashable {
    /// The exchange that it belongs to.
    public var origin: Origin
    /// Its number in the exchange, from 1.
    public var number: Int
    /// Where it goes.
    public var endpoint: String
    /// Whom it is for; nil for a copy, a call, or an endpoint that is not an agency's.
    public var receiver: OrganisationCode?
    /// When it happened.
    public var at: Timestamp

    /// Creates news of a delivery.
    public init(origin: Origin, number: Int, endpoint: String, receiver: OrganisationCode? = nil, at: Timestamp) {
      self.origin = origin
      self.number = number
      self.endpoint = endpoint
      self.receiver = receiver
      self.at = at
    }
  }

  /// Stands for the code of refusals of which only the number was recorded.
  public static let unrecorded = "unrecorded"

  /// Creates an event.
  public init(sequence: Int64, at: Timestamp, news: [News]) {
    self.sequence = sequence
    self.at = at
    self.news = news
  }
}

/// Tells what the journal holds, from its beginning or from any place, as ``FeedEvent`` values.
///
/// One reader at a time. What it tells follows from the journal alone: read again, also by another process and in other
/// pages, it tells the same. Where a segment was thinned out, it tells what is left.
public final class EventFeed: Sendable {
  /// What the feed must know of an exchange to tell of its deliveries.
  fileprivate struct Known {
    var origin: FeedEvent.Origin
    /// Where its deliveries go and for whom, in order; nil while no route has been read.
    var deliveries: [(endpoint: String, receiver: OrganisationCode?)]?
    /// The last record that this was learned from.
    var through: Int64

    mutating func learn(from entries: [TimelineEntry], at sequence: Int64) {
      // Deliveries are numbered in the order in which the steps name them, whatever kind of step it is.
      for planned in entries.compactMap(\.deliveries) {
        deliveries = (deliveries ?? []) + planned.map { ($0.endpoint, $0.role == nil ? $0.receiver : nil) }
      }
      through = sequence
    }
  }

  /// Exchanges remembered from page to page; others are looked up in the journal.
  private static let knownMax = 4096

  let journal: Journal
  /// What ``page(after:limit:)`` tells of; nil: everything.
  let scope: FeedScope?
  private let known = Mutex<[ExchangeID: Known]>([:])

  /// Reads from an open journal; one that is open for reading only will do.
  ///
  /// - Parameter scope: what pages tell of; nil: everything.
  public init(journal: Journal, scope: FeedScope? = nil) {
    self.journal = journal
    self.scope = scope
  }

  /// The records after a place, oldest first. Runs on the journal's own thread for slow questions.
  ///
  /// - Parameters:
  ///   - after: place of the last record that the caller has seen; 0 for the beginning.
  ///   - limit: most records.
  /// - Returns: fewer than `limit` only at the end of the journal.
  public func events(after sequence: Int64, limit: Int) async throws(JournalError) -> [FeedEvent] {
    try await journal.aside { (_) throws(JournalError) in try self.read(after: sequence, limit: limit) }
  }

  func read(after sequence: Int64, limit: Int) throws(JournalError) -> [FeedEvent] {
    let page = try journal.events(after: sequence, limit: limit)
    guard let first = page.first, let last = page.last else { return [] }
    let receipts = Dictionary(
      try journal.receipts(in: first.sequence...last.sequence).map { ($0.sequence, $0) }, uniquingKeysWith: { $1 })
    var events: [FeedEvent] = []
    for record in page { events.append(try event(record, receipts[record.sequence])) }
    forgetSome()
    return events
  }

  func event(_ record: StoredEvent, _ receipt: StoredReceipt?) throws(JournalError) -> FeedEvent {
    if let receipt { return received(receipt) }
    var event = FeedEvent(sequence: record.sequence, at: record.at, news: [])
    if let id = record.exchange {
      event.news = try news(Steps.decode(record.payload), of: id, at: record.sequence)
    } else {
      event.news = Self.refusals(record)
    }
    return event
  }

  func received(_ receipt: StoredReceipt) -> FeedEvent {
    let origin = FeedEvent.Origin(receipt)
    known.withLock { $0[receipt.id] = Known(origin: origin, through: receipt.sequence) }
    return FeedEvent(
      sequence: receipt.sequence, at: receipt.receivedAt, news: [.received(origin, envelope: receipt.envelope)])
  }

  private static func refusals(_ record: StoredEvent) -> [FeedEvent.News] {
    let principal = record.principal ?? ""
    switch record.kind {
    case "refused":
      let code = RefusalRecord.decode(record.payload)?.code.rawValue ?? FeedEvent.unrecorded
      return [.refusedAtTheDoor(code: code, count: 1, principal: principal)]
    case "journal.suppressed":
      guard let count = SuppressionRecord.decode(record.payload)?.count else { return [] }
      return [.refusedAtTheDoor(code: FeedEvent.unrecorded, count: count, principal: principal)]
    default: return []
    }
  }

  // MARK: - Steps of an exchange

  private func news(
    _ entries: [TimelineEntry], of id: ExchangeID, at sequence: Int64
  ) throws(JournalError) -> [FeedEvent.News] {
    guard !entries.isEmpty, var known = try knowledge(of: id, before: sequence) else { return [] }
    var news: [FeedEvent.News] = []
    known.learn(from: entries, at: sequence)
    for entry in entries {
      switch entry.name {
      case .settled: news.append(.settled(entry.state ?? .failed, known.origin, at: entry.at))
      default:
        guard let delivery = known.delivery(entry) else { continue }
        // The words for ends of deliveries are the same in both.
        if let state = DeliveryState(rawValue: entry.name.rawValue), state.isEnd {
          news.append(.ended(state, delivery))
        } else if entry.name == .retry || entry.name == .outage {
          news.append(.attemptFailed(delivery))
        }
      }
    }
    self.known.withLock { [known] in $0[id] = known }
    return news
  }

  /// From memory, or from the exchange's own records up to that place: later ones must not change what is told.
  private func knowledge(of id: ExchangeID, before sequence: Int64) throws(JournalError) -> Known? {
    if let known = known.withLock({ $0[id] }), known.through < sequence { return known }
    guard let receipt = try journal.receipt(of: id) else { return nil }
    var known = Known(origin: FeedEvent.Origin(receipt), through: receipt.sequence)
    for record in try journal.events(of: id) where record.sequence < sequence {
      known.learn(from: Steps.decode(record.payload), at: record.sequence)
    }
    return known
  }

  func forgetSome() {
    known.withLock { known in
      // All at once is as good as the oldest first: whatever is asked for again is read again.
      if known.count > Self.knownMax { known.removeAll(keepingCapacity: true) }
    }
  }
}

extension EventFeed.Known {
  fileprivate func delivery(_ entry: TimelineEntry) -> FeedEvent.DeliveryNews? {
    guard let number = entry.delivery, let deliveries, deliveries.indices.contains(number - 1) else { return nil }
    let (endpoint, receiver) = deliveries[number - 1]
    return FeedEvent.DeliveryNews(origin: origin, number: number, endpoint: endpoint, receiver: receiver, at: entry.at)
  }
}

extension FeedEvent.Origin {
  fileprivate init(_ receipt: StoredReceipt) {
    self.init(
      exchange: receipt.id, type: receipt.envelope.type, subject: receipt.envelope.subject,
      principal: receipt.principal, receivedAt: receipt.receivedAt)
  }
}

/// The journal's own record of refusals that it did not write down one by one.
private struct SuppressionRecord: Decodable {
  var count: Int

  static func decode(_ payload: [UInt8]) -> SuppressionRecord? {
    try? JSONDecoder().decode(SuppressionRecord.self, from: Data(payload))
  }
}
