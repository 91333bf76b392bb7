/// The canonical document: JSON that jq and JSON Schema understand, with large bytes by reference.
public struct Document: Sendable, Hashable {
  /// UTF-8 JSON text.
  public var json: [UInt8]
  /// Attached bodies; the JSON names each by its position.
  public var attachments: [Body]

  /// Creates a document.
  public init(json: [UInt8], attachments: [Body] = []) {
    self.json = json
    self.attachments = attachments
  }
}

/// What a codec can tell about a message at the door, before anything is written down.
public struct Examination: Sendable, Hashable {
  /// Event type that the content stands for, if the format has such a thing.
  public var type: String?
  /// Sending agency named inside.
  public var sender: String?
  /// Receiving agencies named inside, as written, in order.
  public var receivers: [String]
  /// The document's own id, for the envelope's subject.
  public var subject: String?
  /// Keys under which the exchange can be found.
  public var businessKeys: [BusinessKey]
  /// Extension attributes that the content gives, whatever the envelope says.
  public var attributes: [String: String] = [:]
  /// What stays the same when the format's own hop-by-hop parts change (edXML trace headers); compared instead of
  /// the body's digest when the same message comes twice. Nil: the body itself.
  public var fingerprint: [UInt8]?
  /// The marks that say the content is a state secret.
  public var secretMarks: [SecretMark]
  /// How many files the message carries, which are looked into when everything else is right.
  public var attachmentCount: Int
  /// Oddities that do not stop the message, kept with its record.
  public var notes: [Violation]

  /// Creates an examination that says nothing yet.
  public init(
    type: String? = nil, sender: String? = nil, receivers: [String] = [], subject: String? = nil,
    businessKeys: [BusinessKey] = [], fingerprint: [UInt8]? = nil, secretMarks: [SecretMark] = [],
    attachmentCount: Int = 0, notes: [Violation] = []
  ) {
    self.type = type
    self.sender = sender
    self.receivers = receivers
    self.subject = subject
    self.businessKeys = businessKeys
    self.fingerprint = fingerprint
    self.secretMarks = secretMarks
    self.attachmentCount = attachmentCount
    self.notes = notes
  }
}

/// Limits that every codec keeps to.
public struct CodecLimits: Sendable, Hashable {
  /// Deepest nesting accepted.
  public var depthMax: Int
  /// Largest canonical document, in bytes of JSON text; attachments do not count.
  public var documentBytesMax: Int
  /// Largest attachment, in bytes after decoding.
  public var attachmentBytesMax: Int

  /// Creates limits.
  public init(
    depthMax: Int = 64, documentBytesMax: Int = 8 << 20, attachmentBytesMax: Int = 256 << 20
  ) {
    self.depthMax = depthMax
    self.documentBytesMax = documentBytesMax
    self.attachmentBytesMax = attachmentBytesMax
  }
}

/// Knows one format. Deterministic: the same arguments give the same answer, and nothing else is touched.
///
/// Called on worker threads, where it may block; the same message may be examined, decoded and encoded any number of
/// times, also after a crash and in a replay.
public protocol Codec: Sendable {
  /// Name in configuration and records, as in `edxml`.
  var name: String { get }

  /// Where the canonical document holds personal data, as JSON Pointers in which `*` stands for any item: what a
  /// masked recording replaces.
  var personalPaths: [String] { get }

  /// What a message in this format is turned into at the door; nil: it stays as it came.
  var guise: Guise? { get }

  /// Whether a body is in this format.
  ///
  /// - Parameters:
  ///   - mediaType: what the sender called it, lower case, without parameters; nil when he said nothing.
  ///   - prefix: the first bytes of the body, at most 4 KB.
  func recognises(mediaType: String?, prefix: [UInt8]) -> Bool

  /// Checks syntax and reads what the door needs to know; called once for each message, before the journal.
  ///
  /// - Throws: ``InvalidMessage`` with line and column; the caller is told, nothing is kept.
  func examine(_ body: any BodyReader, limits: CodecLimits) throws(InvalidMessage) -> Examination

  /// Turns a body into the canonical document; called only when a route asks for it.
  func decode(
    _ body: any BodyReader, into store: any BodyStore, limits: CodecLimits
  ) throws(InvalidMessage) -> Document

  /// The same for a body that ``examine(_:limits:)`` found sound: what it has checked need not be checked again. A
  /// message is examined at the door; what a far system answers is not.
  func decodeExamined(
    _ body: any BodyReader, into store: any BodyStore, limits: CodecLimits
  ) throws(InvalidMessage) -> Document

  /// Turns a canonical document back into bytes of this format, in the standard's own order.
  func encode(
    _ document: Document, from store: any BodyStore, into writer: any BodyWriter, limits: CodecLimits
  ) throws(InvalidMessage)
}

extension Codec {
  /// A format that by itself says nothing about persons.
  public var personalPaths: [String] { [] }

  /// A format that stands for itself.
  public var guise: Guise? { nil }

  /// A format whose decoding checks all by itself.
  public func decodeExamined(
    _ body: any BodyReader, into store: any BodyStore, limits: CodecLimits
  ) throws(InvalidMessage) -> Document {
    try decode(body, into: store, limits: limits)
  }
}
