import Foundation
import HubKit
import Testing

/// Who has said nothing in time, and how a month went: the real hub, its pages and the command line.
extension Scenarios {
  @Suite(.serialized)
  struct OverdueScenarios {
    private struct Status: Decodable {
      struct Note: Decodable { var en: String }
      var overdueDocuments: Int?
      var notes: [Note]
    }

    private struct Overdue: Decodable {
      var documentId: String
      var notation, sender: String?
      var receiver: String
    }

    private static func status(_ city: City) async throws -> Status {
      try JSONDecoder().decode(Status.self, from: Data(try await city.get("\(city.gateway)/status.json").body))
    }

    private static func hand(_ text: String, as code: String, in city: City) async throws {
      let file = "\(city.home)/\(UUID().uuidString).edxml"
      try Data(text.utf8).write(to: URL(filePath: file))
      let sent = try await city.lgsp("send", file, "--as", code, "--wait")
      #expect(sent.status == 0, "\(sent.error)")
    }

    private static func waitUntilOverdue(_ count: Int, in city: City) async throws {
      try await waitUntil("\(count) are overdue") { try await Self.status(city).overdueDocuments == count }
    }

    /// With indicators the journal is read from its beginning, without them only as far as documents are watched.
    @Test(arguments: [true, false])
    func theAlarmComesWhenNothingIsHeardAndGoesWithAnyStatus(sendsIndicators: Bool) async throws {
      try await City.running(prepare: { city in
        if !sendsIndicators {
          try city.change("hub.yaml", replacing: "insight: {every: 60s, minInterval: 10s}", with: "")
        }
        try city.change("hub.yaml", replacing: "arrivalWithin: 24h", with: "arrivalWithin: 1s")
      }) { city in
        try await Self.waitUntilOverdue(0, in: city)
        try await Self.hand(
          Samples.document(id: "late-1", from: "H24.2", to: ["H24.101", "G22"]), as: "H24.2", in: city)
        try await Self.waitUntilOverdue(2, in: city)
        #expect(try await Self.status(city).notes.contains { $0.en.contains("lgsp document --overdue") })
        let metrics = String(decoding: try await city.get("\(city.gateway)/metrics").body, as: UTF8.self)
        #expect(metrics.contains("lgsp_documents_overdue 2\n"))
        let list = try await city.lgsp("document", "--overdue", "--json")
        #expect(list.status == 0, "\(list.error)")
        let overdue = try JSONDecoder().decode([Overdue].self, from: Data(list.output.utf8))
        #expect(overdue.map(\.receiver).sorted() == ["G22", "H24.101"])
        #expect(overdue.allSatisfy { $0.documentId == "late-1" && $0.sender == "H24.2" })
        #expect(overdue.allSatisfy { $0.notation?.contains("THU-late-1") == true })

        try await Self.hand(
          Samples.status(of: "late-1", from: "H24.101", to: "H24.2", code: "03"), as: "H24.101", in: city)
        try await Self.waitUntilOverdue(1, in: city)
        // A restart finds the same, and what is told without the hub too.
        try await city.stopHub(SIGKILL)
        let table = try await city.lgsp("document", "--overdue")
        #expect(table.output.contains("G22") && !table.output.contains("H24.101"))
        try await city.startHub()
        try await Self.waitUntilOverdue(1, in: city)
        let log = city.log("hub")
        #expect(log.contains("documents are overdue"))
        #expect(!log.contains("late-1") && !log.contains("Nguyễn"))

        // A longer patience needs no restart.
        try city.change("hub.yaml", replacing: "arrivalWithin: 1s", with: "arrivalWithin: 10d")
        #expect(try await city.lgsp("reload").status == 0)
        try await Self.waitUntilOverdue(0, in: city)
        #expect(try await city.lgsp("document", "--overdue", "late-1").status == 64)
        #expect(try await city.lgsp("document").status == 64)
      }
    }

    @Test func aMonthIsToldByCommandPageAndFile() async throws {
      try await City.running { city in
        try await Self.hand(Samples.document(id: "m-1", from: "H24.2", to: ["H24.101", "G22"]), as: "H24.2", in: city)
        try await Self.hand(Samples.document(id: "m-2", from: "H24.101", to: ["G22"]), as: "H24.101", in: city)
        try await Self.hand(
          Samples.status(of: "m-1", from: "H24.101", to: "H24.2", code: "03"), as: "H24.101", in: city)
        let month = CalendarMonth(of: SystemClock().now).text
        let run = try await city.lgsp("document", "report", "--month", month, "--json")
        #expect(run.status == 0, "\(run.error)")
        let report = try JSONDecoder().decode(DocumentMonth.self, from: Data(run.output.utf8))
        let figures = Dictionary(uniqueKeysWithValues: report.agencies.map { ($0.code.text, $0.figures) })
        #expect(report.month == month)
        #expect(figures["H24.2"]?.sent == 1 && figures["H24.101"]?.sent == 1)
        #expect(figures["H24.101"]?.received == 1 && figures["H24.101"]?.accepted == 1)
        #expect(figures["G22"]?.received == 2 && figures["G22"]?.arrived == 0)
        #expect(figures["H24.101"]?.toAccept.worstMilliseconds != nil)
        #expect(report.total.sent == 2 && report.total.received == 3)
        #expect(report.agencies.first { $0.code.text == "H24.101" }?.name?.isEmpty == false)

        let file = try await city.get("\(city.gateway)/documents.csv?month=\(month)")
        let csv = try await city.lgsp("document", "report", "--month", month, "--csv")
        #expect(String(decoding: file.body, as: UTF8.self) == csv.output)
        #expect(file.body.starts(with: [0xEF, 0xBB, 0xBF]))
        let page = String(decoding: try await city.get("\(city.gateway)/documents").body, as: UTF8.self)
        #expect(page.contains("Văn bản tháng \(month)") && page.contains("H24.101"))
        let table = try await city.lgsp("document", "report")
        #expect(table.output.contains("Tổng / total"))
        #expect(try await city.lgsp("document", "report", "--month", "2026-13").status == 64)
        // The life of one document is told as before, also of one that is called like a command.
        #expect(try await city.lgsp("document", "m-1").output.contains("H24.101"))
        #expect(try await city.lgsp("document", "show", "report").status == 5)
      }
    }
  }
}
