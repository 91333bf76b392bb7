internal import HubKit

// Attempts: who goes next, and what an attempt's end means for the message, its lane and its endpoint.

extension BusCore {
  /// What a failed attempt means.
  private enum Decision {
    /// Spend an attempt and try again later.
    case retry(after: Duration?)
    /// Spend nothing: the endpoint pauses.
    case pause(after: Duration?)
    /// No more attempts.
    case giveUp(DeliveryState)
    /// As if it had never begun.
    case undo
  }

  /// Starts as many attempts as the endpoint allows.
  mutating func pump(_ name: String, _ now: Timestamp, _ effects: inout [Effect]) {
    guard !isDraining else { return }
    if endpoints[name]?.isGone == true { return parkSome(of: name, now, &effects) }
    defer {
      if stock == nil, let reading = endpoints[name]?.beginReading() { effects.append(.read(name, reading)) }
    }
    while let (lane, ref) = endpoints[name]?.startNext(at: now) {
      guard let seat = exchanges[ref.exchange] else {
        endpoints[name]?.finish(lane, reached: false)
        continue
      }
      if let expiry = seat.expiry, expiry <= now {
        // The time came before its timer.
        endpoints[name]?.putBack(lane)
        expire(ref.exchange, now, &effects)
        continue
      }
      let delivery = seat.deliveries[ref.number - 1]
      if let until = delivery.notBefore, until > now {
        // Somebody was put before it while it waited for its next attempt.
        rest(lane, at: name, until: until)
        continue
      }
      exchanges[ref.exchange]?.deliveries[ref.number - 1].isUnderway = true
      let isFreed = endpoints[name]?.takeFreed(lane) ?? false
      let isAnnounced = endpoints[name]?.policy.onDoubt == .park
      // Who looked at whom is written before anybody is asked, or a crash would hide it.
      let isLookUp = seat.isUnsyncedLookUp && (seat.asks || delivery.planned.role == .call)
      let isChosen = hasVersions && !seat.isQuestion && delivery.attempts == 0 && isVersioned(name)
      if isAnnounced { announce(ref, now, &effects) } else if isLookUp { writeDown(ref.exchange, now, &effects) }
      effects.append(
        .attempt(
          ref, endpoint: name, number: delivery.attempts + 1, afterSync: isAnnounced || isLookUp || isFreed || isChosen)
      )
    }
  }

  /// Writes down that an attempt is about to be made: after a crash the hub then knows that it may have been.
  private mutating func announce(_ ref: DeliveryRef, _ now: Timestamp, _ effects: inout [Effect]) {
    var entry = TimelineEntry(.attempting, at: now, delivery: ref.number)
    entry.attempt = exchanges[ref.exchange].map { $0.deliveries[ref.number - 1].attempts + 1 }
    exchanges[ref.exchange]?.unwritten.append(entry)
    writeDown(ref.exchange, now, &effects)
  }

  /// Takes in the end of an attempt. One that is not under way is a late echo: it changes nothing.
  mutating func endAttempt(_ ref: DeliveryRef, _ attempt: Attempt, _ now: Timestamp, _ effects: inout [Effect]) {
    if let orphan = orphans.removeValue(forKey: ref) {
      if case .success = attempt.result { endpoints[orphan.endpoint]?.answered(at: now, well: true) }
      endpoints[orphan.endpoint]?.finish(orphan.lane, reached: false)
      return touch(orphan.endpoint)
    }
    guard let seat = exchanges[ref.exchange], seat.deliveries.indices.contains(ref.number - 1) else { return }
    var delivery = seat.deliveries[ref.number - 1]
    guard delivery.isUnderway else { return }
    delivery.isUnderway = false
    delivery.isInDoubt = attempt.isInDoubt && !attempt.wasNotAnnounced
    // The attempt came through, so what was written before it is on the disk.
    if !attempt.wasNotAnnounced { exchanges[ref.exchange]?.isUnsyncedLookUp = false }
    let entry =
      switch attempt.result {
      case .success(let reply): succeed(ref, &delivery, reply, attempt, now)
      case .failure(let error): fail(ref, &delivery, error, attempt, now)
      }
    exchanges[ref.exchange]?.deliveries[ref.number - 1] = delivery
    if let entry { exchanges[ref.exchange]?.unwritten.append(entry) }
    if seat.isQuestion, delivery.state == .delivered, seat.primary == ref.number {
      effects.append(.answered(ref.exchange, Outcome(state: .delivered)))
    }
    if delivery.state.isEnd, delivery.state != .delivered, !attempt.isInDoubt { replace(ref, now) }
    if !isDraining, let expiry = seat.expiry, expiry <= now {
      expire(ref.exchange, now, &effects)
    } else if entry != nil {
      writeDown(ref.exchange, now, &effects)
    }
    touch(delivery.planned.endpoint)
  }

  private mutating func succeed(
    _ ref: DeliveryRef, _ delivery: inout DeliverySeat, _ reply: Reply, _ attempt: Attempt, _ now: Timestamp
  ) -> TimelineEntry {
    let name = delivery.planned.endpoint
    endpoints[name]?.answered(at: now, well: true)
    endpoints[name]?.finish(EndpointSeat.LaneName(ref, delivery.planned), reached: true)
    var entry = ended(.delivered, ref, delivery, attempt, now)
    entry.code = reply.code
    entry.reference = reply.reference
    delivery.state = .delivered
    return entry
  }

  private mutating func fail(
    _ ref: DeliveryRef, _ delivery: inout DeliverySeat, _ error: AdapterError, _ attempt: Attempt, _ now: Timestamp
  ) -> TimelineEntry? {
    let name = delivery.planned.endpoint
    let lane = EndpointSeat.LaneName(ref, delivery.planned)
    guard let policy = endpoints[name]?.policy else { return nil }
    if exchanges[ref.exchange]?.isQuestion == true || delivery.waitsForNobody {
      return failQuestion(ref, &delivery, error, attempt, now)
    }
    let decision = decide(error, delivery, policy)
    if error.verdict.isAnswer { endpoints[name]?.answered(at: now, well: false) }
    var entry: TimelineEntry
    switch decision {
    case .undo:
      // Not at once: an adapter that says so while the hub is not stopping would be asked without end.
      rest(lane, at: name, until: now + policy.wait(after: nil, failures: 1, jitter: attempt.jitter))
      return nil
    case .retry(let after):
      entry = ended(.retry, ref, delivery, attempt, now)
      delivery.attempts += 1
      let until = now + policy.wait(after: after, failures: delivery.attempts, jitter: attempt.jitter)
      delivery.notBefore = until
      entry.until = until
      rest(lane, at: name, until: until)
    case .pause(let after):
      entry = ended(.outage, ref, delivery, attempt, now)
      delivery.outages += 1
      delivery.lastOutage = now
      entry.until = pause(name, lane, error, after: after, jitter: attempt.jitter, now)
    case .giveUp(let state):
      entry = ended(state == .refused ? .refused : .parked, ref, delivery, attempt, now)
      delivery.attempts += 1
      delivery.state = state
      giveUp(ref, delivery, lane)
    }
    entry.code = error.code
    entry.detail = error.reason
    delivery.reason = error.reason
    return entry
  }

  /// Somebody waits, or the route can do without: one attempt is all that is made, and its end is told at once.
  private mutating func failQuestion(
    _ ref: DeliveryRef, _ delivery: inout DeliverySeat, _ error: AdapterError, _ attempt: Attempt, _ now: Timestamp
  ) -> TimelineEntry {
    let name = delivery.planned.endpoint
    if error.verdict.isAnswer { endpoints[name]?.answered(at: now, well: false) }
    endpoints[name]?.finish(EndpointSeat.LaneName(ref, delivery.planned), reached: false)
    let step: TimelineEntry.Name
    switch error.verdict {
    case .outage(let wish):
      (step, delivery.state) = (.expired, .expired)
      let until = endpoints[name]?.pause(at: now, after: wish, jitter: attempt.jitter, reason: error.reason) ?? now
      timers.add(until, .endpoint(name))
      delivery.fault = Fault(.farSystem, .unavailable, code: error.code, retryAfter: until - now)
    case .retry(let wish):
      (step, delivery.state) = (.refused, .refused)
      delivery.fault = Fault(.farSystem, .unavailable, code: error.code, retryAfter: wish)
    case .reject:
      (step, delivery.state) = (.refused, .refused)
      delivery.fault = Fault(.farSystem, .refused, code: error.code)
    case .inDoubt, .cancelled:
      (step, delivery.state) = (.abandoned, .abandoned)
      delivery.fault = Fault(.farSystem, .inDoubt, code: error.code)
    }
    var entry = ended(step, ref, delivery, attempt, now)
    delivery.attempts += 1
    entry.code = error.code
    entry.detail = error.reason
    delivery.reason = error.reason
    return entry
  }

  private func decide(_ error: AdapterError, _ delivery: DeliverySeat, _ policy: EndpointPolicy) -> Decision {
    let after: Duration?
    switch error.verdict {
    case .cancelled: return .undo
    case .reject: return .giveUp(.refused)
    case .inDoubt where policy.onDoubt == .park: return .giveUp(.parked)
    case .inDoubt: after = nil
    case .outage(let wish) where !isPoison(delivery): return .pause(after: wish)
    case .outage(let wish), .retry(let wish): after = wish
    }
    return delivery.attempts + 1 < policy.attemptsMax ? .retry(after: after) : .giveUp(.parked)
  }

  /// Whether the far system has answered others since this delivery last met an outage, which it did three times:
  /// then the message is at fault, not the far system, or it would stop the endpoint for ever.
  private func isPoison(_ delivery: DeliverySeat) -> Bool {
    guard delivery.outages >= 3, let last = delivery.lastOutage,
      let answer = endpoints[delivery.planned.endpoint]?.lastAnswer
    else { return false }
    return answer > last
  }

  private mutating func rest(_ lane: EndpointSeat.LaneName, at name: String, until: Timestamp) {
    endpoints[name]?.rest(lane, until: until)
    timers.add(until, .lane(lane, endpoint: name))
  }

  private mutating func pause(
    _ name: String, _ lane: EndpointSeat.LaneName, _ error: AdapterError, after: Duration?, jitter: Double,
    _ now: Timestamp
  ) -> Timestamp {
    let before = endpoints[name]?.pausedUntil
    let until = endpoints[name]?.pause(at: now, after: after, jitter: jitter, reason: error.reason) ?? now
    endpoints[name]?.putBack(lane)
    if until != before { timers.add(until, .endpoint(name)) }
    return until
  }

  private mutating func giveUp(_ ref: DeliveryRef, _ delivery: DeliverySeat, _ lane: EndpointSeat.LaneName) {
    let name = delivery.planned.endpoint
    // What goes elsewhere bars nobody's way.
    guard delivery.planned.orderingKey != nil, delivery.planned.fallback == nil else {
      endpoints[name]?.finish(lane, reached: false)
      return
    }
    let sequence = exchanges[ref.exchange]?.sequence ?? 0
    for follower in endpoints[name]?.finishAndHold(lane, by: ref, sequence: sequence) ?? [] { markHeld(follower) }
  }

  private func ended(
    _ name: TimelineEntry.Name, _ ref: DeliveryRef, _ delivery: DeliverySeat, _ attempt: Attempt, _ now: Timestamp
  ) -> TimelineEntry {
    var entry = TimelineEntry(name, at: now, delivery: ref.number)
    entry.attempt = delivery.attempts + 1
    entry.sent = attempt.sent
    entry.microseconds = attempt.microseconds
    return entry
  }
}

extension AdapterError.Verdict {
  /// Whether it proves that the far system is there.
  fileprivate var isAnswer: Bool {
    switch self {
    case .retry, .reject: true
    case .outage, .inDoubt, .cancelled: false
    }
  }
}
