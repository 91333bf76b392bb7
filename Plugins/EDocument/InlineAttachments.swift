internal import EdXMLWire
internal import FoundationEssentials
internal import HubKit

/// Reads a JSON document and takes the texts at `/attachments/<i>/data` out of it: they are decoded from base64 into
/// the body store while they arrive, and an empty text stays in their place. In memory are the document without them,
/// and one block of an attachment. Whether the rest is JSON is for whoever parses it.
struct InlineAttachments {
  private enum Frame {
    case object(key: String, isKeyNext: Bool)
    case array(index: Int)
  }

  private enum Mode {
    case between
    case key(escaped: Bool)
    case text(escaped: Bool)
    case payload
    /// Inside an escape of a payload: the characters so far.
    case payloadEscape([UInt8])
  }

  /// The document without the attachments' bytes.
  private(set) var rest: [UInt8] = []

  private let store: any BodyStore
  private let limits: CodecLimits
  private var stack: [Frame] = []
  private var mode = Mode.between
  private var key: [UInt8] = []
  private var bodies: [Int: Body] = [:]
  private var payload: Payload?

  init(store: any BodyStore, limits: CodecLimits) {
    self.store = store
    self.limits = limits
  }

  /// Reads a body to its end.
  mutating func read(_ body: any BodyReader) throws(InvalidMessage) {
    while true {
      let part: [UInt8]
      do { part = try body.read(upTo: 64 << 10) } catch {
        throw InvalidMessage(rule: "body", "the document cannot be read: \(error)")
      }
      guard !part.isEmpty else { break }
      try take(part)
      guard rest.count <= limits.documentBytesMax else {
        throw InvalidMessage(
          rule: "document-too-large",
          "the document without its attachments is longer than the \(limits.documentBytesMax) bytes allowed")
      }
    }
    if let payload { throw payload.complaint("the document ends inside of it: it was cut off") }
  }

  /// The bytes of one attachment.
  ///
  /// - Parameter described: its object; a `byteCount` in it has to be right.
  func body(at index: Int, described: JSONValue) throws(InvalidMessage) -> Body {
    let pointer = "/attachments/\(index)"
    guard let body = bodies[index] else {
      throw InvalidMessage(
        rule: "attachment-data", "an attachment needs its bytes, in base64", path: "\(pointer)/data")
    }
    guard let told = described["byteCount"] else { return body }
    guard told.scalar == String(body.byteCount) else {
      throw InvalidMessage(
        rule: "attachment-length", "the attachment has \(body.byteCount) bytes, not as many as this says",
        path: "\(pointer)/byteCount")
    }
    return body
  }

  // MARK: - Characters

  private mutating func take(_ part: [UInt8]) throws(InvalidMessage) {
    var index = 0
    while index < part.count {
      if case .payload = mode {
        index = try takePayload(part, from: index)
      } else {
        try take(part[index])
        index += 1
      }
    }
  }

  private mutating func take(_ byte: UInt8) throws(InvalidMessage) {
    switch mode {
    case .between:
      rest.append(byte)
      try takeBetween(byte)
    case .key(let escaped):
      rest.append(byte)
      if !escaped, byte == UInt8(ascii: "\"") { return endKey() }
      key.append(byte)
      mode = .key(escaped: !escaped && byte == UInt8(ascii: "\\"))
    case .text(let escaped):
      rest.append(byte)
      let ends = !escaped && byte == UInt8(ascii: "\"")
      mode = ends ? .between : .text(escaped: !escaped && byte == UInt8(ascii: "\\"))
    case .payload: break
    case .payloadEscape(let before):
      try takeEscape(before + [byte])
    }
  }

  private mutating func takeBetween(_ byte: UInt8) throws(InvalidMessage) {
    switch byte {
    case UInt8(ascii: "{"): try push(.object(key: "", isKeyNext: true))
    case UInt8(ascii: "["): try push(.array(index: 0))
    case UInt8(ascii: "}"), UInt8(ascii: "]"): _ = stack.popLast()
    case UInt8(ascii: ","):
      switch stack.last {
      case .object(let key, _): stack[stack.count - 1] = .object(key: key, isKeyNext: true)
      case .array(let index): stack[stack.count - 1] = .array(index: index + 1)
      case nil: break
      }
    case UInt8(ascii: "\""): try beginText()
    default: break
    }
  }

  private mutating func push(_ frame: Frame) throws(InvalidMessage) {
    guard stack.count < limits.depthMax else {
      throw InvalidMessage(rule: "json-depth", "nested deeper than \(limits.depthMax) levels")
    }
    stack.append(frame)
  }

  private mutating func endKey() {
    mode = .between
    // Names may be written with escapes like any other text.
    let text = (try? JSONDecoder().decode(String.self, from: Data([0x22] + key + [0x22]))) ?? ""
    stack[stack.count - 1] = .object(key: text, isKeyNext: false)
  }

  private mutating func beginText() throws(InvalidMessage) {
    if case .object(_, isKeyNext: true)? = stack.last {
      key = []
      mode = .key(escaped: false)
    } else if let index = attachmentIndex {
      guard bodies[index] == nil else {
        throw InvalidMessage(
          rule: "attachment-data", "an attachment has its bytes once", path: "/attachments/\(index)/data")
      }
      payload = Payload(index: index, store: store, limit: limits.attachmentBytesMax)
      mode = .payload
    } else {
      mode = .text(escaped: false)
    }
  }

  /// Which attachment's `data` a text here is.
  private var attachmentIndex: Int? {
    guard stack.count == 3, case .object("attachments", _) = stack[0], case .array(let index) = stack[1],
      case .object("data", _) = stack[2]
    else { return nil }
    return index
  }

  // MARK: - Attachments

  /// - Returns: where the next character to look at stands.
  private mutating func takePayload(_ part: [UInt8], from start: Int) throws(InvalidMessage) -> Int {
    var end = start
    while end < part.count, part[end] != UInt8(ascii: "\""), part[end] != UInt8(ascii: "\\") { end += 1 }
    try payload?.take(part[start..<end])
    guard end < part.count else { return end }
    if part[end] == UInt8(ascii: "\\") {
      mode = .payloadEscape([])
    } else {
      if var payload { bodies[payload.index] = try payload.finished() }
      payload = nil
      rest.append(UInt8(ascii: "\""))
      mode = .between
    }
    return end + 1
  }

  /// Some writers of JSON escape `/` and `+`, and some break base64 into lines.
  private mutating func takeEscape(_ escape: [UInt8]) throws(InvalidMessage) {
    if escape[0] == UInt8(ascii: "u"), escape.count < 5 { return mode = .payloadEscape(escape) }
    let text = try? JSONDecoder().decode(String.self, from: Data([0x22, 0x5C] + escape + [0x22]))
    guard let text else { throw payload?.complaint("an escape that JSON does not have") ?? InvalidMessage([]) }
    try payload?.take(Array(text.utf8)[...])
    mode = .payload
  }
}

/// One attachment while it is read.
private struct Payload {
  private static let blockBytes = 48 << 10

  let index: Int
  private let store: any BodyStore
  private let limit: Int
  private var decoder = Base64Decoder()
  private var block: [UInt8] = []
  private var writer: (any BodyWriter)?

  init(index: Int, store: any BodyStore, limit: Int) {
    self.index = index
    self.store = store
    self.limit = limit
  }

  mutating func take(_ text: ArraySlice<UInt8>) throws(InvalidMessage) {
    do throws(Base64Decoder.Problem) {
      try text.withUnsafeBufferPointer { (text) throws(Base64Decoder.Problem) in
        try decoder.decode(text, into: &block)
      }
    } catch {
      throw complaint(error)
    }
    if block.count >= Self.blockBytes { try flush() }
  }

  mutating func finished() throws(InvalidMessage) -> Body {
    do throws(Base64Decoder.Problem) { try decoder.finish() } catch { throw complaint(error) }
    try flush()
    do { return try writer?.finish() ?? .empty } catch { throw complaint("bytes that cannot be kept: \(error)") }
  }

  private mutating func flush() throws(InvalidMessage) {
    guard !block.isEmpty else { return }
    do throws(BodyError) {
      if writer == nil {
        let kind = EdXMLContentKind(prefix: block)
        writer = try store.writer(mediaType: kind.mediaType, limit: limit)
      }
      try writer?.write(block)
    } catch .tooLarge {
      throw InvalidMessage(
        rule: "attachment-too-large", "an attachment has more than the \(limit) bytes allowed",
        path: "/attachments/\(index)/data")
    } catch {
      throw complaint("bytes that cannot be kept: \(error)")
    }
    block.removeAll(keepingCapacity: true)
  }

  func complaint(_ words: String) -> InvalidMessage {
    InvalidMessage(
      rule: "attachment-base64", "the attachment's base64 (RFC 4648 section 4) has \(words)",
      path: "/attachments/\(index)/data")
  }

  private func complaint(_ problem: Base64Decoder.Problem) -> InvalidMessage {
    switch problem {
    case .character: complaint("a character that base64 does not have")
    case .padding: complaint("padding (=) in the wrong place, or text behind it")
    case .cut: complaint("an end inside a group of four characters: it was cut off")
    }
  }
}
