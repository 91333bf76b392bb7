internal import HubJournal
public import HubKit
internal import Synchronization

// Inboxes, for agencies that cannot be called: they come and fetch. What they fetched is theirs for a while; it is
// delivered when they say so, and offered again when they do not.

extension Bus: InboxPort {
  /// Leases what is first in the agency's lanes, over all inboxes.
  public func fetch(for agency: OrganisationCode, limit: Int, type: String?, holder: String?) async -> [InboxItem] {
    let token = holder ?? ExchangeID.make(at: clock.now).text
    let leased = state.withLock { state in
      let now = time(&state)
      var all: [(ref: DeliveryRef, until: Timestamp)] = []
      for name in state.setup.inboxNames where all.count < limit {
        let (refs, until, effects) = state.core.lease(
          name, for: agency, type: type, limit: limit - all.count, token: token, renewing: holder != nil, at: now)
        all += refs.map { ($0, until) }
        for effect in effects { carryOut(effect, at: now, &state) }
      }
      return all
    }
    var items: [InboxItem] = []
    for (ref, until) in leased {
      do {
        if let item = try await item(ref, agency, token, until) {
          items.append(item)
        } else {
          // Its body or its configuration is gone: a person has to look at it, and the others of its lane wait.
          let lost = AdapterError(.reject, code: "not-replayable", reason: "The message could not be made ready again.")
          take { core, now in core.acknowledge(ref, by: agency, token: token, .failure(lost), at: now).1 }
        }
      } catch {
        take { core, _ in
          core.giveBack(ref, token: token)
          return []
        }
      }
    }
    return items
  }

  /// How many messages wait for an agency, over all inboxes.
  public func count(for agency: OrganisationCode, type: String?) async -> Int {
    state.withLock { state in
      state.setup.inboxNames.reduce(0) { $0 + state.core.inboxCount($1, for: agency, type: type) }
    }
  }

  /// A message that the agency holds.
  public func held(_ id: String, by agency: OrganisationCode, lease: String) async -> InboxItem? {
    guard let ref = DeliveryRef(id) else { return nil }
    let until = state.withLock { state -> Timestamp? in
      let now = time(&state)
      guard let held = state.core.leases[ref], held.token == lease, held.until > now,
        state.core.exchanges[ref.exchange]?.deliveries[ref.number - 1].planned.receiver == agency
      else { return nil }
      return held.until
    }
    guard let until else { return nil }
    return (try? await item(ref, agency, lease, until)) ?? nil
  }

  private func take(_ change: (inout BusCore, Timestamp) -> [BusCore.Effect]) {
    state.withLock { state in
      let now = time(&state)
      for effect in change(&state.core, now) { carryOut(effect, at: now, &state) }
    }
  }

  private func item(
    _ ref: DeliveryRef, _ agency: OrganisationCode, _ token: String, _ until: Timestamp
  ) async throws(Busy) -> InboxItem? {
    guard let seat = state.withLock({ $0.core.exchanges[ref.exchange] }),
      let work = try await work(for: ref.exchange, seat.deliveries[ref.number - 1].planned)
    else { return nil }
    var envelope = work.envelope
    envelope.receivers = [agency]
    envelope.dataContentType = work.mediaType
    return InboxItem(
      id: ref.id, lease: token, leaseUntil: until, envelope: envelope, body: work.body, receivedAt: seat.receivedAt)
  }

  /// Takes in what the agency says of a message that it holds.
  public func acknowledge(
    _ id: String, by agency: OrganisationCode, lease: String, refusal: String?
  ) async -> InboxAnswer {
    guard let ref = DeliveryRef(id) else { return .unknown }
    let result: Result<Reply, AdapterError> =
      refusal.map { .failure(AdapterError(.reject, code: "nack", reason: $0)) } ?? .success(Reply(code: "ack"))
    let answer = state.withLock { state in
      let now = time(&state)
      let (answer, effects) = state.core.acknowledge(ref, by: agency, token: lease, result, at: now)
      for effect in effects { carryOut(effect, at: now, &state) }
      return answer
    }
    // The agency hears it once the disk knows it: nothing that it confirmed is offered again after a crash. An empty
    // record ends with the commit before it; when the disk is full that is made later, and a crash may offer it again.
    if answer == .done { try? await journal.record([]) }
    return answer
  }
}

extension BusSetup {
  fileprivate var inboxNames: [String] {
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
