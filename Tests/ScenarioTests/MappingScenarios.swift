import Foundation
import HubKit
import Testing

/// Mappings and messages that would take a hub down: the real daemon lives through them.
extension Scenarios {
  @Suite(.serialized)
  struct MappingScenarios {
    private static let routes = """
      - name: fragile
        match: {type: vn.test.fragile}
        map: [{jq: test-fragile.jq}]
        to: recipients
        keep: digest
      - name: unfolding
        match: {type: vn.test.unfolding}
        map: [{xslt: test-unfolding.xslt}]
        to: recipients
        keep: digest
      """
    private static let program = """
      if .do == "loop" then last(range(1e18))
      elif .do == "swell" then [range(1e9)]
      elif .do == "long" then "x" * 1e9
      else {number: .n} end
      """
    private static let stylesheet = """
      <xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
        <xsl:template match="/"><b>
          <xsl:for-each select="//x"><xsl:for-each select="//x"><c/></xsl:for-each></xsl:for-each>
        </b></xsl:template>
      </xsl:stylesheet>
      """

    private static func running(timeMax: String = "2s", _ body: (City) async throws -> Void) async throws {
      let city = try await City()
      do {
        func write(_ text: String, _ path: String) throws {
          try Data(text.utf8).write(to: URL(filePath: "\(city.config)/\(path)"))
        }
        try write(routes, "routes/90-test.yaml")
        try write(program, "mappings/test-fragile.jq")
        try write(stylesheet, "mappings/test-unfolding.xslt")
        try city.change("hub.yaml", replacing: "timeMax: 5s", with: "timeMax: \(timeMax)")
        try city.change("hub.yaml", replacing: "memoryMax: 256MiB", with: "memoryMax: 128MiB")
        let access = "\(city.config)/access.yaml"
        let rules = String(decoding: try Data(contentsOf: URL(filePath: access)), as: UTF8.self)
        try write(rules + "\n  - {agency: H24.2, send: [\"vn.test.*\"]}\n", "access.yaml")
        let check = try await City.run("check", city.config)
        #expect(check.status == 0, "\(check.output)")
        try await city.startMocks()
        try await city.startHub()
        try await body(city)
      } catch {
        await city.close()
        throw error
      }
      await city.close()
    }

    private static func send(_ city: City, _ text: String, _ type: String) async throws -> String {
      let file = "\(city.home)/\(UUID().uuidString).\(text.hasPrefix("<") ? "xml" : "json")"
      try Data(text.utf8).write(to: URL(filePath: file))
      let run = try await city.lgsp(
        "send", file, "--as", "H24.2", "--type", type, "--to", "H24.101", "--subject", "một")
      #expect(run.status == 0, "\(run.error)")
      return run.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private static func settled(_ city: City, _ id: String) async throws -> ExchangeView {
      try await waitUntil("\(id) is settled") { try await city.view(id).state.isSettled }
      return try await city.view(id)
    }

    @Test func `hostile mappings and messages end as invalid, and the next message of the route is delivered`()
      async throws
    {
      try await Self.running { city in
        let hub = try #require(city.hubProcess)
        var number = 0
        for (wish, limit) in [("loop", "transform.timeMax"), ("swell", "transform.memoryMax"), ("long", "transform.")] {
          let bad = try await Self.send(city, #"{"do":"\#(wish)"}"#, "vn.test.fragile")
          number += 1
          let next = try await Self.send(city, #"{"n":\#(number)}"#, "vn.test.fragile")
          let view = try await Self.settled(city, bad)
          #expect(view.state == .failed)
          #expect(view.reason?.contains(limit) == true, "\(view)")
          #expect(try await Self.settled(city, next).state == .delivered)
        }
        let many = "<a>" + String(repeating: "<x/>", count: 5000) + "</a>"
        let swollen = try await Self.settled(city, Self.send(city, many, "vn.test.unfolding"))
        #expect(swollen.state == .failed)
        #expect(swollen.reason?.contains("transform.memoryMax") == true, "\(swollen)")
        let small = try await Self.settled(city, Self.send(city, "<a><x/></a>", "vn.test.unfolding"))
        #expect(small.state == .delivered)
        let bodies = try await city.received(by: "H24.101", mock: city.systemsMock).filter { $0.contains("number") }
        #expect(bodies == (1...number).map { #"{"number":\#($0)}"# })
        #expect(city.hubProcess == hub, "it is the same daemon")
        #expect(try await city.lgsp("journal", "verify").status == 0)
      }
    }

    @Test func `entities that unfold are refused at the door`() async throws {
      try await Self.running { city in
        let token = try await city.token(of: "H24.2")
        let entities = (1...9).map { "<!ENTITY e\($0) \"\(String(repeating: "&e\($0 - 1);", count: 10))\">" }.joined()
        let bomb = "<!DOCTYPE a [<!ENTITY e0 \"x\">\(entities)]><a>&e9;</a>"
        let response = try await city.handIn(
          Array(bomb.utf8), type: "vn.test.unfolding", to: ["H24.101"], mediaType: "application/xml", token: token)
        #expect(response.status == 422 || response.status == 400, "\(response.status)")
        #expect(String(decoding: response.body, as: UTF8.self).contains("dtd-not-allowed"))
      }
    }

    @Test func `no worker outlives a hub that was killed, not even in the middle of a loop`() async throws {
      try await Self.running(timeMax: "600s") { city in
        _ = try await Self.send(city, #"{"do":"loop"}"#, "vn.test.fragile")
        let pid = try #require(city.hubProcess)
        try await waitUntil("a worker is at work") { Self.workers(of: pid).contains { Self.ticks(of: $0) ?? 0 > 20 } }
        let workers = Self.workers(of: pid)
        try await city.stopHub(SIGKILL)
        try await waitUntil("they are gone too") { workers.allSatisfy { Self.ticks(of: $0) == nil } }
      }
    }

    /// The worker processes of a hub: all that it has started.
    private static func workers(of hub: Int32) -> [Int32] {
      let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(hub)/task")) ?? []
      return tasks.flatMap { task in
        text("/proc/\(hub)/task/\(task)/children").split(separator: " ").compactMap { Int32($0) }
      }
    }

    /// Clock ticks that a process has run for; nil when it runs no more.
    private static func ticks(of process: Int32) -> Int? {
      // What follows the name in parentheses: state, ..., and as 12th field the time in user mode (proc(5)).
      let fields = text("/proc/\(process)/stat").split(separator: ")").last?.split(separator: " ") ?? []
      guard fields.count > 12, fields[0] != "Z", fields[0] != "X" else { return nil }
      return Int(fields[11])
    }

    private static func text(_ path: String) -> String {
      String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    }
  }
}
