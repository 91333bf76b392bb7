internal import Crypto
internal import Foundation

/// Keys for several purposes out of one (HKDF, RFC 5869).
enum KeyDerivation {
  /// 32 bytes for a purpose; other purposes tell nothing about them.
  static func key(from master: [UInt8], purpose: String) -> [UInt8] {
    HKDF<SHA256>.deriveKey(
      inputKeyMaterial: SymmetricKey(data: master), info: Data(purpose.utf8), outputByteCount: 32
    ).withUnsafeBytes { Array($0) }
  }
}
