import Foundation
import HubKit
import HubTransport
import Testing

/// The journal is copied under traffic; the machine is lost; the copy goes on elsewhere.
extension Scenarios {
  @Suite(.serialized)
  struct BackupScenarios {
    private struct Backup: Decodable {
      var folder, takenAt: String
      var commit, bodyFiles: Int
      var exchanges, open: Int
    }

    private struct Restored: Decodable {
      struct Doubt: Decodable { var id, state: String }
      var lostFrom: String
      var epoch, open: Int
      var inDoubt: [Doubt]
    }

    @Test func `a backup under traffic goes on elsewhere and delivers what was open`() async throws {
      try await City.running { city in
        let token = try await city.token(of: "H24.2")
        try await city.systemFault("H24.102", "unavailable-503")
        var open: [String] = []
        for number in 0..<3 { open.append(try await city.document("open-\(number)", to: "H24.102", token)) }
        async let traffic: [String] = {
          var ids: [String] = []
          for number in 0..<40 { ids.append(try await city.document("flow-\(number)", to: "H24.101", token)) }
          return ids
        }()
        try await waitUntil("traffic flows") {
          try await city.received(by: "H24.101", mock: city.systemsMock).count > 3
        }
        let folder = "\(city.home)/backup"
        let run = try await city.lgsp("journal", "backup", folder, "--json")
        #expect(run.status == 0, "\(run.error)")
        let backup = try JSONDecoder().decode(Backup.self, from: Data(run.output.utf8))
        let handedIn = try await traffic
        #expect(backup.exchanges >= 3 && backup.open >= 3)
        #expect(try await city.lgsp("journal", "backup", folder).status == 1, "nothing is overwritten")
        let lost = try await city.document("lost", to: "H24.101", token)
        #expect(try await city.lgsp("journal", "restore", folder).status == 1, "the journal is not empty")

        // The disk is gone; its copy takes its place.
        try await city.stopHub(SIGKILL)
        try FileManager.default.removeItem(atPath: try city.journalFolder())
        let restore = try await city.lgsp("journal", "restore", folder, "--json")
        #expect(restore.status == 0, "\(restore.error)")
        let restored = try JSONDecoder().decode(Restored.self, from: Data(restore.output.utf8))
        #expect(restored.epoch == 2 && restored.open == backup.open && restored.lostFrom == backup.takenAt)
        #expect(Set(open).isSubset(of: restored.inDoubt.map(\.id)))
        #expect(try await city.lgsp("journal", "verify").status == 0)

        try await city.systemFault("H24.102", "none")
        try await city.startHub()
        try await waitUntil("what was open is delivered") {
          try await city.search("--type", "vn.gov.edoc.document").allSatisfy { $0.state == .delivered }
        }
        let known = Set(try await city.search("--type", "vn.gov.edoc.document").map(\.id.text))
        #expect(known.isSuperset(of: open) && !known.contains(lost))
        #expect(known.isSubset(of: open + handedIn))
        let bodies = try await city.received(by: "H24.102", mock: city.systemsMock)
        for number in 0..<3 { #expect(bodies.count { $0.contains(">open-\(number)<") } == 1) }
        // Whoever lost a receipt hands in again.
        _ = try await city.document("lost", to: "H24.101", token)
        let verified = try await city.lgsp("journal", "verify")
        #expect(verified.status == 0, "\(verified.error)")
        #expect(try await city.lgsp("journal", "show").output.contains("epoch: 2"))
      }
    }
  }
}

extension City {
  /// Hands a document in, and gives the id from its receipt.
  func document(_ id: String, to code: String, _ token: String) async throws -> String {
    let response = try await handIn(
      Samples.document(id: id, from: "H24.2", to: [code]), type: nil, to: [], mediaType: "application/xml",
      token: token)
    guard response.status == 202 else { throw CityError("\(id): \(response.status)") }
    struct Receipt: Decodable { var id: String }
    return try JSONDecoder().decode(Receipt.self, from: Data(response.body)).id
  }

  /// Where this city's journal lies.
  func journalFolder() throws -> String {
    let found = FileManager.default.enumerator(atPath: home)?.compactMap { $0 as? String }
      .first { $0.hasSuffix("journal/journal.db") }
    guard let found else { throw CityError("there is no journal below \(home)") }
    return "\(home)/\(found.dropLast("/journal.db".count))"
  }
}
