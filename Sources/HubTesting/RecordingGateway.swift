public import HubKit
internal import Logging
internal import Synchronization

/// A hub of memory for connectors' own tests: keeps what is brought to it, refuses and answers by script.
public final class RecordingGateway: Gateway {
  private struct State {
    var accepted: [Message] = []
    var asked: [Message] = []
    var cursors: [Cursor] = []
    var refusals: ArraySlice<NotAccepted> = []
    var answers: ArraySlice<Answer> = []
    var number: UInt64 = 0
  }

  private let state = Mutex(State())
  private let clock: any HubClock

  /// Creates a hub that takes everything.
  public init(clock: any HubClock = SystemClock()) {
    self.clock = clock
  }

  /// Bodies stay in memory.
  public let bodies: any BodyStore = MemoryBodyStore()

  /// What was accepted, oldest first.
  public var accepted: [Message] { state.withLock { $0.accepted } }

  /// What was asked, oldest first.
  public var asked: [Message] { state.withLock { $0.asked } }

  /// Where sources said that they stand, oldest first.
  public var cursors: [Cursor] { state.withLock { $0.cursors } }

  /// The next calls are refused, one refusal each.
  public func refuse(_ refusals: [NotAccepted]) { state.withLock { $0.refusals += refusals } }

  /// The next questions are answered so; one for which there is no answer is refused as `unavailable`.
  public func answer(_ answers: [Answer]) { state.withLock { $0.answers += answers } }

  /// Takes messages in, or refuses by script. The same source and id again is a duplicate.
  public func accept(_ messages: [Message], advancing cursor: Cursor?) async throws(NotAccepted) -> [Receipt] {
    let now = clock.now
    let result: Result<[Receipt], NotAccepted> = state.withLock { state in
      if let refusal = state.refusals.popFirst() { return .failure(refusal) }
      if let cursor { state.cursors.append(cursor) }
      return .success(
        messages.map { message in
          let isKnown = state.accepted.contains {
            $0.envelope.id == message.envelope.id && $0.envelope.source == message.envelope.source
          }
          if !isKnown { state.accepted.append(message) }
          state.number += 1
          return Receipt(
            exchange: ExchangeID(time: now, random: (0, state.number)), receivedAt: now, duplicate: isKnown)
        })
    }
    return try result.get()
  }

  /// Nothing settles here.
  public func outcome(of receipt: Receipt, within duration: Duration) async -> Outcome? { nil }

  /// Gives the next scripted answer.
  public func ask(_ message: Message, within duration: Duration) async throws(NotAccepted) -> Answer {
    let answer = state.withLock { state in
      state.asked.append(message)
      return state.answers.popFirst()
    }
    guard let answer else { throw NotAccepted(.unavailable, "No answer is scripted.") }
    return answer
  }
}

extension ConnectorContext {
  /// A context for a connector's tests: whatever is left out is empty, in memory, or the machine's.
  public static func forTests(
    endpoint: String = "test", transport: any Transport, gateway: any Gateway = RecordingGateway(),
    clock: any HubClock = SystemClock(), directory: any AgencyDirectory = NobodyKnown()
  ) -> ConnectorContext {
    ConnectorContext(
      endpoint: endpoint, transport: transport, gateway: gateway, clock: clock, directory: directory,
      logger: Logger(label: "test"))
  }
}

/// A directory in which nobody is known and everything is allowed.
public struct NobodyKnown: AgencyDirectory {
  /// Creates it.
  public init() {}

  /// None.
  public var agencies: [Agency] { [] }

  /// Nobody.
  public func agency(_ code: OrganisationCode) -> Agency? { nil }

  /// Nothing is refused.
  public func refusal(
    of principal: Principal, sending type: String, from sender: OrganisationCode?, to receivers: [OrganisationCode]
  ) -> String? {
    nil
  }

  /// Nothing is refused.
  public func refusal(of principal: Principal, calling service: String) -> String? { nil }
}
