import Foundation
import HubKit
import HubTesting
import Testing

@testable import HTTP

@Suite struct `What goes out` {
  private func sent(
    _ values: [String: SettingValue], _ delivery: Delivery
  ) async throws -> FaultyTransport.Sent {
    let transport = FaultyTransport([.answer(OutboundResponse(status: 202))])
    let all = values.merging(["url": .text("https://so.example.vn/in")]) { own, _ in own }
    _ = try await adapter(all, transport: transport).deliver(delivery)
    return try #require(transport.sent.first)
  }

  @Test func `in binary mode is the body with attributes in header fields`() async throws {
    let sent = try await sent([:], delivery(7))
    #expect(sent.body == Array(#"{"trichYeu":"Về việc thử nghiệm"}"#.utf8))
    #expect(sent.request.method == "POST")
    let headers = sent.request.headers
    #expect(headers["Content-Type"] == "application/json")
    #expect(headers["ce-specversion"] == "1.0")
    #expect(headers["ce-id"] == "vb-7")
    #expect(headers["ce-type"] == "vn.example.document")
    #expect(headers["ce-time"] == "2026-01-05T01:00:00.000Z")
    #expect(headers["ce-receiver"] == "H24.2")
    #expect(headers["ce-datacontenttype"] == nil)
    #expect(headers["Idempotency-Key"] == "\"0198c000-0000-7000-8000-000000000007.1\"")
    #expect(headers["traceparent"] == "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
  }

  @Test(arguments: [
    ("plain/value", "plain/value"), ("Sở Tài", "S%E1%BB%9F%20T%C3%A0i"), ("a \"b\" 100%", "a%20%22b%22%20100%25"),
    ("Euro € 😀", "Euro%20%E2%82%AC%20%F0%9F%98%80"), ("tab\there", "tab%09here"), ("\u{7F}", "%7F"),
    ("a~!'()", "a~!'()"),
  ])
  func `has header values percent-encoded as the binding says`(_ value: String, _ expected: String) {
    #expect(CloudEventsContent.encoded(value) == expected)
  }

  @Test func `in structured mode is one JSON document with the data inside`() async throws {
    let delivery = delivery { $0.subject = "Số \"12\"\n\\" }
    let sent = try await sent(["mode": .text("structured")], delivery)
    #expect(sent.request.headers["Content-Type"] == "application/cloudevents+json; charset=utf-8")
    #expect(sent.request.headers["ce-id"] == nil)
    struct Event: Decodable {
      struct Payload: Decodable { var trichYeu: String }
      var specversion, id, source, type, subject, datacontenttype, receiver: String
      var data: Payload
    }
    let event = try JSONDecoder().decode(Event.self, from: Data(sent.body))
    #expect(event.id == "vb-1" && event.specversion == "1.0" && event.datacontenttype == "application/json")
    #expect(event.subject == "Số \"12\"\n\\")
    #expect(event.data.trichYeu == "Về việc thử nghiệm")
  }

  @Test(arguments: [0, 1, 2, 3, 49_151, 49_152, 49_153, 300_000])
  func `in structured mode carries other bytes as base64, of any length`(_ count: Int) async throws {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 7) }
    let sent = try await sent(
      ["mode": .text("structured")], delivery(body: .inline(bytes), mediaType: "application/pdf"))
    struct Event: Decodable {
      var encoded: String?
      enum CodingKeys: String, CodingKey { case encoded = "data_base64" }
    }
    let event = try JSONDecoder().decode(Event.self, from: Data(sent.body))
    #expect(Array(Data(base64Encoded: event.encoded ?? "") ?? Data([1])) == bytes)
    if case .stream(_, let announced)? = sent.request.body { #expect(announced == sent.body.count) }
  }

  @Test(arguments: [
    "{\"a\":", "{} {}", "\u{FEFF}{}", "[1,]", "01", "\"\u{1}\"", "nul", "", " ", "{\"a\" 1}", "\"\\x\"", "-", "1.",
    "1e",
  ])
  func `does not put what only claims to be JSON into the document`(_ text: String) {
    #expect(!JSONText.isValid(Array(text.utf8)))
  }

  @Test(arguments: [
    "{}", " [1, -2.5e+3, 0, \"\\u00e9\\n\", true, false, null, {\"a\": {\"b\": []}}] ", "\"x\"", "0", "-0.1",
  ])
  func `knows JSON when it sees it`(_ text: String) {
    #expect(JSONText.isValid(Array(text.utf8)))
  }

  @Test func `is not talked into deep recursion`() {
    #expect(!JSONText.isValid(Array(repeating: UInt8(ascii: "["), count: 1_000_000)))
    #expect(!JSONText.isValid([0x22, 0xFF, 0x22]))
  }

  @Test func `in body mode is only the body and its media type`() async throws {
    let sent = try await sent(["mode": .text("body"), "method": .text("PUT")], delivery(mediaType: "application/xml"))
    #expect(sent.request.method == "PUT")
    #expect(sent.request.headers["Content-Type"] == "application/xml")
    #expect(!sent.request.headers.contains { $0.name.hasPrefix("ce-") })
    #expect(sent.request.headers["Idempotency-Key"] != nil)
  }

  @Test func `goes to an address made of the message's own parts, encoded`() async throws {
    let values: [String: SettingValue] = ["url": .text("https://so.example.vn/{receiver}/{type}?id={id}")]
    let sent = try await sent(values, delivery { $0.id = "a/b ?&#ệ" })
    #expect(sent.request.url == "https://so.example.vn/H24.2/vn.example.document?id=a%2Fb%20%3F%26%23%E1%BB%87")
  }

  @Test func `never goes up in the address by way of dots`() async throws {
    let adapter = try adapter(["url": .text("https://so.example.vn/{id}/x")], transport: FaultyTransport([]))
    let error = await outcome(adapter, delivery { $0.id = ".." }).error
    #expect(error?.verdict == .reject)
    #expect(error?.code == "no-id")
  }

  @Test func `carries credentials and fixed fields`() async throws {
    let secret = Secret(reference: "env:X", value: "mật khẩu")
    let basic = try await sent(
      [
        "auth": .text("basic"), "username": .text("lgsp"), "password": .secret(secret),
        "headers": .map(["X-Tenant": "da-nang"]),
      ], delivery())
    #expect(basic.request.headers["Authorization"] == "Basic " + Data("lgsp:mật khẩu".utf8).base64EncodedString())
    #expect(basic.request.headers["X-Tenant"] == "da-nang")
    let token = Secret(reference: "env:T", value: "t0ken")
    let bearer = try await sent(["auth": .text("bearer"), "token": .secret(token)], delivery())
    #expect(bearer.request.headers["Authorization"] == "Bearer t0ken")
  }

  @Test func `ends when the attempt's time is over`() async throws {
    let clock = TestClock()
    let transport = FaultyTransport([], otherwise: .answer(OutboundResponse(status: 200)))
    let adapter = try adapter(["url": .text("https://so.example.vn/in")], transport: transport, clock: clock)
    let delivery = delivery(clock: clock)
    clock.advance(by: .seconds(15))
    _ = try await adapter.deliver(delivery)
    #expect(transport.sent.first?.request.timeout == .seconds(5))
    clock.advance(by: .seconds(5))
    #expect(await outcome(adapter, delivery).error?.code == "deadline")
    #expect(transport.sent.count == 1)
  }
}

@Suite struct `Settings of the http connector` {
  private func error(_ values: [String: SettingValue]) -> String? {
    do throws(SettingError) {
      _ = try HTTPConnector(settings: SettingValues(values, declared: HTTPConnector.descriptor.settings))
      return nil
    } catch {
      return error.name
    }
  }

  @Test func `are checked against each other`() {
    let url = SettingValue.text("https://so.example.vn/in")
    let secret = SettingValue.secret(Secret(reference: "env:X", value: nil))
    #expect(error(["url": url]) == nil)
    #expect(error([:]) == "url")
    for bad in [
      "https://{receiver}/", "https://so.example.vn/{other}", "https://so.example.vn/{id", "https://x/a}", "https:///x",
    ] {
      #expect(error(["url": .text(bad)]) == "url", "\(bad)")
    }
    #expect(error(["url": url, "auth": .text("basic"), "password": secret]) == "username")
    #expect(error(["url": url, "auth": .text("basic"), "username": .text("a:b"), "password": secret]) == "username")
    #expect(error(["url": url, "auth": .text("basic"), "username": .text("a")]) == "password")
    #expect(error(["url": url, "auth": .text("bearer")]) == "token")
    #expect(error(["url": url, "token": secret]) == "token")
    #expect(error(["url": url, "headers": .map(["ce-id": "1"])]) == "headers")
    #expect(error(["url": url, "headers": .map(["Authorization": "1"])]) == "headers")
    #expect(error(["url": url, "successStatus": .list(["200", "x"])]) == "successStatus")
    #expect(error(["url": url, "successStatus": .list(["200", "409"])]) == nil)
  }
}
