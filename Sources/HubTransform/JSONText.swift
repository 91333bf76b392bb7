import CJSONSchema
import HubKit

/// Reads JSON strictly, from front to back, through the shim around nlohmann-json.
struct JSONScan {
  /// Most members of one object: their names are held to find duplicates.
  static let membersMax = 100_000
  /// Bodies up to this many bytes are taken whole into memory and looked over quickly first.
  private static let wholeBytesMax = 1 << 20

  var depthMax: Int

  /// Reads all of `body`.
  ///
  /// - Parameter onEvent: is given each piece with its text (of strings unescaped); returns false to stop.
  /// - Returns: what is wrong; nil when it is JSON.
  func problem(
    in body: any BodyReader, onEvent: ((cjs_event, UnsafeRawBufferPointer) -> Bool)? = nil
  ) -> Violation? {
    var options = cjs_options(
      depth_max: Int32(clamping: depthMax), members_max: Self.membersMax, on_event: nil, event_context: nil)
    guard let front = try? front(of: body, atMost: onEvent == nil ? Self.wholeBytesMax : 0) else {
      return Self.unreadable
    }
    let isSound = front.withUnsafeBytes { bytes in
      bytes.count < Self.wholeBytesMax && cjs_sound(bytes.baseAddress, bytes.count, &options) == 1
    }
    if isSound { return nil }
    let feed = Feed(front, body, onEvent: onEvent)
    return withExtendedLifetime(feed) {
      let context = Unmanaged.passUnretained(feed).toOpaque()
      if onEvent != nil {
        options.on_event = { context, event, bytes, count in
          guard let context else { return 0 }
          let feed = Unmanaged<Feed>.fromOpaque(context).takeUnretainedValue()
          return feed.tell(event, UnsafeRawBufferPointer(start: bytes, count: count)) ? 1 : 0
        }
        options.event_context = context
      }
      let problem = cjs_scan(
        { context, buffer, count in
          guard let context, let buffer else { return -1 }
          return Unmanaged<Feed>.fromOpaque(context).takeUnretainedValue().fill(buffer, count)
        }, context, &options)
      return violation(problem)
    }
  }

  private static let unreadable = Violation(
    rule: "body-unreadable", message: "the body could not be read to its end")

  /// The first bytes; all of them when they are fewer than `count`.
  private func front(of body: any BodyReader, atMost count: Int) throws(BodyError) -> [UInt8] {
    var front: [UInt8] = []
    while front.count < count {
      let piece = try body.read(upTo: count - front.count)
      if piece.isEmpty { break }
      front = front.isEmpty ? piece : front + piece
    }
    return front
  }

  private func violation(_ problem: cjs_problem) -> Violation? {
    var problem = problem
    let message = withUnsafeBytes(of: &problem.message) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    func at(_ rule: String, _ text: String) -> Violation {
      Violation(rule: rule, message: text, line: problem.line, column: problem.column)
    }
    switch problem.code {
    case CJS_OK: return nil
    case CJS_SYNTAX: return at("json-syntax", plainSyntax(message))
    case CJS_UTF8: return at("json-utf8", "a string holds bytes that are not UTF-8; send the text in UTF-8")
    case CJS_SURROGATE:
      return at("json-surrogate", "a string holds half of a \\u surrogate pair; write both halves or the letter itself")
    case CJS_NUMBER: return at("json-number", "a number is larger than a 64-bit floating-point number can hold")
    case CJS_DEPTH: return at("json-depth", "nested deeper than \(depthMax) levels")
    case CJS_DUPLICATE:
      return at(
        "json-duplicate-name", "the name \"\(redacted(message))\" occurs twice in one object; which one counts?")
    case CJS_MEMBERS: return at("json-members", "an object has more than \(Self.membersMax) members")
    default: return Self.unreadable
    }
  }

  /// `while parsing object key - unexpected end of input; expected string literal` in plain words.
  private func plainSyntax(_ message: String) -> String {
    var text = message
    var place = ""
    if text.hasPrefix("while parsing "), let dash = text.firstRange(of: " - ") {
      place = String(text[..<dash.lowerBound].dropFirst("while parsing ".count))
      text = String(text[dash.upperBound...])
    }
    text = text.replacing("string literal", with: "a string").replacing("number literal", with: "a number")
    text = text.replacing("end of input", with: "the end of the text").replacing(
      "invalid literal", with: "a word that JSON does not have")
    return place.isEmpty || place == "value" ? "not JSON: \(text)" : "not JSON, in an \(place): \(text)"
  }
}

/// What the C callbacks hold on to while one body is read; used by the reading thread only.
private final class Feed {
  private var front: ArraySlice<UInt8>
  private let body: any BodyReader
  private let onEvent: ((cjs_event, UnsafeRawBufferPointer) -> Bool)?

  /// Feeds what was read already, and then the rest.
  init(_ front: [UInt8], _ body: any BodyReader, onEvent: ((cjs_event, UnsafeRawBufferPointer) -> Bool)?) {
    self.front = front[...]
    self.body = body
    self.onEvent = onEvent
  }

  func fill(_ buffer: UnsafeMutablePointer<CChar>, _ count: Int) -> Int {
    let target = UnsafeMutableRawBufferPointer(start: buffer, count: count)
    if !front.isEmpty {
      let piece = front.prefix(count)
      target.copyBytes(from: piece)
      front = front.dropFirst(count)
      return piece.count
    }
    guard let bytes = try? body.read(upTo: count) else { return -1 }
    target.copyBytes(from: bytes)
    return bytes.count
  }

  func tell(_ event: cjs_event, _ text: UnsafeRawBufferPointer) -> Bool {
    onEvent?(event, text) ?? true
  }
}

/// A string as JSON text with its quotes.
func jsonString(_ bytes: some Sequence<UInt8>) -> [UInt8] {
  let hex = Array("0123456789abcdef".utf8)
  var text: [UInt8] = [UInt8(ascii: "\"")]
  for byte in bytes {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): text += [UInt8(ascii: "\\"), byte]
    case 0x0A: text += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
    case 0..<0x20: text += Array("\\u00".utf8) + [hex[Int(byte >> 4)], hex[Int(byte & 15)]]
    default: text.append(byte)
    }
  }
  text.append(UInt8(ascii: "\""))
  return text
}
