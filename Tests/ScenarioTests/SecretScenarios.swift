import EDocument
import Foundation
import HubKit
import HubTransport
import Testing

/// Secret documents: refused at the door, reported, and removed when one is found later.
extension Scenarios {
  @Suite(.serialized)
  struct SecretScenarios {
    private struct Incident: Decodable {
      var kind, by, finding, digest: String
      var exchange: String?
    }

    private struct Purge: Decodable {
      struct Receiver: Decodable {
        var id, endpoint, state: String
        var receiver: String?
        var mayHaveIt: Bool
      }
      var exchanges: [String]
      var receivers: [Receiver]
      var bytesRemoved: Int
    }

    private func incidents(_ city: City) async throws -> [Incident] {
      let run = try await city.lgsp("incidents", "--json")
      #expect(run.status == 0, "\(run.error)")
      return try run.output.split(separator: "\n").map { try JSONDecoder().decode(Incident.self, from: Data($0.utf8)) }
    }

    /// The smallest PDF file with one line of text.
    private func pdf(_ line: String) -> [UInt8] {
      let content = "BT /F 12 Tf 60 700 Td (\(line)) Tj ET"
      var text = "%PDF-1.4\n"
      var places = ""
      for (index, object) in [
        "<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F 5 0 R>>>>/Contents 4 0 R>>",
        "<</Length \(content.utf8.count)>>\nstream\n\(content)\nendstream",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
      ].enumerated() {
        let place = String(text.utf8.count)
        places += String(repeating: "0", count: 10 - place.count) + place + " 00000 n \n"
        text += "\(index + 1) 0 obj\n\(object)\nendobj\n"
      }
      let table = text.utf8.count
      text += "xref\n0 6\n0000000000 65535 f \n\(places)trailer<</Size 6/Root 1 0 R>>\nstartxref\n\(table)\n%%EOF\n"
      return Array(text.utf8)
    }

    private func document(
      _ city: City, id: String, from: String = "H24.2", to: [String], file: [UInt8]
    ) throws -> String {
      let path = "\(city.home)/\(id).edxml"
      let text = Samples.document(id: id, from: from, to: to)
        .replacing("JVBERi0xLjQKdGh1Cg==", with: Data(file).base64EncodedString())
      try Data(text.utf8).write(to: URL(filePath: path))
      return path
    }

    @Test func `a stamp inside of an attachment is refused, reported, and nothing of it stays`() async throws {
      try await City.running { city in
        // Beyond what is carried along: it lies on the disk before the verdict.
        let stamped = pdf("TUYET MAT") + [UInt8](repeating: 0x0A, count: 40_000)
        let file = try document(city, id: "mat-1", to: ["H24.101"], file: stamped)
        let run = try await city.lgsp("send", file, "--as", "H24.2", "--wait")
        #expect(run.status == 3, "\(run.output)")
        #expect(run.error.contains("attachment 1, page 1: tuyệt mật"), "\(run.error)")
        let found = try await incidents(city)
        #expect(found.map(\.kind) == ["secret-refused"])
        #expect(found.first?.finding == "attachment 1, page 1: tuyệt mật")
        #expect(found.first?.by.contains("H24.2") == true)
        let data = "\(city.home)/Data"
        let left = try FileManager.default.subpathsOfDirectory(atPath: data).filter { $0.contains("arriving/") }
        #expect(left == [])
        #expect(try await city.search("--sender", "H24.2").isEmpty)
        let metrics = try await city.get("\(city.gateway)/metrics")
        #expect(String(decoding: metrics.body, as: UTF8.self).contains("lgsp_secret_refusals_total 1"))
        let open = try document(city, id: "thuong-1", to: ["H24.101"], file: pdf("QUY CHE BAO MAT"))
        #expect(try await city.lgsp("send", open, "--as", "H24.2", "--wait").status == 0)
      }
    }

    @Test func `a false alarm that is named passes, with a note`() async throws {
      try await City.running(prepare: { city in
        try city.change(
          "hub.yaml", replacing: "hub:",
          with: "secrets:\n  allow:\n    - {document: bao-nham-1, why: \"CAT xac nhan\"}\nhub:")
      }) { city in
        let file = try document(city, id: "bao-nham-1", to: ["H24.101"], file: pdf("TOI MAT"))
        let run = try await city.lgsp("send", file, "--as", "H24.2", "--wait")
        #expect(run.status == 0, "\(run.error)")
        let id = run.output.trimmingCharacters(in: .whitespacesAndNewlines)
        #expect(try await city.view(id).events.first?.detail?.contains("allowed, CAT xac nhan") == true)
        let other = try document(city, id: "bao-nham-2", to: ["H24.101"], file: pdf("TOI MAT"))
        #expect(try await city.lgsp("send", other, "--as", "H24.2", "--wait").status == 3)
      }
    }

    @Test func `one that was fetched from the axis is never done, and its sender is told`() async throws {
      try await City.running { city in
        let values = SettingValues(
          [
            "url": .text(city.axisMock), "systemId": .text("vxp.vpcp"), "organisation": .text("G22"),
            "secret": .secret(Secret(reference: "test", value: "khoa-gia-lap-van-phong-chinh-phu")),
          ], declared: EDocumentConnector.descriptor.settings)
        let options = TransportOptions(allow: [AllowedAddress("127.0.0.0/8")].compactMap { $0 })
        let office = try AxisClient(
          settings: try EDocumentSettings(values),
          transport: city.loop.transport(for: "office", options, recorder: nil),
          clock: SystemClock())
        let secret = Array(
          try String(
            contentsOfFile: try document(city, id: "truc-1", from: "G22", to: ["H24.101"], file: pdf("TOI MAT")),
            encoding: .utf8
          ).utf8)
        _ = try await office.send(.edoc, from: "G22", to: ["H24.101"], byteCount: secret.count) {
          () throws(BodyError) in BytesReader(secret)
        }
        struct Item: Decodable, Sendable {
          var docId, messageType, state: String
        }
        let items = { @Sendable (agency: String) async throws -> [Item] in
          try JSONDecoder().decode(
            [Item].self, from: Data(try await city.get("\(city.axisMock)/_mock/received?agency=\(agency)").body))
        }
        try await waitUntil("the axis is told") { try await items("H24.101").first?.state == "fail" }
        let told = try #require(try await items("G22").first)
        #expect(told.messageType == "status")
        let status = try await city.received(by: "G22", mock: city.axisMock).first ?? ""
        #expect(status.contains("StatusCode>02<"))
        #expect(status.contains("truc-1"))
        #expect(status.contains("attachment 1, page 1: tối mật"))
        #expect(!status.contains("Về việc thử nghiệm"))
        let found = try await incidents(city)
        #expect(found.map(\.finding) == ["attachment 1, page 1: tối mật"], "once, though it came in a page")
        #expect(try await city.received(by: "H24.101", mock: city.systemsMock).isEmpty)
      }
    }

    @Test func `what is found later is removed, and who received it is said`() async throws {
      try await City.running { city in
        let pause = try await city.lgsp("endpoint", "pause", "axis", "--reason", "thử")
        #expect(pause.status == 0, "\(pause.error)")
        let file = try document(
          city, id: "sau-1", to: ["H24.101", "G22"], file: pdf("Ke hoach") + [UInt8](repeating: 0x0A, count: 40_000))
        let sent = try await city.lgsp("send", file, "--as", "H24.2")
        #expect(sent.status == 0, "\(sent.error)")
        let id = sent.output.trimmingCharacters(in: .whitespacesAndNewlines)
        try await waitUntil("the ward has it") {
          try await city.view(id).deliveries.contains { $0.receiver?.text == "H24.101" && $0.state == .delivered }
        }
        let run = try await city.lgsp("purge", id, "--reason", "Văn bản TỐI MẬT, tệp quét", "--json")
        #expect(run.status == 0, "\(run.error)")
        let purge = try JSONDecoder().decode(Purge.self, from: Data(run.output.utf8))
        #expect(purge.exchanges == [id])
        #expect(purge.bytesRemoved > 40_000)
        let byReceiver = Dictionary(uniqueKeysWithValues: purge.receivers.map { ($0.receiver ?? "", $0) })
        #expect(byReceiver["H24.101"]?.mayHaveIt == true)
        #expect(byReceiver["G22"]?.mayHaveIt == false)
        #expect(byReceiver["G22"]?.state == "abandoned")
        try await removedForGood(city, id)
        // Nothing goes out any more, also after a kill, and the chain holds.
        try await city.stopHub(SIGKILL)
        try await city.startHub()
        #expect(try await city.lgsp("endpoint", "resume", "axis", "--reason", "thử").status == 0)
        let next = try document(city, id: "sau-2", to: ["G22"], file: pdf("Thuong"))
        #expect(try await city.lgsp("send", next, "--as", "H24.2", "--wait").status == 0)
        #expect(try await city.received(by: "G22", mock: city.axisMock).count == 1)
        try await removedForGood(city, id)
        #expect(try await incidents(city).map(\.exchange) == [id])
      }
    }

    private func removedForGood(_ city: City, _ id: String) async throws {
      let view = try await city.view(id)
      #expect(view.state == .partly)
      #expect(view.events.contains { $0.name == "purged" && $0.detail?.contains("Văn bản TỐI MẬT") == true })
      let bodies = try FileManager.default.subpathsOfDirectory(atPath: "\(city.home)/Data")
        .filter { $0.contains("/bodies/") && $0.split(separator: "/").last?.count == 32 }
      #expect(bodies == [])
      let again = try await city.lgsp("redeliver", id, "--resend", "--reason", "x")
      #expect(again.status == 3, "\(again.error)")
      let verify = try await city.lgsp("journal", "verify")
      #expect(verify.status == 0, "\(verify.output)\(verify.error)")
    }
  }
}
