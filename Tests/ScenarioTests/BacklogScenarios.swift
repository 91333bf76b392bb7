import Foundation
import HubKit
import Testing

extension Scenarios {
  /// A receiver that is away while more waits for it than memory holds: it lies on the disk, and comes in order.
  @Suite("Backlog")
  struct BacklogScenarios {
    private static let fixture = "\(City.root)/Config/routes/fixtures/dossier-progress.json"

    private func handIn(_ number: Int, _ subject: String, _ city: City, _ token: String) async throws {
      let text = String(decoding: try Data(contentsOf: URL(filePath: Self.fixture)), as: UTF8.self)
        .replacing("Đã chuyển phòng chuyên môn", with: "bước \(number)")
      let response = try await city.send(
        "POST", "\(city.gateway)/v1/exchanges",
        headers: [
          HeaderField("Content-Type", "application/json"), HeaderField("Authorization", "Bearer \(token)"),
          HeaderField("ce-specversion", "1.0"), HeaderField("ce-id", "backlog-\(number)"),
          HeaderField("ce-source", "/test"), HeaderField("ce-type", "vn.haiphong.dossier.progress"),
          HeaderField("ce-receiver", "H24.101"), HeaderField("ce-subject", subject),
        ], body: Array(text.utf8))
      #expect(response.status == 202)
    }

    /// The numbers of the messages that arrived, in the order of their arrival.
    private func arrived(_ city: City) async throws -> [Int] {
      try await city.received(by: "H24.101", mock: city.systemsMock).compactMap { body in
        body.firstRange(of: "bước ").flatMap { Int(body[$0.upperBound...].prefix { $0.isNumber }) }
      }
    }

    @Test func aBacklogBeyondTheWindowOutlivesAKillAndArrivesInOrder() async throws {
      let city = try await City()
      do {
        try city.change("hub.yaml", replacing: "limits:\n", with: "limits:\n  laneWindowMax: 8\n")
        try await city.startMocks()
        try await city.systemFault("H24.101", "unavailable-503")
        try await city.startHub()
        let token = try await city.token(of: "H24.1")
        for number in 0..<60 { try await handIn(number, "H24.101-261123-000\(number % 3)", city, token) }
        try await city.stopHub(SIGKILL)
        try await city.systemFault("H24.101", "none")
        try await city.startHub()
        try await waitUntil("all have arrived") { try await arrived(city).count >= 60 }
        // A kill may repeat a message; the first of each dossier's are in order all the same.
        var firsts: [Int] = []
        for number in try await arrived(city) where !firsts.contains(number) { firsts.append(number) }
        for dossier in 0..<3 {
          #expect(firsts.filter { $0 % 3 == dossier } == stride(from: dossier, to: 60, by: 3).map { $0 })
        }
        try await waitUntil("nothing is open") {
          try await city.search("--state", "underway").isEmpty
        }
        #expect(try await city.lgsp("journal", "verify").status == 0)
      } catch {
        await city.close()
        throw error
      }
      await city.close()
    }
  }
}
