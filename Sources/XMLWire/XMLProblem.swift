internal import CXML
internal import HubKit

/// Turns what libxml2 found into a sentence that names the mistake and the cure, without quoting the content.
enum XMLProblem {
  static func complaint(_ problem: cxml_problem) -> InvalidMessage {
    var problem = problem
    let name = withUnsafeBytes(of: &problem.name) { text($0) }
    let message = withUnsafeBytes(of: &problem.message) { text($0) }
    let (rule, sentence) = sentence(problem.kind, name: name, message: message)
    return InvalidMessage(
      rule: rule, sentence, line: Int(problem.line), column: problem.column > 0 ? Int(problem.column) : nil)
  }

  private static func sentence(_ kind: cxml_problem_kind, name: String, message: String) -> (String, String) {
    switch kind {
    case CXML_PROBLEM_DTD:
      ("dtd-not-allowed", "a document type declaration (DOCTYPE) is not accepted: send the document without it")
    case CXML_PROBLEM_ENTITY:
      (
        "entity-not-allowed",
        "the entity '\(name)' is not known: only amp, lt, gt, apos, quot and numeric references are accepted"
      )
    case CXML_PROBLEM_PREFIX:
      (
        "xml-undeclared-prefix",
        "the prefix '\(name)' (in '\(name):\(message)') is not declared: add xmlns:\(name)=\"...\" to this element or "
          + "one around it, or leave the prefix out"
      )
    case CXML_PROBLEM_BYTES:
      (
        "xml-encoding",
        "bytes that are no characters in the document's encoding, or a character that XML 1.0 section 2.2 does not "
          + "allow: write the document in UTF-8"
      )
    case CXML_PROBLEM_ENCODING:
      ("xml-encoding", "the encoding is not known or contradicts the bytes: write the document in UTF-8")
    case CXML_PROBLEM_LONG_MARKUP:
      (
        "xml-markup-too-long",
        "a tag, comment or instruction is longer than \(XMLPass.markupBytesMax) bytes, or the document ends inside it"
      )
    default:
      ("xml-syntax", "not well-formed XML: \(message.isEmpty ? "the parser stopped" : message)")
    }
  }

  private static func text(_ bytes: UnsafeRawBufferPointer) -> String {
    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }
}

/// Looks at the first bytes, before the parser does: what it would say about junk there helps nobody.
enum XMLFront {
  private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

  static func check(_ front: [UInt8], expected: String) throws(InvalidMessage) {
    guard !front.isEmpty else {
      throw InvalidMessage(rule: "xml-empty", "the body is empty: \(expected) was expected", line: 1, column: 1)
    }
    if isUTF16(front) { return }
    let text = front.starts(with: byteOrderMark) ? front[3...] : front[...]
    guard let first = text.first, first != UInt8(ascii: "<") else { return }
    let junk = text.prefix { $0 != UInt8(ascii: "<") }
    let rest = text[junk.endIndex...]
    let blank = junk.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
    if blank, !rest.starts(with: Array("<?xml".utf8)) { return }
    if rest.isEmpty {
      throw InvalidMessage(
        rule: "xml-syntax", "this is no XML: no tag begins in the first \(front.count) bytes", line: 1, column: 1)
    }
    throw InvalidMessage(
      rule: "xml-junk-before-document",
      "\(junk.count) byte(s) stand before the document: \(shown(junk)). Nothing may come before the XML declaration "
        + "or the root element save a UTF-8 byte-order mark (XML 1.0 section 2.8). The hub does not skip them: two "
        + "systems that cut such bytes away differently would read two different documents. Remove them and send again",
      line: 1, column: 1)
  }

  private static func isUTF16(_ bytes: [UInt8]) -> Bool {
    bytes.starts(with: [0xFE, 0xFF]) || bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0, 0x3C])
      || bytes.starts(with: [0x3C, 0])
  }

  /// The first few characters: printable ones as they are, others by number.
  private static func shown(_ junk: ArraySlice<UInt8>) -> String {
    let few = junk.prefix(8)
    let printable = few.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    let list = few.map { byte in "0x" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true) }
    let text = printable ? "'\(String(decoding: few, as: UTF8.self))'" : list.joined(separator: " ")
    return few.count < junk.count ? text + " and more" : text
  }
}
