public import HubKit

/// How much the journal holds.
public struct JournalStatistics: Sendable, Hashable {
  /// Exchanges by state.
  public var exchanges: [ExchangeState: Int]
  /// Events, without receipts.
  public var events: Int
  /// Commits since the beginning: the length of the chain.
  public var commits: Int64
  /// The last place given.
  public var sequence: Int64
  /// When the oldest exchange that is not settled was received.
  public var oldestOpen: Timestamp?
  /// Bytes of the database files.
  public var databaseBytes: Int
  /// Bytes of body files.
  public var bodyBytes: Int
  /// Bytes free on the disk that it lies on.
  public var freeBytes: Int

  /// Exchanges that are not settled.
  public var open: Int { exchanges.filter { !$0.key.isSettled }.values.reduce(0, +) }
}
