public import HubKit
internal import XMLWire

/// Reads edXML in one streaming pass: any prefix, any order, any encoding that libxml2 knows, attachments of any size.
public enum EdXMLReader {
  /// Names, attributes and text outside of attachments, in bytes: 1 MB.
  public static let textBytesMax = 1 << 20

  /// Reads a whole message; attachments go to the store while they are decoded.
  ///
  /// - Throws: ``InvalidMessage`` with rule, line and column; nothing stays in the store.
  public static func read(
    _ body: any BodyReader, into store: any BodyStore, limits: CodecLimits = CodecLimits()
  ) throws(InvalidMessage) -> EdXMLMessage {
    try read(body, MessageBuilder(limits: ReadingLimits(limits), extent: .all, store: store))
  }

  /// Reads a whole message and keeps only the digests of its attachments.
  public static func inspect(
    _ body: any BodyReader, limits: CodecLimits = CodecLimits()
  ) throws(InvalidMessage) -> EdXMLMessage {
    try read(body, MessageBuilder(limits: ReadingLimits(limits), extent: .all, store: nil))
  }

  /// Reads no further than the end of edXMLHeader: whom it is from and for, without the attachments. What follows is
  /// not checked.
  public static func header(
    of body: any BodyReader, limits: CodecLimits = CodecLimits()
  ) throws(InvalidMessage) -> EdXMLMessage {
    try read(body, MessageBuilder(limits: ReadingLimits(limits), extent: .header, store: nil))
  }

  /// Whether the first bytes of a body (at most 4 KB) look like edXML, well-formed or not.
  public static func looksLikeEdXML(_ prefix: [UInt8]) -> Bool {
    // What begins like JSON is not looked through for a tag.
    if let first = prefix.first, first == UInt8(ascii: "{") || first == UInt8(ascii: "[") { return false }
    let plain = prefix.contains(0) ? prefix.filter { $0 != 0 } : prefix
    let text = String(decoding: plain, as: UTF8.self)
    var rest = text[...]
    while let open = rest.firstIndex(of: "<") {
      let tag = rest[rest.index(after: open)...]
      if tag.hasPrefix("!--") {
        guard let end = end(of: "-->", in: tag) else { return false }
        rest = end
      } else if let first = tag.first, first == "?" || first == "!" {
        rest = tag
      } else {
        let name = tag.prefix { $0 != ">" && $0 != "/" && !$0.isWhitespace }
        return name == "edXML" || name.hasSuffix(":edXML")
      }
    }
    return false
  }

  private static func end(of mark: String, in text: Substring) -> Substring? {
    var rest = text
    while !rest.isEmpty {
      if rest.hasPrefix(mark) { return rest.dropFirst(mark.count) }
      rest = rest.dropFirst()
    }
    return nil
  }

  private static func read(
    _ body: any BodyReader, _ builder: MessageBuilder
  ) throws(InvalidMessage) -> EdXMLMessage {
    do {
      try XMLPass.run(body, builder, expected: "an edXML document")
      return try builder.message()
    } catch {
      builder.discard()
      throw error
    }
  }
}
