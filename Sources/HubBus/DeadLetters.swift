internal import HubJournal
public import HubKit
internal import Synchronization

/// Something that waits for a person: a delivery that was refused or parked, or a message that was never fit to be
/// delivered.
public struct DeadLetter: Sendable, Hashable {
  /// Why it waits.
  public enum State: String, Sendable, Hashable, Codable {
    /// The far side said no for good.
    case refused
    /// Given up after its attempts, or in doubt.
    case parked
    /// The message broke its schema or could not be mapped.
    case invalid
    /// No route wanted the message.
    case unroutable
  }

  /// The exchange.
  public var exchange: ExchangeID
  /// Number of the delivery, from 1; nil for a message that was never fit to be delivered.
  public var delivery: Int?
  /// Where it was to go; nil as before.
  public var endpoint: String?
  /// Whom it was for; nil for an endpoint that is no agency's.
  public var receiver: OrganisationCode?
  /// The key of its lane; nil: it stands in no order.
  public var orderingKey: String?
  /// Why it waits.
  public var state: State
  /// The far side's code, or ours.
  public var code: String?
  /// Why, in a sentence.
  public var reason: String?
  /// Since when.
  public var since: Timestamp
  /// CloudEvents `type` of the message.
  public var type: String
  /// CloudEvents `subject` of the message.
  public var subject: String?
  /// How many wait behind it in its lane.
  public var waitingBehind: Int
  /// Attempts that were made.
  public var attempts: Int
  /// The journal's place of its exchange, and of the step since which it waits.
  var sequence: Int64, step: Int64
}

/// Some of what waits for a person, oldest receipt first.
public struct DeadLetterPage: Sendable {
  /// What waits.
  public var letters: [DeadLetter]
  /// Where the next page begins; nil: this is the last one.
  public var next: Int64?
}

extension Bus {
  /// What waits for a person, from the journal.
  ///
  /// - Parameters:
  ///   - filter: only what it finds.
  ///   - after: where the page before said that this one begins; 0: at the beginning.
  ///   - limit: about how many; the deliveries of one exchange stay together.
  public func deadLetters(
    _ filter: DeadLetterFilter = DeadLetterFilter(), after sequence: Int64 = 0, limit: Int
  ) async throws(OrderRefusal) -> DeadLetterPage {
    do {
      return try await journal.aside { (_) throws(JournalError) in
        try self.page(filter, after: sequence, limit: max(1, limit))
      }
    } catch {
      throw OrderRefusal(.unavailable, "Không đọc được sổ giao dịch", "the journal cannot be read: \(error)")
    }
  }

  /// Most exchanges that one page looks through for those of a filter.
  private static let lookedAtMax = 2000

  private func page(
    _ filter: DeadLetterFilter, after sequence: Int64, limit: Int
  ) throws(JournalError) -> DeadLetterPage {
    var page = DeadLetterPage(letters: [], next: sequence)
    var lookedAt = 0
    while let after = page.next, page.letters.count < limit, lookedAt < Self.lookedAtMax {
      let stored = try journal.deadLetters(after: after, limit: min(limit, 100))
      page.next = nil
      for exchange in stored {
        page.letters += try letters(of: exchange, filter)
        lookedAt += 1
        page.next = exchange.sequence
        if page.letters.count >= limit { break }
      }
    }
    return page
  }

  private func letters(of stored: StoredExchange, _ filter: DeadLetterFilter) throws(JournalError) -> [DeadLetter] {
    guard filter.finds(stored) else { return [] }
    var steps: [(entry: TimelineEntry, sequence: Int64)] = []
    for event in try journal.events(of: stored.id) {
      steps += Steps.decode(event.payload).map { ($0, event.sequence) }
    }
    var seat = seat(stored)
    seat.restore(steps.map(\.entry))
    let route = seat.route
    return letters(of: stored, seat, steps).filter { filter.finds($0, of: stored, route: route) }
  }

  private func letters(
    of stored: StoredExchange, _ seat: ExchangeSeat, _ steps: [(entry: TimelineEntry, sequence: Int64)]
  ) -> [DeadLetter] {
    func letter(_ state: DeadLetter.State, _ step: (entry: TimelineEntry, sequence: Int64)?) -> DeadLetter {
      DeadLetter(
        exchange: stored.id, delivery: nil, endpoint: nil, receiver: nil, orderingKey: nil, state: state,
        code: step?.entry.code ?? step?.entry.violations?.first?.rule, reason: step?.entry.detail,
        since: step?.entry.at ?? stored.receivedAt, type: stored.envelope.type, subject: stored.envelope.subject,
        waitingBehind: 0, attempts: 0, sequence: stored.sequence, step: step?.sequence ?? 0)
    }
    if seat.isUnfit {
      let last = steps.last { $0.entry.name == .invalid || $0.entry.name == .unroutable }
      return seat.isDropped ? [] : [letter(last?.entry.name == .unroutable ? .unroutable : .invalid, last)]
    }
    return seat.deliveries.enumerated().compactMap { index, delivery in
      guard delivery.isDeadLetter, delivery.needsPerson else { return nil }
      let number = index + 1
      let last = steps.last { step in
        step.entry.delivery == number && (step.entry.name == .refused || step.entry.name == .parked)
      }
      var letter = letter(delivery.state == .refused ? .refused : .parked, last)
      letter.delivery = number
      letter.endpoint = delivery.planned.endpoint
      letter.receiver = delivery.planned.receiver
      letter.orderingKey = delivery.planned.orderingKey
      letter.attempts = delivery.attempts
      letter.waitingBehind = waitingCount(behind: DeliveryRef(exchange: stored.id, number: number), delivery.planned)
      return letter
    }
  }

  private func waitingCount(behind ref: DeliveryRef, _ planned: PlannedDelivery) -> Int {
    state.withLock { state in
      state.core.endpoints[planned.endpoint]?.waitingCount(
        behind: ref, in: EndpointSeat.LaneName(ref, planned)) ?? 0
    }
  }
}
