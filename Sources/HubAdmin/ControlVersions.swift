public import HubKit

/// The two versions of an endpoint, as the control socket tells them.
public struct ControlVersions: Sendable, Hashable, Codable {
  /// Which version new messages take.
  public enum Choice: String, Sendable, Hashable, Codable, CaseIterable {
    /// The first one.
    case current
    /// The second one.
    case next
    /// As the configuration says.
    case auto
  }

  /// Name of the second one: an endpoint of its own, with its own pause, dead letters and figures.
  public var next: String
  /// What a person ordered.
  public var choice: Choice
  /// What the configuration says, as in `share 0.1`.
  public var rule: String
  /// Since when, who and why, when a person has ordered it.
  public var since: Timestamp?, by: String?, reason: String?
  /// Deliveries that wait and are being made at the second version.
  public var nextWaiting, nextInFlight: Int

  /// Creates them.
  public init(
    next: String, choice: Choice, rule: String, since: Timestamp? = nil, by: String? = nil, reason: String? = nil,
    nextWaiting: Int = 0, nextInFlight: Int = 0
  ) {
    self.next = next
    self.choice = choice
    self.rule = rule
    self.since = since
    self.by = by
    self.reason = reason
    self.nextWaiting = nextWaiting
    self.nextInFlight = nextInFlight
  }
}
