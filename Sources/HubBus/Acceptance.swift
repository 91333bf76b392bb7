internal import HubJournal
internal import HubKit
internal import HubRouting
internal import Logging
internal import Synchronization

extension Bus {
  /// Takes messages in, if there is room for all of them: back-pressure comes before any work.
  func admitting<Value>(
    _ messages: [Message], by setup: BusSetup, _ work: () async throws(NotAccepted) -> Value
  ) async throws(NotAccepted) -> Value {
    guard let first = messages.first else { return try await work() }
    do {
      try checkRoom(for: messages, of: first.principal, setup.limits)
    } catch {
      throw refuse(first, error)
    }
    state.withLock { $0.admitting += messages.count }
    defer { state.withLock { $0.admitting -= messages.count } }
    return try await work()
  }

  /// Looks one message over, and leaves an audit record when it is refused.
  ///
  /// - Parameter isTrial: whether it comes again by itself when the batch is refused, and is reported then.
  func admit(
    _ message: Message, index: Int, by setup: BusSetup, isTrial: Bool = false
  ) async throws(NotAccepted) -> Admission.Admitted {
    do {
      var message = message
      // Only the hub itself says until when somebody waits.
      message.envelope.extensions[ExtensionName.deadline] = nil
      let admitted = try await setup.admission.admit(message, at: clock.now, bodies: journal)
      let warnings = admitted.notes.count { $0.rule == AttachmentCheck.warningRule }
      if warnings > 0 { metrics.warned(ofSignatures: warnings) }
      return admitted
    } catch {
      var refusal = error
      refusal.index = index
      if isTrial, ![.unavailable, .full, .tooMany].contains(refusal.code) { throw refusal }
      if refusal.code == .secret { await report(message, refusal) }
      throw refuse(message, refusal)
    }
  }

  private func refuse(_ message: Message, _ refusal: NotAccepted) -> NotAccepted {
    metrics.refused(refusal.code)
    observer.refused(refusal, principal: message.principal, type: message.envelope.type, at: clock.now)
    journal.audit(
      kind: "refused", principal: message.principal.text,
      payload: RefusalRecord.encode(refusal, envelope: message.envelope))
    return refusal
  }

  /// Back-pressure: what cannot be kept is not taken.
  private func checkRoom(
    for messages: [Message], of principal: Principal, _ limits: BusLimits
  ) throws(NotAccepted) {
    let (isAccepting, busy, all, own) = state.withLock { state in
      (
        state.isAccepting, state.admitting + state.planning, state.core.openLoad,
        state.core.openByPrincipal[principal.text] ?? OpenLoad()
      )
    }
    let new = OpenLoad(count: messages.count, bytes: messages.reduce(0) { $0 + $1.body.byteCount })
    guard isAccepting else {
      throw NotAccepted(.unavailable, "The hub is starting or stopping. Try again.", retryAfter: .seconds(5))
    }
    guard busy == 0 || busy + new.count <= limits.admissionQueueMax else {
      throw NotAccepted(
        .unavailable, "The hub is looking over \(busy) messages and takes no more now.", retryAfter: .seconds(1))
    }
    guard freeDiskBytes() >= limits.freeDiskBytesMin else {
      throw NotAccepted(
        .full, "The hub's disk has less free space than hub.yaml asks for; nothing was kept. Try again later.",
        retryAfter: .seconds(60))
    }
    guard all.count + new.count <= limits.openMax, all.bytes + new.bytes <= limits.openBytesMax else {
      throw NotAccepted(
        .unavailable, "The hub has \(all) under way and takes no more now.", retryAfter: .seconds(10))
    }
    guard case .agency = principal else { return }
    guard own.count + new.count <= limits.openPerAgencyMax, own.bytes + new.bytes <= limits.openBytesPerAgencyMax
    else {
      throw NotAccepted(
        .tooMany, "You have \(own) under way, as much as is allowed. Wait for some to end.",
        retryAfter: .seconds(10))
    }
  }

  /// Free bytes on the journal's disk, looked at once a second.
  private func freeDiskBytes() -> Int {
    let now = clock.now
    if let known = state.withLock({ $0.freeDisk }), known.at <= now, now - known.at < .seconds(1) { return known.bytes }
    let bytes = (try? journal.statistics().freeBytes) ?? 0
    state.withLock { $0.freeDisk = (bytes, now) }
    return bytes
  }

  /// A message as it is written down.
  func newExchange(_ admitted: Admission.Admitted, by book: RouteBook, _ receivedAt: Timestamp) -> NewExchange {
    NewExchange(
      id: .make(at: receivedAt), message: admitted.message, receivedAt: receivedAt,
      fingerprint: fingerprint(admitted), configuration: book.digest, businessKeys: admitted.businessKeys,
      note: AdmissionNote.encode(admitted.notes))
  }

  /// The journal transaction, and what the core learns after it.
  func writeDown(
    _ entries: [NewExchange], by book: RouteBook, advancing cursor: Cursor?
  ) async throws(NotAccepted) -> [Receipt] {
    let acceptances: [Acceptance]
    do {
      acceptances = try await journal.accept(entries, advancing: cursor)
    } catch .full {
      throw NotAccepted(.full, "The hub's disk is full; nothing was kept. Try again later.", retryAfter: .seconds(60))
    } catch {
      logger.error("the journal did not accept", metadata: ["reason": "\(error)"])
      throw NotAccepted(.unavailable, "The hub cannot write down messages now.", retryAfter: .seconds(30))
    }
    for (index, acceptance) in acceptances.enumerated() {
      guard case .conflict(let first) = acceptance else { continue }
      throw NotAccepted(
        .conflict, "The id was used before for other content, in exchange \(first). Give new content a new id.",
        index: index)
    }
    return zip(entries, acceptances).compactMap { receipt($0, $1, book) }
  }

  private func receipt(_ entry: NewExchange, _ acceptance: Acceptance, _ book: RouteBook) -> Receipt? {
    switch acceptance {
    case .new(let sequence):
      metrics.accepted()
      observer.accepted(type: entry.message.envelope.type, at: entry.receivedAt)
      arrivals.add(Arrival(entry))
      submit(.received(seat(entry, sequence: sequence, book: book)))
      return Receipt(exchange: entry.id, receivedAt: entry.receivedAt, duplicate: false)
    case .duplicate(let first, let receivedAt):
      return Receipt(exchange: first, receivedAt: receivedAt, duplicate: true)
    case .conflict, .withheld:
      return nil
    }
  }

  func seat(_ entry: NewExchange, sequence: Int64, book: RouteBook, parent: ExchangeID? = nil) -> ExchangeSeat {
    let envelope = entry.message.envelope
    return ExchangeSeat(
      id: entry.id, sequence: sequence, receivedAt: entry.receivedAt,
      expiry: book.expiry(of: envelope, receivedAt: entry.receivedAt), principal: entry.message.principal.text,
      orderingKey: book.orderingKey(of: envelope), type: envelope.type, subject: envelope.subject,
      deadline: envelope.deadline, parent: parent,
      asks: envelope.question != nil, byteCount: entry.message.body.byteCount, book: book)
  }

  /// The seat of an exchange that the journal holds, by the routes of its receipt.
  func seat(_ stored: StoredExchange) -> ExchangeSeat {
    let book = book(stored.configuration)
    let parent = stored.businessKeys.first { $0.name == Self.parentKey }.flatMap { ExchangeID($0.value) }
    var seat = ExchangeSeat(
      id: stored.id, sequence: stored.sequence, receivedAt: stored.receivedAt,
      expiry: book.expiry(of: stored.envelope, receivedAt: stored.receivedAt), principal: stored.principal,
      orderingKey: book.orderingKey(of: stored.envelope), type: stored.envelope.type,
      subject: stored.envelope.subject, deadline: stored.envelope.deadline, parent: parent,
      asks: stored.envelope.question != nil, byteCount: stored.bodyByteCount, book: book)
    seat.isFromEarlierEpoch = stored.sequence <= journal.restoredThrough
    return seat
  }

  /// Nil: the digest of the body.
  private func fingerprint(_ admitted: Admission.Admitted) -> [UInt8]? {
    let envelope = admitted.message.envelope
    guard let question = envelope.question else { return admitted.fingerprint }
    let own = admitted.fingerprint ?? fingerprint(of: admitted.message.body)
    // The same bytes put to another service, or in another way, are another question.
    let line = [envelope.extensions[ExtensionName.service] ?? "", question.method, question.path]
    return Array(journal.digest(Array(line.joined(separator: "\n").utf8) + own).utf8)
  }

  private func fingerprint(of body: Body) -> [UInt8] {
    switch body {
    case .inline(let bytes): Array(journal.digest(bytes).utf8)
    case .stored(let reference): Array(reference.digest.utf8)
    }
  }
}

extension RouteBook {
  /// The sender's own expiry, or the route's, whichever comes first.
  func expiry(of envelope: Envelope, receivedAt: Timestamp) -> Timestamp? {
    let route = table.candidates(for: envelope).first?.expiry.map { receivedAt + $0 }
    return [envelope.expiry, route].compactMap { $0 }.min()
  }

  /// The key by which plans are applied in order of receipt; it is read from the envelope alone, so that it is fixed
  /// before anyone opens the body.
  func orderingKey(of envelope: Envelope) -> String? {
    for route in table.candidates(for: envelope) {
      if let key = route.order?.key(for: envelope) { return key }
    }
    return nil
  }
}

extension Envelope {
  /// Until when whoever asked waits; nil for a message that nobody waits for.
  var deadline: Timestamp? { extensions[ExtensionName.deadline].flatMap(Timestamp.init(rfc3339:)) }
}
