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

    private func push(_ city: City, _ body: [UInt8], secret: String) async throws -> OutboundResponse {
      let credential = Data("dvcqg:\(secret)".utf8).base64EncodedString()
      return try await city.send(
        "POST", "\(city.gateway)/v1/served/national-portal/nhanhsdvcqg",
        headers: [
          HeaderField("Authorization", "Basic \(credential)"), HeaderField("Content-Type", "application/json"),
        ],
        body: body)
    }

    /// The portal pushes a dossier twice and lists it too: for the city it is one dossier.
    @Test func `a dossier that the portal pushes is answered once the hub has it, and counts once`() async throws {
      try await City.running { city in
        let portal = "http://127.0.0.1:\(city.ports + 4)"
        let record = try await city.send("POST", "\(portal)/_mock/submit", body: []).body
        let secret = try String(contentsOfFile: "\(city.home)/Data/national-portal.push", encoding: .utf8)
          .trimmingCharacters(in: .whitespacesAndNewlines)
        #expect(try await push(city, record, secret: "sai").status == 401)
        for _ in 1...2 {
          let answer = try await push(city, record, secret: secret)
          #expect(answer.status == 200)
          #expect(String(decoding: answer.body, as: UTF8.self) == #"{"error_code":"0"}"#)
        }
        try await waitUntil("the portal knows that the result was returned") {
          try await arrivals(city).contains { $0.status == "10" }
        }
        let taken = try await city.get("http://127.0.0.1:\(city.ports + 5)/_mock/received")
        let dossiers = try JSONDecoder().decode([Taken].self, from: Data(taken.body))
        #expect(dossiers.count == 1)
        #expect(dossiers.first?.type == "vn.haiphong.dossier.submitted")
      }
    }

    private struct Taken: Decodable {
      var type: String
    }
  }
}
