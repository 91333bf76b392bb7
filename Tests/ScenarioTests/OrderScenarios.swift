import Foundation
import HubKit
import Testing

/// Operators act: dead letters, redelivery and pauses, with the real daemon and through kills.
extension Scenarios {
  @Suite(.serialized)
  struct OrderScenarios {
    private struct Letter: Decodable {
      var id, state: String
      var endpoint, receiver, code: String?
      var waitingBehind: Int
    }

    private func letters(_ city: City, _ arguments: String...) async throws -> [Letter] {
      let run = try await City.run(["deadletters", "--json", "--config", city.config] + arguments)
      #expect(run.status == 0, "\(run.error)")
      return try run.output.split(separator: "\n").map { try JSONDecoder().decode(Letter.self, from: Data($0.utf8)) }
    }

    private func progress(_ city: City, _ subject: String) async throws -> String {
      let run = try await city.lgsp(
        "send", "\(City.root)/Config/routes/fixtures/dossier-progress.json", "--as", "H24.1", "--type",
        "vn.haiphong.dossier.progress", "--to", "H24.101", "--subject", subject)
      #expect(run.status == 0, "\(run.error)")
      return run.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// A lane at H24.101 whose first message was refused, with two behind it; the far system is well again.
    private func heldLane(_ city: City) async throws -> [String] {
      try await city.systemFault("H24.101", "refuse-422")
      var ids = [try await progress(city, "H24.101-9")]
      try await waitUntil("the first is refused") { [ids] in try await city.view(ids[0]).state == .failed }
      try await city.systemFault("H24.101", "none")
      for _ in 0..<2 { ids.append(try await progress(city, "H24.101-9")) }
      try await waitUntil("two wait behind it") { try await self.letters(city).first?.waitingBehind == 2 }
      return ids
    }

    private func allDelivered(_ city: City, _ ids: [String]) async throws {
      try await waitUntil("all are delivered") {
        for id in ids where try await city.view(id).state != .delivered { return false }
        return true
      }
    }

    @Test func `what was refused goes back to its place, under its own key, and its lane follows: through kills`()
      async throws
    {
      try await City.running { city in
        let ids = try await heldLane(city)
        for _ in 0..<2 {
          let waiting = try await letters(city, "--endpoint", "city-systems")
          #expect(waiting.map(\.id) == ["\(ids[0]).1"])
          #expect(waiting.first?.state == "refused")
          #expect(waiting.first?.receiver == "H24.101")
          #expect(waiting.first?.code == "http-422")
          #expect(try await letters(city, "--endpoint", "tax-register").isEmpty)
          try await city.stopHub(SIGKILL)
          try await city.startHub()
          try await waitUntil("two wait behind it") { try await self.letters(city).first?.waitingBehind == 2 }
        }
        let order = try await city.lgsp("redeliver", "\(ids[0]).1", "--reason", "Đã sửa")
        #expect(order.status == 0, "\(order.error)")
        try await city.stopHub(SIGKILL)
        try await city.startHub()
        try await allDelivered(city, ids)
        #expect(try await city.keys(at: "H24.101") == ids.map { "\($0).1" })
        #expect(try await letters(city).isEmpty)
        let events = try await city.view(ids[0]).events
        let redriven = try #require(events.first { $0.name == "redriven" })
        #expect(redriven.detail?.contains("Đã sửa; by ") == true)
        let again = try await city.lgsp("redeliver", ids[0], "--reason", "x")
        #expect(again.status == 3, "\(again.error)")
        #expect(try await city.lgsp("journal", "verify").status == 0)
      }
    }

    @Test func `what is given up stays failed, and its lane goes on`() async throws {
      try await City.running { city in
        let ids = try await heldLane(city)
        let order = try await city.lgsp("deadletters", "drop", ids[0], "--reason", "Sở đã nhận bản giấy")
        #expect(order.status == 0, "\(order.error)")
        try await allDelivered(city, Array(ids.dropFirst()))
        try await city.stopHub(SIGKILL)
        try await city.startHub()
        #expect(try await letters(city).isEmpty)
        let view = try await city.view(ids[0])
        #expect(view.state == .failed)
        #expect(view.events.last?.name == "dropped")
        #expect(view.events.last?.detail?.contains("Sở đã nhận bản giấy") == true)
        let behind = try await progress(city, "H24.101-9")
        try await allDelivered(city, [behind])
        #expect(try await city.keys(at: "H24.101") == (ids.dropFirst() + [behind]).map { "\($0).1" })
      }
    }

    @Test func `everything of an endpoint is put back in one go, after a look`() async throws {
      try await City.running { city in
        try await city.systemFault("H24.101", "refuse-422")
        var ids: [String] = []
        for number in 1...3 { ids.append(try await progress(city, "H24.101-\(number)")) }
        try await waitUntil("all are refused") { try await self.letters(city).count == 3 }
        try await city.systemFault("H24.101", "none")
        let look = try await city.lgsp("redeliver", "--all", "--endpoint", "city-systems", "--dry-run")
        #expect(look.status == 0)
        for id in ids { #expect(look.output.contains("\(id).1")) }
        #expect(try await letters(city).count == 3)
        let order = try await city.lgsp("redeliver", "--all", "--endpoint", "city-systems", "--reason", "Đã sửa")
        #expect(order.status == 0, "\(order.error)")
        try await allDelivered(city, ids)
      }
    }

    @Test func `what was delivered is sent again only on purpose, and under a new key`() async throws {
      try await City.running { city in
        let file = "\(city.home)/resend.edxml"
        try Data(Samples.document(id: "resend-1", from: "H24.2", to: ["H24.101"]).utf8).write(to: URL(filePath: file))
        let run = try await city.lgsp("send", file, "--as", "H24.2", "--wait")
        #expect(run.status == 0, "\(run.error)")
        let id = try #require(try await city.search("--type", "vn.gov.edoc.document").first).id.text
        let refused = try await city.lgsp("redeliver", "\(id).1", "--reason", "Sở làm mất")
        #expect(refused.status == 3)
        #expect(refused.error.contains("--resend") || refused.error.contains("resend"), "\(refused.error)")
        let order = try await city.lgsp("redeliver", "\(id).1", "--resend", "--reason", "Sở làm mất")
        #expect(order.status == 0, "\(order.error)")
        #expect(order.output.contains("\(id).2"))
        try await waitUntil("it came again") { try await city.keys(at: "H24.101") == ["\(id).1", "\(id).2"] }
        try await allDelivered(city, [id])
        #expect(try await city.view(id).events.map(\.name).contains("resent"))
      }
    }

    @Test func `an endpoint that is paused sends nothing, not even after a kill, until it is resumed`() async throws {
      try await City.running { city in
        let order = try await city.lgsp("endpoint", "pause", "city-systems", "--reason", "Bảo trì")
        #expect(order.status == 0, "\(order.error)")
        let id = try await progress(city, "H24.101-1")
        try await waitUntil("it waits") { try await self.endpoint(city).waiting == 1 }
        try await city.stopHub(SIGKILL)
        try await city.startHub()
        try await waitUntil("it waits") { try await self.endpoint(city).waiting == 1 }
        let shown = try await endpoint(city)
        #expect(shown.state == "paused")
        #expect(shown.reason == "Bảo trì")
        #expect(shown.pausedBy?.isEmpty == false)
        let status = String(decoding: try await city.get("\(city.gateway)/status.json").body, as: UTF8.self)
        #expect(status.contains(#""state":"paused""#))
        let metrics = String(decoding: try await city.get("\(city.gateway)/metrics").body, as: UTF8.self)
        #expect(metrics.contains(#"lgsp_endpoint_state{endpoint="city-systems",state="paused"} 1"#))
        #expect(try await city.keys(at: "H24.101").isEmpty)
        let resume = try await city.lgsp("endpoint", "resume", "city-systems", "--reason", "Xong")
        #expect(resume.status == 0, "\(resume.error)")
        try await allDelivered(city, [id])
        #expect(try await city.view(id).deliveries.map(\.attempts) == [1])
      }
    }

    private struct Endpoint: Decodable {
      var state: String
      var reason, pausedBy: String?
      var waiting: Int
    }

    private func endpoint(_ city: City) async throws -> Endpoint {
      let run = try await city.lgsp("endpoint", "show", "city-systems", "--json")
      #expect(run.status == 0, "\(run.error)")
      return try JSONDecoder().decode(Endpoint.self, from: Data(run.output.utf8))
    }

    @Test func `a message that a mapping spoiled is planned again once the mapping is mended`() async throws {
      let city = try await City()
      do {
        let mapping = "\(city.config)/mappings/test-order.jq"
        try Data("error(\"broken\")".utf8).write(to: URL(filePath: mapping))
        let route =
          "name: spoiled\nmatch: {type: vn.test.spoiled}\nmap: [{jq: test-order.jq}]\nto: recipients\nkeep: 1d\n"
        try Data(route.utf8).write(to: URL(filePath: "\(city.config)/routes/90-test.yaml"))
        let access = "\(city.config)/access.yaml"
        let rules = String(decoding: try Data(contentsOf: URL(filePath: access)), as: UTF8.self)
        try Data((rules + "\n  - {agency: H24.2, send: [\"vn.test.*\"]}\n").utf8).write(to: URL(filePath: access))
        try await city.startMocks()
        try await city.startHub()
        let file = "\(city.home)/spoiled.json"
        try Data(#"{"n":1}"#.utf8).write(to: URL(filePath: file))
        let run = try await city.lgsp(
          "send", file, "--as", "H24.2", "--type", "vn.test.spoiled", "--to", "H24.101")
        let id = run.output.trimmingCharacters(in: .whitespacesAndNewlines)
        try await waitUntil("it is invalid") { try await self.letters(city).map(\.id) == [id] }
        #expect(try await letters(city).first?.state == "invalid")
        try await city.stopHub()
        try Data("{number: .n}".utf8).write(to: URL(filePath: mapping))
        try await city.startHub()
        let order = try await city.lgsp("redeliver", id, "--reason", "Đã sửa ánh xạ")
        #expect(order.status == 0, "\(order.error)")
        try await allDelivered(city, [id])
        #expect(try await city.received(by: "H24.101", mock: city.systemsMock).count == 1)
        #expect(try await letters(city).isEmpty)
      } catch {
        await city.close()
        throw error
      }
      await city.close()
    }

    @Test func `orders are refused with a code that says why, and a hub that does not run is named`() async throws {
      try await City.running { city in
        let id = ExchangeID.make(at: Timestamp(seconds: 1)).text
        #expect(try await city.lgsp("redeliver", id, "--reason", "x").status == 5)
        #expect(try await city.lgsp("redeliver", id).status == 64)
        #expect(try await city.lgsp("redeliver", "no-id", "--reason", "x").status == 64)
        #expect(try await city.lgsp("redeliver", "--reason", "x").status == 64)
        #expect(try await city.lgsp("endpoint", "pause", "nobody", "--reason", "x").status == 5)
        let list = try await city.lgsp("endpoint", "list", "--json")
        #expect(list.status == 0, "\(list.error)")
        #expect(list.output.contains(#""name":"city-systems""#))
        try await city.stopHub()
        let gone = try await city.lgsp("deadletters")
        #expect(gone.status == 4)
        #expect(gone.error.contains("lgsp run"), "\(gone.error)")
      }
    }
  }
}

extension City {
  /// The idempotency keys of what an agency's system got, in order.
  func keys(at agency: String) async throws -> [String] {
    struct Item: Decodable { var key: String? }
    let body = try await get("\(systemsMock)/_mock/received?agency=\(agency)").body
    return try JSONDecoder().decode([Item].self, from: Data(body)).map { $0.key ?? "" }
  }
}
