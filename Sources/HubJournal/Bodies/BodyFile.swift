internal import Crypto
internal import FoundationEssentials
internal import HubKit

/// The form of a body file: a header, then chunks of at most 64 KB, each sealed with AES-256-GCM under a key of the
/// file's own. The nonce is the chunk's number; number, end mark and, at the end, the whole length are authenticated,
/// so that chunks cannot be swapped, left out or cut off.
///
/// The file's key is random. The header holds it under the data key of a day once the body was accepted, and zeros
/// before. Files of the first form, whose key follows from the data key and the header, are still read.
struct BodyFile: Sendable {
  static let chunkByteCount = 64 * 1024
  static let tagByteCount = 16
  static let headerByteCount = 80
  private static let firstHeaderByteCount = 32
  private static let firstMagic: [UInt8] = Array("LGSPBDY1".utf8)
  private static let magic: [UInt8] = Array("LGSPBDY2".utf8)

  /// What each chunk is bound to, besides its number.
  private let seed: [UInt8]
  private let key: SymmetricKey

  /// A file by its own key.
  init(key: SymmetricKey) {
    seed = Self.magic
    self.key = key
  }

  /// Takes up a file of the first form, with the key that its header names.
  private init(firstHeader: [UInt8], key: DataKey) {
    seed = firstHeader
    self.key = HKDF<SHA256>.deriveKey(
      inputKeyMaterial: key.key, salt: Array(firstHeader.suffix(16)), info: Array("body file".utf8),
      outputByteCount: 32)
  }

  /// The header of a file that nobody has accepted.
  static let arrivingHeader: [UInt8] = magic + [UInt8](repeating: 0, count: headerByteCount - magic.count)

  /// The header of a file that was accepted: number of the data key, and under it the file's own; nil when the cipher
  /// fails.
  static func header(holding key: SymmetricKey, under dataKey: DataKey, of id: String) -> [UInt8]? {
    var packer = Packer(reserving: headerByteCount)
    for byte in magic { packer.append(byte) }
    packer.append(dataKey.number)
    let plain = key.withUnsafeBytes { Array($0) }
    guard let wrapped = try? Sealing.seal(plain, with: dataKey.key, label: label(id)) else { return nil }
    let header = packer.bytes + wrapped
    return header + [UInt8](repeating: 0, count: headerByteCount - header.count)
  }

  /// Reads the header of a file.
  ///
  /// - Parameter dataKey: finds a data key by its number.
  /// - Returns: nil: it is no header, or was changed.
  static func open(
    _ file: any DiskFile, id: String, dataKey: (Int64) throws(BodyError) -> DataKey
  ) throws(BodyError) -> BodyFile? {
    var header: [UInt8]
    do { header = try file.read(upTo: firstHeaderByteCount) } catch { throw error.bodyError }
    guard header.count == firstHeaderByteCount else { return nil }
    var unpacker = Unpacker(Array(header[8..<16]))
    guard let number = unpacker.number() else { return nil }
    if header.starts(with: firstMagic) { return BodyFile(firstHeader: header, key: try dataKey(number)) }
    guard header.starts(with: magic), number > 0 else { return nil }
    do { header += try file.read(upTo: headerByteCount - header.count) } catch { throw error.bodyError }
    guard header.count == headerByteCount else { return nil }
    let wrapped = Array(header[16..<16 + wrappedByteCount])
    let plain = Sealing.open(wrapped, with: try dataKey(number).key, label: label(id))
    return plain.map { BodyFile(key: SymmetricKey(data: $0)) }
  }

  /// Nonce, key and tag.
  private static let wrappedByteCount = 12 + 32 + 16

  private static func label(_ id: String) -> [UInt8] { Array("body key \(id)".utf8) }

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
    packer.append(seed)
    packer.append(number)
    packer.append(total.map(Int64.init))
    return packer.bytes
  }
}
