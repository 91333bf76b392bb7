import Foundation
import HubKit
import HubTesting
import JSONWire
import Testing

@testable import NationalPortal

extension SocketTests {
  @Suite struct ServedTests {
    private let gateway = RecordingGateway()

    private func push(
      _ body: [UInt8], path: String = "/nhanhsdvcqg", method: String = "POST",
      credential: HeaderField? = HeaderField(
        "Authorization", "Basic " + Data("dvcqg:bi-mat".utf8).base64EncodedString()),
      _ change: [String: SettingValue?] = [:]
    ) async throws -> OutboundResponse {
      let served = try #require(try parts(url: "http://127.0.0.1:1", change, gateway: gateway).served)
      let server = try LoopbackServer(served)
      defer { server.close() }
      return try await transport.send(
        OutboundRequest(
          method: method, url: server.url + path, headers: [credential].compactMap(\.self),
          body: method == "GET" ? nil : .bytes(body)))
    }

    private func code(_ response: OutboundResponse) -> String? { JSONValue(response.body)?["error_code"]?.string }

    private let dossier = Array(record(1, ["NgayNopHoSo": "20261127081500", "NgayHenTra": "20261128170000"]).utf8)

    @Test func `a dossier is answered 0 once the hub has it`() async throws {
      let response = try await push(dossier)
      #expect(response.status == 200)
      #expect(response.body == Array(#"{"error_code":"0"}"#.utf8))
      let message = try #require(gateway.accepted.first)
      #expect(message.envelope.type == "vn.gov.dvcqg.dossier")
      #expect(message.envelope.subject == "000.00.00.H24-261127-0001")
      #expect(message.envelope.extensions == ["dossierstatus": "in-progress", "duetime": "2026-11-28T17:00:00+07:00"])
      #expect(message.envelope.time == Timestamp(rfc3339: "2026-11-27T01:15:00Z"))
      #expect(message.body == .inline(try canonical(String(decoding: dossier, as: UTF8.self))))
    }

    @Test func `a repeat is the same message, a changed record another`() async throws {
      for body in [dossier, dossier, Array(record(1, ["TrangThaiHoSo": "7"]).utf8)] {
        #expect(code(try await push(body)) == "0")
      }
      #expect(gateway.accepted.count == 2)
      #expect(Set(gateway.accepted.map(\.envelope.id)).count == 2)
    }

    @Test func `pushed and fetched, a dossier is one message`() async throws {
      let portal = try Portal()
      let pushed = try await portal.submit(time: "20260105070000")
      #expect(code(try await push(pushed)) == "0")
      let page = try await portal.source().poll(after: nil, limit: 10, bodies: MemoryBodyStore())
      let fetched = try #require(page.items.first)
      let message = try #require(gateway.accepted.first)
      #expect(fetched.envelope == message.envelope)
      #expect(fetched.body == message.body)
    }

    @Test func `a large dossier goes to the body store`() async throws {
      let file = String(repeating: "QUJD", count: 20_000)
      let body = #"{"MaHoSo":"H24-261127-0001","TaiLieuNop":[{"TenTepDinhKem":"a.pdf","Base64":"\#(file)"}]}"#
      #expect(code(try await push(Array(body.utf8))) == "0")
      #expect(gateway.accepted.first?.body.byteCount ?? 0 > Body.inlineBytesMax)
    }

    @Test func `a wrong or missing credential is 401, another path 404, another method 405; nothing is done`()
      async throws
    {
      let wrong = Data("dvcqg:sai".utf8).base64EncodedString()
      for field in [
        nil, HeaderField("Authorization", "Basic \(wrong)"), HeaderField("Authorization", "Bearer bi-mat"),
        HeaderField("Authorization", "Basic"),
      ] {
        let response = try await push(dossier, credential: field)
        #expect(response.status == 401)
        #expect(response.headers["WWW-Authenticate"] != nil)
      }
      for path in ["/", "/nhantbthuedvcqg", "/nhanhsdvcqg/khac"] {
        #expect(try await push(dossier, path: path).status == 404)
      }
      #expect(try await push(dossier, method: "GET").status == 405)
      #expect(gateway.accepted.isEmpty)
    }

    @Test func `the credential may stand in a header of its own`() async throws {
      let change: [String: SettingValue?] = ["pushAuth": .text("header"), "pushHeader": .text("X-Khoa")]
      #expect(code(try await push(dossier, credential: HeaderField("x-khoa", "bi-mat"), change)) == "0")
      #expect(try await push(dossier, credential: HeaderField("x-khoa", "sai"), change).status == 401)
      #expect(try await push(dossier, credential: nil, change).status == 401)
    }

    @Test(arguments: ["", "[]", "{", #"{"MaTTHC":"2.000477"}"#, #"{"MaHoSo":5}"#, #"{"MaHoSo":"hồ sơ"}"#])
    func `what is no dossier is told so and kept nowhere`(_ body: String) async throws {
      let response = try await push(Array(body.utf8))
      #expect(response.status == 200)
      #expect(code(response) == "-1")
      #expect(JSONValue(response.body)?["message"]?.string?.isEmpty == false)
      #expect(gateway.accepted.isEmpty)
    }

    @Test func `deep nesting does no harm`() async throws {
      for depth in [400, 5000, 200_000] {
        let nested = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        let response = try await push(Array(#"{"MaHoSo":"H24-261127-0001","X":\#(nested)}"#.utf8))
        #expect(response.status == 200)
        #expect(code(response) == (depth < 500 ? "0" : "-1"))
      }
    }

    @Test func `a time that has not come yet is kept and marked`() async throws {
      #expect(code(try await push(Array(record(1, ["NgayNopHoSo": "29991231235959"]).utf8))) == "0")
      #expect(gateway.accepted.first?.envelope.extensions["timeahead"] == "true")
      #expect(gateway.accepted.first?.envelope.time == Timestamp(rfc3339: "2999-12-31T16:59:59Z"))
    }

    @Test func `bytes that are no UTF-8 are no dossier`() async throws {
      #expect(code(try await push(Array(#"{"MaHoSo":"A-1","X":""#.utf8) + [0xC3, 0x28] + Array("\"}".utf8))) == "-1")
    }

    @Test func `a dossier larger than the limit is told so`() async throws {
      let change: [String: SettingValue?] = ["recordBytesMax": .integer(1024)]
      let large = Array(record(1, ["GhiChu": String(repeating: "x", count: 1024)]).utf8)
      #expect(code(try await push(large, change)) == "-1")
      #expect(gateway.accepted.isEmpty)
    }

    @Test(arguments: [NotAccepted.Code.forbidden, .noRoute, .conflict, .invalid, .secret, .tooLarge])
    func `a refusal is told with its sentence`(_ refusal: NotAccepted.Code) async throws {
      gateway.refuse([NotAccepted(refusal, "Lý do của hub.")])
      let response = try await push(dossier)
      #expect(response.status == 200)
      #expect(code(response) == "-1")
      #expect(JSONValue(response.body)?["message"]?.string == "Lý do của hub.")
    }

    @Test(arguments: [NotAccepted.Code.unavailable, .tooMany, .full])
    func `a hub that cannot take it now says 503, so that the portal repeats`(_ refusal: NotAccepted.Code) async throws
    {
      gateway.refuse([NotAccepted(refusal, "later", retryAfter: .seconds(7))])
      let response = try await push(dossier)
      #expect(response.status == 503)
      #expect(response.headers["Retry-After"] == "7")
      #expect(code(try await push(dossier)) == "0")
    }

    @Test func `without a secret the portal is not let in`() throws {
      #expect(try parts(url: "http://127.0.0.1:1", ["pushSecret": nil]).served == nil)
    }
  }
}
