internal import Crypto
internal import FoundationEssentials
internal import HubKit

/// The keys that follow from the master key (HKDF-SHA-256, RFC 5869): one to wrap data keys, one for digests, one for
/// hashes of personal values, one to tell a wrong master key.
public struct JournalKeys: Sendable {
  private let wrapping: SymmetricKey
  private let digesting: SymmetricKey
  private let person: SymmetricKey
  private let checking: SymmetricKey

  /// Takes the master key: 32 random bytes, kept apart from the journal and its backups. Without it the journal
  /// cannot be read.
  public init(master: [UInt8]) {
    let root = SymmetricKey(data: master)
    func derived(_ purpose: String) -> SymmetricKey {
      HKDF<SHA256>.deriveKey(
        inputKeyMaterial: root, salt: Array("lgsp-hub journal 1".utf8), info: Array(purpose.utf8), outputByteCount: 32)
    }
    wrapping = derived("wrapping")
    digesting = derived("digest")
    person = derived("person index")
    checking = derived("check")
  }

  /// HMAC-SHA-256 under the digest key.
  func digest(_ bytes: [UInt8]) -> [UInt8] { Array(HMAC<SHA256>.authenticationCode(for: bytes, using: digesting)) }

  /// Begins a digest over bytes that come in parts.
  func beginDigest() -> HMAC<SHA256> { HMAC<SHA256>(key: digesting) }

  /// Under which a personal value is found: the same for every name of key, so that one look-up finds a person.
  func personHash(_ value: String) -> [UInt8] {
    let trimmed = value.normalized.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed()
    return Array(HMAC<SHA256>.authenticationCode(for: Array(String(trimmed).utf8), using: person).prefix(16))
  }

  /// Kept in the database, to tell a wrong master key from damage.
  var checkValue: [UInt8] { Array(HMAC<SHA256>.authenticationCode(for: Array("lgsp-hub".utf8), using: checking)) }

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

/// AES-256-GCM with a random nonce in front of the ciphertext (NIST SP 800-38D, section 8.2.2: at most 2^32 values a
/// key; data keys change every day).
enum Sealing {
  /// Seals bytes to a label, which must be the same to open them.
  static func seal(_ plain: [UInt8], with key: SymmetricKey, label: [UInt8]) throws -> [UInt8] {
    let box = try AES.GCM.seal(plain, using: key, authenticating: label)
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
