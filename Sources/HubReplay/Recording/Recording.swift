internal import Crypto
internal import HubKit

/// A recorded exchange together with the bytes that it names.
public struct Recording: Sendable {
  /// What happened.
  public var exchange: RecordedExchange
  /// Bytes by digest.
  public var contents: Contents

  /// The message as it was handed in.
  ///
  /// - Returns: nil when its bytes are missing or nobody can have brought it.
  var message: Message? {
    guard let bytes = contents[exchange.body], let principal = Principal(text: exchange.principal) else { return nil }
    return Message(envelope: Envelope(attributes: exchange.envelope), body: .inline(bytes), principal: principal)
  }
}

/// Bytes by their digest.
public struct Contents: Sendable {
  private(set) var all: [String: [UInt8]] = [:]

  /// Creates an empty store.
  public init() {}

  /// The bytes of a content; nil when they are not here.
  public subscript(content: Content?) -> [UInt8]? {
    guard let content else { return nil }
    return content.bytes == 0 ? [] : all[content.digest]
  }

  /// Keeps bytes.
  public mutating func add(_ bytes: [UInt8], type: String?) -> Content {
    let content = Content(digest: Self.digest(of: bytes), bytes: bytes.count, type: type)
    if !bytes.isEmpty { all[content.digest] = bytes }
    return content
  }

  /// Keeps bytes that are known by a digest.
  mutating func insert(_ bytes: [UInt8], as digest: String) { all[digest] = bytes }

  /// Takes in others.
  mutating func add(_ others: Contents) { all.merge(others.all, uniquingKeysWith: { first, _ in first }) }

  /// SHA-256 in lower-case hex.
  static func digest(of bytes: [UInt8]) -> String { SHA256.hash(data: bytes).hex }
}

extension RecordedExchange {
  /// Everything that it names.
  var contents: [Content] {
    let replies = calls.flatMap(\.attempts).compactMap(\.reply)
    let sent = made.deliveries.flatMap { [$0.body] + ($0.requests ?? []).compactMap(\.body) }
    return [body] + replies + sent + [made.answer].compactMap { $0 }
  }
}
