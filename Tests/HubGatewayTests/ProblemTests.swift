import Foundation
import HubGateway
import HubKit
import Hummingbird
import Testing

@Suite struct ProblemTests {
  private static let statuses: [NotAccepted.Code: Int] = [
    .invalid: 400, .forbidden: 403, .secret: 403, .conflict: 409, .tooLarge: 413,
    .unknownReceiver: 422, .noRoute: 422,
    .tooMany: 429, .unavailable: 503, .full: 507,
  ]

  @Test(arguments: NotAccepted.Code.allCases)
  func `every refusal of the hub has its status and a page that explains it`(code: NotAccepted.Code)
    async throws
  {
    try await Door.open { door in
      let place = Violation(rule: "schema", message: "wrong", path: "/a", line: 3, column: 4)
      door.hub.refusal.value = NotAccepted(
        code, "A sentence for \"the\" caller.", violations: [place], retryAfter: .milliseconds(1500)
      )
      let answer = try await door.post()
      #expect(answer.status == Self.statuses[code])
      let type = try #require(answer.problem)
      #expect(type == "/problems/\(code.rawValue)")
      #expect(answer.headers["retry-after"] == "2")
      let object = try answer.object()
      #expect(object["retryAfter"] as? Int == 2)
      #expect(object["detail"] as? String == "A sentence for \"the\" caller.")
      #expect(object["index"] == nil)
      #expect(
        object["origin"] as? String == (code == .unavailable || code == .full ? "hub" : "caller"))
      let violation = try #require(answer.violations.first)
      #expect(violation["line"] as? Int == 3)
      let page = try await door.send("GET", type)
      #expect(page.status == 200)
      #expect(page.headers["content-type"] == "text/plain; charset=utf-8")
      #expect(page.text.contains("HTTP \(answer.status)"))
    }
  }

  @Test func `every listed problem type has a page in Vietnamese and English`() async throws {
    try await Door.open { door in
      let list = try await door.send("GET", "/problems").text.split(separator: "\n")
      #expect(list.count == 29)
      for line in list {
        let path = String(line.prefix { $0 != " " })
        let paragraphs = try await door.send("GET", path).text.components(separatedBy: "\n\n")
        #expect(paragraphs.count == 3)
        #expect(
          paragraphs[1].unicodeScalars.contains { $0.value > 0x1EA0 }, "\(path) has no Vietnamese")
      }
      #expect(try await door.send("GET", "/problems/none").problem == "/problems/not-found")
    }
  }

  @Test func `unknown addresses and methods are problems too`() async throws {
    try await Door.open { door in
      #expect(try await door.send("GET", "/nowhere").problem == "/problems/not-found")
      let wrong = try await door.send("DELETE", "/v1/exchanges/abc")
      #expect(wrong.status == 405)
      #expect(wrong.problem == "/problems/method-not-allowed")
      #expect(wrong.headers["allow"] == "GET, HEAD, OPTIONS")
      let options = try await door.send("OPTIONS", "/oauth2/token")
      #expect(options.status == 204)
      #expect(options.headers["allow"] == "OPTIONS, POST")
      #expect(options.headers["content-length"] == nil && options.headers["transfer-encoding"] == nil)
      #expect(options.headers.keys.allSatisfy { !$0.hasPrefix("access-control") })
    }
  }

  @Test func `HEAD answers like GET without the body`() async throws {
    try await Door.open { door in
      let head = try await door.send("HEAD", "/health")
      #expect(head.status == 200)
      #expect(head.body.isEmpty)
      #expect(head.headers["content-length"] == "15")
      let next = "GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
      let lost = "HEAD /nowhere HTTP/1.1\r\nHost: x\r\n\r\n" + next
      let port = door.port
      let bytes = try await offPool {
        let socket = try ClientSocket(port: port)
        _ = socket.send(Array(lost.utf8))
        return socket.receiveAll()
      }
      let text = String(decoding: bytes, as: UTF8.self)
      #expect(text.hasPrefix("HTTP/1.1 404") && text.hasSuffix(#"{"status":"ok"}"#))
      #expect(!text.contains("/problems/"), "no body follows an answer to HEAD")
    }
  }

  @Test func `every answer carries the fields that keep browsers from guessing`() async throws {
    try await Door.open { door in
      for answer in [try await door.send("GET", "/health"), try await door.send("GET", "/nowhere")] {
        #expect(answer.headers["x-content-type-options"] == "nosniff")
        #expect(answer.headers["cache-control"] == "no-store")
        #expect(answer.headers["content-security-policy"]?.contains("default-src 'none'") == true)
        #expect(answer.headers["referrer-policy"] == "no-referrer")
        #expect(answer.headers["date"]?.hasSuffix("GMT") == true)
        #expect(answer.headers["server"] == nil)
      }
    }
  }

  @Test func `the hub lives at once and is ready when it says so`() async throws {
    let reasons = Mutexed(["The journal is being read.", "No route is loaded."])
    try await Door.open(reasons: reasons) { door in
      #expect(try await door.send("GET", "/health").status == 200)
      let before = try await door.send("GET", "/ready")
      #expect(before.status == 503)
      #expect(before.problem == "/problems/not-ready")
      #expect(try before.object()["reasons"] as? [String] == reasons.value)
      reasons.value = []
      let after = try await door.send("GET", "/ready")
      #expect(after.status == 200)
    }
  }

  @Test
  func `what another room mounts is served, and its failures become problems without details`()
    async throws
  {
    struct Broken: Error { let secret = "0912345678" }
    let mounted: (Router<GatewayContext>) -> Void = { router in
      router.get("/metrics") { _, _ in "lgsp 1" }
      router.get("/broken") { _, _ -> String in throw Broken() }
      router.get("/teapot") { _, _ -> String in throw HTTPError(.badRequest, message: "a sentence") }
    }
    try await Door.open(extraRoutes: mounted) { door in
      #expect(try await door.send("GET", "/metrics").text == "lgsp 1")
      let broken = try await door.send("GET", "/broken")
      #expect(broken.status == 500)
      #expect(broken.problem == "/problems/internal")
      #expect(!broken.text.contains("Broken") && !broken.text.contains("0912345678"))
      let bad = try await door.send("GET", "/teapot")
      #expect(bad.problem == "/problems/bad-request")
      #expect(door.server.routes.contains("GET /metrics"))
    }
  }
}
