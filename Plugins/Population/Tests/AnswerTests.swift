import HubKit
import HubTesting
import Testing

@testable import Population

/// What the connector makes of answers that the mock does not give.
@Suite struct AnswerTests {
  private func failure(
    _ body: String, status: Int = 200, headers: [HeaderField] = [], operation: String = "lookup",
    wrapping: String = "none"
  ) async throws -> AdapterError? {
    let response = OutboundResponse(status: status, headers: headers, body: Array(body.utf8))
    let outbound = try adapter(
      "http://127.0.0.1:1/dancu", ["wrapping": .text(wrapping)], transport: FaultyTransport([.answer(response)]))
    return await error { () throws(AdapterError) in try await outbound.deliver(delivery(operation: operation)) }
  }

  private static func soap(_ body: String, header: String = "") -> String {
    "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\">\(header)<s:Body>\(body)</s:Body></s:Envelope>"
  }

  private static func fault(_ code: String, _ words: String, detail: String = "") -> String {
    soap(
      "<s:Fault><faultcode>s:\(code)</faultcode><faultstring>\(words)</faultstring><detail>\(detail)</detail></s:Fault>"
    )
  }

  @Test(arguments: [
    ("Client", "Invalid Timestamp", AdapterError.Verdict.outage(after: nil), "population-clock"),
    ("Server", "Lệch thời gian hệ thống", .outage(after: nil), "population-clock"),
    ("Client.Authentication", "no", .outage(after: nil), "population-credentials"),
    ("Client", "Nguyễn Văn An 031090900001 sai", .reject, "population-fault-client"),
    ("Server", "boom", .retry(after: nil), "population-fault-server"),
    ("MustUnderstand", "header", .outage(after: nil), "population-fault-soap"),
    ("VersionMismatch", "1.2", .outage(after: nil), "population-fault-soap"),
    ("Gremlin", "?", .retry(after: nil), "population-fault-unknown"),
  ])
  func `a fault without a code of ours is judged by whom it blames`(
    _ side: String, _ words: String, _ verdict: AdapterError.Verdict, _ code: String
  ) async throws {
    for status in [500, 200] {
      let failure = try await failure(Self.fault(side, words, detail: "<MaLoi>031090900001</MaLoi>"), status: status)
      #expect(failure?.verdict == verdict)
      #expect(failure?.code == code)
      #expect("\(String(describing: failure))".contains("0310") == false)
      #expect("\(String(describing: failure))".contains("Nguyễn") == false)
    }
  }

  @Test func `a fault of SOAP 1.2 is understood`() async throws {
    let text = """
      <e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body><e:Fault><e:Code><e:Value>e:Sender</e:Value>\
      <e:Subcode><e:Value>x:FailedAuthentication</e:Value></e:Subcode></e:Code>\
      <e:Reason><e:Text xml:lang="en">no</e:Text></e:Reason></e:Fault></e:Body></e:Envelope>
      """
    let failure = try await failure(text, status: 500)
    #expect(failure?.code == "population-credentials")
  }

  @Test(arguments: [
    (401, AdapterError.Verdict.outage(after: nil)), (403, .outage(after: nil)), (404, .outage(after: nil)),
    (302, .outage(after: nil)), (429, .outage(after: nil)), (500, .retry(after: nil)), (502, .inDoubt), (504, .inDoubt),
    (400, .reject), (408, .retry(after: nil)),
  ])
  func `without a fault the status speaks`(_ status: Int, _ verdict: AdapterError.Verdict) async throws {
    for body in ["", "<html><body>no</body></html>", "nothing"] {
      let failure = try await failure(body, status: status)
      #expect(failure?.verdict == verdict, "\(body)")
      #expect(failure?.code == "http-\(status)")
    }
    let whole = Self.soap("<KetQuaXacThuc xmlns='\(PopulationNamespace.data)'><TonTai>true</TonTai></KetQuaXacThuc>")
    #expect(try await failure(whole, status: status, operation: "verify")?.code == "http-\(status)")
  }

  @Test func `the wait that is asked for is kept`() async throws {
    let failure = try await failure("", status: 503, headers: [HeaderField("Retry-After", "120")])
    #expect(failure?.verdict == .outage(after: .seconds(120)))
  }

  @Test(arguments: [
    ("   ", "population-empty-answer"), ("<!DOCTYPE html><p>", "population-html-answer"),
    ("\n<HTML>", "population-html-answer"), ("plain text", "population-xml-syntax"),
    ("<a>", "population-xml-syntax"), ("<a/>", "population-soap-structure"),
    ("junk<a/>", "population-xml-junk-before-document"), ("<a>&nbsp;</a>", "population-entity-not-allowed"),
    ("<x:a/>", "population-xml-undeclared-prefix"),
    ("<Envelope xmlns='urn:other'/>", "population-soap-version"),
    (soap(""), "population-other-schema"), (soap("<a/>"), "population-other-schema"),
    (
      soap("<CongdanCollection xmlns='urn:x'/>"), "population-other-schema"
    ),
    (
      soap("<CongdanCollection xmlns='http://www.mic.gov.vn/dancu/1.0'><Khac/></CongdanCollection>"),
      "population-other-schema"
    ),
    (
      soap("<r/>", header: "<s:Header><h xmlns='urn:h' s:mustUnderstand='1'/></s:Header>"),
      "population-must-understand"
    ),
  ])
  func `what is no answer is in doubt`(_ body: String, _ code: String) async throws {
    let failure = try await failure(body)
    #expect(failure?.verdict == .inDoubt)
    #expect(failure?.code == code)
  }

  @Test(arguments: [
    "<TonTai>maybe</TonTai>", "<TonTai/>", "", "<TonTai>TRUE!</TonTai>",
  ])
  func `a verification says yes or no`(_ inside: String) async throws {
    let body = Self.soap("<KetQuaXacThuc xmlns='http://www.mic.gov.vn/dancu/1.0'>\(inside)</KetQuaXacThuc>")
    #expect(try await failure(body, operation: "verify")?.code == "population-other-schema")
  }

  @Test func `two results are none`() async throws {
    let one = "<KetQuaXacThuc xmlns='http://www.mic.gov.vn/dancu/1.0'><TonTai>true</TonTai></KetQuaXacThuc>"
    #expect(try await failure(Self.soap(one + one), operation: "verify")?.code == "population-other-schema")
  }

  @Test func `an answer without end is not read`() async throws {
    let long = Self.soap("<a>" + String(repeating: "x", count: 600 * 1024) + "</a>")
    #expect(try await failure(long)?.code == "population-xml-text-too-long")
    let many = Self.soap(String(repeating: "<a/>", count: 50_000))
    #expect(try await failure(many)?.code == "population-xml-text-too-long")
  }

  @Test(arguments: [
    ("[]", AdapterError.Verdict.inDoubt, "population-json-syntax"),
    (#"{"message":"<a/>"}"#, .inDoubt, "population-json-syntax"),
    (#"{"error_code":"0"}"#, .inDoubt, "population-empty-answer"),
    (#"{"error_code":"0","message":" "}"#, .inDoubt, "population-empty-answer"),
    (#"{"error_code":0,"message":"<a>"}"#, .inDoubt, "population-xml-syntax"),
    (#"{"error_code":"SUCCESSFUL","message":"<a/>"}"#, .inDoubt, "population-other-schema"),
    (#"{"error_code":-1,"message":"031090900001"}"#, .retry(after: nil), "population-gateway"),
    (#"{"error_code":"031090900001","message":""}"#, .retry(after: nil), "population-gateway"),
    (#"{"error_code":"DC-05"}"#, .reject, "population-DC-05"),
  ])
  func `a gateway's JSON is looked at as closely`(
    _ body: String, _ verdict: AdapterError.Verdict, _ code: String
  ) async throws {
    let failure = try await failure(body, wrapping: "json")
    #expect(failure?.verdict == verdict)
    #expect(failure?.code == code)
    #expect("\(String(describing: failure))".contains("0310") == false)
  }

  @Test func `XML in JSON may come with or without its envelope`() async throws {
    let bare = "<CongdanCollection xmlns='http://www.mic.gov.vn/dancu/1.0'/>"
    for (xml, number) in [(bare, "0"), (Self.soap(bare), "\"00\"")] {
      let text = #"{"error_code":\#(number),"message":"\#(xml.replacing("\"", with: "\\\""))"}"#
      let outbound = try adapter(
        "http://127.0.0.1:1/dancu", ["wrapping": .text("json")],
        transport: FaultyTransport([.answer(OutboundResponse(status: 200, body: Array(text.utf8)))]))
      #expect(try json(try await outbound.deliver(delivery(operation: "lookup"))) == #"{"found":false}"#)
    }
  }

  @Test func `values that cannot be understood are left out and noted`() async throws {
    let person = """
      <CongdanCollection xmlns='http://www.mic.gov.vn/dancu/1.0'><CongDan><GioiTinh>9</GioiTinh>\
      <NgayThangNamSinh><NgayThangNam>19900231</NgayThangNam></NgayThangNamSinh><HoVaTen/>\
      <ThoiDiemDuLieu>hôm qua</ThoiDiemDuLieu></CongDan></CongdanCollection>
      """
    let response = OutboundResponse(status: 200, body: Array(Self.soap(person).utf8))
    let outbound = try adapter("http://127.0.0.1:1/dancu", transport: FaultyTransport([.answer(response)]))
    #expect(
      try json(try await outbound.deliver(delivery(operation: "lookup")))
        == #"{"found":true,"notes":["birth-date-unreadable","valid-at-unreadable"],"person":{"gender":"unknown"}}"#)
  }

  @Test func `a sex that contradicts the number is noted where it is returned`() async throws {
    for (fields, notes) in [(["gender"], true), (["name"], false)] {
      let response = OutboundResponse(status: 200, body: try fixture("answer-lookup.xml"))
      let outbound = try adapter(
        "http://127.0.0.1:1/dancu", ["fields": .list(fields)], transport: FaultyTransport([.answer(response)]))
      let text = try json(try await outbound.deliver(delivery(operation: "lookup")))
      #expect(text.contains("personal-id-gender") == notes)
    }
  }

  @Test func `a large answer goes to the store`() async throws {
    let text = String(decoding: try fixture("answer-lookup.xml"), as: UTF8.self).replacing(
      "<c:GhiChu>  </c:GhiChu>", with: "<c:GhiChu>\(String(repeating: "x", count: 20_000))</c:GhiChu>")
    let outbound = try adapter(
      "http://127.0.0.1:1/dancu", ["fields": .list(["note"])],
      transport: FaultyTransport([.answer(OutboundResponse(status: 200, body: Array(text.utf8)))]))
    let reply = try await outbound.deliver(delivery(operation: "lookup"))
    #expect(reply.body.byteCount > Body.inlineBytesMax)
  }
}
