import HubKit
import HubTesting
import Logging
import Testing

@testable import Population

/// Requests and answers byte for byte, as files that a person has looked at.
@Suite struct GoldenTests {
  private func request(
    _ question: String = an, operation: String, _ more: [String: SettingValue] = [:]
  ) async throws -> FaultyTransport.Sent {
    let transport = FaultyTransport([])
    let outbound = try adapter("http://127.0.0.1:1/dancu", more, transport: transport, clock: TestClock())
    let asked = delivery(question, operation: operation, clock: TestClock())
    _ = await error { () throws(AdapterError) in try await outbound.deliver(asked) }
    return try #require(transport.sent.first)
  }

  private func answer(
    _ body: [UInt8], operation: String, _ more: [String: SettingValue] = [:]
  ) async throws -> String {
    let transport = FaultyTransport([.answer(OutboundResponse(status: 200, body: body))])
    let outbound = try adapter("http://127.0.0.1:1/dancu", more, transport: transport)
    return try json(try await outbound.deliver(delivery(operation: operation)))
  }

  @Test func `the requests are those that were looked at`() async throws {
    let verify = try await request(operation: "verify")
    #expect(verify.request.headers["Content-Type"] == "text/xml; charset=utf-8")
    #expect(GoldenFile.difference(verify.body, from: path("request-verify.xml")) == nil)
    let old = #"{"oldId":"039000009","name":"Bùi Thị Nhỡ","birthDate":"1948"}"#
    let newer: [String: SettingValue] = ["account": .text("lgsp"), "phone": .text("0225000000")]
    let lookup = try await request(old, operation: "lookup", newer)
    #expect(GoldenFile.difference(lookup.body, from: path("request-lookup.xml")) == nil)
    let wrapped = try await request(operation: "lookup", ["wrapping": .text("json")])
    #expect(wrapped.request.headers["Content-Type"] == "application/json")
    #expect(GoldenFile.difference(wrapped.body + [0x0A], from: path("request-lookup.json")) == nil)
  }

  @Test func `every member has its place`() async throws {
    let all = SettingValue.list(CitizenField.allCases.map(\.rawValue))
    let text = try await answer(fixture("answer-lookup.xml"), operation: "lookup", ["fields": all])
    #expect(GoldenFile.difference(text + "\n", from: path("answer-lookup-all.json")) == nil)
  }

  @Test func `what was not chosen is not there`() async throws {
    let text = try await answer(fixture("answer-lookup.xml"), operation: "lookup")
    #expect(GoldenFile.difference(text + "\n", from: path("answer-lookup-usual.json")) == nil)
    for hidden in ["031063900099", "039000001", "Phạm", "HK-00001", "aGlkZGVu", "10528"] {
      #expect(!text.contains(hidden), "\(hidden)")
    }
  }

  @Test func `a verification that does not repeat MaYeuCau is believed`() async throws {
    #expect(try await answer(fixture("answer-verify.xml"), operation: "verify") == #"{"match":true}"#)
  }

  @Test func `elements that have no place are named for the log, never their content`() throws {
    let answer = try PopulationAnswer(
      OutboundResponse(status: 200, body: fixture("answer-lookup.xml")), wrapping: .soap)
    let citizen = try #require(try answer.citizen(number: .personal("031090900001")))
    let names = CitizenRecord.unknownElements(in: citizen)
    #expect(names == ["AnhChanDung"])
    let dropped = DroppedElements()
    #expect(dropped.report(names, to: Logger(label: "test")) == ["AnhChanDung"])
    #expect(dropped.report(names + ["Khac"], to: Logger(label: "test")) == ["Khac"])
  }
}
