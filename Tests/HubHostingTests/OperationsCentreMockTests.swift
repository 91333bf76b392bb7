import Foundation
import HubKit
import HubTesting
import Testing

/// The mock refuses what the centre would refuse.
@Suite struct OperationsCentreMockTests {
  @Test(arguments: [
    ("not JSON", "IOC-104"), ("{}", "IOC-104"), ("[]", "IOC-104"),
    (figures("1-1", sequence: 1).replacing("2026-11-23T01:00:00.000Z", with: "yesterday"), "IOC-104"),
    (figures("1-1", sequence: 1, day: "2026-13-40"), "IOC-104"),
    (figures("1-1", sequence: 1, received: -1), "IOC-104"),
    (figures("1-1", sequence: 1).replacing(#""withoutPurpose":0"#, with: #""withoutPurpose":2"#), "IOC-104"),
    (figures("1-1", sequence: 1).replacing(#""sequence":1"#, with: #""sequence":"one""#), "IOC-104"),
    (figures("2-1", sequence: 1), "IOC-105"),
  ])
  func `Wrong figures are refused for good and not kept`(body: String, code: String) async throws {
    let bench = try Bench()
    let error = await outcome(try bench.adapter(), delivery("1-1", body)).error
    #expect(error?.verdict == .reject)
    #expect(error?.code == code)
    #expect(try await bench.received().isEmpty)
  }

  @Test func `A name that was used for other figures is refused`() async throws {
    let bench = try Bench()
    let adapter = try bench.adapter()
    #expect(await outcome(adapter, delivery("1-1", figures("1-1", sequence: 1))).code == "stored")
    let error = await outcome(adapter, delivery("1-1", figures("1-1", sequence: 1, received: 2))).error
    #expect(error?.verdict == .reject)
    #expect(error?.code == "IOC-109")
    #expect(try await bench.dossiersByDay() == ["2026-11-23": 1])
  }

  @Test(arguments: ["a/b", "../x", "a b", "é", String(repeating: "a", count: 65)])
  func `A message's id that cannot name figures is one segment of the path, and does not get in`(name: String)
    async throws
  {
    let bench = try Bench()
    let error = await outcome(try bench.adapter(), delivery(name, figures(name, sequence: 1))).error
    // One message's fault: the endpoint goes on.
    #expect([.reject, .retry(after: nil)].contains(error?.verdict))
    #expect(try await bench.received().isEmpty)
  }

  @Test func `An attempt whose time is over sends nothing`() async throws {
    let bench = try Bench()
    var late = delivery(1)
    late.deadline = SystemClock().now - .seconds(1)
    let error = await outcome(try bench.adapter(), late).error
    #expect(error?.verdict == .retry(after: nil))
    #expect(bench.server.acceptedCount == 0)
  }

  @Test func `The control forgets, lists its faults, and knows no others`() async throws {
    let bench = try Bench()
    #expect(await outcome(try bench.adapter(), delivery(1)).code == "stored")
    #expect(try await bench.send("DELETE", "/_mock/received").status == 204)
    #expect(try await bench.received().isEmpty)
    #expect(try await bench.dossiersByDay().isEmpty)
    #expect(try await bench.send("POST", "/_mock/faults", #"{"fault":"earthquake"}"#).status == 400)
    try await bench.fault(#"{"fault":"slow","times":-1,"milliseconds":1}"#)
    #expect(await outcome(try bench.adapter(), delivery(1)).code == "stored")
    #expect(try await bench.send("DELETE", "/_mock/faults").status == 204)
    #expect(try await bench.send("GET", "/_mock/faults").body == Array("[]".utf8))
    #expect(try await bench.send("GET", "/elsewhere").status == 404)
    #expect(try await bench.send("POST", "/_mock/figures").status == 404)
  }

  @Test(arguments: [
    (["token": SettingValue.secret(Secret(reference: "env:T", value: "t"))], "url"),
    (["url": .text("https://ioc.example?a=1"), "token": .secret(Secret(reference: "env:T", value: "t"))], "url"),
  ])
  func `Settings that cannot work are named`(values: [String: SettingValue], name: String) throws {
    do {
      _ = try Hosted.operationsCentre().configured(SettingValues(values))
      Issue.record("they were taken")
    } catch let error as SettingError {
      #expect(error.name == name)
    }
  }
}
