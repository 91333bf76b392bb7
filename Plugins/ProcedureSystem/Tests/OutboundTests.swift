import Foundation
import HubKit
import HubTesting
import Testing

@testable import ProcedureSystem

extension SocketTests {
  @Suite struct OutboundTests {
    @Test func `a dossier arrives as an event of the city's own type with its attributes`() async throws {
      let system = try System()
      let reply = try await system.outbound().deliver(delivery(dossier()))
      #expect(reply.code == "201")
      #expect(reply.reference == code(1))
      let arrival = try #require(try await system.received().first)
      #expect(arrival.id == "m-1")
      #expect(arrival.source == "/dvcqg")
      #expect(arrival.type == "vn.haiphong.dossier.submitted")
      #expect(arrival.dossierstatus == "registered")
    }

    @Test func `the same event is taken once, and refused with other content`() async throws {
      let system = try System()
      let outbound = try system.outbound()
      #expect(try await outbound.deliver(delivery(dossier())).code == "201")
      #expect(try await outbound.deliver(delivery(dossier())).code == "200")
      let conflict = await error { () throws(AdapterError) in
        try await outbound.deliver(delivery(dossier(note: "khác")))
      }
      #expect(conflict?.verdict == .reject)
      #expect(conflict?.code == "http-409")
      #expect(try await system.received().map(\.repeats) == [1])
    }

    @Test func `an unknown token stops the endpoint and loses no dossier`() async throws {
      let system = try System()
      let outbound = try system.outbound(token: "sai")
      let failure = await error { () throws(AdapterError) in try await outbound.deliver(delivery(dossier())) }
      #expect(failure?.verdict == .outage(after: nil))
      let probe = await error { () throws(AdapterError) in try await outbound.probe() }
      #expect(probe?.code == "http-401")
      #expect(try await system.received().isEmpty)
    }

    @Test(
      arguments: [
        #"{"dossierCode":"A","procedure":{"code":"2.000477"},"applicant":{"name":"Mẫu"}}"#,
        #"{"dossierCode":"H24-261127-0001","applicant":{"name":"Mẫu"}}"#,
        #"{"dossierCode":"H24-261127-0001","procedure":{"code":"2.000477"}}"#,
      ])
    func `what is no dossier for the system is refused by it`(_ body: String) async throws {
      let system = try System()
      let outbound = try system.outbound()
      let failure = await error { () throws(AdapterError) in try await outbound.deliver(delivery(body)) }
      #expect(failure?.verdict == .reject)
      #expect(failure?.code == "http-422")
    }

    @Test(arguments: [#""kind":"empty-body""#, #""kind":"unreadable""#])
    func `an answer that says nothing leaves it in doubt`(_ fault: String) async throws {
      let system = try System()
      try await system.control("POST", "faults", "{\"path\":\"dossiers\",\(fault)}")
      let outbound = try system.outbound()
      let failure = await error { () throws(AdapterError) in try await outbound.deliver(delivery(dossier())) }
      #expect(failure?.verdict == .inDoubt)
    }

    @Test(
      arguments: [
        (503, AdapterError.Verdict.outage(after: nil)), (429, .outage(after: nil)), (500, .retry(after: nil)),
        (504, .inDoubt), (400, .reject), (404, .outage(after: nil)), (302, .outage(after: nil)),
      ])
    func `status codes`(_ status: Int, _ verdict: AdapterError.Verdict) async throws {
      let system = try System()
      try await system.control("POST", "faults", #"{"path":"dossiers","kind":"status","status":\#(status)}"#)
      let outbound = try system.outbound()
      let failure = await error { () throws(AdapterError) in try await outbound.deliver(delivery(dossier())) }
      #expect(failure?.verdict == verdict)
      #expect(failure?.code == "http-\(status)")
    }
  }
}

@Suite struct `Dossiers that never leave` {
  private func refusal(_ body: String, seconds: Int64 = 30) async throws -> AdapterError? {
    let transport = FaultyTransport([])
    let outbound = try #require(try parts(url: "http://127.0.0.1:1", transport: transport).outbound)
    let failure = await error { () throws(AdapterError) in
      try await outbound.deliver(delivery(body, seconds: seconds))
    }
    #expect(transport.sent.isEmpty)
    return failure
  }

  @Test(arguments: ["", "[]", "5", "{", "\u{FEFF}{}"])
  func `a body that is no object is refused`(_ body: String) async throws {
    let failure = try await refusal(body)
    #expect(failure?.verdict == .reject)
    #expect(failure?.code == "no-dossier")
  }

  @Test func `an attempt whose time is over sends nothing`() async throws {
    #expect(try await refusal(dossier(), seconds: -1)?.verdict == .retry(after: nil))
  }

  @Test func `an answer about another event is no success`() async throws {
    let answer = OutboundResponse(status: 201, body: Array(#"{"id":"m-9","dossierCode":"A"}"#.utf8))
    let outbound = try #require(
      try parts(url: "http://127.0.0.1:1", transport: FaultyTransport([.answer(answer)])).outbound)
    let failure = await error { () throws(AdapterError) in try await outbound.deliver(delivery(dossier())) }
    #expect(failure?.verdict == .inDoubt)
  }

  @Test func `trace context goes along`() async throws {
    let answer = OutboundResponse(status: 201, body: Array(#"{"id":"m-1","dossierCode":"A"}"#.utf8))
    let transport = FaultyTransport([.answer(answer)])
    let outbound = try #require(try parts(url: "http://127.0.0.1:1", transport: transport).outbound)
    _ = try await outbound.deliver(delivery(dossier()))
    #expect(transport.sent.first?.request.headers["traceparent"]?.hasPrefix("00-0af7") == true)
  }
}

@Suite struct SettingsTests {
  private func complaint(_ values: [String: SettingValue]) -> SettingError? {
    do {
      _ = try ProcedureSystemConnector(
        settings: SettingValues(values, declared: ProcedureSystemConnector.descriptor.settings))
      return nil
    } catch {
      return error
    }
  }

  @Test func `what is missing or cannot work is named`() {
    let token = SettingValue.secret(Secret(reference: "env:T", value: nil))
    #expect(complaint(["token": token])?.name == "url")
    #expect(complaint(["url": .text("http://a.example"), "token": token]) == nil)
    #expect(complaint(["url": .text("http://a.example")])?.name == "token")
    #expect(complaint(["url": .text("http://a.example?x=1"), "token": token])?.name == "url")
    #expect(complaint(["url": .text("http://a.example"), "token": token, "eventType": .text("")])?.name == "eventType")
  }

  @Test func `a token that cannot be read stops the endpoint, not the check`() {
    #expect(throws: AdapterError.self) { try parts(url: "http://127.0.0.1:1", token: nil) }
  }
}
