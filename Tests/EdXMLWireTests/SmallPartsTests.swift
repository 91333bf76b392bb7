import EdXMLWire
import HubKit
import Testing

// One at a time: these compute all the while, and would keep threads from tests of other rooms that wait.
@Suite(.serialized) struct SmallPartsTests {
  @Test(arguments: [
    ("2026/11/23", true, "2026-11-23"), ("2026-11-23", true, "2026-11-23"), ("23/11/2026", true, "2026-11-23"),
    ("2026/11/23 08:15:59", true, "2026-11-23"), ("2024/02/29", true, "2024-02-29"), ("2014/02/30", false, nil),
    ("2026/13/01", false, nil), ("2026/11/23 25:00:00", false, nil), ("hôm nay", false, nil), ("", false, nil),
    ("2026/11", false, nil), ("0", false, nil), ("99999999999999999999/1/1", false, nil),
  ])
  func `dates are read leniently and never invented`(_ text: String, _ isReal: Bool, _ iso: String?) {
    let date = EdXMLDate(text)
    #expect(date.isReal == isReal)
    #expect(date.iso == iso)
    #expect(date.text == text)
  }

  /// RFC 4648 section 10.
  @Test(arguments: [
    ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
    ("foobar", "Zm9vYmFy"),
  ])
  func `base64 is that of RFC 4648`(_ plain: String, _ encoded: String) throws {
    #expect(Base64Encoder.encode(Array(plain.utf8)) == Array(encoded.utf8))
    for piece in 1...9 {
      var decoder = Base64Decoder()
      var out: [UInt8] = []
      var rest = Array(encoded.utf8)[...]
      while !rest.isEmpty {
        try rest.prefix(piece).withUnsafeBufferPointer { text in try decoder.decode(text, into: &out) }
        rest = rest.dropFirst(piece)
      }
      try decoder.finish()
      #expect(out == Array(plain.utf8))
    }
  }

  @Test(
    arguments: [
      ([0x25, 0x50, 0x44, 0x46, 0x2D, 0x31], EdXMLContentKind.pdf), ([0x50, 0x4B, 0x03, 0x04], .zip),
      ([0x50, 0x4B, 0x05, 0x06], .zip), ([0x25, 0x50], .other), ([], .other),
    ] as [([UInt8], EdXMLContentKind)])
  func `the first bytes tell what a file is`(_ bytes: [UInt8], _ kind: EdXMLContentKind) {
    #expect(EdXMLContentKind(prefix: bytes) == kind)
  }
}
