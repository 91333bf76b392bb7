/// The text of word processors' and spreadsheets' files (ECMA-376, ISO 26300): archives with XML inside.
enum OfficeText {
  /// Ends of these elements end a line.
  private static let lineEnds: Set<String> = ["/w:p", "/a:p", "/si", "/text:p", "/text:h", "/table:table-cell"]
  private static let breaks: Set<String> = ["w:br", "w:cr", "w:br/", "w:cr/", "text:line-break/"]
  private static let gaps: Set<String> = ["w:tab", "w:tab/", "text:tab/"]

  /// The entries that hold text; nil: it is no such file.
  static func parts(of archive: ZipArchive) -> [ZipArchive.Entry]? {
    let names = Set(archive.entries.map(\.name))
    guard names.contains("[Content_Types].xml") || (names.contains("mimetype") && names.contains("content.xml")) else {
      return nil
    }
    return archive.entries.filter { entry in
      let name = entry.name
      guard name.hasSuffix(".xml") else { return false }
      return ["content.xml", "styles.xml", "xl/sharedStrings.xml"].contains(name)
        || ["word/document", "word/header", "word/footer", "word/foot", "ppt/slides/slide", "xl/worksheets/sheet"]
          .contains(where: name.hasPrefix)
    }
  }

  /// The text of one entry, a line for each paragraph.
  static func text(of xml: [UInt8]) -> String {
    var text: [UInt8] = []
    var position = xml.startIndex
    while position < xml.endIndex {
      guard xml[position] == UInt8(ascii: "<") else {
        let end = xml[position...].firstIndex(of: UInt8(ascii: "<")) ?? xml.endIndex
        text += xml[position..<end].map { $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 }
        position = end
        continue
      }
      let end = xml[position...].firstIndex(of: UInt8(ascii: ">")) ?? xml.endIndex
      let name = String(decoding: xml[(position + 1)..<end].prefix { $0 > 0x20 }, as: UTF8.self)
      if lineEnds.contains(name) || breaks.contains(name) { text.append(0x0A) }
      if gaps.contains(name) { text += [0x20, 0x20, 0x20] }
      position = end == xml.endIndex ? end : end + 1
    }
    return String(decoding: text, as: UTF8.self)
  }
}
