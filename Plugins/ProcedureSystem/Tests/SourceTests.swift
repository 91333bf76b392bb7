import Foundation
import HubKit
import HubTesting
import JSONWire
import Testing

@testable import ProcedureSystem

extension SocketTests {
  @Suite struct SourceTests {
    private func page(
      _ source: any PollingSource, after cursor: String? = nil, limit: Int = 50
    ) async throws -> Page {
      try await source.poll(after: cursor, limit: limit, bodies: MemoryBodyStore())
    }

    private func statuses(_ page: Page) -> [String?] { page.items.map { $0.envelope.extensions["dossierstatus"] } }

    private func system(with numbers: ClosedRange<Int> = 1...1, lively: Bool = false) async throws -> System {
      let system = try System(lively: lively)
      let outbound = try system.outbound()
      for number in numbers { _ = try await outbound.deliver(delivery(dossier(number), number: number)) }
      return system
    }

    @Test func `a dossier's steps come in order with what the hub reads of them`() async throws {
      let system = try await system()
      for _ in 1...6 { try await system.control("POST", "advance") }
      let page = try await page(system.source())
      #expect(statuses(page) == ["accepted", "in-progress", "finished", "returned"])
      let item = try #require(page.items.first)
      #expect(item.envelope.type == "vn.haiphong.dossier.status")
      #expect(item.envelope.source == "/procedure-system")
      #expect(item.envelope.subject == code(1))
      #expect(item.envelope.time == system.clock.now)
      #expect(item.envelope.extensions["duetime"] == "2026-11-30T17:00:00+07:00")
      #expect(item.reference == item.envelope.id)
      guard case .inline(let bytes) = item.body else { throw TestFailure("the body is not inline") }
      let data = try #require(JSONValue(bytes))
      #expect(data["dossierCode"]?.string == code(1))
      #expect(data["procedureCode"]?.string == "2.000477")
      #expect(data["status"]?.string == "accepted")
      #expect(data["at"]?.string == "2026-01-05T08:00:00+07:00")
    }

    @Test func `pages follow one another, and nothing new is an empty page`() async throws {
      let system = try await system(with: 1...3)
      try await system.control("POST", "advance")
      let source = try system.source()
      let first = try await page(source, limit: 2)
      #expect(first.items.compactMap(\.envelope.subject) == [code(1), code(2)])
      #expect(first.hasMore)
      let second = try await page(source, after: first.cursor, limit: 2)
      #expect(second.items.compactMap(\.envelope.subject) == [code(3)])
      #expect(!second.hasMore)
      let third = try await page(source, after: second.cursor, limit: 2)
      #expect(third.items.isEmpty)
      #expect(!third.hasMore)
    }

    @Test func `a cursor that is not known begins again with the same ids`() async throws {
      let system = try await system(with: 1...2)
      try await system.control("POST", "advance")
      let source = try system.source()
      let first = try await page(source)
      try await system.control("DELETE", "cursors")
      let again = try await page(source, after: first.cursor)
      #expect(again.items.map(\.envelope) == first.items.map(\.envelope))
      #expect(again.items.map(\.body) == first.items.map(\.body))
      #expect(try await page(source, after: again.cursor).items.isEmpty)
      #expect(try await page(source, after: "vô nghĩa").items.count == 2)
    }

    @Test func `something that is no event does not hold up the others`() async throws {
      let system = try await system()
      for event in [
        "5", "{}", #"{"specversion":"1.0","id":"a","source":"/s","type":"t"}"#,
        #"{"specversion":"0.3","id":"a","source":"/s","type":"t","data":{}}"#,
        #"{"specversion":"1.0","id":"a","source":"/s","type":"t","time":"hôm nay","data":{}}"#,
        #"{"specversion":"1.0","id":"a","source":"/s","type":"t","Bad":"x","data":{}}"#,
        #"{"specversion":"1.0","id":"a","source":"/s","type":"t","list":[],"data":{}}"#,
      ] {
        try await system.control("POST", "events", event)
      }
      try await system.control("POST", "advance")
      let page = try await page(system.source())
      #expect(page.items.count == 8)
      #expect(page.items.dropLast().allSatisfy { $0.envelope.type == ProcedureSystemSource.malformedType })
      #expect(page.items.dropLast().allSatisfy { $0.envelope.extensions["diagnosis"]?.isEmpty == false })
      #expect(Set(page.items.map(\.envelope.id)).count == 8)
      #expect(page.items.last?.envelope.extensions["dossierstatus"] == "accepted")
    }

    @Test(
      arguments: [
        (#""kind":"empty-body""#, "empty-reply"), (#""kind":"unreadable""#, "unreadable-reply"),
        (#""kind":"status","status":503"#, "http-503"), (#""kind":"status","status":504"#, "http-504"),
        (#""kind":"status","status":400"#, "http-400"),
      ])
    func `an answer without events is an outage, not nothing`(_ fault: String, _ code: String) async throws {
      let system = try System()
      try await system.control("POST", "faults", "{\"path\":\"events\",\(fault)}")
      let source = try system.source()
      let failure = await error { () throws(AdapterError) in
        try await source.poll(after: nil, limit: 10, bodies: MemoryBodyStore())
      }
      #expect(failure?.verdict == .outage(after: nil))
      #expect(failure?.code == code)
    }

    @Test func `a lively system takes a step each time it is asked`() async throws {
      let system = try await system(lively: true)
      let source = try system.source()
      var cursor: String?
      var seen: [String?] = []
      for _ in 1...5 {
        let page = try await page(source, after: cursor)
        seen += statuses(page)
        cursor = page.cursor
      }
      #expect(seen == ["accepted", "in-progress", "finished", "returned"])
    }

    @Test func `the control moves one dossier to a status and refuses what it does not know`() async throws {
      let system = try await system(with: 1...2)
      try await system.control("POST", "advance", #"{"dossierCode":"\#(code(2))","status":"withdrawn"}"#)
      #expect(statuses(try await page(system.source())) == ["withdrawn"])
      let unknown = try await system.send("POST", "_mock/advance", #"{"dossierCode":"H24-261127-9999"}"#)
      #expect(unknown.status == 404)
      #expect(try await system.send("POST", "_mock/advance", #"{"status":"done"}"#).status == 422)
      #expect(try await system.send("GET", "dossiers/H24-261127-9999").status == 404)
      #expect(try await system.send("GET", "dossiers/\(code(2))").status == 200)
    }
  }
}
