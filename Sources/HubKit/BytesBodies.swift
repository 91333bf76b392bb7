internal import Synchronization

/// Reads a body that is already in memory.
public final class BytesReader: BodyReader {
  private let bytes: [UInt8]
  private let position = Mutex(0)

  /// Creates a reader at the front of `bytes`.
  public init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// The next bytes.
  public func read(upTo count: Int) throws(BodyError) -> [UInt8] {
    position.withLock { position in
      let end = position + min(count, bytes.count - position)
      defer { position = end }
      return position == 0 && end == bytes.count ? bytes : Array(bytes[position..<end])
    }
  }
}

/// Gathers a body in memory.
public final class BytesWriter: BodyWriter {
  private let limit: Int
  private let gathered = Mutex<[UInt8]>([])

  /// Creates a writer that takes at most `limit` bytes.
  public init(limit: Int = .max) {
    self.limit = limit
  }

  /// What was written so far.
  public var bytes: [UInt8] { gathered.withLock { $0 } }

  /// Appends bytes.
  public func write(_ bytes: [UInt8]) throws(BodyError) {
    let fits = gathered.withLock { gathered in
      guard gathered.count + bytes.count <= limit else { return false }
      gathered.append(contentsOf: bytes)
      return true
    }
    guard fits else { throw .tooLarge(limit: limit) }
  }

  /// The bytes, inline whatever their number.
  public func finish() throws(BodyError) -> Body { .inline(bytes) }

  /// Forgets the bytes.
  public func discard() { gathered.withLock { $0 = [] } }
}

/// A body store without a disk: for checks, route tests and replay, where nothing may be written.
public struct MemoryBodyStore: BodyStore {
  /// Creates a store. It keeps nothing itself: every body it makes is inline.
  public init() {}

  /// Reads an inline body; one by reference is gone.
  public func reader(of body: Body) throws(BodyError) -> any BodyReader {
    guard case .inline(let bytes) = body else { throw .gone }
    return BytesReader(bytes)
  }

  /// Gathers a body in memory.
  public func writer(mediaType: String, limit: Int) throws(BodyError) -> any BodyWriter {
    BytesWriter(limit: limit)
  }
}
