/// How a route looks for marks of state secrets in attachments. Marks beside them (subject, names, classification)
/// are never passed over.
public struct RouteSecrets: Sendable, Hashable {
  /// What is done with attachments.
  public enum Attachments: String, Sendable, Hashable, CaseIterable {
    /// Their text is searched.
    case look
    /// Nobody opens them; the route says why.
    case skip
  }

  /// What is done about parts that cannot be seen, such as scanned pages.
  public enum Unseen: String, Sendable, Hashable, CaseIterable {
    /// The exchange gets a note.
    case note
    /// The message is refused.
    case refuse
  }

  /// What is done with attachments.
  public var attachments: Attachments
  /// What is done about parts that cannot be seen.
  public var unseen: Unseen
  /// Why nobody opens the attachments; nil: no reason was given.
  public var why: String?

  /// Creates a policy; without arguments the usual one.
  public init(attachments: Attachments = .look, unseen: Unseen = .note, why: String? = nil) {
    self.attachments = attachments
    self.unseen = unseen
    self.why = why
  }
}

/// What a route does about signatures inside PDF attachments.
public enum RouteSignatures: String, Sendable, Hashable, CaseIterable {
  /// Nobody looks at them.
  case off
  /// What was found is noted with the exchange.
  case note
  /// The same, and what does not hold is counted, so that it raises an alert.
  case warn
  /// A message with a signature that does not hold, or that cannot be looked at, is refused. One without a signature is
  /// not: annexes have none.
  case refuse
}
