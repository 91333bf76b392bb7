public import HubKit

/// What operators may ask and order of a running hub over its control socket. The composition root adapts the bus to
/// it, so that this module knows no bus. `by` is who orders: see ``ControlPeer``.
public protocol HubControl: Sendable {
  /// All endpoints, by name.
  func endpoints() async -> [ControlEndpoint]

  /// What waits for a person, oldest first.
  ///
  /// - Parameters:
  ///   - filter: only what it finds.
  ///   - after: ``ControlDeadLetters/next`` of the page before; 0: the first page.
  ///   - limit: about how many.
  func deadLetters(
    _ filter: ControlFilter, after: Int64, limit: Int
  ) async throws(ControlRefusal) -> ControlDeadLetters

  /// Puts back what waits for a person, or sends once more under a new key.
  ///
  /// - Parameter delivery: its number, from 1; nil: all of the exchange that waits.
  /// - Returns: where the deliveries stand, once the order is on the disk.
  func redeliver(
    _ exchange: ExchangeID, delivery: Int?, resend: Bool, by: String, reason: String
  ) async throws(ControlRefusal) -> [ControlDelivery]

  /// Has all that a filter finds put back, as a job of the hub.
  func redeliver(_ order: ControlRedeliveryOrder, by: String, reason: String) async throws(ControlRefusal)
    -> ControlRedelivery

  /// The last redelivery jobs, newest first.
  func redeliveries(limit: Int) async throws(ControlRefusal) -> [ControlRedelivery]

  /// A redelivery job, with what it could not bring to its receivers.
  func redelivery(_ number: Int64) async throws(ControlRefusal) -> ControlRedelivery

  /// Halts a redelivery job, lets it go on, or stops it.
  func setRedelivery(
    _ number: Int64, _ change: ControlRedelivery.Change, by: String, reason: String
  ) async throws(ControlRefusal) -> ControlRedelivery

  /// Gives up what waits for a person.
  func drop(
    _ exchange: ExchangeID, delivery: Int?, by: String, reason: String
  ) async throws(ControlRefusal) -> [ControlDelivery]

  /// Removes an exchange's content for good.
  ///
  /// - Returns: who has received it, once all is on the disk.
  func purge(_ exchange: ExchangeID, by: String, reason: String) async throws(ControlRefusal) -> ControlPurge

  /// Stops an endpoint, or lets it go.
  func setPaused(
    _ isPaused: Bool, endpoint: String, by: String, reason: String
  ) async throws(ControlRefusal) -> ControlEndpoint

  /// Has new messages take one of an endpoint's two versions.
  func setVersion(
    _ choice: ControlVersions.Choice, endpoint: String, by: String, reason: String
  ) async throws(ControlRefusal) -> ControlEndpoint
}

/// Why nothing was done.
public struct ControlRefusal: Error, Hashable {
  /// What kind; each has its HTTP status.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// The order itself cannot be read: 400.
    case invalid
    /// There is no such thing: 404.
    case unknown
    /// It is being worked on: 409.
    case underway
    /// What is needed is kept no longer: 410.
    case gone
    /// It makes no sense as things stand: 422.
    case senseless
    /// Not now: 503.
    case unavailable

    /// The HTTP status by which it is told.
    public var status: Int {
      switch self {
      case .invalid: 400
      case .unknown: 404
      case .underway: 409
      case .gone: 410
      case .senseless: 422
      case .unavailable: 503
      }
    }
  }

  /// What kind.
  public var kind: Kind
  /// What is wrong and what to do, in Vietnamese and in English.
  public var detail: String

  /// Creates a refusal.
  public init(_ kind: Kind, _ detail: String) {
    self.kind = kind
    self.detail = detail
  }
}

/// An endpoint as the control socket tells it.
public struct ControlEndpoint: Sendable, Hashable, Codable {
  /// Name and connector in the configuration.
  public var name, connector: String
  /// `running`, `down` (the hub tries again by itself) or `paused` (by an operator).
  public var state: String
  /// Since when it is down or paused, and when it is tried again.
  public var since, nextTry: Timestamp?
  /// Why, in a sentence.
  public var reason: String?
  /// Who has paused it.
  public var pausedBy: String?
  /// Deliveries that wait, are being made, were made, and ended otherwise; the last two since the start.
  public var waiting, inFlight, delivered, failed: Int
  /// When the far system last took something.
  public var lastSuccess: Timestamp?
  /// Its two versions; nil: it has one.
  public var versions: ControlVersions?

  /// Creates an endpoint.
  public init(
    name: String, connector: String, state: String, since: Timestamp? = nil, nextTry: Timestamp? = nil,
    reason: String? = nil, pausedBy: String? = nil, waiting: Int = 0, inFlight: Int = 0, delivered: Int = 0,
    failed: Int = 0, lastSuccess: Timestamp? = nil, versions: ControlVersions? = nil
  ) {
    self.name = name
    self.connector = connector
    self.state = state
    self.since = since
    self.nextTry = nextTry
    self.reason = reason
    self.pausedBy = pausedBy
    self.waiting = waiting
    self.inFlight = inFlight
    self.delivered = delivered
    self.failed = failed
    self.lastSuccess = lastSuccess
    self.versions = versions
  }
}

/// Something that waits for a person.
public struct ControlDeadLetter: Sendable, Hashable, Codable {
  /// How it is named in orders: `<exchange>.<delivery>`, or the exchange alone when the message itself is unfit.
  public var id: String
  /// The exchange.
  public var exchange: ExchangeID
  /// Number of the delivery, from 1; nil when the message itself is unfit.
  public var delivery: Int?
  /// Where it was to go, whom it was for, and the key of its lane.
  public var endpoint, receiver, orderingKey: String?
  /// `refused`, `parked`, `invalid` or `unroutable`.
  public var state: String
  /// The far side's code, or the hub's.
  public var code: String?
  /// Why, in a sentence.
  public var reason: String?
  /// Since when.
  public var since: Timestamp
  /// CloudEvents `type` of the message.
  public var type: String
  /// CloudEvents `subject` of the message.
  public var subject: String?
  /// How many wait behind it in its lane.
  public var waitingBehind: Int
  /// Attempts that were made.
  public var attempts: Int

  /// Creates a dead letter.
  public init(
    exchange: ExchangeID, delivery: Int?, endpoint: String? = nil, receiver: String? = nil, orderingKey: String? = nil,
    state: String, code: String? = nil, reason: String? = nil, since: Timestamp, type: String, subject: String? = nil,
    waitingBehind: Int = 0, attempts: Int = 0
  ) {
    id = delivery.map { "\(exchange).\($0)" } ?? exchange.text
    self.exchange = exchange
    self.delivery = delivery
    self.endpoint = endpoint
    self.receiver = receiver
    self.orderingKey = orderingKey
    self.state = state
    self.code = code
    self.reason = reason
    self.since = since
    self.type = type
    self.subject = subject
    self.waitingBehind = waitingBehind
    self.attempts = attempts
  }
}

/// A page of what waits for a person.
public struct ControlDeadLetters: Sendable, Hashable, Codable {
  /// What waits.
  public var items: [ControlDeadLetter]
  /// Where the next page begins; nil: there is none.
  public var next: Int64?

  /// Creates a page.
  public init(items: [ControlDeadLetter], next: Int64?) {
    self.items = items
    self.next = next
  }
}

/// Where a delivery stands after an order.
public struct ControlDelivery: Sendable, Hashable, Codable {
  /// Its name: the idempotency key that the far side sees.
  public var id: String
  /// Where it stands.
  public var state: DeliveryState

  /// Creates a delivery.
  public init(id: String, state: DeliveryState) {
    self.id = id
    self.state = state
  }
}
