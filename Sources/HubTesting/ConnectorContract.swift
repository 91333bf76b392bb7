public import HubKit
internal import Synchronization

/// How the contract suite gets hold of one connector.
public struct ConnectorHarness: Sendable {
  /// Makes the connector's adapter so that it sends to that port on 127.0.0.1, through a real transport, by the
  /// machine's clock.
  public var makeAdapter: @Sendable (_ port: Int) throws -> any OutboundAdapter
  /// A delivery that the far side takes; other numbers give other ids and other bytes.
  public var makeDelivery: @Sendable (_ number: Int) -> Delivery
  /// A delivery that the far side refuses for good.
  public var makeRefusedDelivery: @Sendable () -> Delivery
  /// Makes a far side in its first state; called once for each behaviour.
  public var makeFarSide: @Sendable () throws -> FarSide
  /// The bytes that a delivery should have become at the far side; nil: its body, unchanged.
  public var whatArrives: (@Sendable (Delivery) throws -> [UInt8])?

  /// Creates a harness.
  public init(
    makeAdapter: @escaping @Sendable (_ port: Int) throws -> any OutboundAdapter,
    makeDelivery: @escaping @Sendable (_ number: Int) -> Delivery,
    makeRefusedDelivery: @escaping @Sendable () -> Delivery,
    makeFarSide: @escaping @Sendable () throws -> FarSide,
    whatArrives: (@Sendable (Delivery) throws -> [UInt8])? = nil
  ) {
    self.makeAdapter = makeAdapter
    self.makeDelivery = makeDelivery
    self.makeRefusedDelivery = makeRefusedDelivery
    self.makeFarSide = makeFarSide
    self.whatArrives = whatArrives
  }
}

/// The far side as the contract suite sees it: usually the connector's mock.
public struct FarSide: Sendable {
  /// What answers on the socket.
  public var interface: any ServedInterface
  /// The bytes of everything that it holds, in the order in which it came.
  public var received: @Sendable () async throws -> [[UInt8]]

  /// Creates a far side.
  public init(
    interface: any ServedInterface, received: @escaping @Sendable () async throws -> [[UInt8]]
  ) {
    self.interface = interface
    self.received = received
  }
}

/// What every outbound adapter must do, whatever it speaks: one suite for all connectors and all three hostings.
///
/// ```swift
/// @Test(arguments: ConnectorContract.Behaviour.allCases)
/// func `keeps the contract`(_ behaviour: ConnectorContract.Behaviour) async {
///   #expect(await ConnectorContract.failure(of: harness, in: behaviour) == nil)
/// }
/// ```
public enum ConnectorContract {
  /// One thing that an adapter must do.
  public enum Behaviour: String, Sendable, CaseIterable {
    /// A delivery succeeds and the far side has exactly its bytes.
    case delivers
    /// The same delivery twice is one message for the far side.
    case repeatIsOneMessage
    /// What the far side refuses is `reject`, with a reason.
    case refusalIsRejected
    /// Nobody listens: `outage`, quickly.
    case deadPortIsOutage
    /// The far side takes the request and says nothing: not success, and no later than the deadline.
    case silenceEndsAtDeadline
    /// The task is cancelled: the attempt ends at once.
    case cancellationEndsAtOnce
    /// An answer that makes no sense is no success.
    case garbageIsNoSuccess
    /// The far side closes the connection in the middle of its answer: no success, and nothing thrown away.
    case brokenAnswerIsNoSuccess
    /// A probe of a far side that is well passes and leaves nothing behind.
    case probeLeavesNothing
    /// A probe of a dead port fails.
    case probeFindsOutage
  }

  /// A behaviour that an adapter does not show.
  public struct Failure: Error, Sendable, Hashable, CustomStringConvertible {
    /// Which.
    public var behaviour: Behaviour
    /// What was seen in its place.
    public var message: String

    /// Behaviour and observation in one line.
    public var description: String { "\(behaviour.rawValue): \(message)" }
  }

  /// Checks all behaviours.
  ///
  /// - Returns: those that the adapter does not show; empty when all is well.
  public static func failures(of harness: ConnectorHarness) async -> [Failure] {
    var found: [Failure] = []
    for behaviour in Behaviour.allCases {
      if let failure = await failure(of: harness, in: behaviour) { found.append(failure) }
    }
    return found
  }

  /// Checks one behaviour.
  ///
  /// - Returns: nil when the adapter shows it.
  public static func failure(of harness: ConnectorHarness, in behaviour: Behaviour) async -> Failure? {
    do {
      try await ContractRun(harness: harness).check(behaviour)
      return nil
    } catch let observation as Observation {
      return Failure(behaviour: behaviour, message: observation.text)
    } catch {
      return Failure(behaviour: behaviour, message: "the harness failed: \(error)")
    }
  }
}

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
    case .delivers: try await delivers()
    case .repeatIsOneMessage: try await repeatIsOneMessage()
    case .refusalIsRejected: try await refusalIsRejected()
    case .deadPortIsOutage: try await deadPortIsOutage()
    case .silenceEndsAtDeadline: try await silenceEndsAtDeadline()
    case .cancellationEndsAtOnce: try await cancellationEndsAtOnce()
    case .garbageIsNoSuccess:
      try await isNoSuccess(answer: "\u{1}\u{2} this is no protocol that anybody speaks\r\n\r\n")
    case .brokenAnswerIsNoSuccess:
      try await isNoSuccess(answer: "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5000\r\n\r\nhalf")
    case .probeLeavesNothing: try await probeLeavesNothing()
    case .probeFindsOutage: try await probeFindsOutage()
    }
  }

  private func withFarSide(_ body: (any OutboundAdapter, FarSide) async throws -> Void) async throws {
    let farSide = try harness.makeFarSide()
    let server = try LoopbackServer(farSide.interface)
    defer { server.close() }
    try await body(harness.makeAdapter(server.port), farSide)
  }

  private func arrived(_ delivery: Delivery) throws -> [UInt8] {
    if let whatArrives = harness.whatArrives { return try whatArrives(delivery) }
    return try delivery.bodies.bytes(of: delivery.body, limit: .max)
  }

  private func delivers() async throws {
    try await withFarSide { adapter, farSide in
      var expected: [[UInt8]] = []
      for number in 1...3 {
        let delivery = harness.makeDelivery(number)
        _ = try await succeed(adapter, delivery)
        expected.append(try arrived(delivery))
      }
      let received = try await farSide.received()
      guard received == expected else {
        throw Observation(
          text: "three deliveries of \(expected.map(\.count)) bytes; the far side has \(received.map(\.count)) bytes"
            + (received.map(\.count) == expected.map(\.count) ? ", and they are others" : ""))
      }
    }
  }

  private func repeatIsOneMessage() async throws {
    try await withFarSide { adapter, farSide in
      var delivery = harness.makeDelivery(1)
      _ = try await succeed(adapter, delivery)
      delivery.attempt = 2
      _ = try await succeed(adapter, delivery)
      let count = try await farSide.received().count
      guard count == 1 else { throw Observation(text: "one delivery, sent twice, became \(count) messages") }
    }
  }

  private func refusalIsRejected() async throws {
    try await withFarSide { adapter, farSide in
      let error = try await fail(adapter, harness.makeRefusedDelivery())
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
    let adapter = try harness.makeAdapter(try ScriptedServer.deadPort())
    let start = ContinuousClock.now
    let error = try await fail(adapter, harness.makeDelivery(1))
    guard case .outage = error.verdict else {
      throw Observation(text: "the verdict was \(error.verdict), code \(error.code)")
    }
    let duration = ContinuousClock.now - start
    guard duration < Self.promptness else { throw Observation(text: "it took \(duration)") }
  }

  private func silenceEndsAtDeadline() async throws {
    let server = try ScriptedServer { $0.waitForClose() }
    defer { server.close() }
    let adapter = try harness.makeAdapter(server.port)
    var delivery = harness.makeDelivery(1)
    delivery.deadline = SystemClock().now + Self.patience
    let start = ContinuousClock.now
    let error = try await fail(adapter, delivery)
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
    let server = try ScriptedServer { connection in
      _ = connection.read()
      arrival.yield()
      connection.waitForClose()
    }
    defer { server.close() }
    let adapter = try harness.makeAdapter(server.port)
    // Owned by this function, which cancels it and waits for its end.
    let attempt = Task {
      defer { arrival.finish() }
      return try await fail(adapter, harness.makeDelivery(1))
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

  private func isNoSuccess(answer: String) async throws {
    let server = try ScriptedServer { connection in
      _ = connection.read()
      connection.write(text: answer)
    }
    defer { server.close() }
    let adapter = try harness.makeAdapter(server.port)
    let error = try await fail(adapter, harness.makeDelivery(1))
    guard error.verdict != .reject else {
      throw Observation(text: "the message was thrown away for it, code \(error.code)")
    }
  }

  private func probeLeavesNothing() async throws {
    try await withFarSide { adapter, farSide in
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
    let adapter = try harness.makeAdapter(try ScriptedServer.deadPort())
    do throws(AdapterError) {
      try await adapter.probe()
    } catch {
      return
    }
    throw Observation(text: "nobody listens, and the probe passed")
  }

  private func succeed(_ adapter: any OutboundAdapter, _ delivery: Delivery) async throws -> Reply {
    do throws(AdapterError) {
      return try await adapter.deliver(delivery)
    } catch {
      throw Observation(text: "delivery \(delivery.id) failed: \(error.verdict), \(error.code), \(error.reason)")
    }
  }

  private func fail(_ adapter: any OutboundAdapter, _ delivery: Delivery) async throws -> AdapterError {
    let reply: Reply
    do throws(AdapterError) {
      reply = try await adapter.deliver(delivery)
    } catch {
      return error
    }
    throw Observation(text: "the delivery succeeded with code \(reply.code)")
  }
}
