import Foundation
import HubKit
import HubTransport
import Testing

/// Dossiers on their way while the hub is killed again and again, each time at another step.
extension Scenarios {
  @Suite(.serialized)
  struct DossierRestartScenarios {
    private static let an = "000.00.00.H24-261127-9001"
    private static let nguyet = "000.00.00.H24-261127-9002"

    @Test func `dossiers outlive a kill at every step, and nothing is lost or told twice`() async throws {
      let city = try await City()
      do {
        // Dossiers take a step when the test says so, and figures go out at once.
        try city.change("mocks.yaml", replacing: "lively: true", with: "lively: false")
        try city.change("hub.yaml", replacing: "minInterval: 10s", with: "minInterval: 1s")
        try await city.startMocks()
        try await city.startHub()
        try await takeIn(city)
        try await handOver(city)
        try await step(city)
        try await nothingIsTwice(city)
        try await figuresAreTrue(city)
      } catch {
        await city.close()
        throw error
      }
      await city.close()
    }

    /// Killed right after the push was answered, and while the population database takes its time.
    private func takeIn(_ city: City) async throws {
      try await city.populationFault(#"{"fault":"slow","milliseconds":10000,"times":1000}"#)
      let record = try await city.file(Self.an, name: "Nguyễn Văn An", number: "031090900001")
      let answer = try await city.push(record)
      try await city.stopHub(SIGKILL)
      #expect(answer.status == 200)
      #expect(String(decoding: answer.body, as: UTF8.self) == #"{"error_code":"0"}"#)

      let left = try await city.slowAnswersLeft()
      try await city.startHub()
      try await waitUntil("the database is being asked") { try await city.slowAnswersLeft() < left }
      try await city.stopHub(SIGKILL)
      try await city.clearPopulationFaults()
    }

    /// Killed while the procedure system is away; a second dossier is fetched from the portal's list meanwhile.
    private func handOver(_ city: City) async throws {
      _ = try await city.file(Self.nguyet, name: "Đặng Thị Ánh Nguyệt", number: "031185900002")
      try await city.procedureSystem("POST", "faults", #"{"path":"dossiers","kind":"status","status":503,"times":-1}"#)
      for _ in 1...2 {
        try await city.startHub()
        try await waitUntil("both have been offered to the system that is away") {
          let views = try await city.search("--type", "vn.gov.dvcqg.dossier")
          return views.count == 2 && views.allSatisfy { $0.state == .underway }
            && views.contains { $0.deliveries.contains { $0.endpoint == "procedure-system" && $0.reason != nil } }
        }
        try await city.stopHub(SIGKILL)
      }
      try await city.procedureSystem("DELETE", "faults")
      try await city.startHub()
      try await waitUntil("the system has both") { try await city.dossiersTaken().count == 2 }
      let taken = try await city.dossiersTaken()
      #expect(Set(taken.map(\.dossierCode)) == [Self.an, Self.nguyet])
      for dossier in taken {
        let canonical = try await city.get("\(city.procedureMock)/_mock/received/\(dossier.n)/body")
        let text = String(decoding: canonical.body, as: UTF8.self).filter { $0 != " " }
        #expect(text.contains(#""verified":true"#), "\(dossier.dossierCode)")
      }
    }

    /// Killed between two steps that the portal hears of: at rest, with one on its way, and with steps still to fetch.
    private func step(_ city: City) async throws {
      try await city.procedureSystem("POST", "advance")
      try await portalKnows(city, "2")
      try await waitUntil("the first step is at rest") {
        let views = try await city.search("--type", "vn.haiphong.dossier.status")
        return views.count == 2 && views.allSatisfy { $0.state == .delivered }
      }
      try await city.stopHub(SIGKILL)
      try await city.procedureSystem("POST", "advance")
      try await city.startHub()
      try await waitUntil("the next step has been fetched") {
        try await city.search("--type", "vn.haiphong.dossier.status").count > 2
      }
      try await city.stopHub(SIGKILL)
      for _ in 1...2 { try await city.procedureSystem("POST", "advance") }
      try await city.startHub()
      try await portalKnows(city, "10")
    }

    private func portalKnows(_ city: City, _ status: String) async throws {
      try await waitUntil("the portal knows of \(status)") {
        try await city.portalSteps().count { $0.status == status } == 2
      }
    }

    private func nothingIsTwice(_ city: City) async throws {
      for code in [Self.an, Self.nguyet] {
        let steps = try await city.portalSteps().filter { $0.code == code }
        #expect(steps.map(\.status) == ["2", "4", "9", "10"], "\(code)")
        #expect(steps.allSatisfy { $0.service == "CapNhatTienDoHoSoMC" })
      }
      let taken = try await city.dossiersTaken()
      #expect(taken.count == 2)
      #expect(taken.allSatisfy { $0.status == "returned" })
      let asked = try await city.personsAsked()
      #expect(Set(asked.map(\.requestId)).count == 2, "a question keeps its name over all restarts: \(asked)")
    }

    // MARK: - Figures

    private struct Told: Decodable {
      struct Dossiers: Decodable, Equatable {
        var received, finishedOnTime, finishedLate, finishedUndated, endedOtherwise: Int
      }
      struct Exchanges: Decodable, Equatable { var received, delivered, partly, failed: Int }
      struct Open: Decodable, Equatable { var open, overdue: Int }
      struct Period: Decodable {
        var dossiers: Dossiers
        var exchanges: Exchanges
      }
      var openDossiers: Open
      var total: Period
    }

    private struct Shown: Decodable {
      var days: [String: Told.Period]
    }

    private func figuresAreTrue(_ city: City) async throws {
      try await waitUntil("every exchange has settled") {
        let views = try await city.search()
        return views.filter { $0.type != "vn.haiphong.ioc.indicators" }.allSatisfy { $0.settledAt != nil }
      }
      let views = try await city.search().filter { $0.type != "vn.haiphong.ioc.indicators" }
      let codes = Set(views.filter { $0.type.contains(".dossier") }.compactMap(\.subject))
      #expect(codes == [Self.an, Self.nguyet])
      #expect(views.allSatisfy { $0.state == .delivered })
      #expect(views.count == 2 + 2 * 4)

      let told = try await city.lgsp("insight", "--json")
      let figures = try JSONDecoder().decode(Told.self, from: Data(told.output.utf8))
      // The system gives each dossier five days, so all of them end in time.
      let dossiers = Told.Dossiers(
        received: codes.count, finishedOnTime: codes.count, finishedLate: 0, finishedUndated: 0, endedOtherwise: 0)
      let exchanges = Told.Exchanges(
        received: views.count, delivered: views.count { $0.state == .delivered }, partly: 0, failed: 0)
      #expect(figures.total.dossiers == dossiers)
      #expect(figures.total.exchanges == exchanges)
      #expect(figures.openDossiers == Told.Open(open: 0, overdue: 0))
      try await waitUntil("the centre shows the same") {
        let shown = try JSONDecoder().decode(
          Shown.self, from: Data(try await city.get("\(city.centreMock)/_mock/figures").body))
        // A run over midnight has two days.
        return shown.days.values.reduce(0) { $0 + $1.dossiers.received } == codes.count
          && shown.days.values.reduce(0) { $0 + $1.dossiers.finishedOnTime } == codes.count
          && shown.days.values.reduce(0) { $0 + $1.exchanges.delivered } == views.count
      }
      let verified = try await city.lgsp("journal", "verify")
      #expect(verified.status == 0, "\(verified.error)")
    }
  }
}

// MARK: - The systems around

extension City {
  var portalMock: String { "http://127.0.0.1:\(ports + 4)" }
  var procedureMock: String { "http://127.0.0.1:\(ports + 5)" }

  /// A citizen files a dossier on the portal.
  fileprivate func file(_ code: String, name: String, number: String) async throws -> [UInt8] {
    let record = """
      {"MaHoSo":"\(code)","MaTTHC":"2.000477","TenTTHC":"Thủ tục thử nghiệm","KenhThucHien":"2","ChuHoSo":"\(name)",
       "LoaiDoiTuong":"1","TrangThaiHoSo":"1","DonViXuLy":"000.00.00.H24",
       "DinhDanhCHS":[{"LoaiDinhDanh":"1","SoDinhDanh":"\(number)"}]}
      """
    let filed = try await send("POST", "\(portalMock)/_mock/submit", body: Array(record.utf8))
    #expect(filed.status == 201)
    return filed.body
  }

  /// The portal brings a dossier.
  fileprivate func push(_ record: [UInt8]) async throws -> OutboundResponse {
    let secret = try String(contentsOfFile: "\(home)/Data/national-portal.push", encoding: .utf8)
    let credential = Data("dvcqg:\(secret.trimmingCharacters(in: .whitespacesAndNewlines))".utf8).base64EncodedString()
    return try await send(
      "POST", "\(gateway)/v1/served/national-portal/nhanhsdvcqg",
      headers: [HeaderField("Authorization", "Basic \(credential)"), HeaderField("Content-Type", "application/json")],
      body: record)
  }

  fileprivate struct Step: Decodable {
    var service, code, status: String
  }

  /// What the portal has heard, in the order in which it heard it.
  fileprivate func portalSteps() async throws -> [Step] {
    try JSONDecoder().decode([Step].self, from: Data(try await get("\(portalMock)/_mock/received").body))
  }

  fileprivate struct TakenDossier: Decodable {
    var n: Int
    var dossierCode, status: String
  }

  fileprivate func dossiersTaken() async throws -> [TakenDossier] {
    try JSONDecoder().decode([TakenDossier].self, from: Data(try await get("\(procedureMock)/_mock/received").body))
  }

  fileprivate func procedureSystem(_ method: String, _ control: String, _ json: String = "") async throws {
    let answer = try await send(method, "\(procedureMock)/_mock/\(control)", body: Array(json.utf8))
    #expect((200...299).contains(answer.status), "\(control)")
  }

  /// How many answers of the population database will still be slow.
  fileprivate func slowAnswersLeft() async throws -> Int {
    struct Fault: Decodable { var times: Int }
    let faults = try await get("\(populationMock)/_mock/faults")
    return try JSONDecoder().decode([Fault].self, from: Data(faults.body)).reduce(0) { $0 + $1.times }
  }

  fileprivate struct Question: Decodable {
    var requestId: String
  }

  fileprivate func personsAsked() async throws -> [Question] {
    try JSONDecoder().decode([Question].self, from: Data(try await get("\(populationMock)/_mock/received").body))
  }
}
