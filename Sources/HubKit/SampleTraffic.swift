/// Makes realistic synthetic messages of a connector's kind, for the demo and for load: never a real person, never a
/// real document.
public protocol SampleTraffic: Sendable {
  /// Kinds that it can make, as in `edocument/plain`.
  static var kinds: [String] { get }

  /// Makes a message. Deterministic: the same request gives the same bytes.
  static func make(_ request: SampleRequest) -> SampleMessage
}

/// What a sample should be.
public struct SampleRequest: Sendable {
  /// One of ``SampleTraffic/kinds``.
  public var kind: String
  /// Tells the messages of one run apart, from 1.
  public var number: Int
  /// Tells runs apart, so that a second run is no duplicate of the first.
  public var run: String
  /// The sending agency and its name.
  public var sender: Agency
  /// The receiving agencies.
  public var receivers: [Agency]
  /// The time that the document bears.
  public var now: Timestamp

  /// Creates a request.
  public init(kind: String, number: Int, run: String, sender: Agency, receivers: [Agency], now: Timestamp) {
    self.kind = kind
    self.number = number
    self.run = run
    self.sender = sender
    self.receivers = receivers
    self.now = now
  }
}

/// A message to hand in over the gateway.
public struct SampleMessage: Sendable {
  /// CloudEvents attributes; empty for a format that carries all of it inside.
  public var attributes: [HeaderField]
  /// Media type of the body.
  public var mediaType: String
  /// The bytes.
  public var body: [UInt8]
  /// The document's own id, by which receivers know it.
  public var documentID: String

  /// Creates a message.
  public init(attributes: [HeaderField] = [], mediaType: String, body: [UInt8], documentID: String) {
    self.attributes = attributes
    self.mediaType = mediaType
    self.body = body
    self.documentID = documentID
  }
}
