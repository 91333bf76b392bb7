import Foundation
import HubKit
import Testing

/// Yesterday's traffic on tomorrow's configuration, through the command line.
extension Scenarios {
  @Suite(.serialized)
  struct ReplayScenarios {
    private struct Report: Decodable {
      struct Group: Decodable {
        struct Place: Decodable {
          var kind, place: String
          var recorded, made: String?
        }
        var route: String
        var count: Int
        var places: [Place]
      }
      var same, different, newCalls, missingCalls, unplayed: Int
      var groups: [Group]
    }

    private static let personal = ["031201900003", "Trần Quốc Đạt", "0912345678"]

    private static func progress(_ number: Int) -> String {
      """
      {"dossierCode":"H24.101-261127-\(2000 + number)","procedureCode":"2.000477","status":"processing",
       "changedAt":"2026-11-27T08:15:00+07:00","note":"Gọi Trần Quốc Đạt, 0912345678",
       "applicant":{"fullName":"Trần Quốc Đạt","personalId":"031201900003","phone":"0912345678"}}
      """
    }

    /// Sends progress about some dossiers and documents, and waits until all have ended.
    private func traffic(_ city: City) async throws {
      let token = try await city.token(of: "H24.1")
      for number in 1...3 {
        let response = try await city.handIn(
          Self.progress(number), type: "vn.haiphong.dossier.progress", to: ["H24.101"], mediaType: "application/json",
          token: token)
        #expect(response.status == 202)
      }
      let document = "\(city.home)/document.edxml"
      try Data(Samples.document(id: "phat-lai-1", from: "H24.2", to: ["H24.101"]).utf8)
        .write(to: URL(filePath: document))
      let sent = try await city.lgsp("send", document, "--as", "H24.2", "--wait")
      #expect(sent.status == 0, "\(sent.error)")
      try await waitUntil("all have ended") {
        try await city.search("--sender", "H24.1").filter { $0.state == .delivered }.count == 3
      }
    }

    /// The route keeps what it carries, so that it can be recorded.
    private func keepAll(_ city: City) throws {
      try city.change(
        "routes/30-dossier-progress.yaml", replacing: "keep: digest",
        with: "keep: 1h\nwhy: Phép thử phát lại / tests of replay")
    }

    private func replay(_ city: City, _ more: String...) async throws -> (report: Report, status: Int32) {
      let run = try await City.run(["replay"] + more + ["--json"])
      let report = try? JSONDecoder().decode(Report.self, from: Data(run.output.utf8))
      return (try #require(report, "\(run.output) \(run.error)"), run.status)
    }

    @Test func `a bundle plays the same on its own configuration and shows what a change touches, masked or not`()
      async throws
    {
      try await City.running(prepare: keepAll) { city in
        try await traffic(city)
        let plain = try await city.lgsp("record", "--sender", "H24.1", "--out", "\(city.home)/plain")
        #expect(plain.status == 0, "\(plain.error)")
        let masked = try await city.lgsp("record", "--sender", "H24.1", "--out", "\(city.home)/masked", "--mask")
        #expect(masked.status == 0, "\(masked.error)")
        for word in Self.personal {
          #expect(try contains("\(city.home)/plain", word), "what is looked for can be found: \(word)")
          #expect(try !contains("\(city.home)/masked", word), "\(word)")
        }
        // Another name of one field, as on a Friday.
        let next = "\(city.home)/next"
        try FileManager.default.copyItem(atPath: city.config, toPath: next)
        let mapping = URL(filePath: "\(next)/mappings/dossier-progress.jq")
        let text = String(decoding: try Data(contentsOf: mapping), as: UTF8.self)
        try Data(text.replacing("nguoiNop:", with: "hoTenNguoiNop:").utf8).write(to: mapping)
        for bundle in ["plain", "masked"] {
          let same = try await replay(city, "\(city.home)/\(bundle)", "--config", city.config)
          #expect(same.status == 0 && same.report.same == 3 && same.report.different == 0)
          let page = "\(city.home)/\(bundle).html"
          let other = try await replay(city, "\(city.home)/\(bundle)", "--config", next, "--html", page)
          #expect(other.status == 1 && other.report.different == 3 && other.report.groups.count == 1)
          #expect(other.report.groups.first?.places.map(\.place).sorted() == ["/hoTenNguoiNop", "/nguoiNop"])
          #expect(other.report.newCalls == 0 && other.report.missingCalls == 0)
          #expect(String(decoding: try Data(contentsOf: URL(filePath: page)), as: UTF8.self).contains("hoTenNguoiNop"))
        }
        // Straight from the journal, and against the mocks of its own process.
        let direct = try await replay(city, "--sender", "H24.1", "--journal", city.config, "--config", city.config)
        #expect(direct.status == 0 && direct.report.same == 3)
        let mocked = try await replay(city, "\(city.home)/plain", "--config", city.config, "--against", "mock")
        #expect(mocked.status == 0 && mocked.report.same == 3)
      }
    }

    @Test func `results are a journal of their own, which the same tools read; the hub's is never written`()
      async throws
    {
      try await City.running(prepare: keepAll) { city in
        try await traffic(city)
        let (next, results) = ("\(city.home)/next", "\(city.home)/results")
        try FileManager.default.copyItem(atPath: city.config, toPath: next)
        let mapping = URL(filePath: "\(next)/mappings/dossier-progress.jq")
        let text = String(decoding: try Data(contentsOf: mapping), as: UTF8.self)
        try Data(text.replacing("nguoiNop:", with: "hoTenNguoiNop:").utf8).write(to: mapping)
        let replay = [
          "replay", "--sender", "H24.1", "--journal", city.config, "--config", next, "--results",
        ]
        let run = try await City.run(replay + [results])
        #expect(run.status == 1, "\(run.output) \(run.error)")
        #expect(run.output.contains("mappings/dossier-progress.jq:"), "the line of the new name: \(run.output)")
        let found = try await city.lgsp("search", "--results", results, "--key", "replay=different", "--json")
        let ids = found.output.split(separator: "\n").compactMap { line in
          try? JSONDecoder().decode(Found.self, from: Data(line.utf8)).id
        }
        #expect(ids.count == 3, "\(found.output) \(found.error)")
        let id = try #require(ids.first)
        let trace = try await city.lgsp("trace", id, "--results", results)
        #expect(trace.status == 0 && trace.output.contains("/hoTenNguoiNop"), "\(trace.output) \(trace.error)")
        #expect(!Self.personal.contains { trace.output.contains($0) })
        #expect(try await !city.lgsp("trace", id).output.contains("/hoTenNguoiNop"), "the hub's own story")
        #expect(try await city.lgsp("journal", "verify", "--results", results).status == 0)
        #expect(try await city.lgsp("journal", "show", "--results", results).output.contains(results))
        try await refusals(city, replay, results)
      }
    }

    private struct Found: Decodable { var id: String }

    /// Neither a folder that is not empty nor the hub's own takes results, nor is one read as the other.
    private func refusals(_ city: City, _ replay: [String], _ results: String) async throws {
      #expect(try await City.run(replay + [results]).status == 1)
      #expect(try await city.lgsp("journal", "verify", "--results", results).status == 0, "it stays as it was")
      let shown = try await city.lgsp("journal", "show").output
      let hubs = String(try #require(shown.split(separator: "\n").first?.split(separator: " ").last))
      for folder in [hubs, "\(hubs)/bodies/x"] {
        let refused = try await City.run(replay + [folder])
        #expect(refused.status == 1 && refused.error.contains("sổ của hub"), "\(refused.error)")
      }
      #expect(try await city.lgsp("search", "--results", hubs).status == 1, "its key is another")
      #expect(try await city.lgsp("journal", "verify").status == 0)
    }

    @Test
    func `calling something live needs a name, a reason and the hub, which writes it down; it carries the old key`()
      async throws
    {
      try await City.running(prepare: keepAll) { city in
        try await traffic(city)
        let bundle = "\(city.home)/bundle"
        #expect(try await city.lgsp("record", "--sender", "H24.1", "--out", bundle).status == 0)
        let live = ["replay", bundle, "--config", city.config, "--journal", city.config, "--against"]
        #expect(try await City.run(live + ["live"]).status == 64, "live ones by name")
        #expect(try await City.run(live + ["city-systems=live"]).status == 64, "not without a reason")
        #expect(try await City.run(live + ["nobody=live", "--reason", "x"]).status == 1)
        let before = try await city.received(by: "H24.101", mock: city.systemsMock).count
        let run = try await City.run(live + ["city-systems=live", "--reason", "đối soát", "--json"])
        #expect(run.status == 0, "\(run.output) \(run.error)")
        #expect(
          try await city.received(by: "H24.101", mock: city.systemsMock).count == before,
          "the far system knows the keys and takes nothing twice")
        try await city.stopHub()
        #expect(
          try await City.run(live + ["city-systems=live", "--reason", "đối soát"]).status == 4, "no hub, no calls")
      }
    }

    @Test func `bundles and configurations that are not sound are refused by name, and what is sound is played`()
      async throws
    {
      try await City.running(prepare: keepAll) { city in
        try await traffic(city)
        let bundle = "\(city.home)/bundle"
        #expect(try await city.lgsp("record", "--sender", "H24.1", "--out", bundle).status == 0)
        #expect(try await city.lgsp("record", "--sender", "H24.1", "--out", bundle).status == 1, "it is there already")
        let nothing = try await City.run(["replay", city.home, "--config", city.config])
        #expect(nothing.status == 1 && nothing.error.contains("manifest.json"), "\(nothing.error)")
        let broken = "\(city.home)/broken"
        try FileManager.default.copyItem(atPath: city.config, toPath: broken)
        try Data("routes: [".utf8).write(to: URL(filePath: "\(broken)/routes/10-documents.yaml"))
        let refused = try await City.run(["replay", bundle, "--config", broken])
        #expect(refused.status == 1 && refused.error.contains("routes/10-documents.yaml:"), "\(refused.error)")
        let lost = try firstBody(in: bundle)
        try FileManager.default.removeItem(atPath: lost)
        let rest = try await replay(city, bundle, "--config", city.config)
        #expect(rest.status == 3 && rest.report.unplayed >= 1 && rest.report.same + rest.report.unplayed == 3)
        try Data("{}\n".utf8).write(to: URL(filePath: "\(bundle)/exchanges.jsonl"))
        let changed = try await City.run(["replay", bundle, "--config", city.config])
        #expect(changed.status == 1 && changed.error.contains("SHA-256"), "\(changed.error)")
      }
    }

    private func firstBody(in bundle: String) throws -> String {
      let names = try FileManager.default.subpathsOfDirectory(atPath: "\(bundle)/bodies")
      return "\(bundle)/bodies/\(try #require(names.first { $0.count > 60 }))"
    }

    private func contains(_ folder: String, _ word: String) throws -> Bool {
      try FileManager.default.subpathsOfDirectory(atPath: folder).contains { path in
        guard let data = FileManager.default.contents(atPath: "\(folder)/\(path)") else { return false }
        return data.range(of: Data(word.utf8)) != nil
      }
    }
  }
}
