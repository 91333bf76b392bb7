import Foundation
import HubGateway
import HubKit
import Testing

@Suite struct StructuredModeTests {
  private static func event(_ members: String, id: String = "1") -> String {
    #"{"specversion":"1.0","id":"\#(id)","source":"/a","type":"t"\#(members)}"#
  }

  @Test func `data in JSON stay the bytes that the sender wrote`() async throws {
    try await Door.open { door in
      let data = #"{"b" : 12345678901234567890.10, "a":"\u00e9"  }"#
      let json = Self.event(
        #","data": \#(data) , "num": 7, "flag": true, "none": null, "receiver":"H24.2""#)
      #expect(try await door.postJSON(json).status == 202)
      let message = try #require(door.hub.messages.first)
      #expect(message.body == .inline(Array(data.utf8)))
      #expect(message.envelope.dataContentType == "application/json")
      #expect(message.envelope.extensions["num"] == "7")
      #expect(message.envelope.extensions["flag"] == "true")
      #expect(message.envelope.extensions["none"] == nil)
    }
  }

  @Test func `text and base64 data become bytes`() async throws {
    try await Door.open { door in
      _ = try await door.postJSON(
        Self.event(#","datacontenttype":"text/xml","data":"<a>\u1ed3\n</a>""#))
      _ = try await door.postJSON(
        Self.event(#","datacontenttype":"image/png","data_base64":"AAH/""#))
      _ = try await door.postJSON(Self.event(""))
      let bodies = door.hub.messages.map(\.body)
      #expect(bodies == [.inline(Array("<a>ồ\n</a>".utf8)), .inline([0, 1, 255]), .empty])
    }
  }

  @Test(arguments: [
    ("{\n  \"id\": 1,,\n}", 2, 11, "json-syntax"),
    ("{\n  \"é\": tru\n}", 2, 8, "json-syntax"),
    ("{\"id\":\"1\"", 1, 10, "json-syntax"),
    ("", 1, 1, "json-syntax"),
    ("[]", 1, 1, "json-syntax"),
    ("{} x", 1, 4, "json-syntax"),
    ("{\"a\": 01}", 1, 7, "json-syntax"),
    ("{\"a\": \"\\ud800\"}", 1, 14, "json-syntax"),
    ("{\"a\":\n \"tab\there\"}", 2, 6, "json-syntax"),
  ])
  func `malformed JSON is told by line and column`(
    json: String, line: Int, column: Int, rule: String
  ) async throws {
    try await Door.open { door in
      let answer = try await door.postJSON(json)
      #expect(answer.status == 400)
      #expect(answer.problem == "/problems/invalid")
      let violation = try #require(answer.violations.first)
      #expect(violation["rule"] as? String == rule)
      #expect(violation["line"] as? Int == line)
      #expect(violation["column"] as? Int == column, "\(violation)")
      #expect(try answer.object()["detail"] as? String != nil)
    }
  }

  @Test func `bytes that are no UTF-8 are told by line and column`() async throws {
    try await Door.open { door in
      let token = try await door.token()
      let bytes = Array("{\"specversion\":\n\"é".utf8) + [0xC3, 0x28] + Array("\"}".utf8)
      let headers = [
        "Authorization": "Bearer \(token)", "Content-Type": "application/cloudevents+json",
      ]
      let answer = try await door.send("POST", "/v1/exchanges", headers, bytes: bytes)
      let violation = try #require(answer.violations.first)
      #expect(violation["rule"] as? String == "utf8")
      #expect(violation["line"] as? Int == 2)
      #expect(violation["column"] as? Int == 3)
    }
  }

  @Test func `nesting beyond the limit is refused`() async throws {
    try await Door.open {
      $0.depthMax = 8
    } _: { door in
      let fits = String(repeating: "[", count: 8) + String(repeating: "]", count: 8)
      #expect(try await door.postJSON(Self.event(#","data":\#(fits)"#)).status == 202)
      let deep = String(repeating: "[", count: 100_000)
      let answer = try await door.postJSON(Self.event(#","data":\#(deep)"#))
      #expect(answer.firstRule == "json-depth")
    }
  }

  @Test(arguments: [
    (#","data":1,"data_base64":"AA==""#, "/data", "data-twice"),
    (#","data_base64":"%%""#, "/data_base64", "base64"),
    (#","data_base64":5"#, "/data_base64", "base64"),
    (#","datacontenttype":"text/plain","data":{}"#, "/data", "data-type"),
    (#","num":1.5"#, "/num", "attribute-value"),
    (#","obj":{}"#, "/obj", "attribute-value"),
    (#","Upper":"x""#, "/Upper", "attribute-name"),
    (#","id":"again""#, "/id", "attribute-repeated"),
  ])
  func `a broken member is named by its pointer`(members: String, path: String, rule: String)
    async throws
  {
    try await Door.open { door in
      let answer = try await door.postJSON(Self.event(members))
      #expect(answer.status == 400)
      let violation = try #require(answer.violations.first)
      #expect(violation["path"] as? String == path)
      #expect(violation["rule"] as? String == rule)
    }
  }

  @Test func `a missing attribute is named`() async throws {
    try await Door.open { door in
      let answer = try await door.postJSON(#"{"specversion":"1.0","source":"/a","type":"t"}"#)
      #expect(answer.firstPath == "/id")
      let typeless = try await door.postJSON(
        #"{"specversion":"1.0","source":"/a","id":"1","data":{}}"#)
      #expect(typeless.firstPath == "/type")
    }
  }

  @Test func `a batch is handed over as one and answered with a receipt for each`() async throws {
    try await Door.open { door in
      let batch = "[\(Self.event("", id: "1")), \(Self.event(#","data":[2]"#, id: "2"))]"
      let answer = try await door.postJSON(batch, batch: true)
      #expect(answer.status == 202)
      #expect(answer.headers["location"] == nil)
      let receipts = try #require(
        try JSONSerialization.jsonObject(with: Data(answer.body)) as? [[String: Any]])
      #expect(receipts.count == 2)
      #expect(door.hub.accepted.value.map { $0.map(\.envelope.id) } == [["1", "2"]])
    }
  }

  @Test func `of a batch with faults nothing is handed over, and each fault has its place`()
    async throws
  {
    try await Door.open { door in
      let batch = #"[\#(Self.event("")), {"id":""}, 5]"#
      let answer = try await door.postJSON(batch, batch: true)
      #expect(answer.status == 400)
      let paths = answer.violations.compactMap { $0["path"] as? String }
      #expect(paths.contains("/1/id"))
      #expect(paths.contains("/1/source"))
      #expect(answer.violations.last?["column"] as? Int == batch.count - 1)
      #expect(door.hub.messages.isEmpty)
    }
  }

  @Test func `an empty batch and one that is too long are refused`() async throws {
    try await Door.open {
      $0.batchMax = 2
    } _: { door in
      let empty = try await door.postJSON("[]", batch: true)
      #expect(empty.firstRule == "batch-empty")
      let long = "[" + (1...3).map { Self.event("", id: "\($0)") }.joined(separator: ",") + "]"
      #expect(try await door.postJSON(long, batch: true).firstRule == "batch-too-long")
    }
  }

  @Test func `a refusal by the hub names the event of the batch and leaves no body behind`()
    async throws
  {
    try await Door.open { door in
      door.hub.refusal.value = NotAccepted(.unknownReceiver, "H24.77 is not known here.", index: 1)
      let large = String(repeating: "x", count: 20_000)
      let batch = #"[\#(Self.event(#","data":"\#(large)""#)), \#(Self.event(""))]"#
      let answer = try await door.postJSON(batch, batch: true)
      #expect(answer.status == 422)
      #expect(try answer.object()["index"] as? Int == 1)
      #expect(door.hub.store.count.value == .init(begun: 1, finished: 1, discarded: 1))
      #expect(door.hub.store.bodies.value.isEmpty)
    }
  }

  @Test func `structured events have a limit of their own`() async throws {
    try await Door.open {
      $0.structuredBytesMax = 1000
    } _: { door in
      let answer = try await door.postJSON(
        Self.event(#","data":"\#(String(repeating: "x", count: 1000))""#))
      #expect(answer.problem == "/problems/too-large")
    }
  }
}
