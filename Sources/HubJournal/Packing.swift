internal import HubKit

/// Writes values one after the other, each with its length: the form of what is sealed or digested. Numbers are
/// big-endian. Written by hand because a JSON encoder costs more than the rest of a commit.
struct Packer {
  private(set) var bytes: [UInt8] = []

  init(reserving count: Int = 512) { bytes.reserveCapacity(count) }

  mutating func append(_ value: UInt8) { bytes.append(value) }

  mutating func append(_ value: Int64) {
    withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func append(_ value: [UInt8]) {
    appendCount(value.count)
    bytes.append(contentsOf: value)
  }

  mutating func append(_ value: String) {
    appendCount(value.utf8.count)
    bytes.append(contentsOf: value.utf8)
  }

  mutating func append(_ value: String?) {
    append(UInt8(value == nil ? 0 : 1))
    if let value { append(value) }
  }

  mutating func append(_ value: Int64?) {
    append(UInt8(value == nil ? 0 : 1))
    if let value { append(value) }
  }

  /// Lengths take one byte while they are small.
  mutating func appendCount(_ count: Int) {
    var rest = UInt64(count)
    while rest > 0x7F {
      bytes.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}

/// Reads what a ``Packer`` wrote. Every call returns nil once the bytes do not fit.
struct Unpacker {
  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func byte() -> UInt8? {
    guard position < bytes.count else { return nil }
    defer { position += 1 }
    return bytes[position]
  }

  mutating func number() -> Int64? {
    guard let part = take(8) else { return nil }
    return Int64(bitPattern: part.reduce(0) { $0 << 8 | UInt64($1) })
  }

  mutating func count() -> Int? {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 63, by: 7) {
      guard let next = byte() else { return nil }
      value |= UInt64(next & 0x7F) << shift
      if next < 0x80 { return Int(value) }
    }
    return nil
  }

  mutating func blob() -> [UInt8]? { count().flatMap { take($0) }.map(Array.init) }

  mutating func text() -> String? {
    count().flatMap { take($0) }.map { String(decoding: $0, as: UTF8.self) }
  }

  /// The outer nil: the bytes do not fit; the inner: there was no text.
  mutating func optionalText() -> String?? {
    guard let mark = byte() else { return nil }
    guard mark == 1 else { return .some(nil) }
    return text().map { .some($0) }
  }

  mutating func optionalNumber() -> Int64?? {
    guard let mark = byte() else { return nil }
    guard mark == 1 else { return .some(nil) }
    return number().map { .some($0) }
  }

  private mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
    guard count >= 0, count <= bytes.count - position else { return nil }
    defer { position += count }
    return bytes[position..<position + count]
  }
}

extension [UInt8] {
  /// Lower-case hex.
  var hex: String {
    String(unsafeUninitializedCapacity: count * 2) { target in
      let digits: StaticString = "0123456789abcdef"
      for (index, byte) in enumerated() {
        target[index * 2] = digits.utf8Start[Int(byte >> 4)]
        target[index * 2 + 1] = digits.utf8Start[Int(byte & 15)]
      }
      return count * 2
    }
  }

  /// Reads hex; nil when `hex` is none.
  init?(hex: some StringProtocol) {
    let text = Array(hex.utf8)
    guard text.count.isMultiple(of: 2) else { return nil }
    self = []
    reserveCapacity(text.count / 2)
    for index in stride(from: 0, to: text.count, by: 2) {
      guard let high = nibble(text[index]), let low = nibble(text[index + 1]) else { return nil }
      append(high << 4 | low)
    }
  }
}

private func nibble(_ byte: UInt8) -> UInt8? {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
  case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
  case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
  default: nil
  }
}
