internal import EdXMLWire
internal import HubKit

/// The bytes of one received item.
struct ItemBody: Sendable {
  var body: Body
  /// What its header says; nil when it is no edXML.
  var header: EdXMLMessage?
  /// Why the axis' text could not be decoded; nil when it could.
  var diagnosis: String?

  /// Decodes the axis' base64 into the store. Text that is no base64 is kept as it is.
  static func decode(_ text: String, into bodies: any BodyStore) throws(BodyError) -> ItemBody {
    if let body = try bytes(of: text, into: bodies) {
      let reader = try bodies.reader(of: body)
      return ItemBody(body: body, header: try? EdXMLReader.header(of: reader))
    }
    let raw = Array(text.utf8)
    let body = try write(into: bodies, mediaType: "text/plain", limit: raw.count) { writer throws(BodyError) in
      try writer.write(raw)
    }
    return ItemBody(
      body: body,
      diagnosis: "getEdoc gave a text that is no whole base64 (\(raw.count) characters): it was cut off or "
        + "damaged on the axis")
  }

  private static func bytes(of text: String, into bodies: any BodyStore) throws(BodyError) -> Body? {
    let all = Array(text.utf8)
    var decoder = Base64Decoder()
    var isGood = true
    let body = try write(into: bodies, mediaType: "application/xml", limit: all.count) { writer throws(BodyError) in
      var start = 0
      while start < all.count, isGood {
        let end = min(all.count, start + 64 * 1024)
        let (block, good) = decode(all[start..<end], with: &decoder)
        isGood = good
        try writer.write(block)
        start = end
      }
      if (try? decoder.finish()) == nil { isGood = false }
    }
    return isGood && !all.isEmpty ? body : nil
  }

  private static func decode(_ part: ArraySlice<UInt8>, with decoder: inout Base64Decoder) -> ([UInt8], Bool) {
    var block: [UInt8] = []
    let good = part.withUnsafeBufferPointer { (try? decoder.decode($0, into: &block)) != nil }
    return (block, good)
  }

  /// Few bytes are carried along, many go to the store.
  private static func write(
    into bodies: any BodyStore, mediaType: String, limit: Int, _ fill: (any BodyWriter) throws(BodyError) -> Void
  ) throws(BodyError) -> Body {
    let writer: any BodyWriter =
      limit <= Body.inlineBytesMax ? BytesWriter() : try bodies.writer(mediaType: mediaType, limit: limit)
    do throws(BodyError) {
      try fill(writer)
      return try writer.finish()
    } catch {
      writer.discard()
      throw error
    }
  }
}
