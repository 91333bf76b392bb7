internal import HubJournal
public import HubKit
internal import HubRouting
internal import HubTransform
internal import Logging
internal import Synchronization

// Questions: who waits, until when, and what he gets.

extension BusSetup {
  /// How long a caller waits: as long as he says, or the route's own deadline where that is shorter.
  func patience(of envelope: Envelope, _ wish: Duration) throws(NotAccepted) -> Duration {
    guard envelope.extensions[ExtensionName.service] != nil else {
      throw NotAccepted(.invalid, "Only a service can be asked: the attribute \(ExtensionName.service) is missing.")
    }
    let route = planner.book.table.candidates(for: envelope).first?.deadline ?? limits.questionMax
    return min(max(wish, .zero), route, limits.questionMax)
  }
}

extension Bus {
  /// Waits for the end of a question. Whoever is cancelled has gone, and the question with him.
  func answer(to receipt: Receipt, until deadline: Timestamp) async -> Answer {
    let id = receipt.exchange
    // Whoever repeats a question is told where its answer is, and takes it from nobody.
    defer { if !receipt.duplicate { state.withLock { $0.answers[id] = nil } } }
    let outcome = await withTaskCancellationHandler {
      // The core ends it at the deadline; the second more is for its last step.
      await self.outcome(of: receipt, within: max(.zero, deadline - clock.now) + .seconds(1))
    } onCancel: {
      if !receipt.duplicate { self.submit(.left(id)) }
    }
    let reply = state.withLock { $0.answers[id] }
    let unknown = Outcome(
      state: .underway, reason: "It is still under way; ask for exchange \(id).",
      fault: Fault(.hub, .abandoned, code: "deadline"))
    return Answer(receipt: receipt, outcome: outcome ?? unknown, reply: reply)
  }

  /// Keeps what a far system answered until its record is written, and makes of it what the caller or the route's
  /// next step needs.
  ///
  /// - Returns: the attempt's end, which is a failure when the answer is not as agreed.
  func takeReply(
    _ reply: Reply, to ref: DeliveryRef, _ planned: PlannedDelivery
  ) async -> Result<Reply, AdapterError> {
    // A large one outlives a crash before its record is handed over: the writer has no time for that. It is done there
    // when it failed here.
    try? await journal.settle(reply.body)
    let seat = state.withLock { state in
      state.replies[ref] = reply
      return state.core.exchanges[ref.exchange]
    }
    guard let seat else { return .failure(Self.tooLate) }
    do {
      if planned.role == .call {
        try await keepCallAnswer(reply, planned, seat.id)
      } else if let route = seat.route {
        let answer = try await mapped(reply, by: route, seat)
        if seat.isQuestion { keepAnswer(answer, of: ref) }
      }
      return .success(reply)
    } catch is TransformUnavailable {
      // The far system is not at fault, and must not be asked again: the workers will have time.
      guard (try? await clock.sleep(until: clock.now + .milliseconds(100))) != nil else {
        return .failure(AdapterError(.inDoubt, code: "reply-not-read", reason: "The hub stopped before it was read."))
      }
      return await takeReply(reply, to: ref, planned)
    } catch let invalid as InvalidMessage {
      let what = invalid.violations.first
      let reason = "The far system's answer is not as agreed: \(what?.description ?? "it cannot be read")"
      return .failure(
        AdapterError(seat.isQuestion ? .inDoubt : .reject, code: "reply-\(what?.rule ?? "invalid")", reason: reason))
    } catch {
      return .failure(
        AdapterError(.inDoubt, code: "reply-not-read", reason: "The answer could not be looked at.", cause: "\(error)"))
    }
  }

  /// The message is read back only where the route has something to say about answers.
  private func mapped(_ reply: Reply, by route: String, _ seat: ExchangeSeat) async throws -> Reply {
    let planner = seat.configuration.map(planner(for:)) ?? setup.planner.following(seat.book)
    guard planner.book.table[route]?.reply != nil, let stored = try journal.exchange(seat.id) else { return reply }
    return try await planner.answer(
      reply, to: stored.envelope, by: route, receivedAt: stored.receivedAt, bodies: journal)
  }

  /// The answer is that of the first of the route's `to:`, or of the one that stands in for it.
  private func keepAnswer(_ answer: Reply, of ref: DeliveryRef) {
    state.withLock { state in
      guard state.core.exchanges[ref.exchange]?.primary == ref.number else { return }
      state.answers[ref.exchange] = answer
    }
  }

  /// What a call brought must be JSON: the route's next steps are jq.
  private func keepCallAnswer(_ reply: Reply, _ planned: PlannedDelivery, _ id: ExchangeID) async throws {
    let json = try await setup.planner.json(of: reply, bodies: journal)
    state.withLock { state in
      guard state.core.exchanges[id] != nil else { return }
      state.callAnswers[id, default: [:]][planned.call ?? ""] = json
    }
  }

  /// The answers that an exchange's calls have brought: from memory, or from the journal after a restart.
  ///
  /// - Parameters:
  ///   - known: those in memory.
  ///   - asked: all its deliveries so far.
  /// - Returns: nil when one of them cannot be had now.
  func callAnswers(
    of id: ExchangeID, _ known: Planner.CallAnswers, _ asked: [DeliverySeat]
  ) async -> Planner.CallAnswers? {
    var answers = known
    for (index, delivery) in asked.enumerated() where delivery.planned.role == .call {
      let name = delivery.planned.call ?? ""
      guard answers[name] == nil, delivery.state.isEnd, !delivery.isReplaced else { continue }
      guard delivery.state == .delivered else {
        answers[name] = .some(nil)
        continue
      }
      guard let kept = try? journal.reply(of: id, delivery: index + 1),
        let json = try? await setup.planner.json(
          of: Reply(code: "", mediaType: kept.mediaType, body: kept.body), bodies: journal)
      else { return nil }
      answers[name] = json
    }
    return answers
  }

  /// The replies that a record's steps tell of, to be kept with it.
  func takeReplies(of record: BusCore.Record, _ state: inout State) -> [StoredReply] {
    guard !state.replies.isEmpty else { return [] }
    return record.entries.compactMap { entry in
      guard let number = entry.delivery,
        let reply = state.replies.removeValue(forKey: DeliveryRef(exchange: record.exchange, number: number))
      else { return nil }
      return StoredReply(delivery: number, body: reply.body, mediaType: reply.mediaType)
    }
  }

  /// The answer to a question that nobody waited for, as the caller may fetch it later.
  ///
  /// - Returns: nil when there is none, or none any more.
  public func answer(of id: ExchangeID) async throws -> Reply? {
    guard let stored = try journal.exchange(id) else { return nil }
    var seat = seat(stored)
    seat.restore(try journal.events(of: id).flatMap { Steps.decode($0.payload) })
    guard let number = seat.primary, seat.deliveries[number - 1].state == .delivered,
      let kept = try journal.reply(of: id, delivery: number), let route = seat.route
    else { return nil }
    return try await planner(for: seat.configuration ?? stored.configuration).answer(
      Reply(code: "", mediaType: kept.mediaType, body: kept.body), to: stored.envelope, by: route,
      receivedAt: stored.receivedAt, bodies: journal)
  }
}
