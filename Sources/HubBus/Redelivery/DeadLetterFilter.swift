internal import HubJournal
public import HubKit

/// Which of the things that wait for a person are meant. Everything given must hold; nothing given means all.
public struct DeadLetterFilter: Sendable, Hashable, Codable {
  /// Where it was to go.
  public var endpoint: String?
  /// The route that took the message.
  public var route: String?
  /// Sending agency, exactly as in the envelope.
  public var sender: String?
  /// The agency that it was for; of a message that was never fit to be delivered, one of its receivers.
  public var receiver: String?
  /// CloudEvents `type`.
  public var type: String?
  /// Why it waits: the far side's code or the hub's, as in `http-422`.
  public var code: String?
  /// The message was received then or later.
  public var from: Timestamp?
  /// The message was received before then.
  public var to: Timestamp?
  /// A business key of the message that names no person; both name and value or neither.
  public var keyName: String?, keyValue: String?

  /// Creates a filter that finds everything.
  public init() {}

  /// Whether it finds everything.
  public var isEmpty: Bool { self == DeadLetterFilter() }

  /// Whether an exchange as a whole may be meant: looked at before its steps are read.
  func finds(_ stored: StoredExchange) -> Bool {
    let key = keyName.map { BusinessKey(name: $0, value: keyValue ?? "") }
    return (type == nil || stored.envelope.type == type) && (sender == nil || stored.envelope.sender?.text == sender)
      && from.map { stored.receivedAt >= $0 } ?? true && to.map { stored.receivedAt < $0 } ?? true
      && key.map(stored.businessKeys.contains) ?? true
  }

  /// Whether one of the things of such an exchange is meant.
  func finds(_ letter: DeadLetter, of stored: StoredExchange, route taken: String?) -> Bool {
    let receivers = letter.receiver.map { [$0] } ?? stored.envelope.receivers
    return (endpoint == nil || letter.endpoint == endpoint) && (code == nil || letter.code == code)
      && (route == nil || taken == route) && receiver.map { code in receivers.contains { $0.text == code } } ?? true
  }
}
