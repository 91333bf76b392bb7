/// What the hub offers to whoever brings messages in: the HTTPS door, pollers, served interfaces.
public protocol Gateway: Sendable {
  /// Looks messages over, writes them down together and gives a receipt for each, after the disk has synced them.
  ///
  /// May be repeated with the same messages: the second call gets the first one's receipts. All or none are accepted.
  ///
  /// - Parameters:
  ///   - messages: one or more, from one principal.
  ///   - cursor: where the source stands after them; written in the same transaction.
  /// - Throws: ``NotAccepted``; nothing was kept, save an audit record without the body.
  func accept(_ messages: [Message], advancing cursor: Cursor?) async throws(NotAccepted) -> [Receipt]

  /// Waits for an exchange to settle.
  ///
  /// - Returns: nil when it has not settled within `duration`.
  func outcome(of receipt: Receipt, within duration: Duration) async -> Outcome?

  /// Puts a question and waits for its answer. It goes the way of every message: looked over, written down, routed,
  /// recorded. When the time is over it is not repeated behind the caller's back: what was not sent never will be.
  /// Cancelling the calling task ends it in the same way.
  ///
  /// - Parameters:
  ///   - message: its envelope names the service in ``ExtensionName/service`` and how it was put in
  ///     ``Envelope/question``.
  ///   - duration: how long the caller waits; the route's own `deadline:` where that is shorter.
  /// - Throws: ``NotAccepted``; nothing was kept, save an audit record without the body.
  func ask(_ message: Message, within duration: Duration) async throws(NotAccepted) -> Answer

  /// Where bodies go that are too large to be carried along.
  var bodies: any BodyStore { get }
}

/// How far a source has been read; its meaning is the source's own.
public struct Cursor: Sendable, Hashable, Codable {
  /// Which source, as in `axis/received`.
  public var source: String
  /// Opaque to everyone else.
  public var value: String

  /// Creates a cursor.
  public init(source: String, value: String) {
    self.source = source
    self.value = value
  }
}

/// Why the hub did not take a message. The caller still has it and is told what to do.
public struct NotAccepted: Error, Hashable {
  /// What kind of refusal; each is one problem type of the API.
  public enum Code: String, Sendable, Hashable, Codable, CaseIterable {
    /// Syntax, encoding, or an attribute that breaks its rule: 400.
    case invalid
    /// Agency, type or service has no right: 403.
    case forbidden
    /// Marked as a state secret: 403. The body was not kept.
    case secret
    /// The same id was used for other content: 409.
    case conflict
    /// Too large: 413.
    case tooLarge = "too-large"
    /// A receiver is not known here: 422.
    case unknownReceiver = "unknown-receiver"
    /// No route takes it: 422.
    case noRoute = "no-route"
    /// The sender has too much under way: 429.
    case tooMany = "too-many"
    /// The hub cannot take it now: 503.
    case unavailable
    /// The disk is full: 507.
    case full
  }

  /// What kind of refusal.
  public var code: Code
  /// What is wrong and what to do, in a sentence; never personal data.
  public var reason: String
  /// Each thing that is wrong, if more can be said.
  public var violations: [Violation]
  /// Which of the messages, from 0.
  public var index: Int
  /// When trying again makes sense.
  public var retryAfter: Duration?

  /// Creates a refusal.
  public init(
    _ code: Code, _ reason: String, violations: [Violation] = [], index: Int = 0, retryAfter: Duration? = nil
  ) {
    self.code = code
    self.reason = reason
    self.violations = violations
    self.index = index
    self.retryAfter = retryAfter
  }
}
