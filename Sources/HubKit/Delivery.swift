/// One attempt to bring an exchange to one receiver, as an outbound adapter sees it.
public struct Delivery: Sendable {
  /// Stays the same over all attempts, and so serves the far side as idempotency key: `<exchange>.<number>`.
  public var id: String
  /// The journey that it belongs to.
  public var exchange: ExchangeID
  /// Number of this attempt, from 1.
  public var attempt: Int
  /// The outside of the message, receivers narrowed to those of this delivery.
  public var envelope: Envelope
  /// Whom it is for; nil for an endpoint that is not an agency's.
  public var receiver: OrganisationCode?
  /// Which of the connector's operations is wanted, as in `verify`: what stands behind the `/` in a route's `to:`; nil
  /// for the endpoint's only or usual one.
  public var operation: String?
  /// How the question was put, when the answer's bytes are wanted; nil for a one-way message, of whose answer only the
  /// code counts.
  public var question: Question?
  /// Finished bytes.
  public var body: Body
  /// Opens ``body``.
  public var bodies: any BodyStore
  /// When the hub received the message: the same over all attempts, also after a crash.
  public var receivedAt: Timestamp
  /// The attempt should be over by then.
  public var deadline: Timestamp

  /// Creates a delivery. The bus and tests have reason to.
  public init(
    id: String, exchange: ExchangeID, attempt: Int, envelope: Envelope, receiver: OrganisationCode?,
    operation: String? = nil, question: Question? = nil, body: Body, bodies: any BodyStore, receivedAt: Timestamp,
    deadline: Timestamp
  ) {
    self.id = id
    self.exchange = exchange
    self.attempt = attempt
    self.envelope = envelope
    self.receiver = receiver
    self.operation = operation
    self.question = question
    self.body = body
    self.bodies = bodies
    self.receivedAt = receivedAt
    self.deadline = deadline
  }
}

/// What the far side answered to a delivery that succeeded.
public struct Reply: Sendable, Hashable {
  /// The far side's own code, as in `200` or `0`.
  public var code: String
  /// The far side's name for what it took, if it gave one.
  public var reference: String?
  /// Media type of ``body``.
  public var mediaType: String?
  /// The answer's bytes; empty when nobody asked for them.
  public var body: Body

  /// Creates a reply.
  public init(code: String, reference: String? = nil, mediaType: String? = nil, body: Body = .empty) {
    self.code = code
    self.reference = reference
    self.mediaType = mediaType
    self.body = body
  }
}

/// Sends to one far system. An endpoint has one; the bus calls it from many tasks at once, within the endpoint's
/// concurrency.
public protocol OutboundAdapter: Sendable {
  /// Makes one attempt. Never retries by itself, save for a session that it renews once.
  ///
  /// After a crash the same delivery may come again: `delivery.id` is then the same.
  ///
  /// - Returns: the far side's answer, once the far side has the message.
  /// - Throws: ``AdapterError`` with the verdict on which the bus acts.
  func deliver(_ delivery: Delivery) async throws(AdapterError) -> Reply

  /// Finds out whether the far side answers, at no cost to it: called while the endpoint is paused, and by
  /// `lgsp check --live`. Leaves nothing behind.
  func probe() async throws(AdapterError)
}

/// A failed attempt: what the bus should do, and what a person should know.
public struct AdapterError: Error, Sendable, Hashable {
  /// What a failed attempt means for the message and for its endpoint.
  public enum Verdict: Sendable, Hashable {
    /// Try this message again; the endpoint is well.
    case retry(after: Duration?)
    /// The far system is away: pause the endpoint, spend no attempt.
    case outage(after: Duration?)
    /// The far system will never take this message.
    case reject
    /// It was sent and the answer was lost.
    case inDoubt
    /// The hub is stopping.
    case cancelled
  }

  /// What to do.
  public var verdict: Verdict
  /// Stable word for machines, as in `http-503` or `axis-18`.
  public var code: String
  /// What happened, in a sentence; never personal data.
  public var reason: String
  /// The underlying error's text, for an engineer.
  public var cause: String?

  /// Creates an error.
  public init(_ verdict: Verdict, code: String, reason: String, cause: String? = nil) {
    self.verdict = verdict
    self.code = code
    self.reason = reason
    self.cause = cause
  }
}
