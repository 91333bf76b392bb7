/// What bytes are, told by themselves.
enum ContentKind: Hashable {
  case json, xml, text, pdf, zip
  /// A format that is known and cannot be looked into, by its name.
  case closed(String)
  /// Something else.
  case binary

  init(_ bytes: [UInt8]) {
    self = Self.known(bytes) ?? (String(validating: bytes, as: UTF8.self) == nil ? .binary : Self.textual(bytes))
  }

  /// Formats that begin with a mark of their own.
  static func known(_ bytes: [UInt8]) -> ContentKind? {
    // An archive first: one that holds a PDF file as it is has that file's mark near its beginning too.
    if bytes.starts(with: Array("PK".utf8)), bytes.count > 3, [3, 5].contains(bytes[2]) { return .zip }
    if holdsPDFMark(bytes) { return .pdf }
    return marks.first { bytes.starts(with: $0.0) }.map { .closed($0.1) }
  }

  /// Whether those who open PDF files take it for one: they pass over what stands before the mark in the first
  /// kilobyte.
  static func holdsPDFMark(_ bytes: [UInt8]) -> Bool { bytes.prefix(1024).firstRange(of: Array("%PDF-".utf8)) != nil }

  private static let marks: [([UInt8], String)] = [
    ([0x89] + "PNG\r\n".utf8, "image/png"), ([0xFF, 0xD8, 0xFF], "image/jpeg"), (Array("GIF8".utf8), "image/gif"),
    ([0x49, 0x49, 0x2A, 0], "image/tiff"), ([0x4D, 0x4D, 0, 0x2A], "image/tiff"), (Array("RIFF".utf8), "RIFF"),
    ([0xD0, 0xCF, 0x11, 0xE0], "application/x-ole-storage"), ([0x1F, 0x8B], "application/gzip"),
    (Array("BZh9".utf8), "application/x-bzip2"), ([0xFD] + "7zXZ".utf8, "application/x-xz"),
    (Array("7z".utf8) + [0xBC, 0xAF], "application/x-7z-compressed"), (Array("Rar!".utf8), "application/vnd.rar"),
    (Array("{\\rtf".utf8), "application/rtf"),
  ]

  private static func textual(_ bytes: [UInt8]) -> ContentKind {
    switch firstByte(of: Array(bytes.prefix(4096))) {
    case UInt8(ascii: "{"), UInt8(ascii: "["): (try? JSONTree(bytes)) == nil ? .text : .json
    case UInt8(ascii: "<"): .xml
    default: bytes.contains { $0 < 0x20 && ![0x09, 0x0A, 0x0C, 0x0D].contains($0) } ? .binary : .text
    }
  }

  /// What stands in a masked message for an attachment: the smallest of its kind that can be opened, without content.
  var placeholder: [UInt8] {
    switch self {
    case .pdf: Self.emptyPDF
    case .zip: Array("PK".utf8) + [5, 6] + [UInt8](repeating: 0, count: 18)
    case .closed("image/png"): Self.emptyPNG
    case .closed("image/jpeg"): [0xFF, 0xD8, 0xFF, 0xD9]
    case .json: Array("{}".utf8)
    case .xml: Array("<masked/>".utf8)
    default: Array("masked\n".utf8)
    }
  }

  /// Whether bytes are a placeholder.
  static func isPlaceholder(_ bytes: [UInt8]) -> Bool {
    bytes.count < 1024 && ContentKind(bytes).placeholder == bytes
  }

  private static let emptyPDF: [UInt8] = {
    var text = "%PDF-1.4\n"
    var places: [String] = []
    for (index, object) in [
      "<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
      "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>",
    ].enumerated() {
      let place = String(text.utf8.count)
      places.append(String(repeating: "0", count: 10 - place.count) + place)
      text += "\(index + 1) 0 obj\(object)endobj\n"
    }
    let table = text.utf8.count
    text += "xref\n0 4\n0000000000 65535 f \n" + places.map { "\($0) 00000 n \n" }.joined()
    return Array((text + "trailer<</Size 4/Root 1 0 R>>\nstartxref\n\(table)\n%%EOF\n").utf8)
  }()

  /// One grey dot.
  private static let emptyPNG: [UInt8] =
    Base64Run.bytes(
      "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==") ?? []
}
