import Foundation
import HubKit
import Testing

/// The way to the Party's operations system: off as the city comes, and on as Documentation/party-system.md says.
extension Scenarios {
  @Suite(.serialized)
  struct PartySystemScenarios {
    private static let page = "\(City.root)/Documentation/party-system.md"

    /// What the page says for a file.
    private static func block(_ name: String) throws -> String {
      let text = String(decoding: try Data(contentsOf: URL(filePath: page)), as: UTF8.self)
      let begin = try #require(text.range(of: "```yaml\n# \(name)\n"), "\(name)")
      let end = try #require(text.range(of: "\n```", range: begin.upperBound..<text.endIndex))
      return String(text[begin.upperBound..<end.lowerBound]) + "\n"
    }

    /// Does what the page says.
    private static func switchOn(_ city: City) throws {
      func change(_ file: String, _ change: (String) -> String) throws {
        let url = URL(filePath: "\(city.config)/\(file)")
        let text = (try? Data(contentsOf: url)).map { String(decoding: $0, as: UTF8.self) } ?? ""
        try Data(change(text).utf8).write(to: url)
      }
      for file in ["endpoints/party-system.yaml", "routes/05-party-documents.yaml"] {
        let text = try block(file)
        try change(file) { _ in text }
      }
      let (agency, rule) = (try block("agencies.yaml"), try block("access.yaml"))
      try change("agencies.yaml") { $0.replacing("  - code: A24\n    name: Thành ủy Hải Phòng\n", with: agency) }
      try change("access.yaml") { $0 + rule }
      let sample = String(
        decoding: try Data(contentsOf: URL(filePath: "\(city.config)/routes/fixtures/document.edxml")), as: UTF8.self)
      try change("routes/fixtures/party-document.edxml") { _ in sample.replacing(">G22<", with: ">A24<") }
      let token = "\(city.home)/Data/party-system.token"
      try Data("mock-token".utf8).write(to: URL(filePath: token))
      try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: token)
    }

    @Test func `as the city comes the way is closed, and whoever tries is told why`() async throws {
      let endpoints = try FileManager.default.contentsOfDirectory(atPath: "\(City.root)/Config/endpoints")
      for file in endpoints {
        let text = try Data(contentsOf: URL(filePath: "\(City.root)/Config/endpoints/\(file)"))
        #expect(!String(decoding: text, as: UTF8.self).contains("connector: party-system"), "\(file)")
      }
      try await City.running { city in
        let response = try await city.handIn(
          Samples.document(id: "party-1", from: "H24.2", to: ["H24.101", "A24"]), type: nil, to: [],
          mediaType: "application/xml", token: try await city.token(of: "H24.2"))
        #expect([400, 404, 422].contains(response.status), "\(response.status)")
        let words = String(decoding: response.body, as: UTF8.self)
        #expect(words.contains("A24 cannot be reached: no endpoint is set for it in agencies.yaml"), "\(words)")
        #expect(try await city.received(by: "H24.101", mock: city.systemsMock).isEmpty)
      }
    }

    @Test func `switched on as the page says, documents pass, and what cannot be looked into does not`() async throws {
      let city = try await City()
      do {
        try Self.switchOn(city)
        let check = try await City.run("check", "--test", city.config)
        #expect(check.status == 0, "\(check.output)\(check.error)")
        try await city.startMocks()
        try await city.startHub(mocks: "party-system")
        let token = try await city.token(of: "H24.2")
        func handIn(_ text: String) async throws -> OutboundResponse {
          try await city.handIn(text, type: nil, to: [], mediaType: "application/xml", token: token)
        }
        let open = Samples.document(id: "party-2", from: "H24.2", to: ["A24", "H24.101"])
          .replacing("JVBERi0xLjQKdGh1Cg==", with: Data("Kính gửi\n".utf8).base64EncodedString())
        let response = try await handIn(open)
        #expect(response.status == 202, "\(String(decoding: response.body, as: UTF8.self))")
        struct Receipt: Decodable { var id: String }
        let id = try JSONDecoder().decode(Receipt.self, from: Data(response.body)).id
        try await waitUntil("it is delivered") { try await city.view(id).state == .delivered }
        #expect(try await city.view(id).deliveries.map(\.endpoint).sorted() == ["city-systems", "party-system"])
        // A damaged PDF: nobody can say what is in it.
        let unseen = try await handIn(Samples.document(id: "party-3", from: "H24.2", to: ["A24"]))
        #expect([400, 422].contains(unseen.status), "\(unseen.status)")
        #expect(
          try await handIn(Samples.document(id: "party-4", from: "H24.2", to: ["A24"], mark: "[MẬT] ")).status == 403)
        #expect(try await handIn(Samples.document(id: "party-5", from: "H24.2", to: ["H24.101"])).status == 202)
      } catch {
        await city.close()
        throw error
      }
      await city.close()
    }
  }
}
