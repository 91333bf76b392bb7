internal import HubJournal
public import HubKit
internal import Synchronization

// Inboxes, for agencies that cannot be called: they come and fetch. What they fetched is theirs for a while; it is
// delivered when they say so, and offered again when they do not.

/// One message that waits in an agency's inbox.
public struct InboxItem: Sendable {
  /// Names the delivery, as in `<exchange>.1`; it stays the same however often it is offered.
  public var id: String
  /// What the agency must show to acknowledge it.
  public var lease: String
  /// Until when.
  public var leaseUntil: Timestamp
  /// The outside, receivers narrowed to the agency.
  public var envelope: Envelope
  /// The bytes, as the route made them.
  public var body: Body
  /// When the hub received the message.
  public var receivedAt: Timestamp
}

/// What came of an acknowledgement.
public enum InboxAnswer: Sendable, Hashable {
  /// The exchange knows it.
  case done
  /// No such message waits for that agency.
  case unknown
  /// The lease is another one or over: the message is offered again.
  case leaseEnded
}

/// The inbox as the door sees it.
public protocol InboxPort: Sendable {
  /// Fetches what is first for an agency, at most `limit` messages, and leases it to it. May be empty.
  func fetch(for agency: OrganisationCode, limit: Int) async -> [InboxItem]

  /// Takes a leased message as delivered, or as refused for good where a reason is given. May be repeated: the second
  /// time it is ``InboxAnswer/unknown``, and nothing happens.
  func acknowledge(
    _ id: String, by agency: OrganisationCode, lease: String, refusal: String?
  ) async -> InboxAnswer
}

extension Bus: InboxPort {
  public func fetch(for agency: OrganisationCode, limit: Int) async -> [InboxItem] {
    let token = ExchangeID.make(at: clock.now).text
    let now = clock.now
    let leased = state.withLock { state in
      var all: [(ref: DeliveryRef, until: Timestamp)] = []
      for name in inboxNames where all.count < limit {
        let (refs, until, effects) = state.core.lease(
          name, for: agency, limit: limit - all.count, token: token, at: now)
        all += refs.map { ($0, until) }
        for effect in effects { carryOut(effect, at: now, &state) }
      }
      return all
    }
    var items: [InboxItem] = []
    for (ref, until) in leased {
      guard let seat = state.withLock({ $0.core.exchanges[ref.exchange] }),
        let work = await work(for: ref.exchange, seat.deliveries[ref.number - 1].planned)
      else { continue }
      var envelope = work.envelope
      envelope.receivers = [agency]
      envelope.dataContentType = work.mediaType
      items.append(
        InboxItem(
          id: ref.id, lease: token, leaseUntil: until, envelope: envelope, body: work.body,
          receivedAt: seat.receivedAt))
    }
    return items
  }

  public func acknowledge(
    _ id: String, by agency: OrganisationCode, lease: String, refusal: String?
  ) async -> InboxAnswer {
    guard let ref = DeliveryRef(id) else { return .unknown }
    let result: Result<Reply, AdapterError> =
      refusal.map { .failure(AdapterError(.reject, code: "nack", reason: $0)) } ?? .success(Reply(code: "ack"))
    let now = clock.now
    return state.withLock { state in
      let (answer, effects) = state.core.acknowledge(ref, by: agency, token: lease, result, at: now)
      for effect in effects { carryOut(effect, at: now, &state) }
      return answer
    }
  }

  private var inboxNames: [String] {
    endpoints.values.filter { $0.policy.inbox != nil }.map(\.name).sorted()
  }
}

extension DeliveryRef {
  /// Reads what ``id`` wrote.
  init?(_ text: String) {
    guard let dot = text.lastIndex(of: "."), let exchange = ExchangeID(String(text[..<dot])),
      let number = Int(text[text.index(after: dot)...]), number > 0
    else { return nil }
    self.init(exchange: exchange, number: number)
  }
}
