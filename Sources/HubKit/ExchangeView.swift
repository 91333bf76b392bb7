/// An exchange as those who took part in it may see it: where it stands and how it got there. Nothing of the body.
///
/// `GET /v1/exchanges/{id}` and `lgsp trace --json` write the same JSON object from it.
public struct ExchangeView: Sendable, Hashable, Codable {
  /// The journal's name for the journey.
  public var id: ExchangeID
  /// Where it stands.
  public var state: ExchangeState
  /// CloudEvents `type` of the message that began it.
  public var type: String
  /// CloudEvents `source` of that message.
  public var source: String
  /// CloudEvents `id` of that message, chosen by the sender.
  public var messageID: String
  /// The sending agency; nil when it came from a system that is no agency.
  public var sender: OrganisationCode?
  /// The receiving agencies, in the order of the envelope.
  public var receivers: [OrganisationCode]
  /// CloudEvents `subject`: the document's or dossier's own code.
  public var subject: String?
  /// When the hub wrote it down.
  public var receivedAt: Timestamp
  /// When its last delivery ended; nil while it is under way.
  public var settledAt: Timestamp?
  /// Why, when it did not end as ``ExchangeState/delivered``; a sentence.
  public var reason: String?
  /// One for each receiver or endpoint.
  public var deliveries: [DeliveryView]
  /// What happened, oldest first.
  public var events: [EventView]

  /// Creates a view. Whoever reads the journal has reason to.
  public init(
    id: ExchangeID, state: ExchangeState, type: String, source: String, messageID: String,
    sender: OrganisationCode?, receivers: [OrganisationCode], subject: String? = nil, receivedAt: Timestamp,
    settledAt: Timestamp? = nil, reason: String? = nil, deliveries: [DeliveryView] = [], events: [EventView] = []
  ) {
    self.id = id
    self.state = state
    self.type = type
    self.source = source
    self.messageID = messageID
    self.sender = sender
    self.receivers = receivers
    self.subject = subject
    self.receivedAt = receivedAt
    self.settledAt = settledAt
    self.reason = reason
    self.deliveries = deliveries
    self.events = events
  }
}

/// One delivery of an exchange, as its participants may see it.
public struct DeliveryView: Sendable, Hashable, Codable {
  /// Name of the delivery, as in `<exchange>.1`.
  public var id: String
  /// The endpoint through which it goes.
  public var endpoint: String
  /// Whom it is for; nil for an endpoint that is no agency's.
  public var receiver: OrganisationCode?
  /// Which of the endpoint's operations it asks for; nil for the usual one.
  public var operation: String?
  /// `call` for a question on the way, `tap` for a copy; nil for a delivery to a receiver.
  public var role: String?
  /// Where it stands.
  public var state: DeliveryState
  /// How many attempts were made.
  public var attempts: Int
  /// Why it was refused, parked or has to wait; a sentence.
  public var reason: String?

  /// Creates a view of a delivery.
  public init(
    id: String, endpoint: String, receiver: OrganisationCode? = nil, operation: String? = nil, role: String? = nil,
    state: DeliveryState, attempts: Int, reason: String? = nil
  ) {
    self.id = id
    self.endpoint = endpoint
    self.receiver = receiver
    self.operation = operation
    self.role = role
    self.state = state
    self.attempts = attempts
    self.reason = reason
  }
}

/// Something that happened to an exchange. In JSON the time is `time` and the duration is `duration`, in milliseconds.
public struct EventView: Sendable, Hashable, Codable {
  /// What happened, as in `received` or `delivered`.
  public var name: String
  /// When.
  public var at: Timestamp
  /// The endpoint concerned, if one was.
  public var endpoint: String?
  /// The receiver concerned, if one was.
  public var receiver: OrganisationCode?
  /// How long it took, in milliseconds.
  public var durationMilliseconds: Double?
  /// More, in a sentence; never payload or personal data.
  public var detail: String?

  private enum CodingKeys: String, CodingKey {
    case name, endpoint, receiver, detail
    case at = "time"
    case durationMilliseconds = "duration"
  }

  /// Creates a view of an event.
  public init(
    name: String, at: Timestamp, endpoint: String? = nil, receiver: OrganisationCode? = nil,
    durationMilliseconds: Double? = nil, detail: String? = nil
  ) {
    self.name = name
    self.at = at
    self.endpoint = endpoint
    self.receiver = receiver
    self.durationMilliseconds = durationMilliseconds
    self.detail = detail
  }
}
