/// The bytes of a message: carried along while they are few, kept in the journal's body store when they are many.
public enum Body: Sendable, Hashable {
  /// Up to ``inlineBytesMax`` bytes.
  case inline([UInt8])
  /// Bytes in the body store; a large body is never whole in memory.
  case stored(BodyReference)

  /// The largest inline body, in bytes.
  public static let inlineBytesMax = 16 * 1024

  /// No bytes at all.
  public static let empty = Body.inline([])

  /// How many bytes the body has.
  public var byteCount: Int {
    switch self {
    case .inline(let bytes): bytes.count
    case .stored(let reference): reference.byteCount
    }
  }
}

/// Names bytes in the body store.
public struct BodyReference: Sendable, Hashable, Codable {
  /// The store's own name for the bytes.
  public var id: String
  /// Keyed digest (HMAC-SHA-256 under the journal's digest key), in lower-case hex. It is keyed because a plain digest
  /// of a short personal value, such as a twelve-digit number, can be guessed.
  public var digest: String
  /// Media type, as the sender gave it.
  public var mediaType: String
  /// Length in bytes.
  public var byteCount: Int

  /// Creates a reference. Only a body store has reason to.
  public init(id: String, digest: String, mediaType: String, byteCount: Int) {
    self.id = id
    self.digest = digest
    self.mediaType = mediaType
    self.byteCount = byteCount
  }
}

/// Reads a body from front to back. Used by one thread at a time; calls may block on the disk.
public protocol BodyReader: AnyObject, Sendable {
  /// The next bytes, at most `count`; an empty array at the end, and again on every later call.
  ///
  /// - Throws: ``BodyError`` when the bytes cannot be had or were changed on disk.
  func read(upTo count: Int) throws(BodyError) -> [UInt8]
}

/// Takes a body from front to back. Used by one thread at a time; calls may block on the disk.
public protocol BodyWriter: AnyObject, Sendable {
  /// Appends bytes.
  ///
  /// - Throws: ``BodyError/full`` when the disk has no room, ``BodyError/tooLarge(limit:)`` beyond the limit.
  func write(_ bytes: [UInt8]) throws(BodyError)

  /// Ends the body. It becomes durable with the journal commit that names it; one that no commit names is swept away.
  func finish() throws(BodyError) -> Body

  /// Gives up and leaves nothing behind. May be called more than once, and after ``finish()``.
  func discard()
}

/// Keeps bodies. The journal is one; tests use one in memory.
public protocol BodyStore: Sendable {
  /// Opens a body for reading.
  func reader(of body: Body) throws(BodyError) -> any BodyReader

  /// Begins a body of at most `limit` bytes.
  func writer(mediaType: String, limit: Int) throws(BodyError) -> any BodyWriter
}

/// Why a body cannot be read or written.
public enum BodyError: Error, Hashable {
  /// It is longer than the limit, in bytes.
  case tooLarge(limit: Int)
  /// The disk has no room for it.
  case full
  /// It was kept once and is not any more: its time is over, or its key was dropped.
  case gone
  /// The bytes on disk are not those that were written.
  case damaged(String)
  /// The disk answered something else.
  case io(String)
}

extension BodyStore {
  /// The whole body in memory: only for bodies whose size is known to be small.
  ///
  /// - Throws: ``BodyError/tooLarge(limit:)`` when it has more than `limit` bytes.
  public func bytes(of body: Body, limit: Int) throws(BodyError) -> [UInt8] {
    guard body.byteCount <= limit else { throw .tooLarge(limit: limit) }
    if case .inline(let bytes) = body { return bytes }
    return try reader(of: body).rest(limit: limit)
  }
}

extension BodyReader {
  /// Everything that is left, at most `limit` bytes.
  public func rest(limit: Int) throws(BodyError) -> [UInt8] {
    var all: [UInt8] = []
    while true {
      let part = try read(upTo: 64 * 1024)
      guard !part.isEmpty else { return all }
      guard all.count + part.count <= limit else { throw .tooLarge(limit: limit) }
      all.append(contentsOf: part)
    }
  }
}
