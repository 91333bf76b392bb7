public import HubKit

/// One exchange in the list of the latest ones.
public struct ExchangeRow: Sendable, Hashable {
  /// Its id.
  public var id: ExchangeID
  /// When it was received.
  public var receivedAt: Timestamp
  /// Its event type.
  public var type: String
  /// Code of the sending agency, if the envelope names one.
  public var sender: String?
  /// Codes of the receiving agencies.
  public var receivers: [String]
  /// Where it stands.
  public var state: ExchangeState
  /// Why, when it did not simply arrive; a sentence that names no person.
  public var reason: String?

  /// Creates a row.
  public init(
    id: ExchangeID, receivedAt: Timestamp, type: String, sender: String?, receivers: [String], state: ExchangeState,
    reason: String? = nil
  ) {
    self.id = id
    self.receivedAt = receivedAt
    self.type = type
    self.sender = sender
    self.receivers = receivers
    self.state = state
    self.reason = reason
  }
}

/// One refusal at the door.
public struct RefusalRow: Sendable, Hashable {
  /// When.
  public var time: Timestamp
  /// Who was refused, as in `agency:H24.12`; nil when the caller did not prove who he is.
  public var principal: String?
  /// The event type he wanted to send, if it got that far.
  public var type: String?
  /// Stable word, as in `forbidden` or `invalid`.
  public var code: String
  /// Why, in a sentence that names no person.
  public var reason: String

  /// Creates a row.
  public init(time: Timestamp, principal: String?, type: String?, code: String, reason: String) {
    self.time = time
    self.principal = principal
    self.type = type
    self.code = code
    self.reason = reason
  }
}

/// The message store.
public struct JournalStatus: Sendable, Hashable {
  /// Exchanges kept.
  public var exchanges: Int
  /// Events kept: the rows of the chain.
  public var events: Int
  /// Bytes on disk, bodies included.
  public var bytes: Int
  /// Bytes free on the disk that it lies on.
  public var freeBytes: Int
  /// Below this many free bytes the hub takes no more messages.
  public var freeBytesMin: Int
  /// When the oldest exchange that is still open was received; nil when none is open.
  public var oldestOpen: Timestamp?

  /// Creates a status.
  public init(
    exchanges: Int, events: Int, bytes: Int, freeBytes: Int, freeBytesMin: Int = 0, oldestOpen: Timestamp? = nil
  ) {
    self.exchanges = exchanges
    self.events = events
    self.bytes = bytes
    self.freeBytes = freeBytes
    self.freeBytesMin = freeBytesMin
    self.oldestOpen = oldestOpen
  }
}
