import Foundation
import HubKit
import HubTesting
import Testing

/// Routes and mappings as their authors meet them.
extension Scenarios {
  @Suite(.serialized)
  struct WorkbenchScenarios {
    private static let config = "\(City.root)/Config"

    private struct Report: Decodable {
      struct Step: Decodable {
        var kind, source, input: String
        var output: String?
        var goesOn: Bool
      }
      struct Delivery: Decodable { var endpoint, state, body: String }
      var route, state, answer, reason: String?
      var isWhole: Bool
      var steps: [Step]
      var deliveries: [Delivery]
    }

    private func attempt(_ arguments: String...) async throws -> (report: Report?, run: City.Run) {
      let run = try await City.run(["try"] + arguments + ["--json", "--config", Self.config])
      return (try? JSONDecoder().decode(Report.self, from: Data(run.output.utf8)), run)
    }

    private func file(_ text: String) throws -> String {
      let path = FileManager.default.temporaryDirectory.appending(path: "try-\(UUID().uuidString)").path
      try Data(text.utf8).write(to: URL(filePath: path))
      return path
    }

    @Test func everyStepOfARouteIsShownWithWhatItSeesAndMakes() async throws {
      let answer = try file(#"{"match": true}"#)
      let (found, run) = try await attempt(
        "dossiers-from-portal", "\(Self.config)/routes/fixtures/portal-dossier.json",
        "-a", "subject=000.00.00.H24-261127-0001", "--reply", "population=\(answer)")
      let report = try #require(found, "\(run.output)\(run.error)")
      #expect(run.status == 0)
      #expect(report.route == "dossiers-from-portal" && report.state == "delivered")
      #expect(report.steps.map(\.kind) == ["validate", "keys", "keys", "enrich", "map"])
      #expect(!report.steps.contains { !$0.goesOn })
      #expect(report.steps[1].output == "000.00.00.H24-261127-0001")
      #expect(report.steps[3].input.contains("\"birthDate\":\"1990\""))
      #expect(report.steps[3].output?.contains("true") == true)
      // What the mapping makes of the answer is what goes out.
      #expect(report.steps[4].output?.contains("\"verified\":true") == true)
      #expect(report.deliveries.last?.endpoint == "procedure-system")
      #expect(report.deliveries.last?.body == report.steps[4].output)
    }

    @Test func aQuestionsAnswerIsHeldAgainstTheRoutesReply() async throws {
      let question = try file(#"{"personalId": "031090900001", "name": "Nguyễn Văn An", "birthDate": "1990"}"#)
      let outside = ["-a", "purpose=p", "-a", "official=o", "-a", "unit=u", "-a", "dossier=d"]
      let wrong = try file(#"{"match": "co"}"#)
      let run = try await City.run(
        ["try", "verify-person", question] + outside + ["--reply", "population=\(wrong)", "--config", Self.config])
      #expect(run.status == 3)
      #expect(run.output.contains("✗ 3. trả lời / reply  schemas/population-verify-answer.json"), "\(run.output)")
      let (refused, refusal) = try await attempt("verify-person", question)
      #expect(refusal.status == 3)
      #expect(refused?.steps.map(\.kind) == ["door"])
      #expect(refused?.reason?.contains("purpose") == true)
    }

    @Test func aMappingOrASchemaIsTriedByItself() async throws {
      let sample = "\(Self.config)/routes/fixtures/portal-dossier.json"
      let (mapped, _) = try await attempt("mappings/portal-dossier-to-canonical.jq", sample)
      #expect(mapped?.steps.count == 1 && mapped?.steps.first?.output?.contains("dossierCode") == true)
      let (checked, run) = try await attempt("schemas/portal-dossier.json", try file("{}"))
      #expect(run.status == 3 && checked?.isWhole == false)
      let broken = try file(".a |")
      try FileManager.default.moveItem(atPath: broken, toPath: "\(broken).jq")
      let program = try await City.run("try", "\(broken).jq", sample, "--config", Self.config)
      #expect(program.status == 3 && program.output.contains("syntax"), "\(program.output)")
    }

    @Test func aChangeIsLoadedAndWhatProvesItIsRun() async throws {
      let city = try await City()
      do {
        try await city.startHub(mocks: "all", more: ["--watch"])
        func waitFor(_ text: String) async throws {
          try await waitUntil("the hub says: \(text)") { city.log("hub").contains(text) }
        }
        try await waitFor("watching")
        // A mapping that is still right.
        let mapping = "mappings/portal-dossier-to-canonical.jq"
        try city.change(mapping, replacing: "def given:", with: "# thử\ndef given:")
        try await waitFor("↻ \(mapping)\n")
        try await waitFor("  ✓ đã đổi / swapped (tuyến / routes: ~dossiers-from-portal)")
        try await waitFor("phép thử của các tuyến / tests of routes")
        // One that is not: its route's test fails, with its place.
        try city.change(mapping, replacing: "dossierCode", with: "dossierKode")
        try await waitFor("✗ routes/50-dossiers-from-portal.yaml:")
        // One that does not compile is refused, and the hub goes on.
        try city.change(mapping, replacing: "dossierKode:", with: "(")
        try await waitFor("✗ từ chối, hub chạy tiếp cấu hình cũ / refused")
        let ready = try await city.get("\(city.gateway)/ready")
        #expect(ready.status == 200)
        // A connector's file: its contract is run.
        try city.change(
          "connectors/operations-centre/manifest.yaml", replacing: "connector: ", with: "# đổi\nconnector: ")
        try city.change(mapping, replacing: "( .MaHoSo", with: "dossierCode: .MaHoSo")
        try await waitFor("✓ operations-centre: giữ đúng hợp đồng / keeps the contract")
        // A file in a folder that was not there before.
        let folder = "\(city.config)/connectors/nothing-yet"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data("connector: [".utf8).write(to: URL(filePath: "\(folder)/manifest.yaml"))
        try await waitFor("  connectors/nothing-yet/manifest.yaml:")
      } catch {
        await city.close()
        throw error
      }
      await city.close()
    }

    @Test func aMockBeginsAgainWhenItsScenarioChanges() async throws {
      let city = try await City()
      do {
        try FileManager.default.createDirectory(atPath: "\(city.home)/Data", withIntermediateDirectories: true)
        try Data("mock-token\n".utf8).write(to: URL(filePath: "\(city.home)/Data/hotline.token"))
        try Data(
          """
          name: hotline
          connector: hotline-1022
          settings: {url: "https://1022.haiphong.example", token: "file:../Data/hotline.token"}
          """.utf8
        ).write(to: URL(filePath: "\(city.config)/endpoints/hotline.yaml"))
        try await city.startHub(mocks: "hotline", more: ["--watch"])
        func waitFor(_ text: String) async throws {
          try await waitUntil("the hub says: \(text)") { city.log("hub").contains(text) }
        }
        try await waitFor("watching")
        let line = try #require(city.log("hub").split(separator: "\n").first { $0.contains("hotline is MOCKED") })
        let address = try #require(line.firstMatch(of: /http:\/\/127\.0\.0\.1:[0-9]+/).map { String($0.output) })
        #expect(try await city.get("\(address)/version").status == 404)
        // The state of the mock is that of its beginning again, and its port is the one that endpoints know.
        try city.change(
          "connectors/hotline-1022/mock.yaml", replacing: "rules:\n",
          with: "rules:\n  - {path: /version, answer: {status: 200, body: '.state.feedback | length'}}\n")
        try await waitFor("✓ mô phỏng bắt đầu lại / mocks began again: hotline")
        let answer = try await city.get("\(address)/version")
        #expect(answer.status == 200 && String(decoding: answer.body, as: UTF8.self) == "4")
        // One that does not compile is refused, and the mock goes on.
        try city.change("connectors/hotline-1022/mock.yaml", replacing: ".state.feedback | length", with: "(")
        try await waitFor("✗ từ chối, hub chạy tiếp cấu hình cũ / refused")
        #expect(try await city.get("\(address)/version").status == 200)
      } catch {
        await city.close()
        throw error
      }
      await city.close()
    }

    @Test func whatIsNotThereIsNamed() async throws {
      let sample = try file("{}")
      let unknown = try await attempt("no-such-route", sample)
      #expect(unknown.run.status == 5 && unknown.run.error.contains("dossiers-from-portal"))
      #expect(try await attempt("documents", "/nonexistent").run.status == 5)
      #expect(try await attempt("documents", sample, "-a", "novalue").run.status == 1)
      let noJSON = try await attempt("mappings/portal-dossier-to-canonical.jq", try file("{"))
      #expect(noJSON.run.status == 3 && noJSON.report?.steps.first?.source == "format")
    }
  }
}
