public import HubKit

/// Which envelopes a route is for: for each attribute named, a list of patterns of which one must fit.
///
/// Attributes are `type`, `source`, `subject`, `sender`, `receiver`, `service` and any other CloudEvents attribute or
/// extension. An attribute that the envelope does not have fits no pattern. `receiver` fits when any one of the
/// receivers does. A match that names no attribute takes every envelope.
public struct RouteMatch: Sendable, Hashable {
  /// Patterns by attribute name.
  public let patterns: [String: [Pattern]]

  /// Creates a match.
  public init(_ patterns: [String: [Pattern]] = [:]) {
    self.patterns = patterns
  }

  /// Whether an envelope fits.
  public func takes(_ envelope: Envelope) -> Bool {
    patterns.allSatisfy { name, list in
      values(of: name, in: envelope).contains { value in list.contains { $0.matches(value) } }
    }
  }

  /// Whether every envelope that fits `other` fits this match too.
  ///
  /// - Returns: false also in the rare cases where only several of our patterns together would take in one of the
  ///   other's; true is always right.
  public func covers(_ other: RouteMatch) -> Bool {
    // Calls of services and other messages are never taken by the same route.
    guard (patterns[ExtensionName.service] != nil) == (other.patterns[ExtensionName.service] != nil) else {
      return false
    }
    return patterns.allSatisfy { name, ours in
      guard let theirs = other.patterns[name] else {
        return alwaysPresent.contains(name) && ours.contains { $0.text == "*" }
      }
      return theirs.allSatisfy { their in ours.contains { $0.covers(their) } }
    }
  }

  private func values(of name: String, in envelope: Envelope) -> [String] {
    name == ExtensionName.receiver ? envelope.receiverTexts : envelope[name].map { [$0] } ?? []
  }
}

/// Attributes that every CloudEvent has (CloudEvents 1.0.2, section 3.1 "Required attributes").
private let alwaysPresent: Set<String> = ["id", "source", "type", "specversion"]
