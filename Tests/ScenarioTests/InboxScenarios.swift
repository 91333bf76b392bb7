import Foundation
import HubKit
import HubTransport
import Testing

/// An agency that cannot be called fetches by itself: leases, restarts, refusals.
extension Scenarios {
  @Suite(.serialized)
  struct InboxScenarios {
    private struct Item: Decodable {
      var id, lease: String
      var data: String?
    }

    private func list(_ city: City) async throws -> [Item] {
      let run = try await city.lgsp("inbox", "list", "--as", "H24.106", "--json")
      #expect(run.status == 0, "\(run.error)")
      return try run.output.split(separator: "\n").map { try JSONDecoder().decode(Item.self, from: Data($0.utf8)) }
    }

    private func send(_ city: City, _ id: String) async throws -> String {
      let file = "\(city.home)/\(id).edxml"
      try Data(Samples.document(id: id, from: "H24.2", to: ["H24.106"]).utf8).write(to: URL(filePath: file))
      let run = try await city.lgsp("send", file, "--as", "H24.2")
      #expect(run.status == 0, "\(run.error)")
      return run.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    @Test func `what waits survives a kill, is offered again, and is delivered when it is acknowledged`() async throws {
      try await City.running { city in
        let id = try await send(city, "inbox-1")
        let first = try #require(try await list(city).first)
        #expect(first.data?.contains("inbox-1") == true)
        #expect(try await list(city).isEmpty, "it is leased")
        #expect(try await city.view(id).state == .underway)
        try await city.stopHub(SIGKILL)
        try await city.startHub()
        let old = try await city.lgsp("inbox", "ack", first.id, "--lease", first.lease, "--as", "H24.106")
        #expect(old.status == 3, "a lease does not outlive the hub that gave it")
        let second = try #require(try await list(city).first)
        #expect(second.id == first.id)
        #expect(second.lease != first.lease)
        let done = try await city.lgsp("inbox", "ack", second.id, "--lease", second.lease, "--as", "H24.106")
        #expect(done.status == 0, "\(done.error)")
        #expect(try await city.view(id).state == .delivered)
        let twice = try await city.lgsp("inbox", "ack", second.id, "--lease", second.lease, "--as", "H24.106")
        #expect(twice.status == 5)
      }
    }

    @Test func `a refusal with its reason ends the delivery, and everything that waits can be taken at once`()
      async throws
    {
      try await City.running { city in
        let refused = try await send(city, "inbox-2")
        let item = try #require(try await list(city).first)
        let no = try await city.lgsp(
          "inbox", "nack", item.id, "--lease", item.lease, "--as", "H24.106", "--reason", "Không đúng thẩm quyền")
        #expect(no.status == 0, "\(no.error)")
        let view = try await city.view(refused)
        #expect(view.state == .failed)
        #expect(view.reason == "Không đúng thẩm quyền")
        for number in 3...5 { _ = try await send(city, "inbox-\(number)") }
        let all = try await city.lgsp("inbox", "ack", "--all", "--as", "H24.106", "--json")
        #expect(all.output.contains(#""acknowledged":3"#), "\(all.output)\(all.error)")
        let stranger = try await city.get("\(city.gateway)/v1/inbox")
        #expect(stranger.status == 401)
      }
    }
  }
}
