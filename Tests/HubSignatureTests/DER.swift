/// A value of DER, to be taken apart and put together.
struct DER {
  var tag: UInt8
  var content: [UInt8]

  init(_ tag: UInt8, _ content: [UInt8]) { (self.tag, self.content) = (tag, content) }

  init(_ tag: UInt8, _ children: [DER]) { self.init(tag, children.flatMap(\.bytes)) }

  /// The first value of some bytes.
  init?(_ bytes: ArraySlice<UInt8>, rest: inout ArraySlice<UInt8>) {
    guard bytes.count >= 2 else { return nil }
    let start = bytes.startIndex
    var (length, position) = (Int(bytes[start + 1]), start + 2)
    if length > 0x80 {
      let count = length & 0x7F
      guard bytes.count >= 2 + count else { return nil }
      length = bytes[position..<position + count].reduce(0) { $0 << 8 | Int($1) }
      position += count
    }
    guard bytes.endIndex - position >= length else { return nil }
    self.init(bytes[start], Array(bytes[position..<position + length]))
    rest = bytes[(position + length)...]
  }

  init?(_ bytes: [UInt8]) {
    var rest = bytes[...]
    self.init(bytes[...], rest: &rest)
  }

  var children: [DER] {
    get {
      var (all, rest) = ([DER](), content[...])
      while let next = DER(rest, rest: &rest) { all.append(next) }
      return all
    }
    set { content = newValue.flatMap(\.bytes) }
  }

  var bytes: [UInt8] {
    var length: [UInt8] = []
    var rest = content.count
    if rest < 0x80 { return [tag, UInt8(rest)] + content }
    while rest > 0 {
      length.insert(UInt8(rest & 0xFF), at: 0)
      rest >>= 8
    }
    return [tag, 0x80 | UInt8(length.count)] + length + content
  }

  static let timeStampToken = DER(0x06, [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x10, 0x02, 0x0E])
  static let revocationArchive = DER(0x06, [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x2F, 0x01, 0x01, 0x08])
}

/// The parts of a CMS signature that tests change.
struct CMS {
  private var signedData: DER
  private let type: DER

  init?(_ bytes: [UInt8]) {
    guard let whole = DER(bytes), whole.children.count == 2, let signed = whole.children[1].children.first else {
      return nil
    }
    (type, signedData) = (whole.children[0], signed)
  }

  var bytes: [UInt8] { DER(0x30, [type, DER(0xA0, [signedData])]).bytes }

  /// The only signer.
  var signer: DER {
    get { signedData.children.last?.children.first ?? DER(0x30, [UInt8]()) }
    set { signedData.children[signedData.children.count - 1] = DER(0x31, [newValue]) }
  }

  /// The signature itself.
  var signature: [UInt8] { signer.children.last { $0.tag == 0x04 }?.content ?? [] }

  mutating func add(stamp: [UInt8]) {
    guard let token = DER(stamp) else { return }
    signer.children.append(DER(0xA1, [DER(0x30, [DER.timeStampToken, DER(0x31, [token])])]))
  }

  /// Puts lists of revoked certificates beside the certificates.
  mutating func add(crls: [[UInt8]]) {
    signedData.children.insert(DER(0xA1, crls.compactMap { DER($0) }), at: signedData.children.count - 1)
  }

  /// Puts lists and OCSP answers into Adobe's signed attribute, and signs anew.
  mutating func archive(crls: [[UInt8]], answers: [[UInt8]], sign: ([UInt8]) -> [UInt8]) {
    var parts: [DER] = []
    if !crls.isEmpty { parts.append(DER(0xA0, [DER(0x30, crls.compactMap { DER($0) })])) }
    if !answers.isEmpty { parts.append(DER(0xA1, [DER(0x30, answers.compactMap { DER($0) })])) }
    let attribute = DER(0x30, [DER.revocationArchive, DER(0x31, [DER(0x30, parts)])])
    guard var attributes = signer.children.first(where: { $0.tag == 0xA0 }) else { return }
    attributes.children.append(attribute)
    replace(attributes: attributes, sign: sign)
  }
}

extension CMS {
  /// Takes over signed attributes, and signs anew.
  mutating func replace(attributes: DER, sign: ([UInt8]) -> [UInt8]) {
    var members = signer.children
    guard let own = members.firstIndex(where: { $0.tag == 0xA0 }),
      let signature = members.lastIndex(where: { $0.tag == 0x04 })
    else { return }
    members[own] = attributes
    members[signature] = DER(0x04, sign(DER(0x31, attributes.content).bytes))
    signer.children = members
  }
}
