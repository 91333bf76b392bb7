import Foundation
import HubKit
import HubTransport
import Testing

/// The daemon's bad days: kill -9, a second daemon, a port taken, a damaged journal.
extension Scenarios {
  @Suite(.serialized)
  struct DaemonScenarios {
    @Test func afterKill9EveryReceiptIsHonouredAndNothingIsDoubled() async throws {
      try await City.running { city in
        // The far systems are away, so that receipts pile up before the kill.
        for code in ["H24.101", "H24.102"] {
          _ = try await city.send(
            "PUT", "\(city.systemsMock)/_mock/faults/\(code)",
            headers: [HeaderField("Content-Type", "application/json")],
            body: Array(#"{"mode":"unavailable-503"}"#.utf8))
        }
        let token = try await city.token(of: "H24.2")
        var accepted: [String] = []
        for number in 1...40 {
          let code = number % 2 == 0 ? "H24.101" : "H24.102"
          let body = Samples.document(id: "kill-\(number)", from: "H24.2", to: [code])
          let response = try await city.handIn(body, type: nil, to: [], mediaType: "application/xml", token: token)
          #expect(response.status == 202)
          accepted.append("kill-\(number)")
        }
        try await city.stopHub(SIGKILL)
        for code in ["H24.101", "H24.102"] {
          _ = try await city.send(
            "PUT", "\(city.systemsMock)/_mock/faults/\(code)",
            headers: [HeaderField("Content-Type", "application/json")],
            body: Array(#"{"mode":"none"}"#.utf8))
        }
        try await city.startHub()
        try await waitUntil("all are delivered") {
          let search = try await city.lgsp("search", "--type", "vn.gov.edoc.document", "--limit", "100", "--json")
          let views = try search.output.split(separator: "\n").map {
            try JSONDecoder().decode(ExchangeView.self, from: Data($0.utf8))
          }
          return views.count == 40 && views.allSatisfy { $0.state == .delivered }
        }
        let bodies =
          try await city.received(by: "H24.101", mock: city.systemsMock)
          + city.received(by: "H24.102", mock: city.systemsMock)
        #expect(bodies.count == 40)
        for id in accepted { #expect(bodies.count { $0.contains(">\(id)<") } == 1, "\(id)") }
        #expect(try await city.lgsp("journal", "verify").status == 0)
      }
    }

    @Test func aRefusedMessageBarsItsLaneAfterARestartToo() async throws {
      try await City.running { city in
        func fault(_ mode: String) async throws {
          _ = try await city.send(
            "PUT", "\(city.systemsMock)/_mock/faults/H24.101",
            headers: [HeaderField("Content-Type", "application/json")], body: Array(#"{"mode":"\#(mode)"}"#.utf8))
        }
        func send(_ subject: String) async throws -> City.Run {
          try await city.lgsp(
            "send", "\(City.root)/Config/routes/fixtures/dossier-progress.json", "--as", "H24.1", "--type",
            "vn.haiphong.dossier.progress", "--to", "H24.101", "--subject", subject)
        }
        @Sendable func state(_ run: City.Run) async throws -> ExchangeView {
          try await city.view(run.output.trimmingCharacters(in: .whitespacesAndNewlines))
        }
        try await fault("refuse-422")
        let refused = try await send("H24.101-1")
        try await waitUntil("the first is refused") { try await state(refused).state == .failed }
        try await city.stopHub(SIGKILL)
        try await fault("none")
        try await city.startHub()
        let behind = try await send("H24.101-1")
        let other = try await send("H24.101-2")
        try await waitUntil("another lane goes on") { try await state(other).state == .delivered }
        #expect(try await state(behind).state != .delivered)
        #expect(try await city.received(by: "H24.101", mock: city.systemsMock).count == 1)
      }
    }

    @Test func aSecondDaemonOnTheSameJournalRefusesToStart() async throws {
      try await City.running { city in
        let second = try await city.lgsp("run")
        #expect(second.status == 1)
        #expect(second.error.contains("in use by another process"), "\(second.error)")
      }
    }

    @Test func aTakenPortIsNamed() async throws {
      let city = try await City()
      let other = try await City()
      do {
        try await city.startMocks()
        try await city.startHub()
        // The second hub has a journal of its own and the first one's ports.
        let yaml = "\(other.config)/hub.yaml"
        let text = String(decoding: try Data(contentsOf: URL(filePath: yaml)), as: UTF8.self)
          .replacing("127.0.0.1:\(other.ports)", with: "127.0.0.1:\(city.ports)")
        try Data(text.utf8).write(to: URL(filePath: yaml))
        let run = try await other.lgsp("run")
        #expect(run.status == 1)
        #expect(run.error.contains("\(city.ports)"), "\(run.error)")
      } catch {
        await city.close()
        await other.close()
        throw error
      }
      await city.close()
      await other.close()
    }

    @Test func theCommittedConfigurationPassesItsOwnTests() async throws {
      let run = try await City.run("check", "\(City.root)/Config", "--test")
      #expect(run.status == 0, "\(run.output)")
    }

    @Test func aMissingConfigurationIsNamed() async throws {
      let run = try await City.run("run", "--config", "/nowhere/Config")
      #expect(run.status == 1)
      #expect(run.error.contains("/nowhere/Config"))
      #expect(try await City.run("check", "/nowhere/Config").status == 1)
    }

    @Test func aBrokenConfigurationIsNamedWithFileLineAndNearestWord() async throws {
      let city = try await City()
      defer { try? FileManager.default.removeItem(atPath: city.home) }
      let yaml = "\(city.config)/routes/10-documents.yaml"
      let text = String(decoding: try Data(contentsOf: URL(filePath: yaml)), as: UTF8.self)
        .replacing("keep: 30d", with: "kepe: 30d")
      try Data(text.utf8).write(to: URL(filePath: yaml))
      let run = try await City.run("check", city.config, "--json")
      #expect(run.status == 1)
      struct Complaint: Decodable {
        var file: String
        var line: Int
        var column: Int
        var suggestion: String?
      }
      let complaints = try JSONDecoder().decode([Complaint].self, from: Data(run.output.utf8))
      let found = try #require(complaints.first { $0.suggestion == "keep" })
      #expect(found.file == "routes/10-documents.yaml")
      #expect(text.split(separator: "\n", omittingEmptySubsequences: false)[found.line - 1].hasPrefix("kepe"))
    }

    @Test func aDamagedJournalStopsTheStartAndVerifyNamesTheRecord() async throws {
      let city = try await City()
      do {
        try await city.startMocks()
        try await city.startHub()
        let token = try await city.token(of: "H24.2")
        let body = Samples.document(id: "damage", from: "H24.2", to: ["H24.101"])
        #expect(
          try await city.handIn(body, type: nil, to: [], mediaType: "application/xml", token: token).status == 202)
        try await city.stopHub()
        #expect(try await city.lgsp("journal", "verify").status == 0)
        let database = try #require(
          FileManager.default.enumerator(atPath: city.home)?.compactMap { $0 as? String }.first {
            $0.hasSuffix("journal.db")
          })
        let handle = try FileHandle(forUpdating: URL(filePath: "\(city.home)/\(database)"))
        try handle.seek(toOffset: 0)
        try handle.write(contentsOf: Data(repeating: 0x58, count: 4096))
        try handle.close()
        // What stands in the write-ahead log would hide the damage.
        for suffix in ["-wal", "-shm"] {
          try? FileManager.default.removeItem(atPath: "\(city.home)/\(database)\(suffix)")
        }
        let run = try await city.lgsp("run")
        #expect(run.status == 1)
        #expect(run.error.contains("journal verify"), "\(run.error)")
        #expect(try await city.lgsp("journal", "verify").status == 1)
      } catch {
        await city.close()
        throw error
      }
      await city.close()
    }

    @Test func sigtermDrainsAndTheNextStartTakesSeconds() async throws {
      try await City.running { city in
        let status = try await city.stopHub(SIGTERM)
        #expect(status == 0, "\(city.log("hub"))")
        try await city.startHub()
      }
    }

    @Test func theStatusPageAndTheMetersAnswer() async throws {
      try await City.running { city in
        let page = try await city.get("\(city.gateway)/")
        #expect(page.status == 200)
        #expect(String(decoding: page.body, as: UTF8.self).contains("city-systems"))
        let metrics = try await city.get("\(city.gateway)/metrics")
        #expect(metrics.status == 200)
        #expect(try await city.get("\(city.gateway)/openapi.yaml").status == 200)
        #expect(try await city.get("\(city.gateway)/health").status == 200)
      }
    }
  }
}
