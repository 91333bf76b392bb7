internal import Crypto
internal import HubKit
internal import XMLWire

/// Takes the base64 text of one attachment in pieces: decodes it, digests it, and passes it on to the body store. It
/// never holds more than one block.
struct AttachmentCollector {
  private static let blockBytes = 64 * 1024

  private let store: (any BodyStore)?
  private let limit: Int
  private var decoder = Base64Decoder()
  private var hasher = SHA256()
  private var block: [UInt8] = []
  private var byteCount = 0
  private var kind: EdXMLContentKind?
  private var writer: (any BodyWriter)?
  private var body = Body.empty
  private var digest: [UInt8] = []
  /// Nothing was taken yet: a second ContentTransferEncoded in one Attachment is an unknown element, not a payload.
  private(set) var isFresh = true

  init(store: (any BodyStore)?, limit: Int) {
    self.store = store
    self.limit = limit
  }

  var attachment: EdXMLAttachment {
    EdXMLAttachment(
      body: body, byteCount: byteCount, digest: digest, kind: kind ?? .other, wrapped: decoder.wrapped)
  }

  mutating func begin() { isFresh = false }

  mutating func take(
    _ text: UnsafeBufferPointer<UInt8>, at place: XMLPlace, path: String
  ) throws(InvalidMessage) {
    do { try decoder.decode(text, into: &block) } catch { throw Self.complaint(error, at: place, path: path) }
    if block.count >= Self.blockBytes { try flush(at: place, path: path) }
  }

  mutating func finish(at place: XMLPlace, path: String) throws(InvalidMessage) {
    do { try decoder.finish() } catch { throw Self.complaint(error, at: place, path: path) }
    try flush(at: place, path: path)
    digest = Array(hasher.finalize())
    guard let writer else { return }
    do { body = try writer.finish() } catch { throw InvalidMessage(reading: error) }
  }

  func discard() { writer?.discard() }

  private mutating func flush(at place: XMLPlace, path: String) throws(InvalidMessage) {
    guard !block.isEmpty else { return }
    byteCount += block.count
    guard byteCount <= limit else {
      throw place.complaint(
        "attachment-too-large", "an attachment has more than the \(limit) bytes allowed", path: path)
    }
    block.withUnsafeBytes { hasher.update(bufferPointer: $0) }
    let seen = kind ?? EdXMLContentKind(prefix: block)
    kind = seen
    try store(block, as: seen)
    block.removeAll(keepingCapacity: true)
  }

  private mutating func store(_ bytes: [UInt8], as kind: EdXMLContentKind) throws(InvalidMessage) {
    guard let store else { return }
    do {
      if writer == nil { writer = try store.writer(mediaType: kind.mediaType, limit: limit) }
      try writer?.write(bytes)
    } catch {
      throw InvalidMessage(reading: error)
    }
  }

  private static func complaint(_ problem: Base64Decoder.Problem, at place: XMLPlace, path: String) -> InvalidMessage {
    let what =
      switch problem {
      case .character: "a character that base64 does not have"
      case .padding: "padding (=) in the wrong place, or text behind it"
      case .cut: "an end inside a group of four characters: the attachment was cut off"
      }
    return place.complaint("attachment-base64", "the attachment's base64 (RFC 4648 section 4) has \(what)", path: path)
  }
}
