public import HubBus
public import HubKit
public import HubRouting
internal import HubTesting
internal import Synchronization

/// One configuration, ready to play recorded exchanges: no journal, no network, virtual time.
public struct ReplayStand: Sendable {
  private let rehearsal: Rehearsal
  private let wire: WireProbe?
  private let ways: FarWays
  /// Where in its mappings a place in what it makes comes from.
  let sources: MappingSources

  /// Takes the parts of a configuration.
  ///
  /// - Parameters:
  ///   - rehearsal: its planner asks ``OriginTape/lookup``.
  ///   - wire: shows what connectors put on the wire; nil: only what they are handed is looked at.
  ///   - ways: where calls go that are not answered from the recording.
  ///   - routes: its routes, to name the lines of mappings from which differences come; none: they are not named.
  public init(
    rehearsal: Rehearsal, wire: WireProbe? = nil, ways: FarWays = FarWays(), routes: [Route] = []
  ) {
    sources = MappingSources(routes)
    self.rehearsal = rehearsal
    self.wire = wire
    self.ways = ways
  }

  /// What became of an exchange.
  struct Played {
    var made: MadeExchange
    var contents: Contents
    /// Its steps; none of what was recorded.
    var log = RehearsalLog()
  }

  /// A delivery as the endpoint's connector is handed it.
  struct SeenDelivery {
    var endpoint: String
    var delivery: Delivery
    var last: RecordedAttempt?
    var answer: Result<Reply, AdapterError>
    var requests: [SentRequest]?
  }

  typealias Seen = @Sendable (SeenDelivery) -> Void

  /// Plays a recorded message to its end.
  ///
  /// - Parameters:
  ///   - origins: answers questions about earlier exchanges.
  ///   - shift: how far the connectors' clocks are ahead, so that what depends on the time shows.
  /// - Returns: nil when the message is not there whole.
  ///   - seen: told of each delivery when it is first tried, with what the far system answered in the end.
  func play(
    _ recording: Recording, origins: OriginTape, shift: Duration = .zero, seen: @escaping Seen = { _ in }
  ) async -> Played? {
    guard let message = recording.message else { return nil }
    let tape = FarTape(recording.exchange.calls, contents: recording.contents)
    let notes = WireNotes()
    let occasion = Rehearsal.Occasion(
      recording.exchange.receivedAt, exchange: recording.exchange.id, patience: nil)
    let result = await OriginTape.$current.withValue(origins) {
      await rehearsal.run(
        message, at: occasion, bodies: MemoryBodyStore(),
        farSide: { await meet($0, tape, notes, shift, seen) })
    }
    return played(result, notes)
  }

  /// One attempt: seen on the wire the first time, then answered.
  private func meet(
    _ attempt: Rehearsal.Attempt, _ tape: FarTape, _ notes: WireNotes, _ shift: Duration, _ seen: Seen
  ) async -> Rehearsal.Ending {
    let (isFirst, call) = tape.take(attempt)
    let endpoint = attempt.planned.endpoint
    if isFirst {
      let last = call?.attempts.last
      let answer = last?.result(tape.contents) ?? .success(Reply(code: "200"))
      let requests = await wire?.requests(attempt.delivery, at: endpoint, answer: answer, shift: shift)
      notes.add(requests, of: attempt.delivery.id)
      seen(SeenDelivery(endpoint: endpoint, delivery: attempt.delivery, last: last, answer: answer, requests: requests))
    }
    return await ways.ending(of: attempt, recordedAs: call?.delivery) ?? tape.ending(of: attempt)
  }

  private func played(_ result: Rehearsal.Result, _ notes: WireNotes) -> Played {
    var contents = notes.contents
    if let refusal = result.refusal {
      let made = MadeExchange(
        refusal: refusal.code.rawValue, violations: Set(result.violations.map(\.rule)).sorted(), deliveries: [])
      return Played(made: made, contents: contents, log: result.log)
    }
    let deliveries = result.sent.map { sent in
      MadeDelivery(
        name: CallName(sent.planned), route: sent.route, state: sent.state, attempts: sent.attempts,
        body: contents.add(sent.body.inlineBytes, type: sent.mediaType), requests: notes.requests(of: sent.id))
    }
    let answer = result.answer.map { contents.add($0.body.inlineBytes, type: $0.mediaType) }
    let made = MadeExchange(
      route: result.route, state: result.outcome?.state,
      violations: result.outcome?.state == .failed ? Set(result.violations.map(\.rule)).sorted() : [],
      deliveries: deliveries, answer: answer)
    return Played(made: made, contents: contents, log: result.log)
  }
}

/// Where calls go that a replay does not answer from the recording.
public struct FarWays: Sendable {
  /// What becomes of an endpoint's calls.
  public enum Way: Sendable {
    /// They are not made, and count as taken.
    case skip
    /// They are made, by this adapter: to a mock, or to the live system.
    case made(any OutboundAdapter)
  }

  private let ways: [String: Way]

  /// Takes the ways by endpoint; all others are answered from the recording.
  public init(_ ways: [String: Way] = [:]) {
    self.ways = ways
  }

  /// How an attempt ends that is not answered from the recording; nil: it is.
  ///
  /// - Parameter id: the delivery's id when it was recorded: the far system knows it by that, and takes nothing twice.
  func ending(of attempt: Rehearsal.Attempt, recordedAs id: String?) async -> Rehearsal.Ending? {
    switch ways[attempt.planned.endpoint] {
    case nil: return nil
    case .skip: return Rehearsal.Ending(.success(Reply(code: "skipped")))
    case .made(let adapter):
      var delivery = attempt.delivery
      // A call that is new must not go by a name that the far system knows as another's.
      delivery.id = id ?? "replay-\(delivery.id)"
      let clock = SystemClock()
      delivery.deadline = clock.now + .seconds(60)
      let start = clock.elapsed
      do throws(AdapterError) {
        let reply = try await adapter.deliver(delivery)
        return Rehearsal.Ending(.success(reply), after: clock.elapsed - start)
      } catch {
        return Rehearsal.Ending(.failure(error), after: clock.elapsed - start)
      }
    }
  }
}

/// What was seen on the wire, by delivery.
private final class WireNotes: Sendable {
  private let state = Mutex<(requests: [String: [MadeRequest]], contents: Contents)>(([:], Contents()))

  func add(_ requests: [SentRequest]?, of delivery: String) {
    guard let requests else { return }
    state.withLock { state in
      state.requests[delivery] = requests.map { request in
        MadeRequest(
          method: request.method, url: request.url, headers: request.headers,
          body: request.body.map { state.contents.add($0, type: nil) })
      }
    }
  }

  func requests(of delivery: String) -> [MadeRequest]? { state.withLock { $0.requests[delivery] } }

  var contents: Contents { state.withLock { $0.contents } }
}

extension Body {
  /// The bytes; none of a body by reference, which a replay never makes.
  fileprivate var inlineBytes: [UInt8] {
    if case .inline(let bytes) = self { bytes } else { [] }
  }
}
