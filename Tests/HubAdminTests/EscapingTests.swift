import HubKit
import Testing

@testable import HubAdmin

@Suite("Names from outside")
struct EscapingTests {
  private static let hostile = #"</td><script nonce="x">alert('&')</script>"# + "\u{202E}\u{0}"

  @Test func `become text, in content and in attributes`() {
    let html = HTML.element("b", [.init("title", Self.hostile), .init("lang", nil)]) { Self.hostile }
    let text = "&lt;/td&gt;&lt;script nonce=&quot;x&quot;&gt;alert(&#39;&amp;&#39;)&lt;/script&gt;\u{FFFD}\u{FFFD}"
    #expect(html.markup == "<b title=\"\(text)\">\(text)</b>")
  }

  @Test func `never reach the page as markup, wherever they stand`() {
    var snapshot = Samples.busy
    let bad = Self.hostile
    snapshot.operatorName = bad
    snapshot.version = bad
    snapshot.configurationDigest = bad
    snapshot.endpoints = EndpointRow.State.allCases.map {
      EndpointRow(name: bad, connector: bad, state: $0, since: Samples.now, reason: bad)
    }
    snapshot.flows = [FlowRow(name: bad, perMinute: [1])]
    snapshot.recentExchanges = [
      ExchangeRow(
        id: Samples.id(1), receivedAt: Samples.now, type: bad, sender: bad, receivers: [bad, bad, bad],
        state: .failed, reason: bad)
    ]
    snapshot.recentRefusals = [
      RefusalRow(time: Samples.now, principal: bad, type: bad, code: bad, reason: bad)
    ]
    let page = StatusPage(snapshot: snapshot, nonce: "abc").html
    #expect(page.ranges(of: "<script").count == 1)
    #expect(page.ranges(of: "<script nonce=\"abc\">").count == 1)
    #expect(!page.contains("alert('"))
    #expect(!page.unicodeScalars.contains { $0 == "\u{202E}" || $0 == "\u{0}" })
    #expect(page.ranges(of: "&lt;/td&gt;&lt;script nonce=&quot;").count > 10)
  }

  @Test func `cannot break a line of the metrics`() throws {
    var text = PrometheusText()
    text.begin("lgsp_x", .gauge, help: "one \\ two\nthree \"four\"")
    text.sample("lgsp_x", [("name", "a\"b\\c\nd")], 1.5)
    #expect(
      text.text == """
        # HELP lgsp_x one \\\\ two\\nthree "four"
        # TYPE lgsp_x gauge
        lgsp_x{name="a\\"b\\\\c\\nd"} 1.5

        """)
    let parsed = try Exposition(text.text)
    #expect(parsed.samples == [Exposition.Sample(name: "lgsp_x", labels: ["name": "a\"b\\c\nd"], value: 1.5)])
  }
}
