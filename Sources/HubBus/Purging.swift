internal import HubJournal
public import HubKit
internal import Logging
internal import Synchronization

/// What was removed, and who had received it.
public struct PurgeReport: Sendable, Hashable, Codable {
  /// Somebody to whom the content went, or was to go.
  public struct Receiver: Sendable, Hashable, Codable {
    /// Name of the delivery, as in `<exchange>.1`.
    public var id: String
    /// The endpoint, and the agency where it is one's.
    public var endpoint: String
    /// The receiving agency; nil for an endpoint that is no agency's.
    public var receiver: OrganisationCode?
    /// `call`, `tap` or `shadow`; nil: it was a receiver of the message.
    public var role: String?
    /// Where it stands.
    public var state: DeliveryState
    /// When that was written down; nil: it never began.
    public var at: Timestamp?
    /// Whether some of it may be there: it arrived, or nobody can tell.
    public var mayHaveIt: Bool
  }

  /// The exchange, and those that its message was split into.
  public var exchanges: [ExchangeID]
  /// All to whom it went or was to go.
  public var receivers: [Receiver]
  /// How many bytes of bodies and answers were removed.
  public var bytesRemoved: Int
}

extension Bus {
  /// Removes the content of an exchange for good: its body, what far systems answered, and what waits to be sent of it,
  /// with all that its message was split into. Envelope, steps and digests stay, so the chain verifies.
  ///
  /// - Parameters:
  ///   - by: who orders it.
  ///   - reason: why.
  /// - Returns: who has it, or may have it. All is on the disk.
  public func purge(_ id: ExchangeID, by: String, reason: String) async throws(OrderRefusal) -> PurgeReport {
    guard isAccepting else {
      throw OrderRefusal(.unavailable, "Hub chưa sẵn sàng hoặc đang dừng", "the hub is starting or stopping")
    }
    return try await alone(id.text) { () throws(OrderRefusal) in
      let all = try family(of: id)
      // Parts first: the whole settles when they have.
      for member in all.reversed() { try await end(member, BusCore.PurgeOrder(by: by, reason: reason)) }
      try await written { () async throws(JournalError) in try await self.journal.record([]) }
      var report = PurgeReport(exchanges: all, receivers: [], bytesRemoved: 0)
      for member in all {
        try await written { () async throws(JournalError) in
          report.bytesRemoved += try await self.journal.purgeBodies(of: member)
        }
        forgetContent(of: member)
        report.receivers += try receivers(of: member)
      }
      await tell(id, by: by, reason: reason)
      logger.notice("an exchange was purged", metadata: ["exchange": "\(id)", "by": "\(by)"])
      return report
    }
  }

  /// An exchange and all that came of it by splitting, parents first.
  private func family(of id: ExchangeID) throws(OrderRefusal) -> [ExchangeID] {
    var all = [id]
    var index = 0
    do {
      guard try journal.exchange(id) != nil else {
        throw OrderRefusal(.unknown, "Không có giao dịch \(id)", "no exchange \(id) is known")
      }
      while index < all.count {
        for event in try journal.events(of: all[index]) {
          all += Steps.decode(event.payload).flatMap { $0.children ?? [] }.filter { !all.contains($0) }
        }
        index += 1
      }
      return all
    } catch let refusal as OrderRefusal {
      throw refusal
    } catch {
      throw OrderRefusal(.unavailable, "Không đọc được sổ giao dịch", "the journal cannot be read: \(error)")
    }
  }

  /// Has the core end whatever has not ended.
  private func end(_ id: ExchangeID, _ order: BusCore.PurgeOrder) async throws(OrderRefusal) {
    while true {
      let isOpen = state.withLock { $0.core.exchanges[id] != nil }
      try await written { () async throws(JournalError) in try await self.journal.record([]) }
      let (shelved, settled) = isOpen ? (nil, nil) : try asleepOrSettled(id)
      let now = clock.now
      let end = state.withLock { state -> [(ref: DeliveryRef, planned: PlannedDelivery)]?? in
        guard isOpen == (state.core.exchanges[id] != nil) else { return .none }
        let (barriers, effects) = state.core.purge(id, order, shelved: shelved, settled: settled, at: now)
        for effect in effects { carryOut(effect, at: now, &state) }
        return .some(barriers)
      }
      guard let end else { continue }
      guard let barriers = end else {
        throw OrderRefusal(.unknown, "Không có giao dịch \(id)", "no exchange \(id) is known")
      }
      try await written { () async throws(JournalError) in try await self.journal.record([]) }
      state.withLock { state in
        for effect in state.core.lift(barriers, at: now) { carryOut(effect, at: now, &state) }
      }
      return
    }
  }

  private func asleepOrSettled(
    _ id: ExchangeID
  ) throws(OrderRefusal) -> (BusCore.Shelved?, (seat: ExchangeSeat, state: ExchangeState)?) {
    do throws(JournalError) {
      guard let stored = try journal.exchange(id) else { return (nil, nil) }
      guard stored.state.isSettled else { return (try shelved(stored), nil) }
      let entries = try journal.events(of: id).flatMap { Steps.decode($0.payload) }
      var seat = seat(stored)
      seat.restore(entries, ended: try endedChildren(of: entries))
      return (nil, (seat, stored.state))
    } catch {
      throw OrderRefusal(.unavailable, "Không đọc được sổ giao dịch", "the journal cannot be read: \(error)")
    }
  }

  /// What memory holds of the content.
  private func forgetContent(of id: ExchangeID) {
    _ = arrivals.take(id)
    work.remove(id)
    state.withLock { state in
      state.answers[id] = nil
      state.callAnswers[id] = nil
    }
  }

  private func tell(_ id: ExchangeID, by: String, reason: String) async {
    guard let stored = try? journal.exchange(id) else { return }
    var incident = Incident(
      .purged, stored.envelope, at: clock.now, by: by, finding: reason, digest: stored.bodyDigest,
      bytes: stored.bodyByteCount)
    incident.exchange = id
    await report(incident)
  }
}

// MARK: - Who has it

extension Bus {
  private func receivers(of id: ExchangeID) throws(OrderRefusal) -> [PurgeReport.Receiver] {
    do throws(JournalError) {
      guard let stored = try journal.exchange(id) else { return [] }
      let entries = try journal.events(of: id).flatMap { Steps.decode($0.payload) }
      var seat = seat(stored)
      seat.restore(entries, ended: [:])
      return seat.deliveries.enumerated().flatMap { index, delivery in
        Self.receivers(DeliveryRef(exchange: id, number: index + 1), delivery, entries)
      }
    } catch {
      throw OrderRefusal(.unavailable, "Không đọc được sổ giao dịch", "the journal cannot be read: \(error)")
    }
  }

  private static func receivers(
    _ ref: DeliveryRef, _ delivery: DeliverySeat, _ entries: [TimelineEntry]
  ) -> [PurgeReport.Receiver] {
    let own = entries.filter { $0.delivery == ref.number }
    // An answer that was lost, or an attempt that was cut off, may have brought it there.
    let tries: Set<TimelineEntry.Name> = [.attempting, .retry, .outage, .refused, .parked, .abandoned]
    let wasTried = own.contains { entry in
      tries.contains(entry.name) && (entry.sent != nil || entry.attempt != nil || entry.name == .attempting)
    }
    let wasCutOff = own.contains { $0.name == .abandoned && $0.detail?.hasPrefix("It had not been sent.") == false }
    let planned = delivery.planned
    let isThere = delivery.state == .delivered
    let receiver = PurgeReport.Receiver(
      id: ref.id, endpoint: planned.endpoint, receiver: planned.receiver, role: planned.role?.rawValue,
      state: delivery.state, at: own.last?.at, mayHaveIt: isThere || wasTried || wasCutOff)
    guard let shadow = planned.shadow, isThere else { return [receiver] }
    return [
      receiver,
      PurgeReport.Receiver(
        id: "\(ref.id).shadow", endpoint: shadow, receiver: nil, role: "shadow", state: .delivered, at: own.last?.at,
        mayHaveIt: true),
    ]
  }
}
