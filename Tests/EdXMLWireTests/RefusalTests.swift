import EdXMLWire
import HubKit
import Testing

// One at a time: these compute all the while, and would keep threads from tests of other rooms that wait.
@Suite(.serialized) struct RefusalTests {
  @Test func `an undeclared prefix is named with its place`() throws {
    let text = document(header: "\n  <Subject xlink:href=''>x</Subject>")
    let violation = try #require(refusal(Array(text.utf8)))
    #expect(violation.rule == "xml-undeclared-prefix")
    #expect(violation.message.contains("'xlink'"))
    #expect(violation.line == 2)
    #expect(violation.column == 12)
  }

  @Test func `an undeclared prefix is found on a later line of its tag`() throws {
    let text = document(header: "<Subject\n  a='1'\n  xlink:href=''\n  >x</Subject>")
    let violation = try #require(refusal(Array(text.utf8)))
    #expect(violation.line == 3)
    #expect(violation.column == 3)
  }

  @Test func `junk before the declaration is shown and explained`() throws {
    let violation = try #require(refusal(Array(("1212" + document(prolog: "<?xml version='1.0'?>")).utf8)))
    #expect(violation.rule == "xml-junk-before-document")
    #expect(violation.line == 1)
    #expect(violation.column == 1)
    #expect(violation.message.contains("4 byte(s)"))
    #expect(violation.message.contains("'1212'"))
    #expect(violation.message.contains("section 2.8"))
  }

  @Test func `junk that cannot be printed is shown by number`() throws {
    let violation = try #require(refusal([0x00, 0x1B] + Array(document().utf8)))
    #expect(violation.message.contains("0x00 0x1B"))
  }

  @Test func `white space before the declaration is junk, before the root it is not`() {
    #expect(refusal(Array(("\n" + document(prolog: "<?xml version='1.0'?>")).utf8))?.rule == "xml-junk-before-document")
    #expect(refusal(Array(("\n" + document()).utf8)) == nil)
  }

  @Test func `a document type declaration is refused before anything in it counts`() throws {
    let bomb = "<!DOCTYPE edXML [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;'>]>"
    let violation = try #require(refusal(Array(document(header: "&b;", prolog: bomb).utf8)))
    #expect(violation.rule == "dtd-not-allowed")
    #expect(violation.line == 1)
  }

  @Test func `an entity is refused by name, the five of XML are not`() throws {
    let violation = try #require(refusal(Array(document(header: "\n<Subject>&nbsp;</Subject>").utf8)))
    #expect(violation.rule == "entity-not-allowed")
    #expect(violation.message.contains("'nbsp'"))
    #expect(violation.line == 2)
    #expect(try read(document(header: "<Subject>&lt;&amp;&gt;&quot;&apos;&#7873;</Subject>")).subject == "<&>\"'ề")
  }

  @Test func `nesting ends at the limit`() throws {
    let deep = String(repeating: "<A>", count: 40) + String(repeating: "</A>", count: 40)
    #expect(refusal(Array(document(header: deep).utf8), limits: CodecLimits(depthMax: 32))?.rule == "xml-depth")
    #expect(refusal(Array(document(header: deep).utf8), limits: CodecLimits(depthMax: 64)) == nil)
  }

  @Test func `text outside of attachments ends at one megabyte`() {
    let long = String(repeating: "x", count: EdXMLReader.textBytesMax)
    #expect(refusal(Array(document(header: "<Subject>\(long)</Subject>").utf8))?.rule == "xml-text-too-long")
    let elements = String(repeating: "<A/>", count: 100_000)
    #expect(refusal(Array(document(header: elements).utf8))?.rule == "xml-text-too-long")
  }

  @Test func `attributes, names and single tags have limits`() {
    let many = (0..<65).map { " a\($0)='1'" }.joined()
    #expect(refusal(Array(document(header: "<A\(many)/>").utf8))?.rule == "xml-attributes")
    let name = String(repeating: "n", count: 300)
    #expect(refusal(Array(document(header: "<\(name)/>").utf8))?.rule == "xml-name")
    let comment = "<!-- \(String(repeating: "c", count: 200_000)) -->"
    #expect(refusal(Array(document(header: comment).utf8))?.rule == "xml-markup-too-long")
    let tag = "<A a='\(String(repeating: "v", count: 200_000))'/>"
    #expect(refusal(Array(document(header: tag).utf8))?.rule == "xml-markup-too-long")
  }

  @Test(arguments: [[0xFF], [0xC3, 0x28], [0xE1, 0xBB], [0xED, 0xA0, 0x80], [0xC0, 0xAF]] as [[UInt8]])
  func `invalid UTF-8 is refused with its line, without quoting it`(_ wrong: [UInt8]) throws {
    let text = document(header: "\n\n<Subject>Tiếng @ Việt</Subject>")
    let parts = text.utf8.split(separator: UInt8(ascii: "@"), maxSplits: 1)
    for lengths in [[65_536], [1], [5, 2]] {
      var failure: InvalidMessage?
      do {
        _ = try EdXMLReader.inspect(PiecesReader(Array(parts[0]) + wrong + Array(parts[1]), lengths: lengths))
      } catch {
        failure = error
      }
      let violation = try #require(failure?.violations.first)
      #expect(violation.rule == "xml-encoding")
      #expect(violation.line == 3)
      #expect(violation.column == 16)
    }
  }

  @Test(arguments: [
    ("JVBE*i0x", "a character"), ("JVBERi0", "cut off"), ("JVBERg==JVBE", "padding"), ("J===", "padding"),
    ("JVBERi0x<b/>", "an element"),
  ])
  func `a broken attachment is refused with its place`(_ base64: String, _ words: String) throws {
    let violation = try #require(refusal(Array(document(attachments: "\n" + attachment(base64)).utf8)))
    #expect(violation.rule == "attachment-base64")
    #expect(violation.message.contains(words))
    #expect(violation.line == 2)
    #expect(violation.path?.hasPrefix("edXML/AttachmentEncoded/Attachment/ContentTransferEncoded") == true)
  }

  @Test func `an attachment ends at its limit and leaves nothing behind`() throws {
    let text = document(attachments: attachment(String(repeating: "AAAA", count: 50_000)))
    #expect(
      refusal(Array(text.utf8), limits: CodecLimits(attachmentBytesMax: 100_000))?.rule == "attachment-too-large")
  }

  @Test(arguments: [
    ("", "xml-empty"), ("   ", "xml-syntax"), ("<edXML>", "xml-syntax"), ("<html/>", "edxml-structure"),
    ("<edXML/>", "edxml-structure"), ("no tag at all", "xml-syntax"), ("<edXML><a></b></edXML>", "xml-syntax"),
    ("<?xml version='1.0' encoding='klingon'?><edXML/>", "xml-encoding"),
  ])
  func `what is no edXML is refused by rule`(_ text: String, _ rule: String) {
    #expect(refusal(Array(text.utf8))?.rule == rule)
  }

  @Test func `a document that ends too early is refused wherever it is cut`() throws {
    let bytes = try fixture("document.edxml")
    let end = try #require(bytes.lastIndex(of: UInt8(ascii: ">")))
    for length in stride(from: 1, through: end, by: 13) {
      #expect(refusal(Array(bytes[..<length])) != nil, "cut at \(length)")
    }
  }

  @Test func `bytes that the declared encoding does not have are refused`() {
    // A surrogate without its partner in UTF-16.
    let text = document(header: "<Subject>x</Subject>", prolog: "<?xml version='1.0' encoding='UTF-16'?>")
    var units = Array(text.utf16)
    units.insert(0xDC00, at: units.count - 60)
    #expect(refusal([0xFF, 0xFE] + units.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] })?.rule == "xml-encoding")
  }

  @Test func `a disk that fails is not called a mistake of the sender`() {
    final class BrokenReader: BodyReader {
      func read(upTo count: Int) throws(BodyError) -> [UInt8] { throw .io("no such device") }
    }
    #expect(throws: InvalidMessage.self) { try EdXMLReader.inspect(BrokenReader()) }
    do { _ = try EdXMLReader.inspect(BrokenReader()) } catch {
      #expect(error.violations.first?.rule == "body-unreadable")
    }
  }
}
