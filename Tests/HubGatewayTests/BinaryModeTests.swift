import Foundation
import HubGateway
import HubKit
import Testing

@Suite struct BinaryModeTests {
  @Test func `an event is accepted with a receipt and a place to ask`() async throws {
    try await Door.open { door in
      let answer = try await door.post(
        [
          "ce-subject": "H%E1%BB%93%20s%C6%A1", "ce-time": "2026-11-23T08:00:00+07:00",
          "ce-receiver": "H24.2,H24.3",
          "ce-sender": "H24.9", "ce-dataschema": "https://example.vn/s.json",
          "ce-note": #""a \"b\"""#,
        ], #"{"a": 1.0}"#)
      #expect(answer.status == 202)
      #expect(answer.headers["location"] == "/v1/exchanges/\(MemoryHub.id)")
      let receipt = try answer.object()
      #expect(receipt["id"] as? String == MemoryHub.id.text)
      #expect(receipt["receivedAt"] as? String == "2027-01-15T08:00:00.000Z")
      #expect(receipt["duplicate"] as? Bool == false)
      let message = try #require(door.hub.messages.first)
      #expect(message.principal.text == "agency:H24.1")
      #expect(message.body == .inline(Array(#"{"a": 1.0}"#.utf8)))
      let envelope = message.envelope
      #expect(envelope.id == "1")
      #expect(envelope.source == "/agencies/H24.1/app")
      #expect(envelope.type == "vn.test.happened")
      #expect(envelope.subject == "Hồ sơ")
      #expect(envelope.time == Timestamp(rfc3339: "2026-11-23T01:00:00Z"))
      #expect(envelope.dataContentType == "application/json")
      #expect(envelope.dataSchema == "https://example.vn/s.json")
      #expect(envelope.receivers.map(\.text) == ["H24.2", "H24.3"])
      #expect(envelope.sender?.text == "H24.9", "what the sender wrote is left as it is")
      #expect(envelope.extensions["note"] == #"a "b""#)
    }
  }

  @Test func `a repeated event gets the first receipt, marked so`() async throws {
    try await Door.open { door in
      door.hub.duplicate.value = true
      let answer = try await door.post()
      #expect(try answer.object()["duplicate"] as? Bool == true)
    }
  }

  @Test(arguments: [
    (["ce-id": ""], "ce-id", "attribute-missing"),
    (["ce-source": ""], "ce-source", "attribute-missing"),
    (["ce-type": ""], "ce-type", "attribute-missing"),
    (["ce-specversion": ""], "ce-specversion", "attribute-missing"),
    (["ce-specversion": "0.3"], "ce-specversion", "attribute-value"),
    (["ce-source": "not a uri"], "ce-source", "attribute-value"),
    (["ce-source": "/a%2"], "ce-source", "utf8-or-value"),
    (["ce-time": "yesterday"], "ce-time", "attribute-value"),
    (["ce-dataschema": "/relative"], "ce-dataschema", "attribute-value"),
    (["ce-my_name": "x"], "ce-my_name", "attribute-name"),
    (["ce-datacontenttype": "text/plain"], "ce-datacontenttype", "attribute-name"),
    (["ce-subject": "%ff"], "ce-subject", "utf8"),
    (["ce-subject": "a%00b"], "ce-subject", "utf8"),
    (["ce-long": String(repeating: "x", count: 9000)], "ce-long", "attribute-too-long"),
  ])
  func `a broken attribute is named`(headers: [String: String], path: String, rule: String)
    async throws
  {
    try await Door.open { door in
      let answer = try await door.post(headers)
      #expect(answer.status == 400)
      #expect(answer.problem == "/problems/invalid")
      let violation = try #require(answer.violations.first)
      #expect(violation["path"] as? String == path)
      if rule != "utf8-or-value" { #expect(violation["rule"] as? String == rule) }
      #expect(door.hub.messages.isEmpty)
    }
  }

  @Test func `all faults are reported together`() async throws {
    try await Door.open { door in
      let answer = try await door.post(["ce-id": "", "ce-time": "x", "ce-BAD-name": "y"])
      #expect(answer.violations.count == 3)
    }
  }

  @Test func `an attribute that stands there twice is refused`() async throws {
    try await Door.open { door in
      let token = try await door.token()
      let request = """
        POST /v1/exchanges HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer \(token)\r
        ce-specversion: 1.0\r\nce-id: 1\r\nce-id: 2\r\nce-source: /a\r\nce-type: t\r\nContent-Length: 0\r\n\r\n
        """
      let answer = try #require(try await door.raw([Array(request.utf8)]).first)
      #expect(answer.firstRule == "attribute-repeated")
    }
  }

  @Test func `raw bytes that are no UTF-8 in a field are refused`() async throws {
    try await Door.open { door in
      let token = try await door.token()
      let head = """
        POST /v1/exchanges HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer \(token)\r
        ce-specversion: 1.0\r\nce-id: 1\r\nce-source: /a\r\nce-type: t\r\nContent-Length: 0\r\nce-subject: a
        """
      let answer = try #require(
        try await door.raw([Array(head.utf8) + [0xFF, 0xC3] + Array("\r\n\r\n".utf8)]).first)
      #expect(answer.status == 400)
    }
  }

  @Test func `more attributes than allowed are refused`() async throws {
    try await Door.open {
      $0.attributesMax = 8
    } _: { (door: Door) async throws in
      let many = Dictionary(uniqueKeysWithValues: (1...8).map { ("ce-ext\($0)", "x") })
      #expect(
        try await door.post(many).firstRule == "too-many-attributes")
    }
  }

  @Test func `a document in XML can be handed in with one line of curl`() async throws {
    try await Door.open { door in
      let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).edxml")
      try Data("<edXML>\u{e9}</edXML>".utf8).write(to: file)
      defer { try? FileManager.default.removeItem(at: file) }
      let curl = try await run(
        "curl",
        [
          "-s", "-H", "Authorization: Bearer \(try await door.token())", "-H",
          "Content-Type: application/xml",
          "--data-binary", "@\(file.path())", "http://127.0.0.1:\(door.port)/v1/exchanges",
        ])
      #expect(curl.output.contains(MemoryHub.id.text))
      let envelope = try #require(door.hub.messages.first?.envelope)
      #expect(envelope.source == "/agencies/H24.1")
      #expect(UUID(uuidString: envelope.id) != nil)
      #expect(envelope.type == "")
      #expect(envelope.dataContentType == "application/xml")
    }
  }

  @Test func `content that names no type needs one outside`() async throws {
    try await Door.open { door in
      let headers = [
        "Authorization": "Bearer \(try await door.token())", "Content-Type": "application/xml",
      ]
      let answer = try await door.send("POST", "/v1/exchanges", headers, "<other/>")
      #expect(answer.status == 400)
      #expect(answer.firstPath == "ce-type")
      let recognised = try await door.post(
        ["ce-type": "", "Content-Type": "application/xml"], "<edXML/>")
      #expect(recognised.status == 202)
    }
  }

  @Test func `plain JSON without any attribute is told all that is missing`() async throws {
    try await Door.open { door in
      let headers = [
        "Authorization": "Bearer \(try await door.token())", "Content-Type": "application/json",
      ]
      let answer = try await door.send("POST", "/v1/exchanges", headers, "{}")
      let paths = answer.violations.compactMap { $0["path"] as? String }
      #expect(paths.starts(with: ["ce-specversion", "ce-id", "ce-source"]))
    }
  }

  @Test func `the trace of the request is carried on, or a new one begins`() async throws {
    try await Door.open { door in
      let given = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
      _ = try await door.post(["traceparent": given, "tracestate": "a=1"])
      _ = try await door.post([
        "traceparent": "00-00000000000000000000000000000000-00f067aa0ba902b7-01"
      ])
      _ = try await door.post(["ce-traceparent": given])
      let extensions = door.hub.messages.map(\.envelope.extensions)
      #expect(extensions[0]["traceparent"] == given)
      #expect(extensions[0]["tracestate"] == "a=1")
      let made = try #require(extensions[1]["traceparent"])
      #expect(made.wholeMatch(of: /00-[0-9a-f]{32}-[0-9a-f]{16}-01/) != nil)
      #expect(extensions[2]["traceparent"] == given)
    }
  }

  @Test func `encodings and formats that are not read here get 415`() async throws {
    try await Door.open { door in
      for headers in [
        ["Content-Encoding": "gzip"], ["Content-Type": "application/cloudevents+avro"],
        ["Content-Type": "rubbish"],
        ["Content-Type": "application/cloudevents+json; charset=utf-16"],
      ] {
        let answer = try await door.post(headers)
        #expect(answer.status == 415)
        #expect(answer.problem == "/problems/media-type")
      }
    }
  }
}
