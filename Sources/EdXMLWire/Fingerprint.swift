internal import Crypto

extension EdXMLMessage {
  /// What stays the same while the message travels: SHA-256 over a canonical form of everything except trace headers,
  /// prefixes, comments, and white space between elements. Attachments count by their decoded bytes, so another way
  /// of breaking base64 lines changes nothing.
  ///
  /// The message must come from ``EdXMLReader/read(_:into:limits:)`` or ``EdXMLReader/inspect(_:limits:)``, which
  /// digest the attachments.
  public var fingerprint: [UInt8] {
    var canonical = CanonicalDigest()
    canonical.add(root, isRoot: true)
    for attachment in attachments { canonical.add(tag: UInt8(ascii: "b"), attachment.digest) }
    return canonical.finish()
  }
}

/// Feeds a hash with tagged, length-prefixed parts, so that no two different trees give the same stream.
private struct CanonicalDigest {
  private var hasher = SHA256()

  mutating func add(tag: UInt8, _ bytes: [UInt8]) {
    var head = [tag]
    let count = UInt64(bytes.count)
    for shift in stride(from: 56, through: 0, by: -8) { head.append(UInt8(count >> UInt64(shift) & 0xFF)) }
    head.withUnsafeBytes { hasher.update(bufferPointer: $0) }
    bytes.withUnsafeBytes { hasher.update(bufferPointer: $0) }
  }

  mutating func add(_ element: EdXMLElement, isRoot: Bool = false) {
    if element.name.local == "TraceHeader" || Self.isEmptyTraceList(element) { return }
    add(tag: UInt8(ascii: "e"), Array(element.name.namespace.utf8))
    add(tag: UInt8(ascii: "n"), Array(element.name.local.utf8))
    let attributes = element.attributes.sorted {
      ($0.name.namespace, $0.name.local) < ($1.name.namespace, $1.name.local)
    }
    for attribute in attributes {
      add(tag: UInt8(ascii: "a"), Array("{\(attribute.name.namespace)}\(attribute.name.local)".utf8))
      add(tag: UInt8(ascii: "v"), Array(attribute.value.utf8))
    }
    for node in element.content {
      switch node {
      case .element(let child): add(child)
      case .text(let text): add(tag: UInt8(ascii: "t"), Array(text.utf8))
      }
    }
    add(tag: UInt8(ascii: "x"), [])
  }

  /// A list that held nothing but trace headers may have been made by a hop.
  private static func isEmptyTraceList(_ element: EdXMLElement) -> Bool {
    element.name.local == "TraceHeaderList" && element.children.allSatisfy { $0.name.local == "TraceHeader" }
  }

  mutating func finish() -> [UInt8] { Array(hasher.finalize()) }
}
