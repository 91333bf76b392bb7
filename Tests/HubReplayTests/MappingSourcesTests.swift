import HubBus
import HubKit
import HubRouting
import HubTransform
import Testing

@testable import HubReplay

@Suite("Where in a mapping a difference comes from")
struct MappingSourcesTests {
  private static let progress = """
    # nguoiNop: is only spoken of here
    {
      received: {ma: "1", ten: "a"},
      finished: {ma: "6", ten: "b"},
      returned: {ma: "7", ten: "c"}
    } as $statuses
    | {
        maHoSo: .dossierCode,
        trangThai: $statuses[.status],
        "nguoiNop": (.applicant | "\\(.fullName + " nguoiNop: ")"),
        chiTiet: {ten: .name, so: [1, 2]}, $sender, ghiChu
      }
    | .hanTra = .dueAt
    | .chiTiet.dem += 1
    | del(.cu, .cuHon.nua)
    | if .nguoi == 3 then . else . end
    """

  private func jq(_ pointer: String, _ text: String = progress) -> [String]? {
    MappingSources.lines(of: pointer, in: [.jq(source("mappings/progress.jq", text))])
  }

  private func source(_ name: String, _ text: String, line: Int = 1) -> TextSource {
    TextSource(name: name, text: text, place: SourcePlace(file: "routes/20.yaml", line: line))
  }

  @Test(
    "Keys, short keys, assignments and removals of jq",
    arguments: [
      ("/maHoSo", [8]), ("/nguoiNop", [10]), ("/chiTiet/ten", [11]), ("/chiTiet/so/*", [11]), ("/sender", [11]),
      ("/ghiChu", [11]), ("/hanTra", [13]), ("/chiTiet/dem", [14]), ("/cu", [15]), ("/cuHon/nua", [15]),
      ("/trangThai", [9]),
    ])
  func members(_ pointer: String, _ lines: [Int]) {
    #expect(jq(pointer) == lines.map { "mappings/progress.jq:\($0)" })
  }

  @Test("Where many lines fit, what it stands in is named; where none fits, nothing")
  func manyAndNone() {
    #expect(jq("/trangThai/ma") == ["mappings/progress.jq:9"])
    #expect(jq("/ma") == ["mappings/progress.jq:3", "mappings/progress.jq:4"], "two at most")
    #expect(jq("/fullName") == nil && jq("/nguoi") == nil && jq("") == nil && jq("/*/0") == nil)
    #expect(jq("/a~1b", #"{"a/b": 1}"#) == ["mappings/progress.jq:1"])
    #expect(jq("/x", "{") == nil && jq("/x", #"{"x"#) == nil && jq("/x", "}}, x: 1") == nil, "no jq finds nothing")
  }

  @Test("A text that stands in the route is named by the route's own lines; what is mapped last comes first")
  func inline() {
    let maps = [
      RouteMapping.jq(source("mappings/first.jq", "{a: 1}")),
      .jq(source("routes/20.yaml#map", ".\n| .a = 2", line: 12)),
    ]
    #expect(MappingSources.lines(of: "/a", in: maps) == ["routes/20.yaml:13", "mappings/first.jq:1"])
  }

  @Test("Elements and attributes of a stylesheet")
  func stylesheet() {
    let text = """
      <xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
        <xsl:template match="/b">
          <tongHop donVi="{@donVi}">
            <xsl:sort select="@ma"/>
            <chiTieu
              ma="{@ma}"/>
            <xsl:element name="ghiChu"><xsl:attribute name="loai">1</xsl:attribute></xsl:element>
          </tongHop>
        </xsl:template>
      </xsl:stylesheet>
      """
    func lines(_ pointer: String) -> [String]? {
      MappingSources.lines(of: pointer, in: [.xslt(source("m.xslt", text))])
    }
    #expect(lines("/tongHop/@donVi") == ["m.xslt:3"])
    #expect(lines("/tongHop/chiTieu/*/#text") == ["m.xslt:5"])
    #expect(lines("/tongHop/chiTieu/*/@ma") == ["m.xslt:6"])
    #expect(lines("/tongHop/ghiChu/*/@loai") == ["m.xslt:7"])
    #expect(lines("/khac/@match") == nil && lines("/khac") == nil)
  }

  @Test("A route test's message names the line")
  func routeTest() async throws {
    let book = TrafficRoutes.book()
    let route = try #require(book.table.routes.first { $0.name == "plain" })
    let wanted = RouteExpectation(deliveries: [
      ExpectedDelivery(endpoint: "a", body: TestContent(bytes: Array(#"{"id":"1","kind":7}"#.utf8)))
    ])
    let body = Array(#"{"id":"1","kind":6}"#.utf8)
    let test = RouteTest(
      name: "t", attributes: ["datacontenttype": "application/json"], body: TestContent(bytes: body), expect: wanted)
    let tested = Route(name: route.name, match: route.match, map: route.map, to: route.to, tests: [test])
    let findings = await RouteTestRunner(stage: { _ in TrafficRoutes.rehearsal(book, HubReplayPool.shared) })
      .run(tested)
    #expect(findings.map(\.message).contains { $0.hasSuffix("It is made in plain.jq:1.") }, "\(findings)")
  }

  @Test("A replay's causes name the line, in each form of the result")
  func named() async throws {
    var differences = Differences()
    differences.add(.body, route: "plain", place: "/amount", "1", "2")
    differences.add(.body, route: "asking", subject: "call who", place: "/ask", "1", "2")
    differences.add(.answer, route: "service", place: "/answer", "1", "2")
    differences.add(.request, route: "plain", subject: "a", place: "/amount", "1", "2")
    var causes = Causes()
    causes.add(differences, of: .make(at: Timestamp(seconds: 1)))
    let groups = causes.groups(MappingSources(TrafficRoutes.book().table.routes))
    let sources = Dictionary(
      uniqueKeysWithValues: groups.flatMap { group in
        group.places.map { ("\(group.route) \($0.kind)", $0.source?.first ?? "-") }
      })
    #expect(
      sources == [
        "plain body": "plain.jq:1", "asking body": "ask.jq:1", "service answer": "reply.jq:1", "plain request": "-",
      ])
    var report = ReplayReport()
    report.groups = groups
    let shown = [
      ReplayText.lines(report).joined(separator: "\n"), ReplayPage.html(report, title: "t"),
      ReplayJUnit.xml(report, title: "t"),
    ]
    for text in shown { #expect(text.contains("plain.jq:1"), "\(text)") }
  }
}
