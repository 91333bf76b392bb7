public import HubKit

/// One step of an exchange, as the journal keeps it and as `lgsp trace` prints it.
///
/// The entries of an exchange, in order, are enough to set its state up again after a restart: that is what
/// ``ExchangeSeat/restore(_:)`` does. Names and fields are therefore part of the journal's format.
public struct TimelineEntry: Sendable, Hashable, Codable {
  /// What happened.
  public enum Name: String, Sendable, Hashable, Codable {
    /// A route took the message; `deliveries` lists what it makes of it.
    case routed
    /// The message broke its schema or could not be mapped: it lies in the invalid-message store.
    case invalid
    /// No route wanted it after its content was read.
    case unroutable
    /// An attempt is about to be made at an endpoint that parks what is in doubt; on the disk before it is made.
    case attempting
    /// An attempt failed and another one follows, not before `until`.
    case retry
    /// An attempt met a far system that is away; the endpoint pauses, no attempt is spent.
    case outage
    /// The receiver has it.
    case delivered
    /// The far side said no for good.
    case refused
    /// Given up or in doubt.
    case parked
    /// Too late to be sent.
    case expired
    /// Every delivery has ended.
    case settled
  }

  /// What happened.
  public var name: Name
  /// When.
  public var at: Timestamp
  /// Which delivery, from 1.
  public var delivery: Int?
  /// Number of the attempt, from 1.
  public var attempt: Int?
  /// How long it took, in microseconds.
  public var microseconds: Int64?
  /// The far side's code, or ours.
  public var code: String?
  /// What happened, in a sentence.
  public var detail: String?
  /// The far side's name for what it took.
  public var reference: String?
  /// Keyed digest of the bytes that were sent.
  public var sent: String?
  /// Not before this time.
  public var until: Timestamp?
  /// The route, on `routed` and `invalid`.
  public var route: String?
  /// The plan, on `routed`.
  public var deliveries: [PlannedDelivery]?
  /// What is wrong, on `invalid`; what is odd, on `routed`.
  public var violations: [Violation]?
  /// How the exchange ended, on `settled`.
  public var state: ExchangeState?

  /// Creates an entry.
  public init(_ name: Name, at: Timestamp, delivery: Int? = nil) {
    self.name = name
    self.at = at
    self.delivery = delivery
  }
}

/// One delivery that a route asks for.
public struct PlannedDelivery: Sendable, Hashable, Codable {
  /// Where it goes.
  public var endpoint: String
  /// Whom it is for; nil for an endpoint that is not an agency's.
  public var receiver: OrganisationCode?
  /// Deliveries to one endpoint with the same key keep their order; nil: no order.
  public var orderingKey: String?

  /// Creates a planned delivery.
  public init(endpoint: String, receiver: OrganisationCode?, orderingKey: String?) {
    self.endpoint = endpoint
    self.receiver = receiver
    self.orderingKey = orderingKey
  }
}
