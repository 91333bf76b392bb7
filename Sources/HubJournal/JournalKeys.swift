internal import Crypto
internal import FoundationEssentials
internal import Glibc
internal import HubKit
internal import Synchronization

/// The keys that follow from the master key (HKDF-SHA-256, RFC 5869): one to wrap data keys, one for digests, one for
/// hashes of personal values, one to tell a wrong master key.
public struct JournalKeys: Sendable {
  private let wrapping: SymmetricKey
  private let digesting: HMAC<SHA256>
  private let person: HMAC<SHA256>
  private let checking: HMAC<SHA256>

  /// Takes the master key: 32 random bytes, kept apart from the journal and its backups. Without it the journal
  /// cannot be read.
  public init(master: [UInt8]) {
    let root = SymmetricKey(data: master)
    func derived(_ purpose: String) -> SymmetricKey {
      HKDF<SHA256>.deriveKey(
        inputKeyMaterial: root, salt: Array("lgsp-hub journal 1".utf8), info: Array(purpose.utf8), outputByteCount: 32)
    }
    wrapping = derived("wrapping")
    // Begun once and copied: taking in the key costs as much as a short message.
    digesting = HMAC(key: derived("digest"))
    person = HMAC(key: derived("person index"))
    checking = HMAC(key: derived("check"))
  }

  /// HMAC-SHA-256 under the digest key.
  func digest(_ bytes: [UInt8]) -> [UInt8] { digesting.code(for: bytes) }

  /// Begins a digest over bytes that come in parts.
  func beginDigest() -> HMAC<SHA256> { digesting }

  /// Under which a personal value is found: the same for every name of key, so that one look-up finds a person.
  func personHash(_ value: String) -> [UInt8] {
    let trimmed = value.normalized.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed()
    return Array(person.code(for: Array(String(trimmed).utf8)).prefix(16))
  }

  /// Kept in the database, to tell a wrong master key from damage.
  var checkValue: [UInt8] { checking.code(for: Array("lgsp-hub".utf8)) }

  /// A data key, wrapped for the key table; `label` (its number, day and purpose) is authenticated.
  func wrap(_ key: SymmetricKey, label: String) throws -> [UInt8] {
    let plain = key.withUnsafeBytes { Array($0) }
    return try Sealing.seal(plain, with: wrapping, label: Array(label.utf8))
  }

  /// The data key again; nil when it was wrapped by another key or for another place.
  func unwrap(_ wrapped: [UInt8], label: String) -> SymmetricKey? {
    Sealing.open(wrapped, with: wrapping, label: Array(label.utf8)).map { SymmetricKey(data: $0) }
  }
}

extension HMAC<SHA256> {
  /// The code of these bytes alone, with the key that it was begun with.
  fileprivate func code(for bytes: [UInt8]) -> [UInt8] {
    var authenticator = self
    authenticator.update(data: bytes)
    return authenticator.finalize().withUnsafeBytes { Array($0) }
  }
}

/// AES-256-GCM with a random nonce in front of the ciphertext (NIST SP 800-38D, section 8.2.2: at most 2^32 values a
/// key; data keys change every day).
enum Sealing {
  private static let nonces = Nonces()

  /// Seals bytes to a label, which must be the same to open them.
  static func seal(_ plain: [UInt8], with key: SymmetricKey, label: [UInt8]) throws -> [UInt8] {
    let box = try AES.GCM.seal(plain, using: key, nonce: nonces.next(), authenticating: label)
    guard let combined = box.combined else { throw JournalError.io("AES-GCM") }
    return Array(combined)
  }

  /// The bytes; nil when key or label are others, or a bit was changed.
  static func open(_ sealed: [UInt8], with key: SymmetricKey, label: [UInt8]) -> [UInt8]? {
    guard let box = try? AES.GCM.SealedBox(combined: sealed),
      let plain = try? AES.GCM.open(box, using: key, authenticating: label)
    else { return nil }
    return Array(plain)
  }
}

/// Random nonces, drawn from the system many at a time: a call for each costs as much as sealing few bytes.
private final class Nonces: Sendable {
  private static let byteCount = 12
  /// No more than `getentropy` gives at a time, which is 256 bytes.
  private static let drawnAtATime = 21

  private let drawn = Mutex<ArraySlice<UInt8>>([])

  func next() throws -> AES.GCM.Nonce {
    let bytes = try drawn.withLock { drawn in
      if drawn.isEmpty { drawn = try Self.draw()[...] }
      defer { drawn.removeFirst(Self.byteCount) }
      return Array(drawn.prefix(Self.byteCount))
    }
    return try AES.GCM.Nonce(data: bytes)
  }

  private static func draw() throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: drawnAtATime * byteCount)
    guard getentropy(&bytes, bytes.count) == 0 else { throw JournalError.io("getentropy: \(errno)") }
    return bytes
  }
}
