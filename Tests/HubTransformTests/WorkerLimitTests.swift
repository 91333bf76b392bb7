import HubKit
import HubTransform
import Testing

/// What a worker process is there for: mappings and messages that would take the hub down.
@Suite struct WorkerLimitTests {
  private static func limits(time: Duration = .seconds(60), memory: Int = 64 << 20) -> TransformLimits {
    TransformLimits(threads: 1, timeMax: time, memoryMax: memory)
  }

  /// The worker of a pool that has had a bad message is as good as ever.
  private static func expectHealthy(_ bench: Bench) async throws {
    #expect(try await bench.json(jqPlan(".a"), #"{"a":1}"#).bodyText == "1")
    let sheet = xsltPlan(#"<xsl:template match="/"><b><xsl:value-of select="/a"/></b></xsl:template>"#)
    #expect(try await bench.xml(sheet, "<a>x</a>").bodyText?.hasSuffix("<b>x</b>\n") == true)
  }

  @Test(arguments: [
    "def f: f; f", "[limit(1; repeat(1) | select(false))]", "last(range(1e18))",
    // One long instruction, at which the interpreter cannot be stopped.
    #""x" * 5e7 | length"#,
  ])
  func aProgramThatTakesTooLongIsStopped(program: String) async throws {
    let bench = Bench(Self.limits(time: .milliseconds(300), memory: 1 << 30), alsoOnThreads: false)
    let violations = try await bench.json(jqPlan(program), "{}").violations
    #expect(violations.map(\.rule) == ["out-of-time"])
    #expect(violations.first?.message.contains("transform.timeMax") == true)
    try await Self.expectHealthy(bench)
  }

  @Test func aStylesheetThatTakesTooLongIsStopped() async throws {
    let bench = Bench(Self.limits(time: .milliseconds(300)), alsoOnThreads: false)
    let endless = xsltPlan(
      #"<xsl:template match="/"><xsl:for-each select="//x"><xsl:for-each select="//x"><xsl:for-each select="//x"><xsl:value-of select="count(//x)"/></xsl:for-each></xsl:for-each></xsl:for-each></xsl:template>"#
    )
    let document = "<a>" + String(repeating: "<x/>", count: 2000) + "</a>"
    #expect(try await bench.xml(endless, document).violations.map(\.rule) == ["out-of-time"])
    try await Self.expectHealthy(bench)
  }

  @Test(arguments: [
    "[range(1e9)]", #"reduce range(1e9) as $i ("x"; . + .)"#, "[range(1e9)] | sort",
  ])
  func aProgramThatTakesAllMemoryEndsAlone(program: String) async throws {
    let bench = Bench(Self.limits(), alsoOnThreads: false)
    let violations = try await bench.json(jqPlan(program), "{}").violations
    #expect(violations.map(\.rule) == ["out-of-memory"])
    #expect(violations.first?.message.contains("64 MiB") == true)
    try await Self.expectHealthy(bench)
  }

  @Test func aStylesheetThatTakesAllMemoryEndsAlone() async throws {
    let bench = Bench(Self.limits(), alsoOnThreads: false)
    let explosion = xsltPlan(
      #"<xsl:template match="/"><b><xsl:for-each select="//x"><xsl:for-each select="//x"><c/></xsl:for-each></xsl:for-each></b></xsl:template>"#
    )
    let document = "<a>" + String(repeating: "<x/>", count: 5000) + "</a>"
    #expect(try await bench.xml(explosion, document).violations.map(\.rule) == ["out-of-memory"])
    try await Self.expectHealthy(bench)
  }

  @Test func aDocumentWhoseTreeTakesAllMemoryEndsAlone() async throws {
    let bench = Bench(Self.limits(), alsoOnThreads: false)
    let document = "<a>" + String(repeating: "<x/>", count: 1_500_000) + "</a>"
    let plan = xsltPlan(#"<xsl:template match="/"><b/></xsl:template>"#)
    #expect(try await bench.xml(plan, document).violations.map(\.rule) == ["out-of-memory"])
    try await Self.expectHealthy(bench)
  }

  @Test func entitiesThatUnfoldAreRefused() async throws {
    let bench = Bench(Self.limits(), alsoOnThreads: false)
    let entities = (1...9).map { "<!ENTITY e\($0) \"\(String(repeating: "&e\($0 - 1);", count: 10))\">" }.joined()
    let bomb = "<!DOCTYPE a [<!ENTITY e0 \"x\">\(entities)]><a>&e9;</a>"
    let plan = xsltPlan(#"<xsl:template match="/"><b/></xsl:template>"#)
    #expect(try await bench.xml(plan, bomb).violations.map(\.rule) == ["dtd-not-allowed"])
    try await Self.expectHealthy(bench)
  }

  @Test func morePlansThanMemoryHoldsAreCompiledAnew() async throws {
    let bench = Bench(TransformLimits(threads: 1, plansMax: 1000, memoryMax: 64 << 20), alsoOnThreads: false)
    for number in 0..<150 {
      #expect(try await bench.json(jqPlan("\(number)"), "{}").bodyText == "\(number)")
    }
    #expect(try await bench.json(jqPlan("0"), "{}").bodyText == "0")
  }
}
