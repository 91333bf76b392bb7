import Foundation
import HubKit
import HubTransport
import Synchronization
import Testing

/// The real daemon takes another configuration while it works.
extension Scenarios {
  @Suite(.serialized)
  struct ReloadScenarios {
    private static let routes = """
      - name: mapped
        match: {type: vn.test.mapped}
        map: [{jq: test-mark.jq}]
        to: recipients
        order: "{sender}"
        keep: 1d
      """

    /// A city with a route of the test's own, which marks what it maps.
    private static func running(_ body: (City) async throws -> Void) async throws {
      let city = try await City()
      do {
        try city.write("routes/90-test.yaml", routes)
        try city.write("mappings/test-mark.jq", #"{n, by: "old"}"#)
        let rules = String(decoding: try Data(contentsOf: URL(filePath: "\(city.config)/access.yaml")), as: UTF8.self)
        try city.write("access.yaml", rules + "\n  - {agency: H24.2, send: [\"vn.test.*\"]}\n")
        try await city.startMocks()
        try await city.startHub()
        try await body(city)
      } catch {
        await city.close()
        throw error
      }
      await city.close()
    }

    private static func handIn(
      _ city: City, _ number: Int, _ token: String, type: String = "vn.test.mapped", to code: String = "H24.101"
    ) async throws -> String {
      let response = try await city.handIn(
        #"{"n":\#(number)}"#, type: type, to: [code], mediaType: "application/json", token: token)
      #expect(response.status == 202, "\(String(decoding: response.body, as: UTF8.self))")
      return try JSONDecoder().decode(Receipt.self, from: Data(response.body)).id
    }

    @Test func `under load a route, an endpoint and a mapping change, and nothing is lost, doubled or mixed up`()
      async throws
    {
      try await Self.running { city in
        let token = try await city.token(of: "H24.2")
        try await city.systemFault("H24.101", "unavailable-503")
        var ids: [String] = []
        for number in 0..<20 { ids.append(try await Self.handIn(city, number, token)) }
        try city.write("mappings/test-mark.jq", #"{n, by: "new"}"#)
        try city.write("routes/91-more.yaml", "name: more\nmatch: {type: vn.test.more}\nto: more-systems\nkeep: 1d\n")
        let systems = try String(contentsOfFile: "\(city.config)/endpoints/city-systems.yaml", encoding: .utf8)
        try city.write(
          "endpoints/more-systems.yaml",
          systems.replacing("name: city-systems", with: "name: more-systems")
            .replacing("{receiver}", with: "H24.102"))
        // Messages keep coming while the configuration is swapped: each is mapped by one of the two.
        let swapped = Flag()
        let duringIDs = try await withThrowingTaskGroup(of: [String].self) { group in
          group.addTask {
            var ids: [String] = []
            var number = 100
            while !swapped.isSet {
              ids.append(try await Self.handIn(city, number, token))
              number += 1
            }
            return ids
          }
          let run = try await city.lgsp("reload", "--json")
          swapped.set()
          #expect(run.status == 0, "\(run.output)\(run.error)")
          let report = try Report(run)
          #expect(report.outcome == "swapped" && report.before != report.after)
          #expect(report.routes == .init(added: ["more"], changed: ["mapped"], removed: []))
          #expect(report.endpoints == .init(added: ["more-systems"], changed: [], removed: []))
          return try await group.next() ?? []
        }
        ids += duringIDs
        for number in 1000..<1010 { ids.append(try await Self.handIn(city, number, token)) }
        let more = try await Self.handIn(city, 7, token, type: "vn.test.more", to: "H24.102")
        try await waitUntil("the new route delivers at once") { try await city.view(more).state == .delivered }
        try await city.systemFault("H24.101", "none")
        for id in ids { try await waitUntil("\(id)") { try await city.view(id).state == .delivered } }
        let bodies = try await city.received(by: "H24.101", mock: city.systemsMock).map(Mapped.init)
        #expect(bodies.count == ids.count, "each once")
        #expect(Set(bodies.map(\.n)).count == ids.count)
        #expect(bodies.filter { $0.n < 100 }.allSatisfy { $0.by == "old" })
        #expect(bodies.filter { $0.n >= 1000 }.allSatisfy { $0.by == "new" })
        #expect(bodies.map(\.by) == bodies.map(\.by).sorted().reversed(), "all by the old one, then all by the new one")
        #expect(bodies.map(\.n) == bodies.map(\.n).sorted(), "in the order of receipt")
        #expect(try await city.received(by: "H24.102", mock: city.systemsMock).count == 1)
        try await city.stopHub(SIGTERM)
        #expect(try await city.lgsp("journal", "verify").status == 0)
      }
    }

    @Test func `after a kill too, each message is mapped by the configuration of its receipt`() async throws {
      try await Self.running { city in
        let token = try await city.token(of: "H24.2")
        try await city.systemFault("H24.101", "unavailable-503")
        let before = try await Self.handIn(city, 1, token)
        // The route has another name now: the old one is found in the journal only.
        try city.change("routes/90-test.yaml", replacing: "name: mapped", with: "name: renamed")
        try city.write("mappings/test-mark.jq", #"{n, by: "new"}"#)
        try city.hangUp()
        try await waitUntil("it is swapped") { city.log("hub").contains("configuration swapped") }
        let after = try await Self.handIn(city, 2, token)
        try await city.stopHub(SIGKILL)
        try await city.systemFault("H24.101", "none")
        try await city.startHub()
        for id in [before, after] { try await waitUntil("\(id)") { try await city.view(id).state == .delivered } }
        let bodies = try await city.received(by: "H24.101", mock: city.systemsMock).map(Mapped.init)
        #expect(bodies.map(\.n) == [1, 2] && bodies.map(\.by) == ["old", "new"])
        #expect(try await city.view(before).state == .delivered)
      }
    }

    @Test func `a broken configuration is refused whole, each mistake with its place, and the hub goes on`()
      async throws
    {
      try await Self.running { city in
        let token = try await city.token(of: "H24.2")
        let digest = try await city.status().configurationDigest
        try city.write("routes/91-more.yaml", "name: more\nmatch: {type: vn.test.more}\nto: city-systems\nkeep: 1d\n")
        let broken: [(file: String, text: String, complaint: String)] = [
          ("routes/92.yaml", "name: x\nmatch: {type: [a\n", "routes/92.yaml:"),
          ("routes/92.yaml", "name: x\nmatch: {type: a}\nto: axis\nkepe: 1d\nkeep: 1d\n", "routes/92.yaml:4:1"),
          (
            "routes/92.yaml", "name: x\nmatch: {type: a}\nmap: [{jq: bad.jq}]\nto: axis\nkeep: 1d\n",
            "mappings/bad.jq:2"
          ),
          ("endpoints/x.yaml", "name: x\nconnector: htttp\n", "endpoints/x.yaml:2:12"),
        ]
        for (file, text, complaint) in broken {
          try city.write(file, text)
          try city.write("mappings/bad.jq", "{n}\n| .x[")
          let run = try await city.lgsp("reload")
          #expect(run.status == 3, "\(run.output)\(run.error)")
          #expect(run.output.contains(complaint), "\(run.output)")
          #expect(city.log("hub").contains(complaint))
          try FileManager.default.removeItem(atPath: "\(city.config)/\(file)")
        }
        try FileManager.default.removeItem(atPath: "\(city.config)/mappings/bad.jq")
        // The page is made once a second at most.
        try await waitUntil("the page tells of the refusal") {
          let status = try await city.status()
          return status.configurationDigest == digest && status.configurationRefusedAt != nil
        }
        let refused = try await city.handIn(
          "{}", type: "vn.test.more", to: ["H24.101"], mediaType: "application/json", token: token)
        #expect(refused.status != 202, "nothing of the refused one is in force")
        let id = try await Self.handIn(city, 1, token)
        try await waitUntil("the old one works") { try await city.view(id).state == .delivered }
        // With the mistakes gone it is taken.
        #expect(try await city.lgsp("reload").status == 0)
        try await waitUntil("the page tells") {
          let status = try await city.status()
          return status.configurationDigest != digest && status.configurationRefusedAt == nil
        }
      }
    }

    @Test func `what only a start can change is refused by name, and nothing new is nothing`() async throws {
      try await Self.running { city in
        let nothing = try await city.lgsp("reload", "--json")
        #expect(nothing.status == 0)
        #expect(try Report(nothing).outcome == "unchanged")
        let yaml = try String(contentsOfFile: "\(city.config)/hub.yaml", encoding: .utf8)
        let (old, new) = ("http: 127.0.0.1:\(city.ports)", "http: 127.0.0.1:\(city.ports + 15)")
        let lines = yaml.split(separator: "\n", omittingEmptySubsequences: false)
        let line = try #require(lines.firstIndex { $0.contains(old) })
        try city.change("hub.yaml", replacing: old, with: new)
        let run = try await city.lgsp("reload")
        #expect(run.status == 3)
        #expect(run.output.contains("hub.yaml:\(line + 1):") && run.output.contains("gateway.http"), "\(run.output)")
        #expect(try await city.get("\(city.gateway)/ready").status == 200)
      }
    }

    @Test func `an endpoint that is gone parks what waits for it and holds up nobody; signals may come twice`()
      async throws
    {
      try await Self.running { city in
        let token = try await city.token(of: "H24.2")
        try city.write("routes/91-more.yaml", "name: more\nmatch: {type: vn.test.more}\nto: more-systems\nkeep: 1d\n")
        let systems = try String(contentsOfFile: "\(city.config)/endpoints/city-systems.yaml", encoding: .utf8)
        try city.write(
          "endpoints/more-systems.yaml",
          systems.replacing("name: city-systems", with: "name: more-systems")
            .replacing("{receiver}", with: "H24.102"))
        #expect(try await city.lgsp("reload").status == 0)
        try await city.systemFault("H24.102", "unavailable-503")
        let waiting = try await Self.handIn(city, 1, token, type: "vn.test.more", to: "H24.102")
        try await waitUntil("it waits") {
          try await city.view(waiting).events.contains { $0.name == "outage" || $0.name == "retry" }
        }
        try FileManager.default.removeItem(atPath: "\(city.config)/routes/91-more.yaml")
        try FileManager.default.removeItem(atPath: "\(city.config)/endpoints/more-systems.yaml")
        try city.hangUp()
        try city.hangUp()
        try await waitUntil("it is parked") { try await city.view(waiting).state == .failed }
        #expect(try await city.view(waiting).deliveries.first?.state == .parked)
        let other = try await Self.handIn(city, 2, token)
        try await waitUntil("others go on") { try await city.view(other).state == .delivered }
        #expect(try await city.status().endpoints.allSatisfy { $0.name != "more-systems" })
        #expect(try await city.stopHub(SIGTERM) == 0)
        #expect(try await city.lgsp("reload").status == 4, "no hub runs")
      }
    }
  }
}

final class Flag: Sendable {
  private let value = Mutex(false)
  var isSet: Bool { value.withLock { $0 } }
  func set() { value.withLock { $0 = true } }
}

private struct Mapped: Decodable {
  var n: Int
  var by: String

  init(_ text: String) throws { self = try JSONDecoder().decode(Self.self, from: Data(text.utf8)) }
}

private struct Report: Decodable {
  struct Changes: Decodable, Equatable { var added, changed, removed: [String] }

  var outcome, before, after: String
  var routes, endpoints: Changes

  init(_ run: City.Run) throws { self = try JSONDecoder().decode(Self.self, from: Data(run.output.utf8)) }
}

private struct Receipt: Decodable { var id: String }

private struct Status: Decodable {
  struct Endpoint: Decodable { var name: String }

  var configurationDigest: String
  var configurationRefusedAt: String?
  var endpoints: [Endpoint]
}

extension City {
  fileprivate func status() async throws -> Status {
    try JSONDecoder().decode(Status.self, from: Data(try await get("\(gateway)/status.json").body))
  }
}
