/// Base64 of RFC 4648 section 4 in pieces of any size, white space between the characters allowed, as senders break
/// their lines at will. Everything else is an error: wrong characters, a length that is no multiple of four, bytes
/// behind the padding. So a payload that was cut off is found.
public struct Base64Decoder: Sendable {
  /// What is wrong with the text.
  public enum Problem: Error, Hashable {
    /// A character that base64 does not have.
    case character
    /// More characters behind the padding, or padding where none can be.
    case padding
    /// The text ends inside a group of four.
    case cut
  }

  private var group: UInt32 = 0
  private var count = 0
  private var padding = 0
  private var started = false
  private var ended = false
  private var pendingWhite = false
  /// Whether white space stood between the characters.
  public private(set) var wrapped = false

  /// Creates a decoder at the front.
  public init() {}

  /// Decodes the next characters and appends what they stand for.
  public mutating func decode(_ text: UnsafeBufferPointer<UInt8>, into out: inout [UInt8]) throws(Problem) {
    var index = 0
    while index < text.count {
      if count == 0, padding == 0 { index = decodeGroups(text, from: index, into: &out) }
      guard index < text.count else { return }
      try decodeOne(text[index], into: &out)
      index += 1
    }
  }

  /// Checks the end.
  public mutating func finish() throws(Problem) {
    guard count == 0 else { throw .cut }
  }

  /// The quick way: whole groups of four without white space. Returns where it stopped.
  private mutating func decodeGroups(
    _ text: UnsafeBufferPointer<UInt8>, from start: Int, into out: inout [UInt8]
  ) -> Int {
    var index = start
    let last = text.count - 4
    guard index <= last else { return index }
    Self.table.withUnsafeBufferPointer { table in
      out.reserveCapacity(out.count + (text.count - start) / 4 * 3)
      while index <= last {
        let a = table[Int(text[index])]
        let b = table[Int(text[index + 1])]
        let c = table[Int(text[index + 2])]
        let d = table[Int(text[index + 3])]
        guard a | b | c | d < 64 else { return }
        out.append(a << 2 | b >> 4)
        out.append(b << 4 | c >> 2)
        out.append(c << 6 | d)
        index += 4
      }
    }
    if index > start {
      started = true
      if pendingWhite { wrapped = true }
    }
    return index
  }

  private mutating func decodeOne(_ byte: UInt8, into out: inout [UInt8]) throws(Problem) {
    switch byte {
    case 0x20, 0x09, 0x0A, 0x0D: pendingWhite = pendingWhite || started
    case UInt8(ascii: "="):
      guard count >= 2 else { throw .padding }
      padding += 1
      try take(0, into: &out)
    default:
      let value = Self.table[Int(byte)]
      guard value < 64 else { throw .character }
      guard padding == 0 else { throw .padding }
      if pendingWhite { wrapped = true }
      started = true
      try take(value, into: &out)
    }
  }

  private mutating func take(_ value: UInt8, into out: inout [UInt8]) throws(Problem) {
    if ended { throw .padding }
    group = group << 6 | UInt32(value)
    count += 1
    guard count == 4 else { return }
    let bytes = [UInt8(group >> 16 & 0xFF), UInt8(group >> 8 & 0xFF), UInt8(group & 0xFF)]
    out.append(contentsOf: bytes.prefix(3 - padding))
    ended = padding > 0
    group = 0
    count = 0
  }

  private static let table: [UInt8] = {
    var table = [UInt8](repeating: 0xFF, count: 256)
    for (index, byte) in Base64Encoder.alphabet.enumerated() { table[Int(byte)] = UInt8(index) }
    return table
  }()
}

/// Writes base64 of RFC 4648 section 4 without line breaks.
public enum Base64Encoder {
  static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  /// The characters for `bytes`, padded. Pieces can be joined when all but the last have a multiple of three bytes.
  public static func encode(_ bytes: some Collection<UInt8>) -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity((bytes.count + 2) / 3 * 4)
    var group: UInt32 = 0
    var count = 0
    for byte in bytes {
      group = group << 8 | UInt32(byte)
      count += 1
      if count == 3 {
        append(group, characters: 4, to: &out)
        group = 0
        count = 0
      }
    }
    if count > 0 {
      append(group << UInt32(8 * (3 - count)), characters: count + 1, to: &out)
      out.append(contentsOf: repeatElement(UInt8(ascii: "="), count: 3 - count))
    }
    return out
  }

  private static func append(_ group: UInt32, characters: Int, to out: inout [UInt8]) {
    for position in 0..<characters { out.append(alphabet[Int(group >> UInt32(18 - 6 * position) & 63)]) }
  }
}
