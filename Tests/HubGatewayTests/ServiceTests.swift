import Foundation
import HubGateway
import HubKit
import Testing

@Suite("Questions at the door")
struct ServiceTests {
  private func bearer(_ door: Door) async throws -> [String: String] {
    ["Authorization": "Bearer \(try await door.token())"]
  }

  private static func answer(
    _ state: ExchangeState = .delivered, _ reply: Reply? = nil, reason: String? = nil, fault: Fault? = nil
  ) -> @Sendable (Message, Duration) -> HubKit.Answer {
    { _, _ in
      HubKit.Answer(
        receipt: Receipt(exchange: MemoryHub.id, receivedAt: MemoryHub.receivedAt, duplicate: false),
        outcome: Outcome(state: state, reason: reason, fault: fault), reply: reply)
    }
  }

  @Test func `a question becomes a message, and the far system's answer is the caller's`() async throws {
    try await Door.open { door in
      let json = Array(#"{"match":true}"#.utf8)
      door.hub.answer.value = Self.answer(
        .delivered, Reply(code: "201", mediaType: "application/json", body: .inline(json)))
      let headers = try await bearer(door).merging([
        "Content-Type": "application/json", "ce-purpose": "X%C3%A1c minh", "ce-official": "cb-12", "ce-id": "q-1",
      ]) { $1 }
      let answer = try await door.send("POST", "/v1/services/population/verify/a%2Fb/c", headers, #"{"id":"1"}"#)
      #expect(answer.status == 201)
      #expect(answer.body == json)
      #expect(answer.headers["lgsp-exchange"] == MemoryHub.id.text)
      #expect(answer.headers["lgsp-origin"] == "far-system")
      let asked = try #require(door.hub.asked.value.first)
      #expect(asked.envelope.id == "q-1")
      #expect(asked.envelope.extensions["service"] == "population/verify")
      #expect(asked.envelope.extensions["purpose"] == "Xác minh")
      #expect(asked.envelope.question == Question(method: "POST", path: "a%2Fb/c"))
      #expect(asked.principal == .agency(try #require(OrganisationCode("H24.1"))))
    }
  }

  @Test func `parameters of a question without a body are kept as its body`() async throws {
    try await Door.open { door in
      door.hub.answer.value = Self.answer(.delivered, Reply(code: "204"))
      let answer = try await door.send("GET", "/v1/services/tax/payer?ma=0312%20x", try await bearer(door))
      #expect(answer.status == 204)
      let asked = try #require(door.hub.asked.value.first)
      #expect(asked.body == .inline(Array("ma=0312%20x".utf8)))
      #expect(asked.envelope.dataContentType == Question.parametersType)
      #expect(asked.envelope.question?.method == "GET")
      #expect(!asked.envelope.attributes.contains { $0.value.contains("0312") })
      let both = try await door.send("POST", "/v1/services/tax/payer?ma=1", try await bearer(door), "x")
      #expect(both.status == 400)
    }
  }

  @Test(arguments: [
    (Fault(.farSystem, .refused, code: "axis-18"), 502, "far-system-refused", "far-system"),
    (Fault(.farSystem, .inDoubt, code: "reply-schema"), 502, "far-system-failed", "far-system"),
    (
      Fault(.farSystem, .unavailable, code: "http-503", retryAfter: .seconds(7)), 503, "far-system-unavailable",
      "far-system"
    ),
    (Fault(.hub, .expired, code: "deadline"), 504, "deadline-passed", "hub"),
    (Fault(.farSystem, .abandoned, code: "deadline"), 504, "answer-abandoned", "far-system"),
    (Fault(.hub, .invalid, code: "schema"), 400, "invalid", "hub"),
  ])
  func `a failure says whose it is, what kind, and where it is on record`(
    fault: Fault, status: Int, type: String, origin: String
  ) async throws {
    try await Door.open { door in
      door.hub.answer.value = Self.answer(.failed, nil, reason: "Lý do.", fault: fault)
      let answer = try await door.send("POST", "/v1/services/population/verify", try await bearer(door), "{}")
      #expect(answer.status == status)
      #expect(answer.problem == "/problems/\(type)")
      #expect(answer.headers["lgsp-origin"] == origin)
      let object = try answer.object()
      #expect(object["exchange"] as? String == MemoryHub.id.text)
      #expect(object["code"] as? String == fault.code)
      #expect(answer.headers["retry-after"] == (fault.retryAfter == nil ? nil : "7"))
    }
  }

  @Test func `a caller who leaves is noticed, and his question with him`() async throws {
    try await Door.open { door in
      let token = try await door.token()
      let request =
        "POST /v1/services/population/verify HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \(token)\r\n"
        + "Content-Length: 2\r\n\r\n{}"
      // Sends, closes its side, and reads to the end: the hub asks in vain until it notices.
      _ = try? await door.raw([Array(request.utf8)], halfClose: true)
      #expect(door.hub.asked.value.count == 1)
      // Ends only when the question's task was cancelled.
      await door.hub.abandoned.pass()
    }
  }

  @Test func `the wait that a caller prefers is handed on, and respond-async gives a receipt`() async throws {
    try await Door.open { door in
      let waits = Mutexed<[Duration]>([])
      door.hub.answer.value = { message, wait in
        waits.change { $0.append(wait) }
        return Self.answer(.delivered, Reply(code: "200"))(message, wait)
      }
      let headers = try await bearer(door)
      for prefer in ["wait=3", "handling=lenient, wait=4", "wait=x"] {
        let all = headers.merging(["Prefer": prefer]) { $1 }
        _ = try await door.send("POST", "/v1/services/a/b", all, "{}")
      }
      #expect(waits.value == [.seconds(3), .seconds(4), .seconds(30)])
      let later = try await door.send(
        "POST", "/v1/services/a/b", headers.merging(["Prefer": "respond-async"]) { $1 }, "{}")
      #expect(later.status == 202)
      #expect(later.headers["location"] == "/v1/exchanges/\(MemoryHub.id)")
      #expect(door.hub.messages.count == 1)
    }
  }

  @Test func `the kept answer is given to the agency that asked, once there is one`() async throws {
    try await Door.open { door in
      let headers = try await bearer(door)
      let path = "/v1/exchanges/\(MemoryHub.id)/reply"
      func view(_ sender: String, _ state: ExchangeState) -> ExchangeView {
        ExchangeView(
          id: MemoryHub.id, state: state, type: "t", source: "/s", messageID: "1", sender: OrganisationCode(sender),
          receivers: [], receivedAt: MemoryHub.receivedAt)
      }
      #expect(try await door.send("GET", path, headers).status == 404)
      door.hub.views.value[MemoryHub.id] = view("H24.1", .underway)
      #expect(try await door.send("GET", path, headers).headers["retry-after"] == "5")
      door.hub.views.value[MemoryHub.id] = view("H24.1", .delivered)
      #expect(try await door.send("GET", path, headers).status == 404)
      door.hub.kept.value[MemoryHub.id] = Reply(code: "200", mediaType: "text/plain", body: .inline([0x61]))
      #expect(try await door.send("GET", path, headers).body == [0x61])
      door.hub.views.value[MemoryHub.id] = view("H24.2", .delivered)
      #expect(try await door.send("GET", path, headers).status == 404)
    }
  }

  @Test func `without a token nothing is asked, and own attributes are the hub's`() async throws {
    try await Door.open { door in
      #expect(try await door.send("POST", "/v1/services/a/b", [:], "{}").status == 401)
      let headers = try await bearer(door).merging(["ce-service": "population/verify"]) { $1 }
      #expect(try await door.send("POST", "/v1/services/a/b", headers, "{}").status == 400)
      #expect(door.hub.asked.value.isEmpty)
    }
  }
}

@Suite("The inbox at the door")
struct InboxTests {
  private func bearer(_ door: Door) async throws -> [String: String] {
    ["Authorization": "Bearer \(try await door.token())"]
  }

  private let item = InboxItem(
    id: "\(MemoryHub.id).1", lease: "thue", leaseUntil: MemoryHub.receivedAt + .seconds(60),
    envelope: Envelope(
      id: "1", source: "/a", type: "vn.gov.edoc.document", subject: "12/QĐ-UBND", dataContentType: "text/plain",
      extensions: ["receiver": "H24.1"]), body: .inline(Array("Về việc".utf8)), receivedAt: MemoryHub.receivedAt)

  @Test func `what waits is listed with its lease, and its bytes come with their attributes`() async throws {
    try await Door.open { door in
      door.hub.inbox.value = [item]
      let headers = try await bearer(door)
      let list = try await door.send("GET", "/v1/inbox?limit=5", headers).object()
      let first = try #require((list["messages"] as? [[String: Any]])?.first)
      #expect(first["lease"] as? String == "thue")
      #expect(first["data"] as? String == "Về việc")
      #expect((first["attributes"] as? [String: String])?["subject"] == "12/QĐ-UBND")
      let href = try #require(first["href"] as? String)
      let body = try await door.send("GET", href, headers)
      #expect(body.text == "Về việc")
      #expect(body.headers["ce-subject"] == "12/Q%C4%90-UBND")
      #expect(body.headers["content-type"] == "text/plain")
      let stranger = try await door.send("GET", "/v1/inbox/\(item.id)?lease=khac", headers)
      #expect(stranger.problem == "/problems/lease-ended")
      for limit in ["0", "101", "x"] {
        #expect(try await door.send("GET", "/v1/inbox?limit=\(limit)", headers).status == 400)
      }
      #expect(try await door.send("GET", "/v1/inbox").status == 401)
    }
  }

  @Test func `acknowledging and refusing reach the bus, and each answer is told`() async throws {
    try await Door.open { door in
      let headers = try await bearer(door).merging(["Content-Type": "application/json"]) { $1 }
      let path = "/v1/inbox/\(item.id)"
      #expect(try await door.send("POST", "\(path)/ack", headers, #"{"lease":"thue"}"#).status == 204)
      #expect(try await door.send("POST", "\(path)/nack", headers, #"{"lease":"thue"}"#).status == 400)
      let refused = #"{"lease":"thue","reason":" Sai thẩm quyền "}"#
      #expect(try await door.send("POST", "\(path)/nack", headers, refused).status == 204)
      #expect(try await door.send("POST", "\(path)/ack", headers, "x").status == 400)
      #expect(
        door.hub.ended.value == ["\(item.id) H24.1 thue ack", "\(item.id) H24.1 thue Sai thẩm quyền"])
      door.hub.inboxAnswer.value = .leaseEnded
      let late = try await door.send("POST", "\(path)/ack", headers, #"{"lease":"thue"}"#)
      #expect(late.status == 409)
      #expect(late.problem == "/problems/lease-ended")
      door.hub.inboxAnswer.value = .unknown
      #expect(try await door.send("POST", "\(path)/ack", headers, #"{"lease":"thue"}"#).status == 404)
    }
  }
}

@Suite("Far systems that call")
struct ServedTests {
  private struct Echo: ServedInterface {
    func respond(to request: ServedRequest) async -> ServedResponse {
      let query = request.query.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
      let line = "\(request.method) \(request.path) \(query) \(request.headers["X-Key"] ?? "-") "
      return ServedResponse(
        status: 207, headers: [HeaderField("X-Answer", "co")], body: Array(line.utf8) + request.body)
    }
  }

  @Test func `a connector answers below its endpoint's name, without a token of ours`() async throws {
    try await Door.open(served: ServedInterfaces([.init(endpoint: "portal", interface: Echo())])) { door in
      let answer = try await door.send(
        "POST", "/v1/served/portal/nhan%20ho/so?a=1%2B1", ["X-Key": "k"], "thân")
      #expect(answer.status == 207)
      #expect(answer.text == "POST /nhan ho/so a=1+1 k thân")
      #expect(answer.headers["x-answer"] == "co")
      #expect(try await door.send("GET", "/v1/served/other/x").status == 404)
      #expect(try await door.send("GET", "/v1/served/portal/%zz").status == 400)
    }
  }

  @Test func `what is served is swapped while the door is open`() async throws {
    let served = ServedInterfaces([.init(endpoint: "portal", interface: Echo())])
    try await Door.open(served: served) { door in
      let before = try await door.send("GET", "/v1/served/portal/x")
      #expect(before.status == 207)
      served.adopt([.init(endpoint: "other", interface: Echo())])
      #expect(try await door.send("GET", "/v1/served/portal/x").status == 404)
      #expect(try await door.send("GET", "/v1/served/other/x").status == 207)
    }
  }

  @Test func `a request larger than is held in memory is refused`() async throws {
    let served = ServedInterfaces([.init(endpoint: "portal", interface: Echo())])
    try await Door.open({ $0.servedBytesMax = 10 }, served: served) { door in
      let answer = try await door.send("POST", "/v1/served/portal/x", [:], "12345678901")
      #expect(answer.status == 413)
      #expect(answer.problem == "/problems/too-large")
    }
  }
}
