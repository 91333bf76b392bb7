internal import HubBus
public import HubKit

/// When a document counts as overdue.
public struct DocumentWatch: Sendable, Hashable {
  /// A receiver must have said anything of it so long after the hub had it.
  public var arrivalWithin: Duration
  /// So long after the hub had it nobody is reminded of it any more, so that an old one does not ring for ever.
  public var watchFor: Duration

  /// Creates a rule; by default a day, and thirty.
  public init(arrivalWithin: Duration = .seconds(86_400), watchFor: Duration = .seconds(30 * 86_400)) {
    self.arrivalWithin = arrivalWithin
    self.watchFor = watchFor
  }
}

/// A document of which a receiver has said nothing in time.
public struct OverdueDocument: Sendable, Hashable, Codable {
  /// The document's own id.
  public var documentId: String
  /// Number and notation, where known.
  public var notation: String?
  /// Who sent it.
  public var sender: OrganisationCode?
  /// Who has said nothing.
  public var receiver: OrganisationCode
  /// When the hub had it.
  public var sentAt: Timestamp
  /// The exchange that carries it.
  public var exchange: ExchangeID
}

/// Documents of which receivers have said nothing yet: a pure value, changed by nothing but the journal's events, in
/// order.
///
/// Any status ends a receiver's wait, whatever it says. What was refused, parked or could not be sent is no wait of his
/// as long as it lies there: it is told among the dead letters. Bounded: what is older than ``watchFor`` is forgotten,
/// and beyond ``waitsMax`` the oldest.
struct DocumentWaits: Sendable, Hashable {
  /// Most receivers' waits.
  static let waitsMax = 300_000

  fileprivate struct Wait: Hashable {
    var exchange: ExchangeID
    var sender: OrganisationCode?
    var since: Timestamp
    /// Whether it lies among the dead letters.
    var isStuck = false
  }

  /// How long a wait is kept.
  let watchFor: Duration
  private let waitsMax: Int
  /// By document, then by receiver.
  private var documents: [String: [OrganisationCode: Wait]] = [:]
  private(set) var count = 0
  /// Day on which the old ones were forgotten last.
  private var day = ""

  init(watchFor: Duration, waitsMax: Int = Self.waitsMax) {
    (self.watchFor, self.waitsMax) = (watchFor, waitsMax)
  }

  /// Takes in a record.
  mutating func apply(_ event: FeedEvent) {
    for news in event.news.compactMap(DocumentNews.init) { take(news) }
    guard event.at.day != day else { return }
    day = event.at.day
    forget(before: event.at - watchFor)
  }

  private mutating func take(_ news: DocumentNews) {
    switch news {
    case .sent(let sent):
      for receiver in sent.receivers { begin(sent, receiver) }
      if count > waitsMax { forgetOldest() }
    case .answered(let document, let whose, _, _):
      for receiver in whose where documents[document]?.removeValue(forKey: receiver) != nil { count -= 1 }
      if documents[document]?.isEmpty == true { documents[document] = nil }
    case .ended(let document, let exchange, let receiver, let state):
      guard documents[document]?[receiver]?.exchange == exchange else { return }
      documents[document]?[receiver]?.isStuck = state != .delivered
    case .failed(let document, let exchange):
      for (receiver, wait) in documents[document] ?? [:] where wait.exchange == exchange {
        documents[document]?[receiver]?.isStuck = true
      }
    }
  }

  /// A document that is sent anew while its receiver has said nothing is still as late as it was.
  private mutating func begin(_ sent: DocumentNews.Sent, _ receiver: OrganisationCode) {
    let known = documents[sent.document]?[receiver]
    if let known, !known.isStuck { return }
    if known == nil { count += 1 }
    documents[sent.document, default: [:]][receiver] = Wait(
      exchange: sent.exchange, sender: sent.sender, since: sent.at)
  }

  // MARK: - Asked

  /// How many receivers' answers are overdue at a time.
  func overdueCount(at now: Timestamp, by watch: DocumentWatch) -> Int {
    documents.values.reduce(0) { sum, waits in sum + waits.values.count { $0.isOverdue(at: now, by: watch) } }
  }

  /// Those that are overdue at a time, oldest first.
  func overdue(at now: Timestamp, by watch: DocumentWatch) -> [OverdueDocument] {
    let found = documents.flatMap { document, waits in
      waits.filter { $0.value.isOverdue(at: now, by: watch) }.map { receiver, wait in
        OverdueDocument(
          documentId: document, notation: nil, sender: wait.sender, receiver: receiver, sentAt: wait.since,
          exchange: wait.exchange)
      }
    }
    return found.sorted {
      ($0.sentAt, $0.documentId, $0.receiver.text) < ($1.sentAt, $1.documentId, $1.receiver.text)
    }
  }

  // MARK: - Forgetting

  private mutating func forget(before time: Timestamp) {
    documents = documents.compactMapValues { waits in
      let left = waits.filter { $0.value.since >= time }
      return left.isEmpty ? nil : left
    }
    count = documents.values.reduce(0) { $0 + $1.count }
  }

  /// A hundredth at once, so that it costs little each time.
  private mutating func forgetOldest() {
    let times = documents.values.flatMap { $0.values.map(\.since) }.sorted()
    let last = times[max(0, count - waitsMax + waitsMax / 100 - 1)]
    forget(before: last + .microseconds(1))
  }
}

extension DocumentWaits.Wait {
  fileprivate func isOverdue(at now: Timestamp, by watch: DocumentWatch) -> Bool {
    !isStuck && now >= since + watch.arrivalWithin && now < since + watch.watchFor
  }
}
