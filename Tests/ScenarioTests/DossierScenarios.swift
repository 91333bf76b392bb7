import Foundation
import HubKit
import Testing

extension Scenarios {
  @Suite struct DossierScenarios {
    private struct Arrival: Decodable {
      var service, code, status: String
      var repeats: Int
    }

    private func arrivals(_ city: City) async throws -> [Arrival] {
      let response = try await city.get("http://127.0.0.1:\(city.ports + 4)/_mock/received")
      return try JSONDecoder().decode([Arrival].self, from: Data(response.body))
    }

    /// A citizen files a dossier on the national portal; the hub fetches it, the city's system handles it, and the
    /// portal hears of every step in order.
    @Test func `a dossier goes from the national portal to the city and every step of it back`() async throws {
      let city = try await City()
      do {
        try await city.startMocks()
        let portal = "http://127.0.0.1:\(city.ports + 4)"
        let filed = try await city.send("POST", "\(portal)/_mock/submit", body: [])
        #expect(filed.status == 201)
        try await city.startHub()
        try await waitUntil("the portal knows that the result was returned") {
          try await arrivals(city).contains { $0.status == "10" }
        }
        let steps = try await arrivals(city)
        #expect(steps.map(\.status) == ["2", "4", "9", "10"])
        #expect(steps.allSatisfy { $0.service == "CapNhatTienDoHoSoMC" && $0.repeats == 0 })
        let taken = try await city.get("http://127.0.0.1:\(city.ports + 5)/_mock/received")
        #expect(String(decoding: taken.body, as: UTF8.self).contains("vn.haiphong.dossier.submitted"))
      } catch {
        await city.close()
        throw error
      }
      await city.close()
    }
  }
}
