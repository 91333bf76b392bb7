import Foundation
import HubKit
import Testing

/// A masked bundle of a real hub's traffic: nothing is left, and it plays.
extension Scenarios {
  @Suite(.serialized)
  struct MaskProofScenarios {
    private static let person = (name: "Trần Quốc Đạt", number: "031201900003", phone: "0912345678")

    /// Progress about an invented person, who is named in free text and in the subject too.
    private static let progress = """
      {"dossierCode":"H24.101-261127-1001","procedureCode":"2.000477","status":"processing",
       "changedAt":"2026-11-27T08:15:00+07:00","official":"Phạm Thị Cán Bộ",
       "note":"Ông TRẦN QUỐC ĐẠT (tran quoc dat) gọi +84 912 345 678, thẻ 4111 1111 1111 1111, STK 0071001234567.",
       "applicant":{"fullName":"Trần Quốc Đạt","personalId":"031201900003","phone":"0912345678"}}
      """

    @Test func `a masked bundle holds nobody, proves it, and plays with nothing different`() async throws {
      let city = try await City()
      do {
        try city.change(
          "routes/30-dossier-progress.yaml", replacing: "keep: digest",
          with: "keep: 30d\nwhy: Phép thử / tests of the mask")
        try await city.startMocks()
        try await city.startHub()
        try await traffic(city)
        try await city.stopHub()
        let (masked, plain) = ("\(city.home)/masked", "\(city.home)/plain")
        for (bundle, flags) in [(masked, ["--mask"]), (plain, [])] {
          let run = try await City.run(
            ["record", "--from", "2020-01-01", "--out", bundle, "--config", city.config] + flags)
          #expect(run.status == 0, "\(run.error)")
        }
        try await provesClean(city, masked)
        let replay = try await City.run("replay", masked, "--config", city.config)
        #expect(replay.status == 0, "\(replay.output)\(replay.error)")
        try await findsAll(city, plain)
        try await findsWhatIsPlanted(city, masked)
      } catch {
        await city.close()
        throw error
      }
      await city.close()
    }

    private func traffic(_ city: City) async throws {
      let first = try await city.handIn(
        Self.progress, type: "vn.haiphong.dossier.progress", to: ["H24.101"], mediaType: "application/json",
        token: try await city.token(of: "H24.1"))
      let second = try await city.handIn(
        Samples.document(id: "thu-031201900003", from: "H24.2", to: ["H24.101"], mark: "Nguyễn Thị Mẫu: "), type: nil,
        to: [], mediaType: "application/xml", token: try await city.token(of: "H24.2"))
      #expect(first.status == 202 && second.status == 202)
      for response in [first, second] {
        let id = try JSONDecoder().decode(Receipt.self, from: Data(response.body)).id
        try await waitUntil("it is delivered") { try await city.view(id).state == .delivered }
      }
    }

    private struct Receipt: Decodable { var id: String }

    private struct Report: Decodable {
      var isMasked: Bool
      var exchanges: Int
      var compared: Int?
      var counts: [String: Int]
      var closedCount: Int
    }

    private func check(_ city: City, _ bundle: String, _ flags: String...) async throws -> (City.Run, Report) {
      let run = try await City.run(
        ["record", "--check-mask", bundle, "--json", "--config", city.config] + flags)
      let report = try JSONDecoder().decode(Report.self, from: Data(run.output.utf8))
      return (run, report)
    }

    private func provesClean(_ city: City, _ bundle: String) async throws {
      let (run, report) = try await check(city, bundle)
      #expect(run.status == 0, "\(run.output)")
      #expect(report.isMasked && report.exchanges >= 2 && (report.compared ?? 0) >= 2)
      let everything = try files(in: bundle)
      for word in [
        Self.person.name, Self.person.number, Self.person.phone, "TRẦN QUỐC ĐẠT", "tran quoc dat", "912 345 678",
        "4111 1111", "0071001234567", "Phạm Thị Cán Bộ", "Nguyễn Thị Mẫu", "JVBERi0xLjQKdGh1Cg==",
      ] { #expect(everything.range(of: Data(word.utf8)) == nil, "\(word)") }
    }

    private func findsAll(_ city: City, _ bundle: String) async throws {
      let (run, report) = try await check(city, bundle)
      #expect(run.status == 1 && !report.isMasked)
      for kind in ["personal-number", "phone", "card", "account", "original", "marked"] {
        #expect(report.counts[kind] ?? 0 > 0, "\(kind)")
      }
      for word in [Self.person.name, Self.person.number, Self.person.phone] { #expect(!run.output.contains(word)) }
    }

    private func findsWhatIsPlanted(_ city: City, _ bundle: String) async throws {
      let stray = URL(filePath: "\(bundle)/bodies/ghi-chu.txt")
      try Data("Gặp tran_quoc_dat".utf8).write(to: stray)
      let named = try await check(city, bundle)
      #expect(named.0.status == 1 && named.1.counts == ["original": 1], "\(named.0.output)")
      try Data([0x89] + Array("PNG\r\n".utf8)).write(to: stray)
      let picture = try await check(city, bundle)
      #expect(picture.0.status == 3 && picture.1.closedCount == 1)
      #expect(try await check(city, bundle, "--allow-opaque").0.status == 0)
    }

    private func files(in folder: String) throws -> Data {
      let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
      return names.reduce(into: Data()) { $0 += FileManager.default.contents(atPath: "\(folder)/\($1)") ?? Data() }
    }
  }
}
