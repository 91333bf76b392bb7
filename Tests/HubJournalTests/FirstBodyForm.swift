import Crypto
import Foundation
import HubKit

@testable import HubJournal

/// Writes a body file as the hub wrote them before bodies had keys of their own.
enum FirstBodyForm {
  static func rewrite(_ reference: BodyReference, _ plain: [UInt8], at path: String, _ ring: KeyRing) throws {
    let day = String(reference.id.prefix(10))
    let dataKey = ring.key(for: day, .bodies)
    var packer = Packer(reserving: 32)
    for byte in "LGSPBDY1".utf8 { packer.append(byte) }
    packer.append(dataKey.number)
    let header = packer.bytes + (0..<16).map { _ in UInt8.random(in: .min ... .max) }
    let key = HKDF<SHA256>.deriveKey(
      inputKeyMaterial: dataKey.key, salt: Array(header.suffix(16)), info: Array("body file".utf8),
      outputByteCount: 32)
    var file = header
    let size = BodyFile.chunkByteCount
    for number in 0..<Int64((plain.count + size - 1) / size) {
      let start = Int(number) * size
      let end = min(start + size, plain.count)
      var nonce = Packer(reserving: 12)
      for _ in 0..<4 { nonce.append(UInt8(0)) }
      nonce.append(number)
      var label = Packer(reserving: 64)
      label.append(header)
      label.append(number)
      label.append(end == plain.count ? Int64(plain.count) : nil)
      let box = try AES.GCM.seal(
        Array(plain[start..<end]), using: key, nonce: AES.GCM.Nonce(data: nonce.bytes), authenticating: label.bytes)
      file += Array(box.ciphertext) + Array(box.tag)
    }
    try Data(file).write(to: URL(filePath: path))
  }
}
