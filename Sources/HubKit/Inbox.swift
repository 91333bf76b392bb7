/// One message that waits in an agency's inbox.
public struct InboxItem: Sendable {
  /// Names the delivery, as in `<exchange>.1`; it stays the same however often it is offered.
  public var id: String
  /// What the agency must show to acknowledge it.
  public var lease: String
  /// Until when.
  public var leaseUntil: Timestamp
  /// The outside, receivers narrowed to the agency.
  public var envelope: Envelope
  /// The bytes, as the route made them.
  public var body: Body
  /// When the hub received the message.
  public var receivedAt: Timestamp

  /// Creates an item. The bus and tests have reason to.
  public init(
    id: String, lease: String, leaseUntil: Timestamp, envelope: Envelope, body: Body, receivedAt: Timestamp
  ) {
    self.id = id
    self.lease = lease
    self.leaseUntil = leaseUntil
    self.envelope = envelope
    self.body = body
    self.receivedAt = receivedAt
  }
}

/// What came of an acknowledgement.
public enum InboxAnswer: Sendable, Hashable {
  /// The exchange knows it.
  case done
  /// No such message waits for that agency.
  case unknown
  /// The lease is another one or over: the message is offered again.
  case leaseEnded
}

/// The inbox as the door sees it.
public protocol InboxPort: Sendable {
  /// Fetches what is first for an agency, at most `limit` messages, and leases it to it. May be empty.
  func fetch(for agency: OrganisationCode, limit: Int) async -> [InboxItem]

  /// A message that the agency holds; nil when the lease is another one or over.
  func held(_ id: String, by agency: OrganisationCode, lease: String) async -> InboxItem?

  /// Takes a leased message as delivered, or as refused for good where a reason is given. May be repeated: the second
  /// time it is ``InboxAnswer/unknown``, and nothing happens.
  func acknowledge(
    _ id: String, by agency: OrganisationCode, lease: String, refusal: String?
  ) async -> InboxAnswer
}
