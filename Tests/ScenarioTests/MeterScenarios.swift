import Foundation
import HubKit
import Testing

/// What the hub measures by itself, so that no connector has to.
extension Scenarios {
  @Suite(.serialized)
  struct MeterScenarios {
    @Test func everyAttemptIsCountedByEndpointAndVerdictAndMeasured() async throws {
      let city = try await City()
      do {
        let file = "endpoints/operations-centre.yaml"
        try city.change(file, replacing: city.centreMock, with: "http://127.0.0.1:1")
        try await city.startMocks()
        try await city.startHub()
        @Sendable func meters() async throws -> [String] {
          let answer = try await city.get("\(city.gateway)/metrics")
          return String(decoding: answer.body, as: UTF8.self).split(separator: "\n").map(String.init)
        }
        func waitFor(_ result: String) async throws {
          try await waitUntil("an attempt ended with \(result)") {
            try await meters().contains {
              $0.hasPrefix("lgsp_attempts_total{") && $0.contains("endpoint=\"operations-centre\"")
                && $0.contains("result=\"\(result)\"")
            }
          }
        }
        try await waitFor("outage")
        try city.change(file, replacing: "http://127.0.0.1:1", with: city.centreMock)
        let reload = try await city.lgsp("reload")
        #expect(reload.status == 0, "\(reload.error)")
        try await waitFor("delivered")
        let all = try await meters()
        let attempts = all.filter { $0.hasPrefix("lgsp_attempts_total{") && $0.contains("\"operations-centre\"") }
          .compactMap { $0.split(separator: " ").last.flatMap { Double($0) } }.reduce(0, +)
        let measured = all.filter {
          $0.hasPrefix("lgsp_attempt_seconds_count{") && $0.contains("\"operations-centre\"")
        }.compactMap { $0.split(separator: " ").last.flatMap { Double($0) } }.reduce(0, +)
        #expect(attempts >= 2 && measured >= 2, "\(attempts) \(measured)")
      } catch {
        await city.close()
        throw error
      }
      await city.close()
    }
  }
}
