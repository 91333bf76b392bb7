import Crypto
import Foundation
import HubKit
import HubTesting
import Testing

/// How a manifest's connector shows who the hub is.
@Suite(.timeLimit(.minutes(2))) struct ManifestCredentialTests {
  private static func manifest(_ authentication: String) -> String {
    """
    connector: far
    version: 1.0.0
    summary: A far system.
    settings:
      url: {kind: url, required: true, example: "https://far.example", help: Base URL.}
      name: {kind: text, default: hub, example: hub, help: Name.}
      secret: {kind: secret, example: "file:x", help: Secret.}
    http:
      base: "{url}"
      authentication: \(authentication)
      operations: [{name: a, path: "/a/{envelope.subject}", query: {q: "{name}"}}]
    """
  }

  private func outbound(
    _ authentication: String, _ server: LoopbackServer, secret: String? = "khóa bí mật\n",
    clock: any HubClock = SystemClock()
  ) throws -> any OutboundAdapter {
    let kind = try Hosted.kind(["manifest.yaml": Self.manifest(authentication)])
    let settings: [String: SettingValue] = [
      "url": .text(server.url), "secret": .secret(Secret(reference: "file:x", value: secret)),
    ]
    return try #require(try Hosted.parts(of: kind, settings, clock: clock).outbound)
  }

  @Test(arguments: [
    ("{basic: {username: name, password: secret}}", "Authorization", "Basic aHViOmtow7NhIGLDrSBt4bqtdA=="),
    ("{bearer: {token: secret}}", "Authorization", "Bearer khóa bí mật"),
    ("{apiKey: {header: X-Key, key: secret}}", "X-Key", "khóa bí mật"),
  ])
  func `A credential stands in its header field`(way: String, field: String, value: String) async throws {
    let far = FarRegister { _, _ in ServedResponse(status: 204) }
    let server = try LoopbackServer(far)
    _ = try await outbound(way, server).deliver(message("{}"))
    #expect(far.requests.first?.headers[field] == value)
    let error = await outcome(try outbound(way, server, secret: nil), message("{}")).error
    #expect(error?.verdict == .outage(after: nil))
    #expect(error?.code == "no-secret")
    #expect(far.requests.count == 1)
  }

  @Test func `A signature covers method, path, query, time and body`() async throws {
    let far = FarRegister { _, _ in ServedResponse(status: 204) }
    let server = try LoopbackServer(far)
    let way = """
      {hmac: {key: secret, header: X-Signature, prefix: "v1=", timeHeader: X-Time, encoding: base64,
          text: "{method} {path}{query} {time} {bodySHA256}"}}
      """
    let clock = TestClock()
    _ = try await outbound(way, server, clock: clock).deliver(message(#"{"a":1}"#, subject: "Lô 5"))
    let request = try #require(far.requests.first)
    let time = try #require(request.headers["X-Time"])
    let digest = SHA256.hash(data: Data(#"{"a":1}"#.utf8)).map { String(format: "%02x", $0) }.joined()
    let signed = "POST /a/L%C3%B4%205?q=hub \(time) \(digest)"
    let expected = HMAC<SHA256>.authenticationCode(
      for: Data(signed.utf8), using: SymmetricKey(data: Data("khóa bí mật".utf8)))
    #expect(request.headers["X-Signature"] == "v1=" + Data(expected).base64EncodedString())
  }

  @Test func `A signed call is admitted in its time only, and no time is too far for an answer`() async throws {
    let manifest = """
      connector: far
      version: 1.0.0
      summary: A far system.
      settings:
        secret: {kind: secret, required: true, example: "file:x", help: Key.}
      http:
        base: "https://far.example"
        webhooks:
          - path: /in
            authentication: {hmac: {key: secret, header: X-Signature, text: "{time}{body}", timeHeader: X-Time}}
            events: '[{id: "1", type: "t", data: .body}]'
      """
    let (clock, gateway) = (TestClock(), RecordingGateway())
    let parts = try Hosted.parts(
      of: try Hosted.kind(["manifest.yaml": manifest]), ["secret": .secret(Secret(reference: "file:x", value: "k"))],
      gateway: gateway, clock: clock)
    let served = try #require(parts.served)
    let now = (clock.now - Timestamp(microseconds: 0)).components.seconds
    func status(_ time: String) async -> Int {
      let digest = HMAC<SHA256>.authenticationCode(
        for: Data((time + "{}").utf8), using: SymmetricKey(data: Data("k".utf8)))
      let headers = [
        HeaderField("X-Time", time), HeaderField("X-Signature", digest.map { String(format: "%02x", $0) }.joined()),
      ]
      return await served.respond(
        to: ServedRequest(method: "POST", path: "/in", headers: headers, body: Array("{}".utf8))
      ).status
    }
    for time in [now - 300, now, now + 300] { #expect(await status("\(time)") == 202) }
    for time in [now - 301, now + 301, .min, .max, .min + now] { #expect(await status("\(time)") == 401, "\(time)") }
    #expect(await status("") == 401)
  }

  @Test func `A token is fetched once, kept, and renewed once when the far side has dropped it`() async throws {
    let far = FarRegister { request, number in
      if request.path == "/token" {
        return .json(#"{"access_token":"t\#(number)","token_type":"Bearer","expires_in":600}"#)
      }
      // The far side forgets the first token after two calls.
      let isOld = request.headers["Authorization"] == "Bearer t1" && number > 3
      return ServedResponse(status: isOld ? 401 : 204)
    }
    let server = try LoopbackServer(far)
    let way = #"{oauth: {tokenURL: "{url}/token", clientId: name, clientSecret: secret, scope: graves}}"#
    let adapter = try outbound(way, server)
    for _ in 1...4 { #expect(try await adapter.deliver(message("{}")).code == "204") }
    let tokens = far.requests.filter { $0.path == "/token" }
    #expect(tokens.count == 2)
    #expect(String(decoding: tokens[0].body, as: UTF8.self) == "grant_type=client_credentials&scope=graves")
    #expect(far.requests.filter { $0.headers["Authorization"] == "Bearer t1" }.count == 3)
  }

  @Test func `Many who need a token at once fetch one`() async throws {
    let far = FarRegister { request, _ in
      request.path == "/token" ? .json(#"{"access_token":"t"}"#) : ServedResponse(status: 204)
    }
    let server = try LoopbackServer(far)
    let adapter = try outbound(
      #"{oauth: {tokenURL: "{url}/token", clientId: name, clientSecret: secret}}"#, server)
    try await withThrowingTaskGroup { group in
      for _ in 1...8 { group.addTask { try await adapter.deliver(message("{}")).code } }
      for try await code in group { #expect(code == "204") }
    }
    #expect(far.requests.filter { $0.path == "/token" }.count == 1)
  }

  @Test func `A far side that gives out no token is away, and its words stay there`() async throws {
    let far = FarRegister { _, _ in .json(status: 400, #"{"error":"khóa bí mật sai"}"#) }
    let server = try LoopbackServer(far)
    let way = #"{oauth: {tokenURL: "{url}/token", clientId: name, clientSecret: secret}}"#
    let error = try #require(await outcome(try outbound(way, server), message("{}")).error)
    #expect(error.verdict == .outage(after: nil))
    #expect(error.code == "no-token")
    #expect(!"\(error)".contains("khóa"))
  }
}
