/// Files for attachments, made by hand: the smallest that the tools read.
enum SampleFile {
  /// What a page of a PDF file holds.
  enum Page {
    case text(String)
    /// A picture, and words beside it.
    case scan(String)
  }

  /// A PDF file; each letter is a byte of a font whose table says what it stands for.
  static func pdf(_ pages: [Page]) -> [UInt8] {
    let letters = Array(Set(pages.flatMap { text(of: $0).unicodeScalars })).sorted { $0.value < $1.value }
    // Codes for which the font has a glyph.
    let codes = Dictionary(uniqueKeysWithValues: Swift.zip(letters, Array(33...126) + Array(161...255)))
    var objects = ["<</Type/Catalog/Pages 2 0 R>>", ""]
    let table = letters.map { "<\(hex(codes[$0] ?? 0, 2))> <\(utf16($0))>" }.joined(separator: "\n")
    let map =
      "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def 1 begincodespacerange <00> <FF> "
      + "endcodespacerange \(letters.count) beginbfchar\n\(table)\nendbfchar endcmap end end"
    objects.append("<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding/ToUnicode 4 0 R>>")
    objects.append(stream(map))
    var kids: [String] = []
    for page in pages {
      kids.append("\(objects.count + 1) 0 R")
      objects.append(
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F 3 0 R>>>>/Contents "
          + "\(objects.count + 2) 0 R>>")
      objects.append(stream(content(page, codes)))
    }
    objects[1] = "<</Type/Pages/Kids[\(kids.joined(separator: " "))]/Count \(kids.count)>>"
    return file(objects)
  }

  private static func text(of page: Page) -> String {
    switch page {
    case .text(let text), .scan(let text): text
    }
  }

  private static func content(_ page: Page, _ codes: [Unicode.Scalar: Int]) -> String {
    var content = ""
    if case .scan = page { content += "q 500 0 0 700 40 40 cm BI /W 1 /H 1 /BPC 8 /CS /G ID x EI Q " }
    for (index, line) in text(of: page).split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let bytes = line.unicodeScalars.map { hex(codes[$0] ?? 0, 2) }.joined()
      content += "BT /F 12 Tf 60 \(780 - 20 * index) Td <\(bytes)> Tj ET "
    }
    return content
  }

  private static func file(_ objects: [String]) -> [UInt8] {
    var text = "%PDF-1.4\n"
    var places = ""
    for (index, object) in objects.enumerated() {
      let place = String(text.utf8.count)
      places += String(repeating: "0", count: 10 - place.count) + place + " 00000 n \n"
      text += "\(index + 1) 0 obj\n\(object)\nendobj\n"
    }
    let table = text.utf8.count
    text += "xref\n0 \(objects.count + 1)\n0000000000 65535 f \n\(places)"
    text += "trailer<</Size \(objects.count + 1)/Root 1 0 R>>\nstartxref\n\(table)\n%%EOF\n"
    return Array(text.utf8)
  }

  private static func stream(_ text: String) -> String {
    "<</Length \(text.utf8.count)>>\nstream\n\(text)\nendstream"
  }

  private static func hex(_ value: Int, _ count: Int) -> String {
    let digits = String(value, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, count - digits.count)) + digits
  }

  private static func utf16(_ scalar: Unicode.Scalar) -> String {
    String(scalar).utf16.map { hex(Int($0), 4) }.joined()
  }

  /// An entry of an archive, not packed.
  struct Entry {
    var name: [UInt8]
    var bytes: [UInt8]
    /// What it says of its length; nil: the truth.
    var saidLength: Int?
    var isEncrypted = false
    /// The name beside the bytes; nil: the same.
    var localName: [UInt8]?

    init(_ name: String, _ bytes: [UInt8], saidLength: Int? = nil, isEncrypted: Bool = false, localName: String? = nil)
    {
      self.name = Array(name.utf8)
      self.bytes = bytes
      self.saidLength = saidLength
      self.isEncrypted = isEncrypted
      self.localName = localName.map { Array($0.utf8) }
    }
  }

  /// A ZIP archive.
  static func zip(_ entries: [Entry]) -> [UInt8] {
    var file: [UInt8] = []
    var directory: [UInt8] = []
    for entry in entries {
      let place = file.count
      let length = entry.saidLength ?? entry.bytes.count
      let local = entry.localName ?? entry.name
      let middle = number(entry.isEncrypted ? 1 : 0, 2) + number(0, 2) + number(0, 4) + number(0, 4)
      let sizes = number(entry.bytes.count, 4) + number(length, 4)
      file += Array("PK".utf8) + [3, 4] + number(20, 2) + middle + sizes + number(local.count, 2) + number(0, 2)
      file += local + entry.bytes
      directory += Array("PK".utf8) + [1, 2] + number(20, 2) + number(20, 2) + middle + sizes
      directory +=
        number(entry.name.count, 2) + number(0, 2) + number(0, 2) + number(0, 2) + number(0, 2) + number(0, 4)
      directory += number(place, 4) + entry.name
    }
    let start = file.count
    file += directory + Array("PK".utf8) + [5, 6] + number(0, 2) + number(0, 2)
    return file + number(entries.count, 2) + number(entries.count, 2) + number(directory.count, 4) + number(start, 4)
      + number(0, 2)
  }

  private static func number(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
}
