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
    /// The route asks on the way; `deliveries` lists what it asks.
    case calling
    /// The message became several; `children` lists them.
    case split
    /// A delivery that could not reach its endpoint goes to another one; `deliveries` has it.
    case fallback
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
    /// It was a question under way, and whoever asked has gone.
    case abandoned
    /// Every delivery has ended.
    case settled
    /// A person put a delivery back to its place in its lane; its attempts begin anew.
    case redriven
    /// A person had a delivery sent once more under a new name; `deliveries` has it, and it stands for the old one.
    case resent
    /// A person had a message that was unfit planned again, by the configuration that `configuration` names.
    case replanned
    /// A person gave it up: nobody waits for it any more.
    case dropped
    /// A person had the content removed: what had not ended has ended, and nothing of it goes out any more.
    case purged
    /// An answer was held against what another endpoint answers, or was to be; `comparison` says how it ended.
    case compared
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
  /// The plan, on `routed`, `calling`, `fallback` and `resent`.
  public var deliveries: [PlannedDelivery]?
  /// The exchanges that came of it, on `split`.
  public var children: [ExchangeID]?
  /// What is wrong, on `invalid`; what is odd, on `routed`.
  public var violations: [Violation]?
  /// How the exchange ended, on `settled`.
  public var state: ExchangeState?
  /// Who ordered it, on what a person ordered; `detail` then says why.
  public var by: String?
  /// Digest of the configuration, on `replanned`.
  public var configuration: String?
  /// Number of the redelivery job that did it, on `redriven` and `replanned`.
  public var job: Int64?
  /// How two answers compare, on `compared`.
  public var comparison: ShadowComparison?

  /// Creates an entry.
  public init(_ name: Name, at: Timestamp, delivery: Int? = nil) {
    self.name = name
    self.at = at
    self.delivery = delivery
  }
}

/// One delivery that a route asks for.
public struct PlannedDelivery: Sendable, Hashable, Codable {
  /// What a delivery is for, when it is not for a receiver of the message.
  public enum Role: String, Sendable, Hashable, Codable {
    /// A question that the route puts on the way.
    case call
    /// A copy, whose end changes nothing for the exchange.
    case tap
  }

  /// Where it goes.
  public var endpoint: String
  /// Whom it is for; nil for an endpoint that is not an agency's.
  public var receiver: OrganisationCode?
  /// Deliveries to one endpoint with the same key keep their order; nil: no order.
  public var orderingKey: String?
  /// Which of the endpoint's operations is wanted.
  public var operation: String?
  /// What it is for; nil: for a receiver.
  public var role: Role?
  /// Name of the call, for ``Role/call``.
  public var call: String?
  /// Whether the route goes on without the answer, for ``Role/call``.
  public var isOptional: Bool?
  /// Where it goes when it cannot reach its endpoint, as `endpoint` or `endpoint/operation`.
  public var fallback: String?
  /// Who is asked the same in shadow once it has been answered, as `endpoint` or `endpoint/operation`; nil: nobody.
  public var shadow: String?

  /// Creates a planned delivery.
  public init(
    endpoint: String, receiver: OrganisationCode?, orderingKey: String?, operation: String? = nil, role: Role? = nil,
    call: String? = nil, isOptional: Bool? = nil, fallback: String? = nil, shadow: String? = nil
  ) {
    self.endpoint = endpoint
    self.receiver = receiver
    self.orderingKey = orderingKey
    self.operation = operation
    self.role = role
    self.call = call
    self.isOptional = isOptional
    self.fallback = fallback
    self.shadow = shadow
  }
}
