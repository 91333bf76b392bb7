import Crypto
import Foundation
import HubKit
import HubTesting
import Testing

/// What the mock makes of requests as other clients write them, built here by hand.
@Suite struct MockTests {
  private let clock = TestClock()

  private func signed(
    url: String = "http://c06.test/ws", secret: String = secret, time: String = "1767574800"
  ) -> [HeaderField] {
    let hash = SHA256.hash(data: Data("\(url)\(username)\(time)\(secret)".utf8))
    let password = hash.map { String(format: "%02x", $0) }.joined()
    return [
      HeaderField("Host", "c06.test"), HeaderField("timestamp", time),
      HeaderField("Authorization", "Basic " + Data("\(username):\(password)".utf8).base64EncodedString()),
    ]
  }

  private static let parts = [
    ("MaYeuCau", "r-1"), ("MaDVC", "G15"), ("MaTichHop", "003"), ("MaCanBo", "CB-1"), ("SoDinhDanh", "031090900001"),
    ("HoVaTen", "NGUYEN VAN AN"), ("NgayThangNamSinh", "<NgayThangNam>19900312</NgayThangNam>"),
  ]

  private func xml(_ parts: [(String, String)] = parts, operation: String = "XacThucThongTinCongDan") -> String {
    let inside = parts.map { "<\($0.0)>\($0.1)</\($0.0)>" }.joined()
    return """
      <s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>\
      <\(operation) xmlns="http://dancuquocgia.bca">\(inside)</\(operation)></s:Body></s:Envelope>
      """
  }

  private func answer(_ body: String, _ headers: [HeaderField]? = nil, method: String = "POST") async throws -> String {
    let interface = try Database.interface(clock: clock)
    let request = ServedRequest(
      method: method, path: "/ws", headers: headers ?? signed(), body: Array(body.utf8))
    let response = await interface.respond(to: request)
    return "\(response.status) \(String(decoding: response.body, as: UTF8.self))"
  }

  @Test func `a request in the older form, without a unit, is answered`() async throws {
    let text = try await answer(xml())
    #expect(text.hasPrefix("200 "))
    #expect(text.contains("<ns:TonTai>true</ns:TonTai>"))
    #expect(text.contains("<dan:MaYeuCau>r-1</dan:MaYeuCau>"))
  }

  @Test func `an empty collection is a person that is not there`() async throws {
    var parts = Self.parts
    parts[2].1 = "037"
    parts[5].1 = "NGUYEN VAN KHAC"
    let text = try await answer(xml(parts, operation: "TraCuuThongTinCongDan"))
    #expect(text.contains("<ns:CongdanCollection/>"))
  }

  @Test func `an order of elements that is another is refused`() async throws {
    for index in 1..<Self.parts.count {
      var parts = Self.parts
      parts.swapAt(index - 1, index)
      #expect(try await answer(xml(parts)).contains("DC-01"), "\(index)")
      parts = Self.parts
      parts.remove(at: index)
      #expect(try await answer(xml(parts)).contains("DC-0"), "\(index)")
    }
    #expect(try await answer(xml(Self.parts + [("Them", "1")])).contains("DC-01"))
    #expect(try await answer(xml(Self.parts + [Self.parts[6]])).contains("DC-01"))
    #expect(try await answer("").contains("DC-01"))
    #expect(try await answer("<!DOCTYPE a><a/>").contains("DC-01"))
  }

  @Test(arguments: [
    (2, "037", "DC-04"), (2, "999", "DC-04"), (3, "CB-KHOA", "DC-05"), (4, "03109090000", "DC-06"),
    (5, "Nguyễn Văn An", "DC-06"), (5, "Nguyen", "DC-06"), (6, "<NgayThangNam>1990-03-12</NgayThangNam>", "DC-06"),
    (6, "19900312", "DC-01"),
  ])
  func `values are looked at`(_ index: Int, _ value: String, _ code: String) async throws {
    var parts = Self.parts
    parts[index].1 = value
    let text = try await answer(xml(parts))
    #expect(text.hasPrefix("500 "))
    #expect(text.contains(">\(code)<"))
  }

  @Test func `accounts, passwords and clocks are looked at first`() async throws {
    #expect(try await answer(xml(), []).contains("DC-02"))
    #expect(try await answer("nonsense", []).contains("DC-02"))
    #expect(try await answer(xml(), signed(secret: "other")).contains("DC-02"))
    #expect(try await answer(xml(), signed(url: "http://c06.test/other")).contains("DC-02"))
    var changed = signed()
    changed[1] = HeaderField("timestamp", "1767574801")
    #expect(try await answer(xml(), changed).contains("DC-02"))
    #expect(try await answer(xml(), signed(time: "1767575101")).contains("DC-03"))
    #expect(try await answer(xml(), signed(time: "1767574499")).contains("DC-03"))
    #expect(try await answer(xml(), signed(time: "1767575100")).hasPrefix("200 "))
    #expect(try await answer(xml(), signed(time: "1767574800999")).hasPrefix("200 "))
    #expect(try await answer(xml(), signed(time: "now")).contains("DC-02"))
  }

  @Test func `a MaYeuCau is for one question`() async throws {
    let interface = try Database.interface(clock: clock)
    var other = Self.parts
    other[5].1 = "NGUYEN VAN EM"
    var answers: [String] = []
    for body in [xml(), xml(), xml(other)] {
      let request = ServedRequest(method: "POST", path: "/ws", headers: signed(), body: Array(body.utf8))
      answers.append(String(decoding: await interface.respond(to: request).body, as: UTF8.self))
    }
    #expect(answers[0] == answers[1])
    #expect(answers[2].contains("DC-09"))
  }

  @Test func `the control refuses what it does not know`() async throws {
    let interface = try Database.interface(clock: clock)
    for (method, path, body, status) in [
      ("POST", "faults", #"{"fault":"gremlin"}"#, 400), ("POST", "faults", #"{"fault":"error-code","code":"X"}"#, 400),
      ("POST", "systems", #"{"username":"a:b","secret":"x"}"#, 400), ("GET", "nothing", "", 404),
      ("GET", "received/1/body", "", 404), ("DELETE", "faults", "", 200), ("GET", "faults", "", 200),
    ] {
      let request = ServedRequest(method: method, path: "/_mock/\(path)", body: Array(body.utf8))
      #expect(await interface.respond(to: request).status == status, "\(method) \(path)")
    }
  }

  @Test func `the bytes of a question are kept as they came`() async throws {
    let interface = try Database.interface(clock: clock)
    let body = Array(xml().utf8)
    _ = await interface.respond(to: ServedRequest(method: "POST", path: "/ws", headers: signed(), body: body))
    let kept = await interface.respond(to: ServedRequest(method: "GET", path: "/_mock/received/1/body"))
    #expect(kept.body == body)
  }

  @Test func `other methods are refused, and a description needs the account`() async throws {
    #expect(try await answer("", method: "PUT").hasPrefix("405"))
    #expect(try await answer("", [], method: "GET").hasPrefix("401"))
    #expect(try await answer("", method: "GET").hasPrefix("200"))
  }
}
