public import HubKit

/// A message to be written down.
public struct NewExchange: Sendable {
  /// The journey that it begins.
  public var id: ExchangeID
  /// The message as received.
  public var message: Message
  /// When.
  public var receivedAt: Timestamp
  /// What must be equal when the same id comes twice: made by the caller from keyed digests only; nil: the body's
  /// digest, which the journal makes anyway.
  public var fingerprint: [UInt8]?
  /// Digest of the configuration that was live; see ``Journal/pin(configuration:files:)``.
  public var configuration: String
  /// Names under which it can be found.
  public var businessKeys: [BusinessKey]
  /// Findings of admission: JSON, opaque to the journal.
  public var note: [UInt8]

  /// Creates a message to be written down.
  public init(
    id: ExchangeID, message: Message, receivedAt: Timestamp, fingerprint: [UInt8]?, configuration: String,
    businessKeys: [BusinessKey] = [], note: [UInt8] = []
  ) {
    self.id = id
    self.message = message
    self.receivedAt = receivedAt
    self.fingerprint = fingerprint
    self.configuration = configuration
    self.businessKeys = businessKeys
    self.note = note
  }
}

/// What became of one message of a batch.
public enum Acceptance: Sendable, Hashable {
  /// It is written down, at this place.
  case new(sequence: Int64)
  /// It was written down before, as this exchange.
  case duplicate(ExchangeID, receivedAt: Timestamp)
  /// Its id was used before for other content, in this exchange. Nothing of the batch was written.
  case conflict(ExchangeID)
  /// It is new, but another message of the batch is a ``conflict(_:)``: nothing was written.
  case withheld
}

/// Something that happened to an exchange, to be written down.
public struct ExchangeRecord: Sendable {
  /// Which one.
  public var exchange: ExchangeID
  /// What kind of record, a short word. Those that begin with `journal.` are the journal's own.
  public var kind: String
  /// When it happened.
  public var at: Timestamp
  /// JSON, opaque to the journal.
  public var payload: [UInt8]
  /// Where the exchange stands after it; nil: where it stood, and nothing else of it changes.
  public var state: ExchangeState?
  /// More names under which it can be found.
  public var businessKeys: [BusinessKey]
  /// What becomes of the body; only looked at when `state` is settled, where nil means ``KeepPolicy/forever``.
  public var keep: KeepPolicy?
  /// Whether something of it waits for a person, be it settled or not.
  public var isDeadLetter: Bool
  /// Deliveries of it that go on the shelf.
  public var shelved: [ShelfEntry]
  /// Whether all its deliveries are taken off the shelf.
  public var leavesShelf: Bool
  /// What far systems answered, to be kept as long as the exchange's own body.
  public var replies: [StoredReply]
  /// What the record tells of redelivery jobs, in order.
  public var redeliveries: [RedeliveryMark]

  /// Creates a record.
  public init(
    exchange: ExchangeID, kind: String, at: Timestamp, payload: [UInt8], state: ExchangeState?,
    businessKeys: [BusinessKey] = [], keep: KeepPolicy? = nil, isDeadLetter: Bool = false,
    shelved: [ShelfEntry] = [], leavesShelf: Bool = false, replies: [StoredReply] = [],
    redeliveries: [RedeliveryMark] = []
  ) {
    self.exchange = exchange
    self.kind = kind
    self.at = at
    self.payload = payload
    self.state = state
    self.businessKeys = businessKeys
    self.keep = keep
    self.isDeadLetter = isDeadLetter
    self.shelved = shelved
    self.leavesShelf = leavesShelf
    self.replies = replies
    self.redeliveries = redeliveries
  }
}

/// What a far system answered to one delivery of an exchange.
public struct StoredReply: Sendable {
  /// Which delivery, from 1.
  public var delivery: Int
  /// Its bytes.
  public var body: Body
  /// Their media type, as the far system gave it.
  public var mediaType: String?

  /// Creates a reply to be kept.
  public init(delivery: Int, body: Body, mediaType: String?) {
    self.delivery = delivery
    self.body = body
    self.mediaType = mediaType
  }
}

/// How long a body stays once its exchange has settled. `masked` of a route is ``Journal/replaceBody(of:with:keep:)``.
public enum KeepPolicy: Sendable, Hashable, Codable {
  /// Until its day's key is dropped.
  case forever
  /// So long after the exchange has settled.
  case duration(Duration)
  /// Only the digest stays.
  case digest
}

/// An exchange as the journal has it.
public struct StoredExchange: Sendable {
  /// Place in the journal: fixed at receipt, rising.
  public var sequence: Int64
  /// Its name.
  public var id: ExchangeID
  /// Who brought it, as `Principal.text` writes it.
  public var principal: String
  /// The outside, as received.
  public var envelope: Envelope
  /// The inside; nil when it is not kept any more.
  public var body: Body?
  /// Length of the body as received, in bytes, also when it is gone.
  public var bodyByteCount: Int
  /// Keyed digest of the body as received, in lower-case hex, also when it is gone.
  public var bodyDigest: String
  /// Whether the body was replaced by its masked form.
  public var isMasked: Bool
  /// When it was received.
  public var receivedAt: Timestamp
  /// Where it stands.
  public var state: ExchangeState
  /// When it settled; nil while it is open.
  public var settledAt: Timestamp?
  /// Digest of the configuration that it is pinned to.
  public var configuration: String
  /// Findings of admission.
  public var note: [UInt8]
  /// Names under which it can be found, without personal ones.
  public var businessKeys: [BusinessKey]

  /// The message as it was handed in; nil when the body is gone.
  public var message: Message? {
    guard let body, let principal = Principal(text: principal) else { return nil }
    return Message(envelope: envelope, body: body, principal: principal)
  }
}

/// Something that happened, as the journal has it.
public struct StoredEvent: Sendable, Hashable {
  /// Place in the journal; exchanges and events share one count.
  public var sequence: Int64
  /// The exchange concerned; nil for the hub's own, such as refusals.
  public var exchange: ExchangeID?
  /// Who caused it; nil for events of an exchange.
  public var principal: String?
  /// What kind of event. In the feed, `received` stands for the receipt of an exchange.
  public var kind: String
  /// When.
  public var at: Timestamp
  /// JSON; empty when there is none, or when it was thinned out.
  public var payload: [UInt8]
  /// Where the exchange stood after it.
  public var state: ExchangeState?
}
