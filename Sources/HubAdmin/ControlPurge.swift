public import HubKit

/// What was removed of an exchange, and who had received it.
public struct ControlPurge: Sendable, Hashable, Codable {
  /// Somebody to whom the content went, or was to go.
  public struct Receiver: Sendable, Hashable, Codable {
    /// Name of the delivery, as in `<exchange>.1`.
    public var id: String
    /// The endpoint, and the agency where it is one's.
    public var endpoint: String
    /// The receiving agency; nil for an endpoint that is no agency's.
    public var receiver: String?
    /// `call`, `tap` or `shadow`; nil: it was a receiver of the message.
    public var role: String?
    /// Where it stands.
    public var state: DeliveryState
    /// When that was written down; nil: it never began.
    public var at: Timestamp?
    /// Whether some of it may be there: it arrived, or nobody can tell.
    public var mayHaveIt: Bool

    /// Creates a receiver.
    public init(
      id: String, endpoint: String, receiver: String? = nil, role: String? = nil, state: DeliveryState,
      at: Timestamp? = nil, mayHaveIt: Bool
    ) {
      self.id = id
      self.endpoint = endpoint
      self.receiver = receiver
      self.role = role
      self.state = state
      self.at = at
      self.mayHaveIt = mayHaveIt
    }
  }

  /// The exchange, and those that its message was split into.
  public var exchanges: [ExchangeID]
  /// All to whom it went or was to go.
  public var receivers: [Receiver]
  /// How many bytes of bodies and answers were removed.
  public var bytesRemoved: Int

  /// Creates a report.
  public init(exchanges: [ExchangeID], receivers: [Receiver], bytesRemoved: Int) {
    self.exchanges = exchanges
    self.receivers = receivers
    self.bytesRemoved = bytesRemoved
  }
}
