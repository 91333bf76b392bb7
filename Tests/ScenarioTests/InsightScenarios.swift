import Foundation
import HubKit
import HubTransport
import Testing

/// From a document handed in to the figures at the operations centre: real processes, real sockets.
extension Scenarios {
  @Suite(.serialized)
  struct InsightScenarios {
    private struct Shown: Decodable {
      struct Period: Decodable { var documents: [String: Int] }
      var days: [String: Period]

      var carried: Int { days.values.compactMap { $0.documents["carried"] }.reduce(0, +) }
    }

    private struct Told: Decodable {
      struct Period: Decodable {
        var documents: [String: Int]
        var refusedAtTheDoor: [String: Int]
      }
      var total: Period
    }

    @Test func figuresReachTheOperationsCentreAndEqualWhatTheCommandLineTells() async throws {
      let city = try await City()
      let file = "\(city.config)/hub.yaml"
      let text = String(decoding: try Data(contentsOf: URL(filePath: file)), as: UTF8.self)
      let quick = text.replacing("minInterval: 10s", with: "minInterval: 1s")
      #expect(quick != text)
      try Data(quick.utf8).write(to: URL(filePath: file))
      do {
        try await city.startMocks()
        try await city.startHub()
        let document = "\(city.home)/document.edxml"
        try Data(Samples.document(id: "doc-1", from: "H24.2", to: ["H24.101"]).utf8).write(to: URL(filePath: document))
        let sent = try await city.lgsp("send", document, "--as", "H24.2", "--wait")
        #expect(sent.status == 0, "\(sent.error)")
        try await waitUntil("the centre knows of the document") {
          let figures = try await city.get("\(city.centreMock)/_mock/figures")
          return try JSONDecoder().decode(Shown.self, from: Data(figures.body)).carried == 1
        }
        let told = try await city.lgsp("insight", "--json")
        #expect(told.status == 0, "\(told.error)")
        let figures = try JSONDecoder().decode(Told.self, from: Data(told.output.utf8)).total
        #expect(figures.documents == ["received": 1, "carried": 1])
        #expect(figures.refusedAtTheDoor.isEmpty)
        let table = try await city.lgsp("insight")
        #expect(table.status == 0)
        #expect(table.output.contains("Văn bản đã chuyển / documents carried"))
      } catch {
        await city.close()
        throw error
      }
      await city.close()
    }
  }
}
