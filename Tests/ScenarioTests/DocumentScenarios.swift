import Foundation
import HubKit
import HubTransport
import Testing

/// Documents through the whole city: real processes, real sockets, what the receivers got.
extension Scenarios {
  @Suite(.serialized)
  struct DocumentScenarios {
    @Test func aDocumentReachesEveryReceiverWithEveryByteButTheTraceHeader() async throws {
      try await City.running { city in
        let file = "\(city.home)/document.edxml"
        let original = Samples.document(id: "doc-1", from: "H24.2", to: ["H24.101", "G22"])
        try Data(original.utf8).write(to: URL(filePath: file))
        let run = try await city.lgsp("send", file, "--as", "H24.2", "--wait")
        #expect(run.status == 0, "\(run.error)")
        let id = run.output.trimmingCharacters(in: .whitespacesAndNewlines)

        let atWard = try await city.received(by: "H24.101", mock: city.systemsMock)
        let atOffice = try await city.received(by: "G22", mock: city.axisMock)
        #expect(atWard.count == 1)
        #expect(atOffice.count == 1)
        #expect(Samples.withoutTraceHeaders(atOffice.first ?? "") == Samples.withoutTraceHeaders(original))
        #expect(
          atWard.first == original
            || Samples.withoutTraceHeaders(atWard.first ?? "") == Samples.withoutTraceHeaders(original))

        let trace = try await city.lgsp("trace", id, "--json")
        let view = try JSONDecoder().decode(ExchangeView.self, from: Data(trace.output.utf8))
        #expect(view.id.text == id)
        #expect(view.state == .delivered)
        #expect(view.deliveries.count == 2)
        #expect(view.events.map(\.name).starts(with: ["received", "routed"]))
        #expect(view.events.last?.name == "settled")
      }
    }

    @Test func statusesOfAReceivingOfficeFindTheirWayBackToTheSender() async throws {
      try await City.running { city in
        _ = try await city.send(
          "POST", "\(city.axisMock)/_mock/offices", headers: [HeaderField("Content-Type", "application/json")],
          body: Array(#"{"codes":["G22"],"statuses":["01","03"]}"#.utf8))
        let file = "\(city.home)/document.edxml"
        try Data(Samples.document(id: "doc-2", from: "H24.2", to: ["G22"]).utf8).write(to: URL(filePath: file))
        #expect(try await city.lgsp("send", file, "--as", "H24.2", "--wait").status == 0)
        try await waitUntil("both statuses are back") {
          try await city.received(by: "H24.2", mock: city.systemsMock).count == 2
        }
        // A later status about the same document must not go to the sender of the first one.
        let later = "\(city.home)/status.edxml"
        try Data(Samples.status(of: "doc-2", from: "H24.101", to: "H24.2", code: "06").utf8)
          .write(to: URL(filePath: later))
        #expect(try await city.lgsp("send", later, "--as", "H24.101", "--wait").status == 0)
        #expect(try await city.received(by: "H24.2", mock: city.systemsMock).count == 3)
        let back = try await city.received(by: "H24.2", mock: city.systemsMock)
        #expect(back.contains { $0.contains("<edXML:StatusCode>01<") || $0.contains("StatusCode>01<") })
        #expect(back.contains { $0.contains("StatusCode>03<") })
      }
    }

    @Test func anUnknownOrganisationIsRefusedUntilItIsRegistered() async throws {
      try await City.running { city in
        let file = "\(city.home)/document.edxml"
        try Data(Samples.document(id: "doc-3", from: "002.00.20.H13", to: ["28.22.H17"]).utf8)
          .write(to: URL(filePath: file))
        let first = try await city.lgsp("send", file, "--as", "002.00.20.H13", "--wait")
        #expect(first.status == 3)
        #expect(first.error.contains("002.00.20.H13"))
        let second = try await city.lgsp("send", file, "--as", "002.00.20.H13", "--register", "--wait")
        #expect(second.status == 0, "\(second.error)")
        #expect(try await city.received(by: "28.22.H17", mock: city.axisMock).count == 1)
      }
    }

    @Test func whatTheReceiverRefusesIsToldToTheSenderWithTheReason() async throws {
      try await City.running { city in
        let file = "\(city.home)/document.edxml"
        try Data(Samples.document(id: "tu-choi-4", from: "H24.2", to: ["H24.103"]).utf8).write(to: URL(filePath: file))
        let run = try await city.lgsp("send", file, "--as", "H24.2", "--wait")
        #expect(run.status == 3)
        #expect(run.error.contains("thẩm quyền"))
        #expect(try await city.received(by: "H24.103", mock: city.systemsMock).isEmpty)
      }
    }

    @Test func aLoggedExchangeBecomesAMaskedTestThatPasses() async throws {
      try await City.running { city in
        let body = Samples.progress(number: 7)
        let file = "\(city.home)/progress.json"
        try Data(body.utf8).write(to: URL(filePath: file))
        // The route keeps digests only once settled, so a far side that is away keeps the body for the recorder.
        let documents = "\(city.home)/document.edxml"
        try Data(Samples.document(id: "doc-5", from: "H24.2", to: ["H24.101"]).utf8).write(to: URL(filePath: documents))
        let sent = try await city.lgsp("send", documents, "--as", "H24.2", "--wait")
        #expect(sent.status == 0, "\(sent.error)")
        let id = sent.output.trimmingCharacters(in: .whitespacesAndNewlines)
        let recorded = try await city.lgsp("record", id, "--as-test", "documents")
        #expect(recorded.status == 0, "\(recorded.error)")
        let yaml = recorded.output.trimmingCharacters(in: .whitespacesAndNewlines)
        let input = yaml.replacing(".yaml", with: ".in.xml")
        let text = String(decoding: try Data(contentsOf: URL(filePath: input)), as: UTF8.self)
        #expect(!text.contains("Nguyễn Thị Mẫu"))
        #expect(text.contains("doc-5"))
        let check = try await City.run("check", city.config, "--test")
        #expect(check.status == 0, "\(check.output)")
        // The proof can fail: another expectation is found out.
        let broken = String(decoding: try Data(contentsOf: URL(filePath: yaml)), as: UTF8.self)
          .replacing("state: delivered", with: "state: failed")
        try Data(broken.utf8).write(to: URL(filePath: yaml))
        #expect(try await City.run("check", city.config, "--test").status == 1)
      }
    }
  }
}

extension City {
  /// The bodies that an agency's system got, as its mock says.
  func received(by agency: String, mock: String) async throws -> [String] {
    struct Item: Decodable {
      var docId: String?
      var n: Int?
    }
    let list = try JSONDecoder().decode(
      [Item].self, from: Data(try await get("\(mock)/_mock/received?agency=\(agency)").body))
    var bodies: [String] = []
    for item in list {
      let name = item.docId ?? "\(item.n ?? -1)"
      bodies.append(String(decoding: try await get("\(mock)/_mock/received/\(name)/body").body, as: UTF8.self))
    }
    return bodies
  }
}
