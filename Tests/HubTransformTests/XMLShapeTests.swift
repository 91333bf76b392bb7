import HubKit
import HubTransform
import Testing

private let head = #"<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform""#
private func sheet(_ content: String, attributes: String = "") -> ShapeSource {
  source("\(head) \(attributes)>\n\(content)\n</xsl:stylesheet>", name: "map.xsl")
}
func xsltPlan(_ content: String, attributes: String = "") -> TransformPlan {
  TransformPlan(id: "xslt", map: [.xslt(sheet(content, attributes: attributes))])
}

@Suite struct XSLTTests {
  let bench = Bench()

  @Test func aStylesheetTransformsAndSaysTheMediaType() async throws {
    let plan = xsltPlan(
      #"<xsl:output method="xml" omit-xml-declaration="yes"/><xsl:template match="/a"><b><xsl:value-of select="c"/></b></xsl:template>"#
    )
    let result = try await bench.xml(plan, "<a><c>Hồ sơ</c></a>")
    #expect(result.bodyText?.hasPrefix("<b>Hồ sơ</b>") == true)
    #expect(result.output?.mediaType == "application/xml")
    let text = xsltPlan(#"<xsl:output method="text"/><xsl:template match="/">x</xsl:template>"#)
    #expect(try await bench.xml(text, "<a/>").output?.mediaType == "text/plain")
    let html = xsltPlan(#"<xsl:template match="/"><html/></xsl:template>"#)
    #expect(try await bench.xml(html, "<a/>").output?.mediaType == "text/html")
  }

  @Test func jqCanFollowAStylesheetThatMakesJSON() async throws {
    let style = sheet(
      #"<xsl:output method="text" media-type="application/json"/><xsl:template match="/">{"n": <xsl:value-of select="count(//x)"/>}</xsl:template>"#
    )
    let plan = TransformPlan(id: "both", map: [.xslt(style), .jq(source(".n + 1"))])
    #expect(try await bench.xml(plan, "<a><x/><x/></a>").bodyText == "3")
    let back = TransformPlan(id: "back", map: [.xslt(style), .jq(source(".")), .xslt(style)])
    #expect(try await bench.xml(back, "<a/>").violations.map(\.rule) == ["no-xml"])
  }

  @Test func theEnvelopeAndTheTimeComeAsParameters() async throws {
    let plan = xsltPlan(
      #"<xsl:output method="text"/><xsl:param name="now"/><xsl:param name="envelope-sender"/><xsl:template match="/"><xsl:value-of select="concat($now,' ',$envelope-sender)"/></xsl:template>"#
    )
    #expect(try await bench.xml(plan, "<a/>").bodyText == "2026-09-21T14:13:20.000Z H24.1")
  }

  @Test(arguments: [
    (#"<xsl:import href="a.xsl"/>"#, 2), (#"<xsl:include href="a.xsl"/>"#, 2),
    (#"<xsl:template match="/"><xsl:value-of select="document('/etc/passwd')"/></xsl:template>"#, 2),
    (#"<xsl:template match="/"><a b="{document( 'x' )}"/></xsl:template>"#, 2),
    (#"<xsl:template match="/"><xsl:document href="x"/></xsl:template>"#, 2),
    ("<xsl:template match=\"/\">\n<e:document xmlns:e=\"http://exslt.org/common\" href=\"x\"/></xsl:template>", 3),
    (
      #"<xsl:template match="/"><xsl:value-of xmlns:d="http://exslt.org/dates-and-times" select="d:date-time()"/></xsl:template>"#,
      2
    ),
    (#"<xsl:template match="/"><xsl:value-of xmlns:m="http://exslt.org/math" select="m:random()"/></xsl:template>"#, 2),
    (
      #"<xsl:template match="/"><xsl:value-of xmlns:y="http://exslt.org/dynamic" select="y:evaluate('1')"/></xsl:template>"#,
      2
    ),
    (#"<xsl:template match="/"><xsl:value-of select="1 +"/></xsl:template>"#, 2),
  ])
  func whatReachesOutsideIsRefusedWhenChecked(content: String, line: Int) {
    let complaints = compileComplaints(of: xsltPlan(content))
    #expect(!complaints.isEmpty)
    #expect(complaints.first?.line == line, "\(complaints)")
    #expect(complaints.first?.source == "map.xsl")
  }

  @Test func wordsInTextAndStringsAreNotCalls() {
    let plan = xsltPlan(
      #"<xsl:template match="/"><a title="document (nháp)"><xsl:value-of select="'document(1)'"/>document(2)</a></xsl:template>"#
    )
    #expect(compileComplaints(of: plan).isEmpty)
  }

  @Test func exsltWorks() async throws {
    let plan = xsltPlan(
      #"<xsl:output method="text"/><xsl:template match="/"><xsl:value-of select="d:year('2026-11-23')"/>|<xsl:value-of select="s:padding(3,'x')"/></xsl:template>"#,
      attributes: #"xmlns:d="http://exslt.org/dates-and-times" xmlns:s="http://exslt.org/strings""#)
    #expect(try await bench.xml(plan, "<a/>").bodyText == "2026|xxx")
  }

  @Test func generatedIdsAreTheSameInEveryRun() async throws {
    let plan = xsltPlan(
      #"<xsl:output method="text"/><xsl:template match="/"><xsl:for-each select="//x|//@k|//text()"><xsl:value-of select="generate-id()"/>,</xsl:for-each><xsl:value-of select="generate-id(//x[1]) = generate-id((//x)[1])"/></xsl:template>"#
    )
    let first = try await bench.xml(plan, "<a><x k='1'>t</x><x/></a>").bodyText
    for _ in 0..<5 { #expect(try await bench.xml(plan, "<a><x k='1'>t</x><x/></a>").bodyText == first) }
    let ids = (first ?? "").split(separator: ",").dropLast()
    #expect(Set(ids).count == 4)
    #expect(first?.hasSuffix("true") == true)
  }

  @Test func aStylesheetThatCallsItselfForEverIsStopped() async throws {
    let recursive = xsltPlan(
      #"<xsl:template match="/" name="t"><xsl:call-template name="t"/></xsl:template>"#)
    #expect(try await bench.xml(recursive, "<a/>").violations.first?.rule == "xslt")
  }

  @Test func aTerminatingMessageMakesItInvalidAndOthersANote() async throws {
    let stop = xsltPlan(
      #"<xsl:template match="/"><xsl:message terminate="yes"><xsl:value-of select="/a"/></xsl:message></xsl:template>"#)
    let texts = try await bench.xml(stop, "<a>Phạm Văn Thử</a>").violations.map(\.message)
    #expect(texts.count == 1)
    #expect(texts.allSatisfy { !$0.contains("Phạm") })
    let speak = xsltPlan(#"<xsl:template match="/"><xsl:message>x</xsl:message><b/></xsl:template>"#)
    #expect(try await bench.xml(speak, "<a/>").output?.notes.map(\.rule) == ["xslt-message"])
  }

  @Test func encodingsThatAreModulesOfTheSystemAreRead() async throws {
    let plan = xsltPlan(
      #"<xsl:output method="text"/><xsl:template match="/"><xsl:value-of select="/a"/></xsl:template>"#)
    var made = input(#"<?xml version="1.0" encoding="windows-1258"?><a>"#, json: false)
    made.body += [0xD0, 0x61, 0xEC] + Array("</a>".utf8)
    #expect(try await bench.evaluate(plan, made).bodyText == "Đa\u{301}")
  }

  @Test func aBodyWithADocumentTypeIsRefused() async throws {
    let plan = xsltPlan(#"<xsl:template match="/"><b/></xsl:template>"#)
    let bomb = #"<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>"#
    #expect(try await bench.xml(plan, bomb).violations.map(\.rule) == ["dtd-not-allowed"])
  }
}

@Suite struct XSDTests {
  let bench = Bench()
  let schema = source(
    """
    <xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
      <xs:element name="hoSo"><xs:complexType><xs:sequence>
        <xs:element name="cccd"><xs:simpleType><xs:restriction base="xs:string"><xs:pattern value="\\d{12}"/>
          </xs:restriction></xs:simpleType></xs:element>
        <xs:element name="ngay" type="xs:date"/>
        <xs:element name="loai"><xs:simpleType><xs:restriction base="xs:string"><xs:enumeration value="A"/>
          </xs:restriction></xs:simpleType></xs:element>
      </xs:sequence><xs:attribute name="ma" use="required"/></xs:complexType></xs:element>
    </xs:schema>
    """, name: "hoso.xsd")
  var plan: TransformPlan { TransformPlan(id: "xsd", validate: [.xsd(schema)]) }

  @Test func aGoodDocumentPassesAsItCame() async throws {
    let good = #"<hoSo ma="1"><cccd>031085000123</cccd><ngay>2026-11-23</ngay><loai>A</loai></hoSo>"#
    #expect(try await bench.xml(plan, good) == .output(TransformOutput()))
  }

  @Test func allViolationsAreToldWithPlaceAndWithoutValues() async throws {
    let bad =
      "<hoSo>\n<cccd>03108' is not</cccd>\n<ngay>Phạm Thử</ngay><loai>B' is not a valid value</loai>\n<them/></hoSo>"
    let violations = try await bench.xml(plan, bad).violations
    #expect(violations.count >= 5)
    #expect(violations.allSatisfy { $0.rule == "xsd" && $0.line != nil && $0.path != nil })
    #expect(violations.contains { $0.path == "/hoSo/cccd" && $0.line == 2 && $0.message.contains("pattern") })
    #expect(violations.contains { $0.message.contains("xs:date") })
    #expect(violations.contains { $0.message.contains("'ma' is required") })
    for text in violations.map(\.message) {
      #expect(!text.contains("03108") && !text.contains("Phạm") && !text.contains("B'"), "\(text)")
    }
  }

  @Test func aSchemaThatRefersToAnotherFileIsRefused() {
    for word in ["include", "redefine", "import"] {
      let text =
        "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\">\n<xs:\(word) schemaLocation=\"a.xsd\"/></xs:schema>"
      let complaints = compileComplaints(of: TransformPlan(id: "x", validate: [.xsd(source(text, name: "a.xsd"))]))
      #expect(complaints.first?.line == 2)
    }
    let broken = TransformPlan(id: "x", validate: [.xsd(source("<a>\n<b></a>", name: "b.xsd"))])
    #expect(compileComplaints(of: broken).first?.line == 2)
    #expect(!compileComplaints(of: TransformPlan(id: "x", validate: [.xsd(source("<a/>"))])).isEmpty)
  }
}
