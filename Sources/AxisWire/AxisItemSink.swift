internal import EdXMLWire
public import HubKit
internal import Synchronization

/// Takes the answer of `getEdoc` while it arrives: the base64 text behind `"data":` is decoded into a body, the rest of
/// the JSON is kept apart. So a document of any size passes with little memory.
public final class AxisItemSink: BodyWriter {
  /// Longest JSON beside the text, in bytes.
  public static let envelopeBytesMax = 64 << 10

  private enum Part {
    /// Outside of strings.
    case plain
    /// In a string that is not the item's text, with what it holds so far.
    case string([UInt8], isEscaped: Bool)
    /// Behind a string that may be the key of the text.
    case key(hasColon: Bool)
    /// In the item's text.
    case text(isEscaped: Bool)
  }

  private struct State {
    var part = Part.plain
    var envelope: [UInt8] = []
    var decoder = Base64Decoder()
    var block: [UInt8] = []
    var hasText = false
    var isBroken = false
    var characterCount = 0
  }

  private let body: any BodyWriter
  private let state = Mutex(State())

  /// Decodes into a writer; whoever made it finishes or discards it.
  public init(into body: any BodyWriter) {
    self.body = body
  }

  /// The JSON of the answer with an empty text in it.
  public var envelope: [UInt8] { state.withLock { $0.envelope } }

  /// How many characters the text had.
  public var characterCount: Int { state.withLock { $0.characterCount } }

  /// Whether the text is whole base64, and there is any. Asked when the answer has ended.
  public var isWhole: Bool {
    state.withLock { state in
      guard state.hasText, !state.isBroken, state.characterCount > 0 else { return false }
      return (try? state.decoder.finish()) != nil
    }
  }

  /// The next bytes of the answer.
  public func write(_ bytes: [UInt8]) throws(BodyError) {
    try state.withLock { (state) throws(BodyError) in
      var start = 0
      while start < bytes.count { start = try Self.take(bytes, from: start, &state) }
      guard !state.block.isEmpty else { return }
      try body.write(state.block)
      state.block.removeAll(keepingCapacity: true)
    }
  }

  /// Nothing is finished here: see ``init(into:)``.
  public func finish() throws(BodyError) -> Body { .empty }

  /// Nothing is left behind here: see ``init(into:)``.
  public func discard() {}

  /// - Returns: where the next part begins.
  private static func take(_ bytes: [UInt8], from start: Int, _ state: inout State) throws(BodyError) -> Int {
    if case .text(false) = state.part {
      let end = bytes[start...].firstIndex { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") } ?? bytes.count
      decode(bytes[start..<end], &state)
      guard end < bytes.count else { return end }
      if bytes[end] == UInt8(ascii: "\\") {
        state.part = .text(isEscaped: true)
      } else {
        state.part = .plain
        state.envelope.append(bytes[end])
      }
      return end + 1
    }
    if case .text(true) = state.part {
      // Some writers of JSON escape the slash; base64 has no other character that could be.
      decode(bytes[start] == UInt8(ascii: "/") ? [bytes[start]] : [UInt8(ascii: "*")], &state)
      state.part = .text(isEscaped: false)
      return start + 1
    }
    state.envelope.append(bytes[start])
    guard state.envelope.count <= envelopeBytesMax else { throw .tooLarge(limit: envelopeBytesMax) }
    step(bytes[start], &state)
    return start + 1
  }

  private static func step(_ byte: UInt8, _ state: inout State) {
    let isSpace = byte == 0x20 || (0x09...0x0D).contains(byte)
    switch state.part {
    case .plain: if byte == UInt8(ascii: "\"") { state.part = .string([], isEscaped: false) }
    case .string(let held, true): state.part = .string(held, isEscaped: false)
    case .string(var held, false):
      if byte == UInt8(ascii: "\"") {
        state.part = held == Array("data".utf8) && !state.hasText ? .key(hasColon: false) : .plain
      } else {
        if held.count <= 4 { held.append(byte) }
        state.part = .string(held, isEscaped: byte == UInt8(ascii: "\\"))
      }
    case .key(let hasColon):
      switch byte {
      case _ where isSpace: break
      case UInt8(ascii: ":") where !hasColon: state.part = .key(hasColon: true)
      case UInt8(ascii: "\"") where hasColon:
        state.part = .text(isEscaped: false)
        state.hasText = true
      case UInt8(ascii: "\""): state.part = .string([], isEscaped: false)
      default: state.part = .plain
      }
    case .text: break
    }
  }

  private static func decode(_ text: some Collection<UInt8>, _ state: inout State) {
    guard !text.isEmpty else { return }
    state.characterCount += text.count
    guard !state.isBroken else { return }
    let characters = Array(text)
    let isGood = characters.withUnsafeBufferPointer { (try? state.decoder.decode($0, into: &state.block)) != nil }
    state.isBroken = !isGood
  }
}
