import Foundation
import HubJournal
import HubKit
import HubTransport
import Testing

/// What is left of a person in a journal whose route keeps bodies masked.
extension Scenarios {
  @Suite(.serialized)
  struct MaskingScenarios {
    private static let personal = ["031201900003", "Trần Quốc Đạt", "0912345678", "Trần Thị Cán Bộ", "bên bờ sông Cấm"]

    /// Progress about an invented person, whom no file of the configuration names (the journal keeps that in clear); a
    /// long note makes a body that lies in a file.
    private static func progress(_ number: Int, noteRepeats: Int) -> String {
      let note = String(repeating: "Ông Trần Quốc Đạt ở bên bờ sông Cấm, gọi 0912345678. ", count: noteRepeats)
      return """
        {"dossierCode":"H24.101-261127-\(1000 + number)","procedureCode":"2.000477","status":"processing",
         "changedAt":"2026-11-27T08:15:00+07:00","official":"Trần Thị Cán Bộ","note":"\(note)",
         "applicant":{"fullName":"Trần Quốc Đạt","personalId":"031201900003","phone":"0912345678"}}
        """
    }

    private struct Progress: Decodable, Equatable {
      struct Applicant: Decodable, Equatable { var fullName, personalId, phone: String }
      var dossierCode, procedureCode, status, changedAt, official, note: String
      var applicant: Applicant
    }

    @Test func `a masked route delivers a message as it was and keeps nobody's number, name or telephone`()
      async throws
    {
      let city = try await City()
      do {
        try keepMasked(city)
        try await city.startMocks()
        try await city.startHub()
        let originals = [Self.progress(1, noteRepeats: 1), Self.progress(2, noteRepeats: 1000)]
        var ids: [String] = []
        for original in originals { ids.append(try await handIn(city, original)) }
        for id in ids {
          try await waitUntil("it is settled and masked") { try await stored(city, id)?.isMasked == true }
          #expect(try await city.view(id).state == .delivered)
        }
        try await receiverGotAll(city, originals)
        for (id, original) in zip(ids, originals) {
          let kept = try await keptBody(city, id)
          try isShapeOnly(kept, of: original)
          let recorded = try await city.lgsp("record", id, "--as-test", "dossier-progress")
          #expect(recorded.status == 0, "\(recorded.error)")
        }
        let check = try await City.run("check", city.config, "--test")
        #expect(check.status == 0, "what is kept still passes schema and mapping: \(check.output)")
        try await nothingIsLeft(city)
        try await city.stopHub()
        try await nothingIsLeft(city)
        let verified = try await city.lgsp("journal", "verify")
        #expect(verified.status == 0, "\(verified.error)")
      } catch {
        await city.close()
        throw error
      }
      await city.close()
    }

    @Test func `a kill between the end of an exchange and its masking leaves nobody in clear`() async throws {
      // Sources and figures write too, and now and then one of them comes first: then nothing was tried, and the next
      // city tries.
      for _ in 1...10 where try await isKilledBeforeMasking() { return }
      Issue.record("ten hubs were killed at another moment")
    }

    /// Whether the kill came where it should; only then has anything been tried.
    private func isKilledBeforeMasking() async throws -> Bool {
      let city = try await City()
      do {
        try keepMasked(city)
        // Figures have records of their own, which would be the first to be written.
        try city.change("hub.yaml", replacing: "minInterval: 10s", with: "minInterval: 60s")
        let disk = try await FailingDisk(in: city.home, .kills)
        try await city.startMocks()
        try await city.startHub(environment: disk.environment)
        try await waitUntil("the first figures are delivered") {
          try await city.search("--type", "vn.haiphong.ioc.indicators").first?.state == .delivered
        }
        try await city.systemFault("H24.101", "slow", milliseconds: 1500)
        let original = Self.progress(3, noteRepeats: 1)
        let id = try await handIn(city, original)
        // What is written next is the exchange's end.
        try disk.begin()
        _ = try await city.hubEnds()
        guard try await stored(city, id)?.state == .delivered else {
          await city.close()
          return false
        }
        try await city.startHub()
        try await waitUntil("it is masked") { try await stored(city, id)?.isMasked == true }
        try isShapeOnly(try await keptBody(city, id), of: original)
        try await receiverGotAll(city, [original])
        let verified = try await city.lgsp("journal", "verify")
        #expect(verified.status == 0, "\(verified.error)")
      } catch {
        await city.close()
        throw error
      }
      await city.close()
      return true
    }

    @Test func `a masked document keeps its format, and neither its signer nor its file`() async throws {
      let city = try await City()
      do {
        try city.change("routes/10-documents.yaml", replacing: "keep: 30d", with: "keep: masked")
        try await city.startMocks()
        try await city.startHub()
        let original = Samples.document(id: "masked-1", from: "H24.2", to: ["H24.101"])
        let response = try await city.handIn(
          original, type: nil, to: [], mediaType: "application/xml", token: try await city.token(of: "H24.2"))
        #expect(response.status == 202)
        let id = try JSONDecoder().decode(Receipt.self, from: Data(response.body)).id
        try await waitUntil("it is settled and masked") { try await stored(city, id)?.isMasked == true }
        let kept = try await keptBody(city, id)
        #expect(kept.contains("<edXML:DocumentId>masked-1<") && kept.contains("Về việc thử nghiệm nền tảng"))
        #expect(!kept.contains("Nguyễn Thị Mẫu") && !kept.contains("JVBERi0xLjQKdGh1Cg=="))
        let received = try await city.received(by: "H24.101", mock: city.systemsMock)
        #expect(received.count == 1 && received.allSatisfy { $0.contains("Nguyễn Thị Mẫu") })
      } catch {
        await city.close()
        throw error
      }
      await city.close()
    }

    private struct Receipt: Decodable { var id: String }

    private func keepMasked(_ city: City) throws {
      try city.change(
        "routes/30-dossier-progress.yaml", replacing: "keep: digest",
        with: "keep: masked\nwhy: Phép thử tuyến từ giao dịch thật / tests of the route from real exchanges")
    }

    private func handIn(_ city: City, _ body: String) async throws -> String {
      let response = try await city.handIn(
        body, type: "vn.haiphong.dossier.progress", to: ["H24.101"], mediaType: "application/json",
        token: try await city.token(of: "H24.1"))
      #expect(response.status == 202)
      return try JSONDecoder().decode(Receipt.self, from: Data(response.body)).id
    }

    private func receiverGotAll(_ city: City, _ originals: [String]) async throws {
      struct Taken: Decodable { var maHoSo, nguoiNop, ghiChu: String }
      let bodies = try await city.received(by: "H24.101", mock: city.systemsMock)
      let taken = try bodies.map { try JSONDecoder().decode(Taken.self, from: Data($0.utf8)) }
      let sent = try originals.map { try JSONDecoder().decode(Progress.self, from: Data($0.utf8)) }
      #expect(Set(taken.map(\.maHoSo)) == Set(sent.map(\.dossierCode)))
      #expect(taken.count == sent.count)
      #expect(taken.allSatisfy { $0.nguoiNop == "Trần Quốc Đạt" })
      #expect(Set(taken.map(\.ghiChu)) == Set(sent.map(\.note)))
    }

    private func isShapeOnly(_ kept: String, of original: String) throws {
      for word in Self.personal { #expect(!kept.contains(word), "\(word)") }
      let masked = try JSONDecoder().decode(Progress.self, from: Data(kept.utf8))
      let before = try JSONDecoder().decode(Progress.self, from: Data(original.utf8))
      #expect(masked.dossierCode == before.dossierCode)
      #expect(masked.procedureCode == before.procedureCode)
      #expect(masked.status == before.status)
      #expect(masked.changedAt == before.changedAt)
      #expect(masked.applicant.personalId.wholeMatch(of: /[0-9]{12}/) != nil)
      #expect(masked.applicant.phone.wholeMatch(of: /0[0-9]{9}/) != nil)
      #expect(masked.note.count == before.note.count)
      #expect(masked.applicant.fullName.split(separator: " ").count == 3)
    }

    // MARK: - The journal's folder

    private func stored(_ city: City, _ id: String) async throws -> StoredExchange? {
      let id = try #require(ExchangeID(id))
      return try await reading(city) { try $0.exchange(id) }
    }

    private func keptBody(_ city: City, _ id: String) async throws -> String {
      let id = try #require(ExchangeID(id))
      return try await reading(city) { journal in
        let body = try #require(try journal.exchange(id)?.body)
        return String(decoding: try journal.bytes(of: body, limit: 1 << 20), as: UTF8.self)
      }
    }

    /// Opens the journal beside the hub, with its key.
    private func reading<Value>(_ city: City, _ look: (Journal) throws -> Value) async throws -> Value {
      let text = try String(contentsOfFile: "\(city.home)/Data/journal.key", encoding: .utf8)
      let key = try #require(Data(base64Encoded: text.trimmingCharacters(in: .whitespacesAndNewlines)))
      let journal = try Journal.open(
        JournalOptions(directory: "\(city.home)/Data/journal", isReadOnly: true),
        keys: JournalKeys(master: Array(key.prefix(32))), clock: SystemClock())
      do {
        let value = try look(journal)
        await journal.close()
        return value
      } catch {
        await journal.close()
        throw error
      }
    }

    /// No file of the journal and no log holds a person in clear.
    private func nothingIsLeft(_ city: City) async throws {
      let folder = "\(city.home)/Data/journal"
      let names = (FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []).sorted()
      var files = [city.log("hub")].map { ("hub.log", Data($0.utf8)) }
      for name in names {
        guard let bytes = FileManager.default.contents(atPath: "\(folder)/\(name)") else { continue }
        files.append((name, bytes))
      }
      // The search finds what is there in clear: the receiver's code is.
      #expect(files.contains { $0.0.contains("journal.db") && $0.1.range(of: Data(",H24.101,".utf8)) != nil })
      for (name, bytes) in files {
        for word in Self.personal { #expect(bytes.range(of: Data(word.utf8)) == nil, "\(word) in \(name)") }
      }
    }
  }
}
