public import HubKit

/// The formats that the hub knows: those of the connectors first, then plain XML and JSON. Anything else passes as
/// opaque bytes.
public struct FormatCatalogue: Sendable {
  /// Asked in this order.
  public let codecs: [any Codec]
  /// What every codec keeps to.
  public let limits: CodecLimits

  /// Takes the codecs in the order in which they are asked.
  public init(_ codecs: [any Codec], limits: CodecLimits) {
    self.codecs = codecs
    self.limits = limits
  }

  /// The codec of a body; nil for opaque bytes.
  ///
  /// - Throws: ``BodyError`` when the body cannot be read.
  public func codec(
    for body: Body, mediaType: String?, in bodies: any BodyStore
  ) throws(BodyError) -> (any Codec)? {
    guard body.byteCount > 0 else { return nil }
    let prefix: [UInt8] =
      if case .inline(let bytes) = body { bytes.count > 4096 ? Array(bytes.prefix(4096)) : bytes } else {
        try bodies.reader(of: body).read(upTo: 4096)
      }
    let bare = mediaType.map(Self.bare)
    return codecs.first { $0.recognises(mediaType: bare, prefix: prefix) }
  }

  /// A media type in lower case without its parameters.
  static func bare(_ mediaType: String) -> String {
    let isBare = mediaType.utf8.allSatisfy { byte in
      byte != UInt8(ascii: ";") && byte != UInt8(ascii: " ") && !(UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
    }
    if isBare { return mediaType }
    let end = mediaType.firstIndex(of: ";") ?? mediaType.endIndex
    return mediaType[..<end].filter { $0 != " " }.lowercased()
  }

  /// The codec of that name.
  public func codec(named name: String) -> (any Codec)? { codecs.first { $0.name == name } }

  /// The codec in whose guise a message of that event type comes.
  func guise(ofType type: String) -> (any Codec)? { codecs.first { $0.guise?.types[type] != nil } }

  /// Writes a body anew in another format with the same canonical document. Blocks.
  ///
  /// - Parameters:
  ///   - mediaType: of what is written.
  ///   - bodies: takes what is written, and the attachments on the way.
  /// - Throws: ``InvalidMessage``, ``BodyError``.
  func rewritten(
    _ body: Body, from old: any Codec, to new: any Codec, mediaType: String, in bodies: ScratchBodies
  ) throws -> Body {
    let document = try old.decode(bodies.reader(of: body), into: bodies, limits: limits)
    // Both carry attachments in base64, so neither is much longer than the other.
    let writer = try bodies.writer(mediaType: mediaType, limit: 2 * body.byteCount + limits.documentBytesMax)
    try new.encode(document, from: bodies, into: writer, limits: limits)
    return try writer.finish()
  }
}
