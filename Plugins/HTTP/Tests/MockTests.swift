import Foundation
import HTTPMock
import HubKit
import HubTesting
import HubTransport
import Testing

@testable import HTTP

/// The mock, seen through the connector and the real transport.
@Suite(.timeLimit(.minutes(1))) struct `The mock of agencies' systems` {
  let bench: Bench

  init() throws {
    bench = try Bench(loop: CurlLoop())
  }

  @Test func `keeps what came, with digest and attributes`() async throws {
    let bytes = Array("abc".utf8)
    for mode in ["binary", "structured", "body"] {
      var delivery = delivery(1, body: .inline(bytes), mediaType: "text/plain") { $0.subject = "Số 12 \"khẩn\"" }
      delivery.id = "key-\(mode)"
      let reply = try await bench.adapter(["mode": .text(mode)]).deliver(delivery)
      #expect(reply.code == "201")
    }
    let received = try await bench.received()
    #expect(received.map(\.mode) == ["binary", "structured", "body"])
    #expect(received.map(\.key) == ["key-binary", "key-structured", "key-body"])
    for entry in received {
      #expect(entry.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
      #expect(entry.bytes == 3)
      #expect(try await bench.body(entry.n) == bytes)
    }
    #expect(received.map(\.subject) == ["Số 12 \"khẩn\"", "Số 12 \"khẩn\"", nil])
    #expect(try await bench.received(agency: "H24.9").isEmpty)
    try await bench.control("DELETE", "received")
    #expect(try await bench.received().isEmpty)
  }

  @Test func `takes a large streamed body`() async throws {
    let bytes = [UInt8](repeating: 0x41, count: 3 << 20)
    for mode in ["binary", "structured"] {
      var delivery = delivery(1, body: .inline(bytes), mediaType: "application/pdf")
      delivery.id = mode
      _ = try await bench.adapter(["mode": .text(mode)]).deliver(delivery)
    }
    for entry in try await bench.received() { #expect(try await bench.body(entry.n) == bytes) }
  }

  @Test func `counts a repeat, and refuses the same key with other content`() async throws {
    let adapter = try bench.adapter()
    let first = try await adapter.deliver(delivery(1))
    #expect(try await adapter.deliver(delivery(1)) == first)
    #expect(try await bench.received().map(\.repeats) == [1])
    #expect(await outcome(adapter, delivery(1, body: .inline([1]))).error?.code == "http-422")
    #expect(try await bench.received().count == 1)
  }

  @Test func `refuses and is overloaded as the message asks`() async throws {
    let adapter = try bench.adapter()
    let refused = await outcome(adapter, delivery(1) { $0.subject = "VB-tu-choi-1" }).error
    #expect(refused?.verdict == .reject)
    #expect(refused?.reason.contains("Văn bản không thuộc thẩm quyền giải quyết") == true)
    let busy = delivery(2) { $0.id = "qua-tai-1" }
    for _ in 1...2 { #expect(await outcome(adapter, busy).error?.verdict == .retry(after: .seconds(1))) }
    #expect(try await adapter.deliver(busy).code == "201")
    #expect(try await bench.received().map(\.id) == ["qua-tai-1"])
  }

  @Test func `misbehaves as it is switched, one agency at a time`() async throws {
    let adapter = try bench.adapter()
    try await bench.control("PUT", "faults/H24.2", #"{"mode": "refuse-422"}"#)
    #expect(await outcome(adapter, delivery(1)).error?.verdict == .reject)
    try await bench.control("PUT", "faults/H24.2", #"{"mode": "unavailable-503", "retryAfter": 120}"#)
    #expect(await outcome(adapter, delivery(1)).error?.verdict == .outage(after: .seconds(120)))
    try await bench.control("PUT", "faults/H24.2", #"{"mode": "fail-times", "times": 2, "status": 500}"#)
    for _ in 1...2 { #expect(await outcome(adapter, delivery(1)).error?.code == "http-500") }
    #expect(try await adapter.deliver(delivery(1)).code == "201")
    try await bench.control("PUT", "faults/H24.2", #"{"mode": "slow", "ms": 300}"#)
    let start = ContinuousClock.now
    _ = try await adapter.deliver(delivery(2))
    #expect(ContinuousClock.now - start >= .milliseconds(300))
    try await bench.control("PUT", "faults/H24.2", #"{"mode": "none"}"#)
    try await bench.control("PUT", "faults/H24.7", #"{"mode": "refuse-422"}"#)
    #expect(try await adapter.deliver(delivery(3)).code == "201")
    #expect(try await bench.control("PUT", "faults/H24.2", #"{"mode": "explode"}"#).status == 400)
  }

  @Test func `fails a probe while it is away`() async throws {
    let adapter = try bench.adapter(["url": .text("\(bench.server.url)/agencies/H24.2/inbox")])
    try await adapter.probe()
    try await bench.control("PUT", "faults/H24.2", #"{"mode": "unavailable-503"}"#)
    await #expect(throws: AdapterError.self) { try await adapter.probe() }
    #expect(try await bench.received().isEmpty)
  }

  @Test(arguments: [
    [HeaderField("ce-id", "1")],
    [
      HeaderField("ce-specversion", "0.3"), HeaderField("ce-id", "1"), HeaderField("ce-source", "/s"),
      HeaderField("ce-type", "t"),
    ],
    [
      HeaderField("ce-specversion", "1.0"), HeaderField("ce-id", "1"), HeaderField("ce-source", "/s"),
      HeaderField("ce-type", "t"), HeaderField("ce-time", "yesterday"),
    ],
    [
      HeaderField("ce-specversion", "1.0"), HeaderField("ce-id", "%FF"), HeaderField("ce-source", "/s"),
      HeaderField("ce-type", "t"),
    ],
    [
      HeaderField("ce-specversion", "1.0"), HeaderField("ce-id", "Số"), HeaderField("ce-source", "/s"),
      HeaderField("ce-type", "t"),
    ],
    [
      HeaderField("ce-specversion", "1.0"), HeaderField("ce-id", "1"), HeaderField("ce-source", "/s"),
      HeaderField("ce-type", "t"), HeaderField("ce-Bad_name", "x"),
    ],
  ])
  func `answers 400 to attributes that are not valid`(_ headers: [HeaderField]) async throws {
    let response = try await bench.transport.send(
      OutboundRequest(
        method: "POST", url: "\(bench.server.url)/agencies/H24.2/inbox", headers: headers, body: .bytes([1])))
    #expect(response.status == 400)
    #expect(try await bench.received().isEmpty)
  }

  @Test(arguments: [
    "[]", "{", #"{"specversion":"1.0","id":"1","source":"/s"}"#,
    #"{"specversion":"1.0","id":1,"source":"/s","type":"t"}"#,
    #"{"specversion":"1.0","id":"1","source":"/s","type":"t","data_base64":"*"}"#,
  ])
  func `answers 400 to a structured document that is not valid`(_ json: String) async throws {
    let response = try await bench.transport.send(
      OutboundRequest(
        method: "POST", url: "\(bench.server.url)/agencies/H24.2/inbox",
        headers: [HeaderField("Content-Type", "application/cloudevents+json")], body: .bytes(Array(json.utf8))))
    #expect(response.status == 400)
  }
}
