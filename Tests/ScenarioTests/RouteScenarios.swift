import Foundation
import HubKit
import Testing

/// What routes can do besides carrying a message on: parts, copies and endpoints that stand in.
extension Scenarios {
  @Suite(.serialized)
  struct RouteScenarios {
    private static let routes = """
      - name: batch
        match: {type: vn.test.batch}
        split: {jq: .items, type: vn.test.item}
        keep: digest
      - name: item
        match: {type: vn.test.item}
        when: .wanted != false
        map: [{jq: test-item.jq}]
        to: recipients
        tap: procedure-system
        order: "{sender}/{subject}"
        keep: digest
      - name: taxed
        match: {type: vn.test.taxed}
        to: recipients
        fallback: inbox
        keep: 1d
      """

    /// A city with routes of the test's own.
    private static func running(_ body: (City) async throws -> Void) async throws {
      let city = try await City()
      do {
        try Data(routes.utf8).write(to: URL(filePath: "\(city.config)/routes/90-test.yaml"))
        try Data("{number: .n, of: $envelope.subject}".utf8)
          .write(to: URL(filePath: "\(city.config)/mappings/test-item.jq"))
        let access = "\(city.config)/access.yaml"
        let rules = String(decoding: try Data(contentsOf: URL(filePath: access)), as: UTF8.self)
        try Data((rules + "\n  - {agency: H24.2, send: [\"vn.test.*\"]}\n").utf8).write(to: URL(filePath: access))
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

    private static func send(_ city: City, _ json: String, _ type: String, to code: String) async throws -> String {
      let file = "\(city.home)/\(UUID().uuidString).json"
      try Data(json.utf8).write(to: URL(filePath: file))
      let run = try await city.lgsp(
        "send", file, "--as", "H24.2", "--type", type, "--to", code, "--subject", "lô-1")
      #expect(run.status == 0, "\(run.error)")
      return run.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private static func fault(_ city: City, _ code: String, _ mode: String) async throws {
      _ = try await city.send(
        "PUT", "\(city.systemsMock)/_mock/faults/\(code)", headers: [HeaderField("Content-Type", "application/json")],
        body: Array(#"{"mode":"\#(mode)"}"#.utf8))
    }

    @Test func `a batch becomes parts in order, through a kill, and settles after the last of them`() async throws {
      try await Self.running { city in
        try await Self.fault(city, "H24.101", "unavailable-503")
        let id = try await Self.send(city, #"{"items":[{"n":1},{"n":2},{"n":3}]}"#, "vn.test.batch", to: "H24.101")
        try await waitUntil("the parts are on record") {
          try await city.lgsp("search", "--key", "parent=\(id)", "--json").output.split(separator: "\n").count == 3
        }
        try await city.stopHub(SIGKILL)
        try await Self.fault(city, "H24.101", "none")
        try await city.startHub()
        try await waitUntil("the whole is settled") { try await city.view(id).state.isSettled }
        #expect(try await city.view(id).state == .delivered)
        let parts = try await city.received(by: "H24.101", mock: city.systemsMock)
        #expect(parts.map { $0.filter { $0 != " " } } == (1...3).map { #"{"number":\#($0),"of":"lô-1"}"# })
        #expect(try await city.lgsp("journal", "verify").status == 0)
      }
    }

    @Test func `a part that no route wants makes the whole partly delivered, and a refused copy changes nothing`()
      async throws
    {
      try await Self.running { city in
        // The copy goes to a system that refuses it: it is no dossier.
        let id = try await Self.send(
          city, #"{"items":[{"n":1},{"n":2,"wanted":false}]}"#, "vn.test.batch", to: "H24.101")
        try await waitUntil("the whole is settled") { try await city.view(id).state.isSettled }
        #expect(try await city.view(id).state == .partly)
        let search = try await city.lgsp("search", "--key", "parent=\(id)", "--json")
        let views = try search.output.split(separator: "\n").map {
          try JSONDecoder().decode(ExchangeView.self, from: Data($0.utf8))
        }
        let wanted = try #require(views.first { $0.messageID.hasSuffix("#1") })
        #expect(wanted.state == .delivered)
        #expect(wanted.deliveries.map(\.role) == [nil, "tap"])
        #expect(wanted.deliveries.last?.state == .refused)
        #expect(views.first { $0.messageID.hasSuffix("#2") }?.state == .failed)
        let none = try await Self.send(city, #"{"items":[]}"#, "vn.test.batch", to: "H24.101")
        try await waitUntil("an empty batch is told") { try await city.view(none).state == .failed }
      }
    }

    @Test func `what the tax register refuses waits in its inbox instead, also after a restart`() async throws {
      try await Self.running { city in
        try await Self.fault(city, "H24.7", "refuse-422")
        let id = try await Self.send(city, #"{"mst":"0200000000"}"#, "vn.test.taxed", to: "H24.7")
        try await waitUntil("it went to the one that stands in") { try await city.view(id).deliveries.count == 2 }
        try await city.stopHub(SIGKILL)
        try await city.startHub()
        let taken = try await city.lgsp("inbox", "ack", "--all", "--as", "H24.7", "--json")
        #expect(taken.output.contains(#""acknowledged":1"#), "\(taken.output)\(taken.error)")
        let view = try await city.view(id)
        #expect(view.state == .delivered)
        #expect(view.deliveries.map(\.endpoint) == ["tax-register", "inbox"])
        #expect(view.events.map(\.name).contains("fallback"))
      }
    }
  }
}
