public import HubKit

/// JSON as it is (RFC 8259): the body is the canonical document.
///
/// Stricter than most readers: text must be UTF-8, member names must differ, half surrogate pairs are refused. A
/// byte-order mark at the front is passed over.
public struct JSONCodec: Codec {
  /// Creates the codec.
  public init() {}

  /// `json`.
  public var name: String { "json" }

  /// By media type; a body of no or of no particular type by its first character.
  public func recognises(mediaType: String?, prefix: [UInt8]) -> Bool {
    if let mediaType, mediaType != "application/octet-stream" {
      return mediaType == "application/json" || mediaType.hasSuffix("+json")
    }
    let first = firstByte(of: prefix)
    return first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
  }

  /// Checks syntax from front to back. Memory is at most a MiB, or the body's longest string.
  public func examine(_ body: any BodyReader, limits: CodecLimits) throws(InvalidMessage) -> Examination {
    if let problem = JSONScan(depthMax: limits.depthMax).problem(in: body) { throw InvalidMessage([problem]) }
    return Examination()
  }

  /// The body itself.
  public func decode(
    _ body: any BodyReader, into store: any BodyStore, limits: CodecLimits
  ) throws(InvalidMessage) -> Document {
    let document = try decodeExamined(body, into: store, limits: limits)
    if let problem = JSONScan(depthMax: limits.depthMax).problem(in: BytesReader(document.json)) {
      throw InvalidMessage([problem])
    }
    return document
  }

  /// The body itself, which was scanned at the door.
  public func decodeExamined(
    _ body: any BodyReader, into store: any BodyStore, limits: CodecLimits
  ) throws(InvalidMessage) -> Document {
    let bytes = try wholeDocument(body, limits: limits)
    return Document(json: bytes.starts(with: byteOrderMark) ? Array(bytes.dropFirst(3)) : bytes)
  }

  /// The document's bytes.
  public func encode(
    _ document: Document, from store: any BodyStore, into writer: any BodyWriter, limits: CodecLimits
  ) throws(InvalidMessage) {
    try write(document.json, to: writer)
  }
}

let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

/// The first byte after a byte-order mark and white space.
func firstByte(of prefix: [UInt8]) -> UInt8? {
  prefix.dropFirst(prefix.starts(with: byteOrderMark) ? 3 : 0).first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
}

/// All of a body that becomes a document.
func wholeDocument(_ body: any BodyReader, limits: CodecLimits) throws(InvalidMessage) -> [UInt8] {
  do { return try body.rest(limit: limits.documentBytesMax) } catch {
    if case .tooLarge(let limit) = error {
      throw InvalidMessage(
        rule: "document-too-large", "the document has more than \(limit) bytes; routes that map it cannot take it")
    }
    throw InvalidMessage(rule: "body-unreadable", "the body could not be read to its end")
  }
}

/// Writes bytes; what goes wrong there is told as a violation, since the port knows no other error.
func write(_ bytes: [UInt8], to writer: any BodyWriter) throws(InvalidMessage) {
  do { try writer.write(bytes) } catch {
    if case .tooLarge(let limit) = error {
      throw InvalidMessage(rule: "output-too-large", "the encoded document has more than \(limit) bytes")
    }
    throw InvalidMessage(rule: "body-unwritable", "the encoded document could not be written")
  }
}
