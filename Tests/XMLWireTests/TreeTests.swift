import HubKit
import Testing
import XMLWire

/// The rule that a document breaks; nil for a good one.
private func rule(_ text: String, limits: XMLLimits = XMLLimits()) -> String? { rule(Array(text.utf8), limits: limits) }

private func rule(_ bytes: [UInt8], limits: XMLLimits = XMLLimits()) -> String? {
  do {
    _ = try XMLTree.read(bytes, limits: limits)
    return nil
  } catch {
    return error.violations.first?.rule
  }
}

@Suite struct TreeTests {
  @Test func `names, attributes, text and CDATA are read as they are meant`() throws {
    let text = """
      <?xml version="1.0"?><!-- c --><p:a xmlns:p="urn:p" xmlns="urn:d" x="1 &lt; 2" p:y="&#7873;">
        <b> v &amp; <![CDATA[<w>]]> </b><?pi x?><b/><c xmlns="">t</c>
      </p:a>
      """
    let root = try XMLTree.read(Array(text.utf8))
    #expect(root.name == XMLName("a", namespace: "urn:p", prefix: "p"))
    #expect(root.name.means("a", in: "urn:p"))
    #expect(root.attribute("x") == "1 < 2")
    #expect(root.attributes.first { $0.name.means("y", in: "urn:p") }?.value == "ề")
    #expect(root.children.map(\.name.local) == ["b", "b", "c"])
    #expect(root.children.map(\.name.namespace) == ["urn:d", "urn:d", ""])
    #expect(root["b"]?.rawText == " v & <w> ")
    #expect(root.value("b") == "v & <w>")
    #expect(root.at("c")?.text == "t")
    #expect(root.rawText.isEmpty)
    #expect(root.all { $0.name.local == "b" }.count == 2)
  }

  @Test func `text beside elements is kept`() throws {
    let root = try XMLTree.read(Array("<a>one<b/>two</a>".utf8))
    #expect(root.rawText == "onetwo")
  }

  @Test func `other encodings are understood`() throws {
    let text = "<?xml version='1.0' encoding='UTF-16'?><a>Hải Phòng</a>"
    let wide: [UInt8] = [0xFF, 0xFE] + text.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
    #expect(try XMLTree.read(wide).text == "Hải Phòng")
    #expect(try XMLTree.read([0xEF, 0xBB, 0xBF] + Array("<a>ề</a>".utf8)).text == "ề")
  }

  @Test(arguments: [
    ("", "xml-empty"), ("text", "xml-syntax"), ("<a>", "xml-syntax"), ("<a></b>", "xml-syntax"),
    ("<a/><b/>", "xml-syntax"), ("<a/>tail", "xml-syntax"), ("junk<a/>", "xml-junk-before-document"),
    ("<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", "dtd-not-allowed"),
    ("<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", "dtd-not-allowed"), ("<a>&x;</a>", "entity-not-allowed"),
    ("<p:a/>", "xml-undeclared-prefix"),
  ])
  func `what is no XML, or hostile, is refused`(_ text: String, _ expected: String) {
    #expect(rule(text) == expected)
  }

  @Test func `bytes that are no characters are refused`() {
    #expect(rule(Array("<a>".utf8) + [0xC3, 0x28] + Array("</a>".utf8)) == "xml-encoding")
  }

  @Test func `limits hold to the last byte`() {
    let deep = { (depth: Int) in
      String(repeating: "<a>", count: depth) + String(repeating: "</a>", count: depth)
    }
    #expect(rule(deep(8), limits: XMLLimits(depthMax: 8)) == nil)
    #expect(rule(deep(9), limits: XMLLimits(depthMax: 8)) == "xml-depth")
    // Sixteen bytes for the element itself and one for its name.
    let limits = XMLLimits(textBytesMax: 27)
    #expect(rule("<a>\(String(repeating: "x", count: 10))</a>", limits: limits) == nil)
    #expect(rule("<a>\(String(repeating: "x", count: 11))</a>", limits: limits) == "xml-text-too-long")
    #expect(rule("<a><b/></a>", limits: limits) == "xml-text-too-long")
    #expect(rule("<a b='1' c='2'/>", limits: XMLLimits(attributesMax: 1)) == "xml-attributes")
    #expect(rule("<abc/>", limits: XMLLimits(nameBytesMax: 2)) == "xml-name")
    #expect(rule("<a><!--\(String(repeating: "x", count: 200_000))--></a>") == "xml-markup-too-long")
  }

  @Test func `a complaint about nothing says what was expected`() {
    do {
      _ = try XMLTree.read([], expected: "a letter")
      Issue.record("it was read")
    } catch {
      #expect(error.violations.first?.message.contains("a letter") == true)
    }
  }
}

@Suite struct WritingTests {
  private let tree = XMLElement(
    XMLName("a", namespace: "urn:a"),
    attributes: [XMLAttribute(XMLName("x"), "1 < \"2\"\n"), XMLAttribute(XMLName("y", namespace: "urn:b"), "&")],
    children: [
      XMLElement(XMLName("b", namespace: "urn:b"), text: "<ề> & \r\n"), XMLElement(XMLName("c")),
    ])

  @Test func `what is written is read again as it was`() throws {
    let bytes = try XMLWriter.document(tree, prefixes: [("p", "urn:a"), ("q", "urn:b")])
    let text = String(decoding: bytes, as: UTF8.self)
    #expect(text.hasPrefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<p:a xmlns:p=\"urn:a\" xmlns:q=\"urn:b\" x="))
    let back = try XMLTree.read(bytes)
    #expect(back.attributes.map(\.value) == ["1 < \"2\"\n", "&"])
    #expect(back.children.map(\.rawText) == ["<ề> & \r\n", ""])
    #expect(back.children.map(\.name.namespace) == ["urn:b", ""])
  }

  @Test func `the language attribute needs no declaration`() throws {
    let name = XMLName("lang", namespace: "http://www.w3.org/XML/1998/namespace")
    let bytes = try XMLWriter.document(XMLElement(XMLName("a"), attributes: [XMLAttribute(name, "vi")]), prefixes: [])
    #expect(String(decoding: bytes, as: UTF8.self).hasSuffix("<a xml:lang=\"vi\"/>\n"))
  }

  @Test func `what XML cannot carry is refused by name`() {
    let refused: [(XMLElement, [(prefix: String, namespace: String)], String)] = [
      (XMLElement(XMLName("a"), text: "x\u{1}"), [], "xml-character"),
      (XMLElement(XMLName("a"), text: "x\u{FFFE}"), [], "xml-character"),
      (XMLElement(XMLName("a b")), [], "xml-name"), (XMLElement(XMLName("")), [], "xml-name"),
      (XMLElement(XMLName("1a")), [], "xml-name"), (XMLElement(XMLName("a:b")), [], "xml-name"),
      (XMLElement(XMLName("a", namespace: "urn:x")), [], "xml-namespace"),
      (XMLElement(XMLName("a")), [("", "urn:x")], "xml-namespace"),
    ]
    for (element, prefixes, rule) in refused {
      do {
        _ = try XMLWriter.document(element, prefixes: prefixes)
        Issue.record("it was written: \(rule)")
      } catch {
        #expect(error.violations.first?.rule == rule)
      }
    }
  }

  @Test func `white space at the ends goes, whatever it is`() {
    #expect(" \t\r\n a b \n".trimmingWhiteSpace() == "a b")
    #expect(" \n".trimmingWhiteSpace().isEmpty)
    #expect(" \t".isWhiteSpace)
    #expect(!"\u{A0}".isWhiteSpace)
  }
}
