import Foundation
import HubKit
import HubTransport
import Testing

/// The disk's bad day: a sync that fails ends the hub, and what it had promised is still kept.
extension Scenarios {
  @Suite(.serialized)
  struct DiskScenarios {
    @Test func `a failed sync ends the hub without a receipt, and the next start keeps every promise`() async throws {
      let city = try await City()
      do {
        let disk = try await FailingDisk(in: city.home, .fails)
        try await city.startMocks()
        try await city.startHub(environment: disk.environment)
        // One is delivered before the disk fails, one waits for a system that is away.
        let token = try await city.token(of: "H24.2")
        let settled = try await handIn(city, "sync-1", to: "H24.101", token)
        try await waitUntil("the first is on the disk as delivered") {
          try await city.search("--text", settled).first?.state == .delivered
        }
        try await city.systemFault("H24.102", "unavailable-503")
        let waiting = try await handIn(city, "sync-2", to: "H24.102", token)

        try disk.begin()
        let last = Samples.document(id: "sync-3", from: "H24.2", to: ["H24.101"])
        let answer = try? await handInNamed(city, last, token)
        #expect(answer?.status != 202, "no receipt without a sync")
        #expect(try await city.hubEnds() == 74)
        let log = city.log("hub")
        #expect(log.contains("the journal failed, the hub ends"), "\(log)")
        #expect(log.contains("critical"), "\(log)")

        try await city.startHub()
        try await city.systemFault("H24.102", "none")
        try await waitUntil("all that is known has ended") {
          try await city.search("--type", "vn.gov.edoc.document").allSatisfy { $0.state == .delivered }
        }
        let views = try await city.search("--type", "vn.gov.edoc.document")
        #expect(views.map(\.id.text).filter { [settled, waiting].contains($0) }.count == 2)
        #expect(views.count <= 3)
        let first = try await city.received(by: "H24.101", mock: city.systemsMock)
        #expect(first.count { $0.contains(">sync-1<") } == 1)
        #expect(try await city.received(by: "H24.102", mock: city.systemsMock).count == 1)
        // Without a receipt the last may be there or not, but whole, and known on both sides.
        let whole = first.filter { $0.contains("sync-3") }.map(Samples.withoutTraceHeaders)
        #expect(whole == (views.count == 3 ? [Samples.withoutTraceHeaders(last)] : []))
        let verified = try await city.lgsp("journal", "verify")
        #expect(verified.status == 0, "\(verified.error)")

        // Whoever got no receipt hands in again: however it ended, it arrives once.
        #expect(try await handInNamed(city, last, token).status == 202)
        try await waitUntil("the last has ended") {
          let views = try await city.search("--type", "vn.gov.edoc.document")
          return views.count == 3 && views.allSatisfy { $0.state == .delivered }
        }
        let all = try await city.received(by: "H24.101", mock: city.systemsMock)
        #expect(all.count { $0.contains(">sync-3<") } == 1, "it was known to the journal: \(views.count == 3)")
      } catch {
        await city.close()
        throw error
      }
      await city.close()
    }

    /// Hands a document in under a name of the sender's own, by which the hub knows it again.
    private func handInNamed(_ city: City, _ body: String, _ token: String) async throws -> OutboundResponse {
      try await city.handIn(
        body, type: "vn.gov.edoc.document", to: ["H24.101"], mediaType: "application/xml", token: token, id: "sync-3")
    }

    /// Hands a document in, and gives the id from its receipt.
    private func handIn(_ city: City, _ id: String, to code: String, _ token: String) async throws -> String {
      let response = try await city.handIn(
        Samples.document(id: id, from: "H24.2", to: [code]), type: nil, to: [], mediaType: "application/xml",
        token: token)
      #expect(response.status == 202, "\(id)")
      struct Receipt: Decodable { var id: String }
      return try JSONDecoder().decode(Receipt.self, from: Data(response.body)).id
    }
  }
}

extension City {
  /// Switches a fault of an agency's own system; `none` ends it.
  func systemFault(_ agency: String, _ mode: String, milliseconds: Int = 500) async throws {
    let response = try await send(
      "PUT", "\(systemsMock)/_mock/faults/\(agency)", headers: [HeaderField("Content-Type", "application/json")],
      body: Array(#"{"mode":"\#(mode)","ms":\#(milliseconds)}"#.utf8))
    #expect(response.status == 200)
  }
}
