internal import HubJournal
public import HubKit
internal import Logging
internal import Synchronization

// What operators order of a running bus. Every order is a step of the exchange that it is about, with who and why, so
// `lgsp trace` tells it and a restart restores it; it is confirmed once that step is on the disk.

/// Why an order was not carried out: nothing has changed.
public struct OrderRefusal: Error, Hashable, CustomStringConvertible {
  /// What kind of refusal.
  public enum Code: String, Sendable, Hashable, Codable {
    /// There is no such exchange, delivery or endpoint.
    case unknown
    /// It is delivered by itself, or another order about it is being carried out.
    case underway
    /// Its body is gone or masked: there is nothing left to send.
    case gone
    /// What is asked makes no sense as things stand.
    case senseless
    /// The hub cannot do it now.
    case unavailable
  }

  /// What kind.
  public var code: Code
  /// What is wrong and what to do, in Vietnamese and in English.
  public var description: String

  init(_ code: Code, _ vietnamese: String, _ english: String) {
    self.code = code
    description = "\(vietnamese) / \(english)."
  }
}

/// Where a delivery stands after an order.
public struct OrderedDelivery: Sendable, Hashable, Codable {
  /// Its name, as in `<exchange>.1`: the idempotency key that the far side sees.
  public var id: String
  /// Where it stands.
  public var state: DeliveryState
}

/// Who stopped an endpoint, since when and why.
public struct EndpointStop: Sendable, Hashable {
  /// Since when.
  public var since: Timestamp
  /// Who.
  public var by: String
  /// Why, in a sentence.
  public var reason: String
}

extension Bus {
  /// Puts what was refused or parked back to its place in its lane, under the same idempotency key; its attempts begin
  /// anew and those held behind it follow. A message that was invalid or had no route is planned again by the
  /// configuration in use.
  ///
  /// - Parameters:
  ///   - delivery: its number, from 1; nil: all of the exchange that waits for a person.
  ///   - resend: sends under a new key instead, also what was delivered: the far side will take it for another message.
  ///   - by: who orders it.
  ///   - reason: why.
  /// - Returns: where the deliveries stand now; empty when the message is planned again. The order is on the disk.
  public func redeliver(
    _ exchange: ExchangeID, delivery: Int? = nil, resend: Bool = false, by: String, reason: String
  ) async throws(OrderRefusal) -> [OrderedDelivery] {
    try await carryOut(
      BusCore.Order(
        action: resend ? .resend : .redeliver, delivery: delivery, by: by, reason: reason,
        configuration: setup.planner.book.digest), of: exchange)
  }

  /// The same for one of the things that a job is about.
  func redeliver(_ target: RedeliveryTarget, for job: RedeliveryJob) async throws(OrderRefusal) {
    let order = BusCore.Order(
      action: .redeliver, delivery: target.delivery, by: job.order.by, reason: job.order.reason,
      configuration: setup.planner.book.digest, job: job.number)
    _ = try await carryOut(order, of: target.exchange)
  }

  /// Gives up what waits for a person: it is nobody's dead letter any more and bars its lane no longer. The exchange
  /// stays as it ended, failed or partly delivered.
  ///
  /// - Parameter delivery: its number, from 1; nil: all of the exchange that waits for a person.
  /// - Returns: the deliveries that were given up; empty for a message that was invalid or had no route.
  public func drop(
    _ exchange: ExchangeID, delivery: Int? = nil, by: String, reason: String
  ) async throws(OrderRefusal) -> [OrderedDelivery] {
    try await carryOut(
      BusCore.Order(
        action: .drop, delivery: delivery, by: by, reason: reason, configuration: setup.planner.book.digest),
      of: exchange)
  }

  /// Sends nothing to an endpoint and asks nothing of it until somebody lets it go, also after a restart. Attempts
  /// under way end by themselves; what comes in waits in its lane and spends no attempt.
  public func pause(_ endpoint: String, by: String, reason: String) async throws(OrderRefusal) {
    try await set(EndpointStop(since: clock.now, by: by, reason: reason), of: endpoint, isStopped: true)
  }

  /// Lets an endpoint go. One whose far system is away is tried at once.
  public func resume(_ endpoint: String, by: String, reason: String) async throws(OrderRefusal) {
    try await set(EndpointStop(since: clock.now, by: by, reason: reason), of: endpoint, isStopped: false)
  }

  private func set(_ stop: EndpointStop, of name: String, isStopped: Bool) async throws(OrderRefusal) {
    guard setup.endpoints[name] != nil else {
      throw OrderRefusal(
        .unknown, "Không có điểm kết nối \(name)", "no endpoint \(name) is configured; see lgsp endpoint list")
    }
    try await alone("endpoint \(name)") { () throws(OrderRefusal) in
      let entry = EndpointPause(endpoint: name, since: stop.since, by: stop.by, reason: stop.reason)
      try await written { () async throws(JournalError) in
        if isStopped { try await self.journal.pause(entry) } else { try await self.journal.resume(entry) }
      }
      change { $0.setStop(isStopped ? stop : nil, of: name, at: $1) ?? [] }
    }
    logger.notice(
      isStopped ? "endpoint paused by an operator" : "endpoint let go by an operator",
      metadata: ["endpoint": "\(name)", "by": "\(stop.by)"])
  }

  /// After a restart, before anything is sent: what operators have stopped stays stopped, and versions that they chose
  /// stay chosen.
  func takeUpOrders() throws {
    for pause in try journal.pauses() {
      let stop = EndpointStop(since: pause.since, by: pause.by, reason: pause.reason)
      change { $0.setStop(stop, of: pause.endpoint, at: $1) ?? [] }
    }
    let versions = try journal.versions()
    state.withLock { takeUpVersions(&$0.core, versions) }
  }

  /// Whether a person has stopped an endpoint.
  func isStopped(_ endpoint: String) -> Bool { state.withLock { $0.core.endpoints[endpoint]?.stop != nil } }
}

// MARK: - Carrying out

extension Bus {
  private func carryOut(
    _ order: BusCore.Order, of id: ExchangeID
  ) async throws(OrderRefusal) -> [OrderedDelivery] {
    guard isAccepting else {
      throw OrderRefusal(.unavailable, "Hub chưa sẵn sàng hoặc đang dừng", "the hub is starting or stopping")
    }
    return try await alone(id.text) { () throws(OrderRefusal) in
      let end = try await decided(order, of: id).get()
      do {
        try await journal.record([])
      } catch {
        throw OrderRefusal(
          .unavailable, "Lệnh đã nhận nhưng chưa ghi được xuống đĩa",
          "the order is taken, but it is not on the disk yet: \(error)")
      }
      change { $0.lift(end.barriers, at: $1) }
      return end.deliveries.map { OrderedDelivery(id: $0.ref.id, state: $0.state) }
    }
  }

  /// The core's answer to an order.
  private func decided(
    _ order: BusCore.Order, of id: ExchangeID
  ) async throws(OrderRefusal) -> Result<BusCore.OrderEnd, OrderRefusal> {
    while true {
      let isOpen = state.withLock { $0.core.exchanges[id] != nil }
      // The end of what is not open may be on its way to the disk. And what takes nothing takes no order.
      try await written { () async throws(JournalError) in try await self.journal.record([]) }
      let settled = isOpen ? nil : try settled(id, for: order)
      let now = clock.now
      let result = state.withLock { state -> Result<BusCore.OrderEnd, OrderRefusal>? in
        // It may have settled meanwhile; what has settled stays so, since no other order is about it.
        guard !isOpen || state.core.exchanges[id] != nil else { return nil }
        let (result, effects) = state.core.carryOut(order, of: id, settled: settled, at: now)
        for effect in effects { carryOut(effect, at: now, &state) }
        return result
      }
      if let result { return result }
    }
  }

  /// An exchange that is not open, as the journal has it; nil when the journal does not know it.
  private func settled(
    _ id: ExchangeID, for order: BusCore.Order
  ) throws(OrderRefusal) -> (seat: ExchangeSeat, state: ExchangeState)? {
    do {
      guard let stored = try journal.exchange(id) else { return nil }
      guard stored.state.isSettled else {
        throw OrderRefusal(
          .underway, "\(id) đang xếp hàng trên đĩa",
          "\(id) waits in the backlog on the disk; try again when it has moved")
      }
      guard order.action == .drop || stored.message != nil && !stored.isMasked else {
        throw OrderRefusal(
          .gone, "Nội dung của \(id) không còn được lưu", "the body of \(id) is kept no longer, or only masked")
      }
      let entries = try journal.events(of: id).flatMap { Steps.decode($0.payload) }
      var seat = seat(stored)
      seat.restore(entries, ended: try endedChildren(of: entries))
      return (seat, stored.state)
    } catch let refusal as OrderRefusal {
      throw refusal
    } catch {
      throw OrderRefusal(.unavailable, "Không đọc được sổ giao dịch", "the journal cannot be read: \(error)")
    }
  }

  func written(_ work: () async throws(JournalError) -> Void) async throws(OrderRefusal) {
    do throws(JournalError) { try await work() } catch {
      throw OrderRefusal(.unavailable, "Không ghi được sổ giao dịch", "the journal takes nothing now: \(error)")
    }
  }

  /// Two orders about the same thing are carried out one after the other.
  func alone<Value>(
    _ what: String, _ work: () async throws(OrderRefusal) -> Value
  ) async throws(OrderRefusal) -> Value {
    guard ordering.withLock({ $0.insert(what).inserted }) else {
      throw OrderRefusal(
        .underway, "Đang có lệnh khác cho \(what)", "another order about \(what) is being carried out; try again")
    }
    defer { ordering.withLock { _ = $0.remove(what) } }
    return try await work()
  }

  private func change(_ change: (inout BusCore, Timestamp) -> [BusCore.Effect]) {
    let now = clock.now
    state.withLock { state in
      for effect in change(&state.core, now) { carryOut(effect, at: now, &state) }
    }
  }
}
