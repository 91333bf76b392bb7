/// What a frame between the hub and a worker process says. A frame is four bytes with the length of the rest, one byte
/// with its kind, and its content; numbers are little-endian, and texts and bytes have their length before them.
enum FrameKind: UInt8 {
  /// To the worker, first: whose child it is and what it may do.
  case settings = 1
  /// To the worker: a plan and the number by which jobs refer to it.
  case plan
  /// To the worker: a number that no job will refer to any more.
  case forget
  /// To the worker: one message and the number of its plan.
  case job
  /// From the worker: it is confined and waits for work.
  case ready = 64
  /// From the worker: it compiles something, which is not the message's time.
  case compiling
  /// From the worker: it goes on with the message.
  case compiled
  /// From the worker: what became of the oldest job that has no answer yet.
  case result
}

/// The other side does not keep to the frames.
struct FrameError: Error {}

/// Writes frames one after the other.
struct FrameWriter {
  private(set) var bytes: [UInt8] = []

  /// Writes one frame.
  mutating func frame(_ kind: FrameKind, _ content: (inout FrameWriter) -> Void = { _ in }) {
    let start = bytes.count
    put(UInt32(0))
    bytes.append(kind.rawValue)
    content(&self)
    let length = UInt32(bytes.count - start - 4).littleEndian
    withUnsafeBytes(of: length) { raw in
      for index in 0..<4 { bytes[start + index] = raw[index] }
    }
  }

  /// Drops what is written; room beyond `keepingRoom` is given back.
  mutating func removeAll(keepingRoom most: Int = 0) {
    bytes.removeAll(keepingCapacity: bytes.capacity <= most)
  }

  mutating func put(_ byte: UInt8) { bytes.append(byte) }

  mutating func put(_ number: UInt32) {
    withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func put(_ number: Int64) {
    withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func put(_ flag: Bool) { bytes.append(flag ? 1 : 0) }

  mutating func put(_ content: [UInt8]) {
    put(UInt32(content.count))
    bytes.append(contentsOf: content)
  }

  mutating func put(_ text: String) {
    put(UInt32(text.utf8.count))
    bytes.append(contentsOf: text.utf8)
  }

  mutating func put<Item>(_ list: [Item], _ write: (inout FrameWriter, Item) -> Void) {
    put(UInt32(list.count))
    for item in list { write(&self, item) }
  }

  mutating func put<Value>(optional value: Value?, _ write: (inout FrameWriter, Value) -> Void) {
    put(value != nil)
    if let value { write(&self, value) }
  }
}

/// Reads the content of one frame, which may be hostile: it never reads beyond its end.
struct FrameReader {
  private var rest: UnsafeRawBufferPointer.SubSequence

  init(_ content: UnsafeRawBufferPointer) {
    rest = content[...]
  }

  private mutating func take(_ count: Int) throws(FrameError) -> UnsafeRawBufferPointer {
    guard count <= rest.count else { throw FrameError() }
    defer { rest = rest.dropFirst(count) }
    return UnsafeRawBufferPointer(rebasing: rest.prefix(count))
  }

  mutating func byte() throws(FrameError) -> UInt8 { try take(1)[0] }

  mutating func flag() throws(FrameError) -> Bool { try byte() != 0 }

  mutating func number() throws(FrameError) -> UInt32 {
    UInt32(littleEndian: try take(4).loadUnaligned(as: UInt32.self))
  }

  mutating func long() throws(FrameError) -> Int64 { Int64(littleEndian: try take(8).loadUnaligned(as: Int64.self)) }

  mutating func content() throws(FrameError) -> [UInt8] {
    let count = try number()
    return Array(try take(Int(count)))
  }

  mutating func text() throws(FrameError) -> String {
    let count = try number()
    return String(decoding: try take(Int(count)), as: UTF8.self)
  }

  mutating func list<Item>(
    _ read: (inout FrameReader) throws(FrameError) -> Item
  ) throws(FrameError) -> [Item] {
    let count = try number()
    var items: [Item] = []
    for _ in 0..<count { items.append(try read(&self)) }
    return items
  }

  mutating func optional<Value>(
    _ read: (inout FrameReader) throws(FrameError) -> Value
  ) throws(FrameError) -> Value? {
    try flag() ? try read(&self) : nil
  }
}

/// Bytes as they come in, cut into frames.
struct FrameBuffer {
  private let lengthMax: Int
  private var bytes: [UInt8] = []
  private var next = 0

  /// - Parameter lengthMax: longest frame that is taken.
  init(lengthMax: Int) {
    self.lengthMax = lengthMax
  }

  /// Takes what came.
  mutating func append(_ more: UnsafeRawBufferPointer) {
    if next == bytes.count {
      // What one long frame needed is given back.
      bytes.removeAll(keepingCapacity: bytes.count <= 1 << 20)
      next = 0
    } else if next > 1 << 16 {
      bytes.removeFirst(next)
      next = 0
    }
    bytes.append(contentsOf: more)
  }

  /// Takes the next whole frame.
  ///
  /// - Returns: nil when it has not come to its end yet.
  /// - Throws: when there is no such frame, and what `read` throws.
  mutating func take<Value>(
    _ read: (FrameKind, inout FrameReader) throws(FrameError) -> Value
  ) throws(FrameError) -> Value? {
    guard let length = try frameLength() else { return nil }
    defer { next += 4 + length }
    let start = next + 4
    // The result crosses the closure as a value, since closures of the standard library know no typed throws here.
    let result = bytes.withUnsafeBytes { all -> Result<Value, FrameError> in
      guard let kind = FrameKind(rawValue: all[start]) else { return .failure(FrameError()) }
      var reader = FrameReader(UnsafeRawBufferPointer(rebasing: all[start + 1..<start + length]))
      do throws(FrameError) { return .success(try read(kind, &reader)) } catch { return .failure(error) }
    }
    return try result.get()
  }

  private func frameLength() throws(FrameError) -> Int? {
    guard bytes.count - next >= 4 else { return nil }
    let length = bytes.withUnsafeBytes { all in
      Int(UInt32(littleEndian: all.loadUnaligned(fromByteOffset: next, as: UInt32.self)))
    }
    guard length > 0, length <= lengthMax else { throw FrameError() }
    return bytes.count - next - 4 >= length ? length : nil
  }
}
