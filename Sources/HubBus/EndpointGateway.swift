public import HubKit
internal import Synchronization

/// The way in for one endpoint's connector: whatever it brings comes from that endpoint, whoever it says it is.
///
/// Connectors are made before the bus that they feed, so it is connected afterwards; until then it refuses.
public final class EndpointGateway: Gateway {
  private let endpoint: String
  private let bus = Mutex<(any Gateway)?>(nil)

  /// Creates a way in that leads nowhere yet.
  public init(endpoint: String) {
    self.endpoint = endpoint
  }

  /// Opens it.
  public func connect(to gateway: any Gateway) { bus.withLock { $0 = gateway } }

  /// Where large bodies go; before the hub runs they stay in memory and end with the refusal.
  public var bodies: any BodyStore { bus.withLock { $0 }?.bodies ?? MemoryBodyStore() }

  /// Brings messages in, in the endpoint's name.
  public func accept(_ messages: [Message], advancing cursor: Cursor?) async throws(NotAccepted) -> [Receipt] {
    let own = cursor.map { Cursor(source: "\(endpoint)/\($0.source)", value: $0.value) }
    return try await opened().accept(messages.map(stamped), advancing: own)
  }

  /// Puts a question, in the endpoint's name.
  public func ask(_ message: Message, within duration: Duration) async throws(NotAccepted) -> Answer {
    try await opened().ask(stamped(message), within: duration)
  }

  /// Waits for an exchange to settle.
  public func outcome(of receipt: Receipt, within duration: Duration) async -> Outcome? {
    guard let bus = bus.withLock({ $0 }) else { return nil }
    return await bus.outcome(of: receipt, within: duration)
  }

  private func opened() throws(NotAccepted) -> any Gateway {
    guard let bus = bus.withLock({ $0 }) else {
      throw NotAccepted(.unavailable, "The hub is starting. Try again.", retryAfter: .seconds(5))
    }
    return bus
  }

  private func stamped(_ message: Message) -> Message {
    Message(envelope: message.envelope, body: message.body, principal: .endpoint(endpoint))
  }
}
