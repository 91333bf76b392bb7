import Foundation
import HubKit
import HubTransport
import Testing

/// Mocks that speak TLS, as whoever prepares for a renewal meets them.
extension Scenarios {
  @Suite(.serialized)
  struct MockTLSScenarios {
    private struct Probe: Decodable {
      var well: Bool
      var step: String?
    }

    private struct Line: Decodable {
      var address: String
    }

    @Test func anExpiredCertificateIsAFaultAndAProbeNamesIt() async throws {
      try await City.running { city in
        let made = try await City.run(
          [
            "-c",
            """
            mkdir -p '\(city.home)/tls' && cd '\(city.home)/tls'
            openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
              -addext subjectAltName=IP:127.0.0.1 -keyout mock.key -out mock.pem
            openssl x509 -in mock.pem -signkey mock.key -days -1 -out expired.pem
            cat mock.pem expired.pem > trusted.pem
            """,
          ], of: "/bin/sh")
        #expect(made.status == 0, "\(made.error)")
        let token = try String(contentsOfFile: "\(city.home)/Data/operations-centre.token", encoding: .utf8)
        let mocks = try String(contentsOfFile: "\(city.config)/mocks.yaml", encoding: .utf8)
        let secure = """
          \(mocks)
            - name: secure-centre
              connector: operations-centre
              address: 127.0.0.1:0
              settings: {token: "\(token.filter { $0 != "\n" })"}
              tls: {certificate: ../tls/mock.pem, key: ../tls/mock.key, expired: ../tls/expired.pem}

          """
        try Data(secure.utf8).write(to: URL(filePath: "\(city.config)/mocks.yaml"))
        let process = Process()
        process.executableURL = URL(filePath: City.binary)
        process.arguments = ["mock", "secure-centre", "--json", "--config", city.config]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        defer { kill(process.processIdentifier, SIGKILL) }
        let line = try JSONDecoder().decode(Line.self, from: pipe.fileHandleForReading.availableData)
        #expect(line.address.hasPrefix("https://127.0.0.1:"))
        let file = "endpoints/operations-centre.yaml"
        try city.change(file, replacing: city.centreMock, with: line.address)
        try city.change(file, replacing: "concurrency: 2", with: "tls: {ca: ../tls/trusted.pem}\nconcurrency: 2")

        let well = try await city.lgsp("endpoint", "probe", "operations-centre", "--json")
        #expect(try JSONDecoder().decode(Probe.self, from: Data(well.output.utf8)).well, "\(well.output) \(well.error)")
        let rule = try await post(#"{"fault": "expiredCertificate", "times": 1}"#, to: line.address, city)
        #expect(rule.status == 200)
        let expired = try await city.lgsp("endpoint", "probe", "operations-centre", "--json")
        let found = try JSONDecoder().decode(Probe.self, from: Data(expired.output.utf8))
        #expect(!found.well && found.step == "tls" && expired.status == 4)
        #expect(expired.output.contains("has expired"), "\(expired.output)")
        // The rule has struck once; what it says of requests is refused.
        let again = try await city.lgsp("endpoint", "probe", "operations-centre", "--json")
        #expect(again.status == 0)
        let wrong = try await post(#"{"fault": "expiredCertificate", "path": "/api/*"}"#, to: line.address, city)
        #expect(wrong.status == 400 && String(decoding: wrong.body, as: UTF8.self).contains("path"))
      }
    }

    private func post(_ rule: String, to address: String, _ city: City) async throws -> OutboundResponse {
      var options = TransportOptions.thisMachine
      options.trustedPEM = FileManager.default.contents(atPath: "\(city.home)/tls/trusted.pem").map { Array($0) }
      let loop = CurlLoop()
      let answer = try await loop.transport(for: "test", options).send(
        OutboundRequest(
          method: "POST", url: "\(address)/_mock/transport-faults", body: .bytes(Array(rule.utf8))))
      await loop.shutdown()
      return answer
    }
  }
}
