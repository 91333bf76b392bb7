import HubTransform

/// What a file brings along to prove its signatures (ISO 32000-2, 12.8.4.3): streams that hold certificates, lists of
/// revoked ones and OCSP answers. They are told by what they hold, wherever they stand: each is signed by an authority,
/// or proves nothing.
struct ProofStreams: Sequence {
  /// Most bytes of one, and of all; most of them.
  private static let (bytesMax, totalBytesMax, countMax) = (8 << 20, 32 << 20, 512)
  /// How far behind its beginning a stream's end is looked for.
  private static let packedBytesMax = 8 << 20

  private let pdf: [UInt8]

  init(_ pdf: [UInt8]) { self.pdf = pdf }

  func makeIterator() -> Array<[UInt8]>.Iterator { all().makeIterator() }

  private func all() -> [[UInt8]] {
    var (proofs, total, position): ([[UInt8]], Int, Int) = ([], 0, 0)
    let (begin, end) = (Array("stream".utf8), Array("endstream".utf8))
    while proofs.count < Self.countMax, total < Self.totalBytesMax, let word = next(begin, from: position) {
      position = word + begin.count
      guard word < 3 || pdf[word - 1] != UInt8(ascii: "d") else { continue }
      if position < pdf.count, pdf[position] == 0x0D { position += 1 }
      if position < pdf.count, pdf[position] == 0x0A { position += 1 }
      guard Self.kind(pdf[position...]) != nil, let until = next(end, from: position),
        let proof = Self.proof(pdf[position..<until])
      else { continue }
      proofs.append(proof)
      total += proof.count
    }
    return proofs
  }

  /// Whether a stream holds a value of DER and nothing else.
  static func isProof(_ stream: ArraySlice<UInt8>) -> Bool {
    guard let proof = proof(stream) else { return false }
    return kind(stream) == .packed || proof.count == stream.count
  }

  private static func proof(_ stream: ArraySlice<UInt8>) -> [UInt8]? {
    guard let kind = kind(stream), stream.count <= packedBytesMax else { return nil }
    let whole = kind == .plain ? Array(stream) : Inflate.bytes(stream, hasHeader: true, limit: bytesMax) ?? []
    return length(whole[...]).flatMap { $0 <= whole.count ? Array(whole.prefix($0)) : nil }
  }

  private enum Kind { case plain, packed }

  /// What the first bytes look like: DER, bare or packed with zlib.
  private static func kind(_ bytes: ArraySlice<UInt8>) -> Kind? {
    if length(bytes) != nil { return .plain }
    guard bytes.count > 2, bytes[bytes.startIndex] & 0x0F == 8 else { return nil }
    return length(Inflate.start(bytes.prefix(1024), count: 8)[...]) == nil ? nil : .packed
  }

  /// How long a value of DER is that begins with a long sequence; nil when it does not.
  private static func length(_ bytes: ArraySlice<UInt8>) -> Int? {
    let head = Array(bytes.prefix(6))
    guard head.count == 6, head[0] == 0x30, head[1] > 0x80, head[1] <= 0x84 else { return nil }
    let count = Int(head[1] & 0x7F)
    let length = head[2..<2 + count].reduce(0) { $0 << 8 | Int($1) }
    return length <= bytesMax ? 2 + count + length : nil
  }

  /// Where a word stands next; nil when it does not. A plain loop: files have many streams.
  private func next(_ word: [UInt8], from start: Int) -> Int? {
    pdf.withUnsafeBufferPointer { bytes in
      guard let first = word.first else { return nil }
      var position = start
      while position + word.count <= bytes.count {
        if bytes[position] == first, word.indices.allSatisfy({ bytes[position + $0] == word[$0] }) { return position }
        position += 1
      }
      return nil
    }
  }
}
