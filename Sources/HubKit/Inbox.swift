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
  ///
  /// - Parameter holder: who fetches, where he has a name of his own, as a document system has: what he holds already
  ///   comes again, first, and its lease begins anew; the name is the lease. Nil: each fetch has a lease of its own.
  func fetch(for agency: OrganisationCode, limit: Int, type: String?, holder: String?) async -> [InboxItem]

  /// How many messages of a type wait for an agency, those that are leased among them; nil: of any type.
  func count(for agency: OrganisationCode, type: String?) async -> Int

  /// A message that the agency holds; nil when the lease is another one or over.
  func held(_ id: String, by agency: OrganisationCode, lease: String) async -> InboxItem?

  /// Takes a leased message as delivered, or as refused for good where a reason is given. May be repeated: the second
  /// time it is ``InboxAnswer/unknown``, and nothing happens.
  func acknowledge(
    _ id: String, by agency: OrganisationCode, lease: String, refusal: String?
  ) async -> InboxAnswer
}

extension InboxPort {
  /// Fetches under a lease of its own whatever is first.
  public func fetch(for agency: OrganisationCode, limit: Int) async -> [InboxItem] {
    await fetch(for: agency, limit: limit, type: nil, holder: nil)
  }
}

/// An inbox in which nothing ever waits.
public struct EmptyInbox: InboxPort {
  /// Creates one.
  public init() {}

  /// Nothing.
  public func fetch(for agency: OrganisationCode, limit: Int, type: String?, holder: String?) async -> [InboxItem] {
    []
  }

  /// None.
  public func count(for agency: OrganisationCode, type: String?) async -> Int { 0 }

  /// Nothing.
  public func held(_ id: String, by agency: OrganisationCode, lease: String) async -> InboxItem? { nil }

  /// Nothing is known.
  public func acknowledge(
    _ id: String, by agency: OrganisationCode, lease: String, refusal: String?
  ) async -> InboxAnswer { .unknown }
}

/// How much an inbox holds for one agency, and how long it lets it wait.
public struct InboxLimits: Sendable, Hashable, Codable {
  /// Most messages that wait for one agency; what comes beyond is parked.
  public var countMax: Int
  /// Most bytes that wait for one agency.
  public var bytesMax: Int
  /// How long an agency may hold what it fetched before it is offered again.
  public var lease: Duration
  /// When the oldest message has waited so long, the endpoint says so.
  public var ageAlarm: Duration

  /// Creates limits.
  public init(
    countMax: Int = 10_000, bytesMax: Int = 1 << 30, lease: Duration = .seconds(60),
    ageAlarm: Duration = .seconds(86_400)
  ) {
    self.countMax = countMax
    self.bytesMax = bytesMax
    self.lease = lease
    self.ageAlarm = ageAlarm
  }

  /// The settings of every connector that is an inbox.
  public static let settings: [Setting] = [
    Setting(
      "countMax", .integer(1...1_000_000), default: .integer(10_000), example: "10000",
      help: "Most messages that wait for one agency; what comes beyond is parked."),
    Setting(
      "mebibytesMax", .integer(1...1_048_576), default: .integer(1024), example: "1024",
      help: "Most MiB that wait for one agency."),
    Setting(
      "lease", .duration, default: .duration(.seconds(60)), example: "60s",
      help: "How long an agency may hold what it fetched before it is offered again."),
    Setting(
      "ageAlarm", .duration, default: .duration(.seconds(86_400)), example: "1d",
      help: "When the oldest message has waited so long, the console says so."),
  ]

  /// Reads ``settings``.
  public init(_ values: SettingValues) throws(SettingError) {
    let lease = values.duration("lease") ?? .seconds(60)
    guard lease >= .seconds(1) else { throw SettingError("lease", "must be at least 1s") }
    self.init(
      countMax: values.integer("countMax") ?? 10_000, bytesMax: (values.integer("mebibytesMax") ?? 1024) << 20,
      lease: lease, ageAlarm: values.duration("ageAlarm") ?? .seconds(86_400))
  }
}
