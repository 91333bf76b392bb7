internal import HubKit

/// What was seen in place of what should have been.
struct Observation: Error {
  let text: String
}

/// Performs the behaviours.
struct ContractRun: Sendable {
  let harness: ConnectorHarness
  /// How long the deadline of a delivery to a silent far side is away.
  private static let patience = Duration.seconds(1)
  /// What "at once" and "quickly" mean on a loaded machine.
  private static let promptness = Duration.seconds(5)

  func check(_ behaviour: ConnectorContract.Behaviour) async throws {
    switch behaviour {
    case .settingsAreChecked: try settingsAreChecked()
    case .settingsStayCompatible: try settingsStayCompatible()
    case .delivers: try await delivers()
    case .repeatIsOneMessage: try await repeatIsOneMessage()
    case .refusalIsRejected: try await refusalIsRejected()
    case .deadPortIsOutage: try await deadPortIsOutage()
    case .silenceEndsAtDeadline: try await silenceEndsAtDeadline()
    case .cancellationEndsAtOnce: try await cancellationEndsAtOnce()
    case .garbageIsNoSuccess:
      try await isNoSuccess(answer: "\u{1}\u{2} this is no protocol that anybody speaks\r\n\r\n")
    case .brokenAnswerIsNoSuccess: try await brokenAnswerIsNoSuccess()
    case .unknownStatusIsNoSuccess: try await unknownStatusIsNoSuccess()
    case .rateLimitIsRespected: try await rateLimitIsRespected()
    case .endedSessionIsRenewed: try await endedSessionIsRenewed()
    case .largeBodyArrives: try await largeBodyArrives()
    case .vietnameseIsKept: try await vietnameseIsKept()
    case .traceGoesOn: try await traceGoesOn()
    case .secretsStayInside: try await secretsStayInside()
    case .sourceResumesExactly: try await sourceResumesExactly()
    case .sourceFindsOutage: try await sourceFindsOutage()
    case .sourceRefusesGarbage: try await sourceRefusesGarbage()
    case .probeLeavesNothing: try await probeLeavesNothing()
    case .probeFindsOutage: try await probeFindsOutage()
    }
  }

  /// The adapter of an endpoint whose far side is on that port, alive as long as `body` takes.
  func withAdapter<T: Sendable>(
    _ port: Int, _ body: @Sendable (any OutboundAdapter) async throws -> T
  ) async throws -> T {
    try await withParts(port) { parts in
      guard let adapter = parts.outbound else { throw NothingToCheck(reason: "it takes no deliveries") }
      return try await body(adapter)
    }
  }

  /// The parts of an endpoint, with whatever must live beside them.
  func withParts<T: Sendable>(
    _ port: Int, _ body: @Sendable (ConnectorParts) async throws -> T
  ) async throws -> T {
    let parts = try harness.makeParts(port)
    guard let resident = parts.resident else { return try await body(parts) }
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await resident.run() }
      defer { group.cancelAll() }
      return try await body(parts)
    }
  }

  func withFarSide(
    _ body: @Sendable (any OutboundAdapter, FarSide, Eavesdropper) async throws -> Void
  ) async throws {
    let farSide = try harness.makeFarSide()
    try await serving(farSide) { port, ear in try await withAdapter(port) { try await body($0, farSide, ear) } }
  }

  /// A far side on its port, alive as long as `body` takes, with an ear for what comes to it over HTTP.
  func serving<T: Sendable>(
    _ farSide: FarSide, _ body: @Sendable (_ port: Int, Eavesdropper) async throws -> T
  ) async throws -> T {
    let ear = Eavesdropper(farSide.interface)
    if let port = farSide.port { return try await body(port, ear) }
    let server = try LoopbackServer(ear)
    defer { server.close() }
    return try await body(server.port, ear)
  }

  /// Gives one answer to whatever it is asked, and closes. Servers for files speak first.
  func server(answering answer: String) throws -> ScriptedServer {
    let speaksFirst = harness.medium == .files
    return try ScriptedServer { connection in
      if !speaksFirst { _ = connection.read() }
      connection.write(text: answer)
      guard speaksFirst else { return }
      connection.finishWriting()
      connection.waitForClose()
    }
  }

  func delivery(_ number: Int) throws -> Delivery {
    guard let make = harness.makeDelivery else { throw NothingToCheck(reason: "it takes no deliveries") }
    return make(number)
  }

  func arrived(_ delivery: Delivery) throws -> [UInt8] {
    if let whatArrives = harness.whatArrives { return try whatArrives(delivery) }
    return try delivery.bodies.bytes(of: delivery.body, limit: .max)
  }

  private func delivers() async throws {
    try await withFarSide { adapter, farSide, _ in
      var expected: [[UInt8]] = []
      for number in 1...3 {
        let sent = try delivery(number)
        _ = try await succeed(adapter, sent)
        expected.append(try arrived(sent))
      }
      let received = try await farSide.received()
      guard harness.comparesBytes ? received == expected : received.count == expected.count else {
        throw Observation(
          text: "three deliveries of \(expected.map(\.count)) bytes; the far side has \(received.map(\.count)) bytes"
            + (received.map(\.count) == expected.map(\.count) ? ", and they are others" : ""))
      }
    }
  }

  private func repeatIsOneMessage() async throws {
    try await withFarSide { adapter, farSide, _ in
      var repeated = try delivery(1)
      _ = try await succeed(adapter, repeated)
      repeated.attempt = 2
      _ = try await succeed(adapter, repeated)
      let count = try await farSide.received().count
      guard count == 1 else { throw Observation(text: "one delivery, sent twice, became \(count) messages") }
    }
  }

  private func refusalIsRejected() async throws {
    try await withFarSide { adapter, farSide, _ in
      guard let refused = harness.makeRefusedDelivery else {
        throw NothingToCheck(reason: "the harness knows nothing that the far side refuses")
      }
      let error = try await fail(adapter, refused())
      guard error.verdict == .reject else {
        throw Observation(text: "the verdict was \(error.verdict), code \(error.code)")
      }
      guard !error.reason.isEmpty, !error.code.isEmpty else {
        throw Observation(text: "there was no reason or no code")
      }
      let count = try await farSide.received().count
      guard count == 0 else { throw Observation(text: "the far side kept what it refused") }
    }
  }

  private func deadPortIsOutage() async throws {
    let port = try ScriptedServer.deadPort()
    let start = ContinuousClock.now
    let error = try await refusal(port)
    guard case .outage = error.verdict else {
      throw Observation(text: "the verdict was \(error.verdict), code \(error.code)")
    }
    let duration = ContinuousClock.now - start
    guard duration < Self.promptness else { throw Observation(text: "it took \(duration)") }
  }

  private func silenceEndsAtDeadline() async throws {
    let server = try ScriptedServer { $0.waitForClose() }
    defer { server.close() }
    var slow = try delivery(1)
    slow.deadline = SystemClock().now + Self.patience
    let (delivery, start) = (slow, ContinuousClock.now)
    let error = try await withAdapter(server.port) { try await fail($0, delivery) }
    switch error.verdict {
    case .inDoubt, .retry, .outage: break
    case .reject, .cancelled: throw Observation(text: "the verdict was \(error.verdict), code \(error.code)")
    }
    let duration = ContinuousClock.now - start
    guard duration < Self.patience + Self.promptness else {
      throw Observation(text: "the deadline was \(Self.patience) away and it took \(duration)")
    }
  }

  private func cancellationEndsAtOnce() async throws {
    let (arrivals, arrival) = AsyncStream<Void>.makeStream()
    // Whoever waits for the greeting of a server for files says nothing before.
    let speaksFirst = harness.medium == .files
    let server = try ScriptedServer { connection in
      if !speaksFirst { _ = connection.read() }
      arrival.yield()
      connection.waitForClose()
    }
    defer { server.close() }
    let delivery = try delivery(1)
    try await withAdapter(server.port) { adapter in
      // Owned by this function, which cancels it and waits for its end.
      let attempt = Task {
        defer { arrival.finish() }
        return try await fail(adapter, delivery)
      }
      // Only a request that is under way can be cut short; an adapter that sends none ends by itself.
      for await _ in arrivals { break }
      let start = ContinuousClock.now
      attempt.cancel()
      let error = try await attempt.value
      guard error.verdict != .reject else { throw Observation(text: "the message was rejected, code \(error.code)") }
      let duration = ContinuousClock.now - start
      guard duration < Self.promptness else { throw Observation(text: "it went on for \(duration)") }
    }
  }

  private func probeLeavesNothing() async throws {
    try await withFarSide { adapter, farSide, _ in
      do throws(AdapterError) {
        try await adapter.probe()
      } catch {
        throw Observation(text: "the probe failed: \(error.code), \(error.reason)")
      }
      let count = try await farSide.received().count
      guard count == 0 else { throw Observation(text: "the probe left \(count) messages at the far side") }
    }
  }

  private func probeFindsOutage() async throws {
    try await withAdapter(try ScriptedServer.deadPort()) { adapter in
      do throws(AdapterError) {
        try await adapter.probe()
      } catch {
        return
      }
      throw Observation(text: "nobody listens, and the probe passed")
    }
  }

  func succeed(_ adapter: any OutboundAdapter, _ delivery: Delivery) async throws -> Reply {
    do throws(AdapterError) {
      return try await adapter.deliver(delivery)
    } catch {
      throw Observation(text: "delivery \(delivery.id) failed: \(error.verdict), \(error.code), \(error.reason)")
    }
  }

  /// How the attempt to send, or to sign a person in, fails at a far side that is not well.
  func refusal(_ port: Int) async throws -> AdapterError {
    try await withParts(port) { parts in
      if let adapter = parts.outbound { return try await fail(adapter, try delivery(1)) }
      guard let provider = parts.signIn else { throw NothingToCheck(reason: "it takes no deliveries") }
      let attempt = SignInAttempt(
        state: "state", nonce: "nonce", verifier: "verifier", redirectURL: "http://127.0.0.1:1/")
      do throws(AdapterError) { _ = try await provider.person(code: "code", attempt: attempt) } catch { return error }
      throw Observation(text: "a person was signed in by a far side that is not well")
    }
  }

  func fail(_ adapter: any OutboundAdapter, _ delivery: Delivery) async throws -> AdapterError {
    let reply: Reply
    do throws(AdapterError) {
      reply = try await adapter.deliver(delivery)
    } catch {
      return error
    }
    throw Observation(text: "the delivery succeeded with code \(reply.code)")
  }
}
