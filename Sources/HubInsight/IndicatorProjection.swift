internal import FoundationEssentials
public import HubBus
public import HubKit

/// The figures that follow from the journal: a pure value, changed by nothing but the events of the feed, in order.
///
/// The same events give the same value, byte for byte in ``snapshot()``, however they were cut into pages and whether
/// or not a snapshot was taken in between. What the hub itself sends in the name of ``speaker`` is not counted, or each
/// push would be news for the next one.
public struct IndicatorProjection: Sendable, Hashable, Codable {
  /// In whose name the hub sends its indicators.
  public static let speaker = Principal.hub("insight")
  /// Days that are kept apart; older ones are in the total only.
  static let daysMax = 62
  /// The city's time: Asia/Ho_Chi_Minh has had no summer time since 1975 and none is foreseen.
  static let offset = CalendarDay.offset

  /// Place of the last record that was taken in.
  public private(set) var sequence: Int64 = 0
  /// Place of the last record that changed a figure.
  public private(set) var newsSequence: Int64 = 0
  /// Time of the first record, in microseconds since 1970.
  private(set) var beginning: Int64?
  private(set) var total = Figures()
  /// By day of the city, as in `2026-11-23`.
  private(set) var days: [String: Figures] = [:]
  private(set) var dossiers = DossierBook()

  /// Nothing has happened yet.
  public init() {}

  /// Takes in a record; one that was taken in before changes nothing.
  public mutating func apply(_ event: FeedEvent) {
    guard event.sequence > sequence else { return }
    sequence = event.sequence
    for news in event.news where !news.isOwn {
      if beginning == nil { beginning = event.at.microseconds }
      apply(news, at: event.at)
      newsSequence = event.sequence
    }
  }

  /// The whole value as JSON with sorted keys.
  ///
  /// - Throws: what the encoder throws; there is nothing in it that cannot be written.
  public func snapshot() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return Array(try encoder.encode(self))
  }

  /// Reads what ``snapshot()`` wrote.
  ///
  /// - Throws: `DecodingError` when it is something else.
  public init(snapshot: [UInt8]) throws {
    self = try JSONDecoder().decode(IndicatorProjection.self, from: Data(snapshot))
  }

  /// The day of the city in which a time lies.
  static func day(of time: Timestamp) -> String { (time + offset).day }

  // MARK: - Counting

  private mutating func apply(_ news: FeedEvent.News, at time: Timestamp) {
    switch news {
    case .received(let origin, let envelope): received(origin, envelope)
    case .ended(let state, let delivery):
      count(at: delivery.at) { figures in
        figures.endpoints.change(delivery.endpoint) { $0.count(state, delivery) }
      }
    case .attemptFailed(let delivery):
      count(at: delivery.at) { figures in figures.endpoints.change(delivery.endpoint) { $0.failedAttempts += 1 } }
    case .settled(let state, let origin, let at): count(at: at) { $0.settled(state, origin.type) }
    case .refusedAtTheDoor(let code, let number, _):
      count(at: time) { $0.refusedAtTheDoor.add(number, to: code) }
    }
  }

  private mutating func count(at time: Timestamp, _ change: (inout Figures) -> Void) {
    change(&total)
    change(&days[Self.day(of: time), default: Figures()])
    if days.count > Self.daysMax, let oldest = days.keys.min() { days[oldest] = nil }
  }

  private mutating func received(_ origin: FeedEvent.Origin, _ envelope: Envelope) {
    let moves = hear(origin, envelope)
    count(at: origin.receivedAt) { figures in
      figures.exchanges.received += 1
      switch envelope.type {
      case EventTypes.document: figures.documents.received += 1
      case EventTypes.documentStatus: figures.documentStatuses.received += 1
      default: break
      }
      if envelope.extensions[ExtensionName.service]?.hasPrefix(EventTypes.populationServices) == true {
        figures.lookups.count(envelope, origin.principal)
      }
      for move in moves { figures.dossiers.count(move) }
    }
  }

  /// Only the envelope is read; a dossier's message without a code in its subject is no news of a dossier.
  private mutating func hear(_ origin: FeedEvent.Origin, _ envelope: Envelope) -> [DossierBook.Move] {
    guard EventTypes.dossiers.contains(envelope.type), let code = envelope.subject, !code.isEmpty else { return [] }
    return dossiers.hear(
      DossierBook.Word(
        code: code, status: envelope.extensions["dossierstatus"],
        due: envelope.extensions["duetime"].flatMap(Timestamp.init(rfc3339:))?.microseconds,
        time: (envelope.time ?? origin.receivedAt).microseconds, day: Self.day(of: origin.receivedAt)))
  }
}

/// The words by which messages are told apart.
enum EventTypes {
  static let document = "vn.gov.edoc.document"
  static let documentStatus = "vn.gov.edoc.status"

  /// Whether it is a document or its status.
  static func isDocument(_ type: String) -> Bool { type == document || type == documentStatus }

  /// The portal's own record, the canonical dossier, and its status.
  static let dossiers: Set<String> = [
    "vn.gov.dvcqg.dossier", "vn.haiphong.dossier.submitted", "vn.haiphong.dossier.status",
  ]
  /// Services that look a person up.
  static let populationServices = "population/"
  /// The indicators themselves.
  static let indicators = "vn.haiphong.ioc.indicators"
}

extension FeedEvent.News {
  /// Whether it is about what the hub sent in its own name.
  fileprivate var isOwn: Bool {
    switch self {
    case .received(let origin, _), .settled(_, let origin, _): origin.isOwn
    case .ended(_, let delivery), .attemptFailed(let delivery): delivery.origin.isOwn
    case .refusedAtTheDoor(_, _, let principal): principal == IndicatorProjection.speaker.text
    }
  }
}

extension FeedEvent.Origin {
  fileprivate var isOwn: Bool { principal == IndicatorProjection.speaker.text }
}

extension Figures {
  fileprivate mutating func settled(_ state: ExchangeState, _ type: String) {
    switch state {
    case .delivered: exchanges.delivered += 1
    case .partly: exchanges.partly += 1
    default: exchanges.failed += 1
    }
    guard state == .delivered || state == .partly else { return }
    switch type {
    case EventTypes.document: documents.carried += 1
    case EventTypes.documentStatus: documentStatuses.carried += 1
    default: break
    }
  }
}

extension Figures.Endpoint {
  fileprivate mutating func count(_ state: DeliveryState, _ delivery: FeedEvent.DeliveryNews) {
    switch state {
    case .delivered:
      delivered += 1
      waiting.add(delivery.at - delivery.origin.receivedAt)
    case .refused: refused += 1
    case .parked: parked += 1
    case .expired: expired += 1
    case .abandoned: abandoned += 1
    case .waiting, .held: break
    }
  }
}

extension Figures.Lookups {
  /// By the agency in whose name the purpose was given; a system that is no agency by its own name.
  fileprivate mutating func count(_ envelope: Envelope, _ principal: String) {
    total += 1
    if envelope.extensions[ExtensionName.purpose]?.isEmpty ?? true { withoutPurpose += 1 }
    byAgency.add(1, to: envelope.sender?.text ?? principal)
  }
}

extension Figures.Dossiers {
  fileprivate mutating func count(_ move: DossierBook.Move) {
    switch move {
    case .received: received += 1
    case .finished(onTime: true): finishedOnTime += 1
    case .finished(onTime: false): finishedLate += 1
    case .finished(onTime: nil): finishedUndated += 1
    case .endedOtherwise: endedOtherwise += 1
    }
  }
}
