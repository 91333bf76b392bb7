internal import Crypto
internal import FoundationEssentials
internal import HubKit

/// The form of a body file: a header, then chunks of at most 64 KB, each sealed with AES-256-GCM under a key of the
/// file's own. The nonce is the chunk's number; number, end mark and, at the end, the whole length are authenticated,
/// so that chunks cannot be swapped, left out or cut off.
struct BodyFile: Sendable {
  static let chunkByteCount = 64 * 1024
  static let tagByteCount = 16
  static let headerByteCount = 32
  private static let magic: [UInt8] = Array("LGSPBDY1".utf8)

  let header: [UInt8]
  private let key: SymmetricKey

  /// Begins a new file under a data key.
  init(key: DataKey) {
    var packer = Packer(reserving: Self.headerByteCount)
    for byte in Self.magic { packer.append(byte) }
    packer.append(key.number)
    for _ in 0..<16 { packer.append(UInt8.random(in: .min ... .max)) }
    self.init(header: packer.bytes, key: key)
  }

  /// Takes up a file that exists, with the key that its header names.
  init(header: [UInt8], key: DataKey) {
    self.header = header
    self.key = HKDF<SHA256>.deriveKey(
      inputKeyMaterial: key.key, salt: Array(header.suffix(16)), info: Array("body file".utf8), outputByteCount: 32)
  }

  /// Number of the data key; nil when this is no header.
  static func keyNumber(header: [UInt8]) -> Int64? {
    guard header.count == headerByteCount, header.starts(with: magic) else { return nil }
    var unpacker = Unpacker(Array(header[8..<16]))
    return unpacker.number()
  }

  /// A chunk as it lies on the disk: ciphertext and tag.
  func seal(_ plain: [UInt8], number: Int64, total: Int?) throws -> [UInt8] {
    let box = try AES.GCM.seal(
      plain, using: key, nonce: nonce(number), authenticating: label(number, total: total))
    return Array(box.ciphertext) + Array(box.tag)
  }

  /// The bytes of a chunk; nil when it is not the chunk that was written there.
  func open(_ sealed: [UInt8], number: Int64, total: Int?) -> [UInt8]? {
    guard sealed.count >= Self.tagByteCount, let nonce = try? nonce(number) else { return nil }
    let box = try? AES.GCM.SealedBox(
      nonce: nonce, ciphertext: sealed.dropLast(Self.tagByteCount), tag: sealed.suffix(Self.tagByteCount))
    guard let box else { return nil }
    return (try? AES.GCM.open(box, using: key, authenticating: label(number, total: total))).map { Array($0) }
  }

  private func nonce(_ number: Int64) throws -> AES.GCM.Nonce {
    var packer = Packer(reserving: 12)
    for _ in 0..<4 { packer.append(UInt8(0)) }
    packer.append(number)
    return try AES.GCM.Nonce(data: packer.bytes)
  }

  private func label(_ number: Int64, total: Int?) -> [UInt8] {
    var packer = Packer(reserving: 64)
    packer.append(header)
    packer.append(number)
    packer.append(total.map(Int64.init))
    return packer.bytes
  }
}
