public import HubKit

/// What a look over the whole journal found.
public struct VerifyReport: Sendable, Hashable {
  /// The first record that is not what was written.
  public struct Broken: Sendable, Hashable {
    /// Its place; nil for something that has none, such as an anchor.
    public var sequence: Int64?
    /// The exchange concerned, if one is.
    public var exchange: ExchangeID?
    /// The commit that it belongs to.
    public var commit: Int64?
    /// What differs, in both languages.
    public var what: String
  }

  /// Commits of the chain that were computed again.
  public var commits: Int64 = 0
  /// Records in them.
  public var records: Int64 = 0
  /// Bodies that were opened and compared.
  public var bodies: Int64 = 0
  /// Bodies that are gone and may be: their time is over, or their key was dropped.
  public var bodiesGone: Int64 = 0
  /// Segments that were thinned out, of which only what is left can be checked.
  public var thinnedSegments: Int64 = 0
  /// Anchors that were compared.
  public var anchors: Int64 = 0
  /// The first broken record; nil: all is as it was written.
  public var firstBroken: Broken?

  /// Whether all is as it was written.
  public var isSound: Bool { firstBroken == nil }
}
