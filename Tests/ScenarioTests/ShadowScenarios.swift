import Foundation
import HubConfig
import HubJournal
import HubKit
import HubTransport
import Testing

/// VNPT iLIS is asked beside VBDLIS, whose answers count: the real daemon, both far systems on real sockets.
extension Scenarios {
  @Suite(.serialized)
  struct ShadowScenarios {
    private struct Report: Decodable {
      struct Field: Decodable {
        var path: String
        var seen, agree, differ, onlyLive, onlyShadow: Int
        var examples: [String]
      }
      var endpoint, shadow: String
      var route: String?
      var compared, same, different, failed, dropped: Int
      var reasons: [String: Int]
      var fields: [Field]
    }

    /// A person's number, which may stand in the bodies only.
    private static let number = "031090900001"

    private static func says(_ json: String) -> FarSide.Answer {
      .takenButSays(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: \(json.utf8.count)\r\n"
          + "Connection: close\r\n\r\n\(json)")
    }

    /// A hub whose look-ups of parcels go to VBDLIS, and in shadow to iLIS.
    private static func prepared(_ vbdlis: FarSide, iLIS port: Int, more: String = "timeout: 2s") async throws -> City {
      let city = try await BadDay.prepare([
        BadDay.Place(name: "vbdlis", port: vbdlis.port, more: "timeout: 30s"),
        BadDay.Place(name: "ilis", port: port, more: more),
      ])
      try city.change(
        "access.yaml", replacing: "send: [\"vn.test.*\"]", with: "send: [\"vn.test.*\"], call: [\"land/*\"]")
      try city.write(
        "routes/20.yaml",
        """
        name: parcel-lookup
        match: {service: land/parcel}
        to: vbdlis
        shadow: {to: ilis, map: [{jq: ilis-parcel.jq}]}
        keys: [{name: person, jq: .person, personal: true}]
        keep: 1d
        """)
      try city.write("mappings/ilis-parcel.jq", "{area: .dienTich, owner: {name: .chu, id: .dinhDanh}, plots: .thua}")
      return city
    }

    private static func running(_ city: City, _ body: (City) async throws -> Void) async throws {
      do {
        try await city.startHub()
        try await body(city)
      } catch {
        let log = city.log("hub").suffix(2000)
        await city.close()
        throw CityError("\(error)\nThe hub's last words: \(log)")
      }
      await city.close()
    }

    private func ask(
      _ city: City, _ token: String, _ method: String = "GET", service: String = "land/parcel"
    ) async throws -> OutboundResponse {
      try await city.send(
        method, "\(city.gateway)/v1/services/\(service)?plot=7&person=\(Self.number)",
        headers: [HeaderField("Authorization", "Bearer \(token)")], body: nil)
    }

    /// The report once so many questions are in it, and the exit code.
    private func report(
      _ city: City, _ name: String = "parcel-lookup", after count: Int
    ) async throws -> (report: Report, status: Int32) {
      try await waitUntil("\(count) are compared") {
        let run = try await city.lgsp("compare", name, "--json")
        guard let report = try? JSONDecoder().decode(Report.self, from: Data(run.output.utf8)) else { return false }
        return report.compared + report.failed + report.dropped >= count
      }
      let run = try await city.lgsp("compare", name, "--json")
      return (try JSONDecoder().decode(Report.self, from: Data(run.output.utf8)), run.status)
    }

    /// What the journal's comparisons say, opened.
    private func payloads(_ city: City) async throws -> [String] {
      let key = try Data(contentsOf: URL(filePath: "\(city.home)/Data/journal.key"))
      let text = String(decoding: key, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
      let master = try #require(Data(base64Encoded: text))
      let journal = try Journal.open(
        JournalOptions(directory: "\(city.home)/Data/journal", isReadOnly: true),
        keys: JournalKeys(master: Array(master.prefix(32))), clock: SystemClock())
      let events = try journal.events(kind: "compared", after: 0, limit: 100)
      await journal.close()
      return events.map { String(decoding: $0.payload, as: UTF8.self) }
    }

    @Test func `fields are compared one by one, values stay where they are, and a restart keeps the report`()
      async throws
    {
      let number = Self.number
      let vbdlis = try FarSide { _ in
        Self.says(#"{"area":120.0,"owner":{"name":"An","id":"\#(number)"},"plots":[{"no":1},{"no":2}]}"#)
      }
      let ilis = try FarSide { count in
        Self.says(
          #"{"thua":[{"no":1},{"no":2}],"chu":"\#(count == 2 ? "Bình" : "An")","dinhDanh":"\#(number)","dienTich":120}"#
        )
      }
      try await Self.running(try await Self.prepared(vbdlis, iLIS: ilis.port)) { city in
        let token = try await city.token(of: "H24.2")
        #expect(try await ask(city, token).status == 200)
        let first = try await report(city, after: 1)
        #expect(first.status == 0 && first.report.same == 1 && first.report.route == "parcel-lookup")
        let answer = try await ask(city, token)
        #expect(String(decoding: answer.body, as: UTF8.self).contains("An"))
        let second = try await report(city, after: 2)
        #expect(second.status == 6 && second.report.same == 1 && second.report.different == 1)
        let rows = second.report.fields.map { "\($0.path) \($0.seen) \($0.agree) \($0.differ)" }
        #expect(rows == ["/owner/name 2 1 1", "/area 2 2 0", "/owner/id 2 2 0", "/plots/*/no 2 2 0"])
        // The look-up is on record, with both who were asked.
        let id = try #require(second.report.fields.first?.examples.first)
        let trace = try await city.lgsp("trace", id)
        #expect(trace.output.contains("also asked: ilis") && trace.output.contains("/owner/name"), "\(trace.output)")
        let seen = try await city.get("\(city.gateway)/v1/exchanges/\(id)", token: token)
        #expect(seen.status == 200 && !String(decoding: seen.body, as: UTF8.self).contains("ilis"), "not for the asker")
        #expect(try await city.search("--person", number).count == 2)
        // What may change something is asked once.
        #expect(try await ask(city, token, "POST").status == 200)
        try await city.stopHub()
        #expect(vbdlis.requests.count == 3 && ilis.requests.count == 2)
        let stopped = try await report(city, after: 2)
        #expect(stopped.report.compared == 2 && stopped.status == 6, "read while the hub is down")
        try await city.startHub()
        #expect(try await report(city, after: 2).report.different == 1)
        let shown = try await city.lgsp("compare", "vbdlis")
        #expect(shown.status == 6 && shown.output.contains("/owner/name") && shown.output.contains("ilis"))
        let payloads = try await payloads(city)
        #expect(payloads.count == 2 && payloads.allSatisfy { $0.contains("/owner/id") })
        for text in payloads + [shown.output, trace.output, city.log("hub")] {
          #expect(!text.contains(number) && !text.contains("Bình"))
        }
        #expect(try await city.lgsp("journal", "verify").status == 0)
      }
    }

    @Test func `a silent shadow holds nobody up, and what it has no room for is dropped`() async throws {
      let vbdlis = try FarSide { _ in Self.says("{}") }
      let ilis = try FarSide { _ in .held }
      let city = try await Self.prepared(vbdlis, iLIS: ilis.port, more: "timeout: 50s\n  concurrency: 1")
      try await Self.running(city) { city in
        let token = try await city.token(of: "H24.2")
        #expect(try await ask(city, token).status == 200)
        try await waitUntil("the shadow is asked") { ilis.requests.count == 1 }
        // The shadow hangs from here on, until it is let go below.
        for _ in 0..<5 { #expect(try await ask(city, token).status == 200) }
        let held = try await report(city, after: 5)
        #expect(held.report.dropped == 5 && held.report.reasons == ["busy": 5] && held.status == 5)
        #expect(ilis.requests.count == 1)
        #expect(try await city.search("--state", "delivered").count == 6, "all have settled meanwhile")
        ilis.recover()
        // It says nothing that could be mapped.
        #expect(try await report(city, after: 6).report.failed == 1)
      }
    }

    @Test func `a dead shadow changes nothing, is not asked again, and is told apart`() async throws {
      let vbdlis = try FarSide { _ in Self.says("{}") }
      let port = try FarSide().port
      try await Self.running(try await Self.prepared(vbdlis, iLIS: port)) { city in
        let token = try await city.token(of: "H24.2")
        for _ in 0..<3 { #expect(try await ask(city, token).status == 200) }
        let dead = try await report(city, after: 3)
        #expect(dead.report.failed == 3 && dead.status == 6 && dead.report.fields.isEmpty)
        #expect(try await city.lgsp("endpoint", "list").output.contains("vbdlis"))
        #expect(try await city.lgsp("endpoint", "pause", "ilis", "--reason", "thử").status == 0)
        #expect(try await ask(city, token).status == 200)
        #expect(try await report(city, after: 4).report.reasons["endpoint-stopped"] == 1)
        #expect(try await city.lgsp("compare", "nobody").status == 5)
        #expect(try await city.lgsp("compare", "parcel-lookup", "--to", "2020-01-01T00:00:00Z").status == 5)
      }
    }

    @Test func `a second version is compared with the first, until it takes the questions itself`() async throws {
      let old = try FarSide { _ in Self.says(#"{"tax":1}"#) }
      let new = try FarSide { _ in Self.says(#"{"tax":2}"#) }
      let city = try await BadDay.prepare([
        BadDay.Place(
          name: "v", port: old.port,
          more: "next: {settings: {url: \"http://127.0.0.1:\(new.port)/v2\"}}")
      ])
      try city.change(
        "access.yaml", replacing: "send: [\"vn.test.*\"]", with: "send: [\"vn.test.*\"], call: [\"tax/*\"]")
      try city.change("endpoints/all.yaml", replacing: "/v2\"}}", with: "/v2\"}, shadow: true}")
      try city.write("routes/20.yaml", "name: tax\nmatch: {service: tax/debt}\nto: v\nkeep: 1d\n")
      try await Self.running(city) { city in
        let token = try await city.token(of: "H24.2")
        let answer = try await ask(city, token, service: "tax/debt")
        #expect(String(decoding: answer.body, as: UTF8.self) == #"{"tax":1}"#)
        let first = try await report(city, "v", after: 1)
        #expect(first.report.shadow == "v@next" && first.report.fields.map(\.path) == ["/tax"] && first.status == 6)
        #expect(try await city.lgsp("endpoint", "version", "v", "next", "--reason", "thử").status == 0)
        let later = try await ask(city, token, service: "tax/debt")
        #expect(String(decoding: later.body, as: UTF8.self) == #"{"tax":2}"#)
        try await city.stopHub()
        #expect(old.requests.count == 1 && new.requests.count == 2)
        #expect(try await report(city, "v", after: 1).report.compared == 1)
      }
    }

    @Test func `the check refuses a shadow of what may change something, at its place`() async throws {
      let city = try await Self.prepared(try FarSide(), iLIS: 1)
      try city.write(
        "endpoints/portal.yaml", "name: box\nconnector: inbox\n")
      try city.change("routes/20.yaml", replacing: "to: ilis,", with: "to: box/x,")
      let unknown = try await City.run("check", city.config)
      #expect(unknown.status == 1 && unknown.output.contains("routes/20.yaml:4:14"), "\(unknown.output)")
      try city.change("routes/20.yaml", replacing: "to: box/x,", with: "to: box,")
      let writes = try await City.run("check", city.config)
      #expect(writes.status == 1 && writes.output.contains("shadow-of-changes"), "\(writes.output)")
      #expect(writes.output.contains("routes/20.yaml:4:14") && writes.output.contains("read: true"))
      try city.change("routes/20.yaml", replacing: "to: box,", with: "to: vbdlis,")
      #expect(try await City.run("check", city.config).output.contains("shadow-of-itself"))
      await city.close()
    }
  }
}
