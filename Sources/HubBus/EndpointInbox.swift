public import HubKit
internal import Synchronization

/// What waits at one endpoint and what was sent by the agencies behind it, for that endpoint's connector.
///
/// Connectors are made before the bus, so it is connected afterwards; until then nothing waits.
public final class EndpointInbox: InboxPort, SentRecord {
  private let bus = Mutex<Bus?>(nil)

  /// Creates one in which nothing waits yet.
  public init() {}

  /// Opens it.
  public func connect(to bus: Bus) { self.bus.withLock { $0 = bus } }

  private var opened: Bus? { bus.withLock { $0 } }

  /// Fetches what is first for an agency.
  public func fetch(for agency: OrganisationCode, limit: Int, type: String?, holder: String?) async -> [InboxItem] {
    await opened?.fetch(for: agency, limit: limit, type: type, holder: holder) ?? []
  }

  /// How many messages wait for an agency.
  public func count(for agency: OrganisationCode, type: String?) async -> Int {
    await opened?.count(for: agency, type: type) ?? 0
  }

  /// A message that the agency holds.
  public func held(_ id: String, by agency: OrganisationCode, lease: String) async -> InboxItem? {
    await opened?.held(id, by: agency, lease: lease)
  }

  /// Takes in what the agency says of a message that it holds.
  public func acknowledge(
    _ id: String, by agency: OrganisationCode, lease: String, refusal: String?
  ) async -> InboxAnswer {
    await opened?.acknowledge(id, by: agency, lease: lease, refusal: refusal) ?? .unknown
  }

  /// What some agencies sent.
  public func sent(
    by agencies: [OrganisationCode], type: String, in range: Range<Timestamp>, limit: Int
  ) async throws -> [SentMessage] {
    try opened?.history.sent(by: agencies, type: type, in: range, limit: limit) ?? []
  }
}
