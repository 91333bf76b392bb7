/// Does to a well-made document what real senders do, or what a door must refuse.
enum SampleDisturbance {
  static func apply(_ kind: EDocumentSamples.Kind, to text: String) -> [UInt8] {
    switch kind {
    case .quirky: Array(quirky(text).utf8)
    case .marked: [0xEF, 0xBB, 0xBF] + Array(brokenLines(text).utf8)
    case .malformed: Array(replaceFirst("<edXML:Reference>", by: "<edXML:Reference xlink:href=\"\">", in: text).utf8)
    case .junk: Array("1212".utf8) + Array(text.utf8)
    case .doctype: Array(replaceFirst("?>\n", by: "?>\n<!DOCTYPE edXML>\n", in: text).utf8)
    default: Array(text.utf8)
    }
  }

  private static func quirky(_ text: String) -> String {
    var text = replaceFirst("<edXML:Place>", by: "<edXML:Place>\n\t\t", in: text)
    text = replaceFirst("<edXML:Subject>", by: "<edXML:Subject><![CDATA[", in: text)
    text = replaceFirst("</edXML:Subject>", by: " & phụ lục <1>]]></edXML:Subject>", in: text)
    if let start = text.firstRange(of: "<edXML:DueDate>")?.upperBound,
      let end = text.firstRange(of: "</edXML:DueDate>")?.lowerBound
    {
      text.replaceSubrange(start..<end, with: "2014/02/30")
    }
    return unprefixedAttachments(text)
  }

  /// Senders often leave the prefix away behind the envelope.
  private static func unprefixedAttachments(_ text: String) -> String {
    guard let start = text.firstRange(of: "<edXML:AttachmentEncoded>")?.lowerBound else { return text }
    let tail = text[start...].replacing("<edXML:", with: "<").replacing("</edXML:", with: "</")
    return String(text[..<start]) + tail
  }

  /// Breaks base64 after 76 characters, as MIME does.
  private static func brokenLines(_ text: String) -> String {
    var out = ""
    var rest = text[...]
    let tag = "<edXML:ContentTransferEncoded>"
    while let start = rest.firstRange(of: tag)?.upperBound, let end = rest[start...].firstIndex(of: "<") {
      out += rest[..<start]
      var line = rest[start..<end]
      while !line.isEmpty {
        out += "\r\n" + line.prefix(76)
        line = line.dropFirst(76)
      }
      out += "\r\n"
      rest = rest[end...]
    }
    return out + rest
  }

  private static func replaceFirst(_ what: String, by other: String, in text: String) -> String {
    guard let range = text.firstRange(of: what) else { return text }
    return text[..<range.lowerBound] + other + text[range.upperBound...]
  }
}
