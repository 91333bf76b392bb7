public import HubKit

/// What to look for. Everything given must hold; nothing given finds the newest.
public struct SearchQuery: Sendable {
  /// A business key; without a name any kind of key with that value.
  public var businessKey: (name: String?, value: String)?
  /// A personal value, such as a citizen's number: looked up by its keyed hash.
  public var person: String?
  /// Sending agency, exactly as in the envelope.
  public var sender: String?
  /// One of the receiving agencies.
  public var receiver: String?
  /// CloudEvents `type`.
  public var type: String?
  /// Where it stands.
  public var state: ExchangeState?
  /// Received then or later.
  public var from: Timestamp?
  /// Received before then.
  public var to: Timestamp?
  /// Exchange id, CloudEvents `id` or `subject`, or the beginning of one.
  public var text: String?
  /// Most exchanges returned.
  public var limit = 100
  /// Only those before this place: for the next page.
  public var before: Int64?

  /// Creates a query that finds the newest.
  public init() {}
}
