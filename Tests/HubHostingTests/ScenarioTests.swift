import Foundation
import HubConfig
import HubHosting
import HubKit
import HubMock
import HubTesting
import Logging
import Testing

/// Far systems as files play them, over real sockets.
@Suite(.timeLimit(.minutes(2))) struct ScenarioTests {
  private static let manifest = """
    connector: far
    version: 1.0.0
    summary: A far system.
    http: {base: "https://far.example", operations: [{name: a, path: /a}]}
    """

  private func kind(_ mock: String) throws -> MockKind {
    let files = ConfigFiles(texts: ["connectors/far/manifest.yaml": Self.manifest, "connectors/far/mock.yaml": mock])
    let (manifests, complaints) = loadConnectors(files)
    guard let manifest = manifests.first, let kind = MockKind(manifest, pool: pool) else {
      throw TestingError("\(complaints)")
    }
    return kind
  }

  private func interface(
    _ mock: String, _ settings: [String: SettingValue] = [:], clock: any HubClock = SystemClock()
  ) throws -> any ServedInterface {
    let kind = try kind(mock)
    return try kind.started(SettingValues(settings, declared: kind.descriptor.settings), clock: clock)
  }

  private func send(
    _ server: LoopbackServer, _ method: String, _ path: String, _ body: String? = nil, _ headers: [HeaderField] = []
  ) async throws -> (status: Int, body: String) {
    let response = try await transport().send(
      OutboundRequest(
        method: method, url: server.url + path, headers: headers, body: body.map { .bytes(Array($0.utf8)) }))
    return (response.status, String(decoding: response.body, as: UTF8.self))
  }

  @Test func `State, variables, predicates and settings make the answer; a rule may sleep`() async throws {
    let server = try LoopbackServer(
      try interface(
        #"""
        settings: {token: {kind: text, default: t, example: t, help: Token.}}
        state: '{plots: {}}'
        rules:
          - {path: "/plots/{plot}", when: '.headers["x-token"] != .settings.token', answer: {status: 401}}
          - {path: "/plots/{plot}", method: PUT, times: 1, answer: {status: 503, headers: {Retry-After: "7"}}}
          - path: "/plots/{plot}"
            method: PUT
            state: .state.plots[.variables.plot] = .body.name | .state
            answer: {status: 201, body: '"đã ghi \(.variables.plot), lần \(.count)"'}
          - {path: /plots, answer: {body: .state.plots}}
        """#, ["token": .text("bí mật".replacing("í", with: "i").replacing("ậ", with: "a"))]))
    let token = [HeaderField("X-Token", "bi mat"), HeaderField("Content-Type", "application/json")]
    #expect(try await send(server, "PUT", "/plots/a", "{}").status == 401)
    #expect(try await send(server, "PUT", "/plots/a", "{}", token).status == 503)
    let taken = try await send(server, "PUT", "/plots/L%C3%B4%205", #"{"name":"Ấm"}"#, token)
    #expect(taken == (201, "đã ghi Lô 5, lần 1"))
    #expect(try await send(server, "GET", "/plots").body == #"{"Lô 5":"Ấm"}"#)
    #expect(try await send(server, "GET", "/elsewhere").status == 404)
  }

  @Test func `What came is remembered and can be asked for; the state can be set and begun anew`() async throws {
    let server = try LoopbackServer(
      try interface("state: '0'\nrules: [{path: /n, state: .state + 1, answer: {body: .state}}]\n"))
    for _ in 1...2 { _ = try await send(server, "POST", "/n?a=b", "thân bài") }
    struct Received: Decodable {
      var n: Int
      var method: String
      var body: String
      var query: [[String: String]]
    }
    let list = try await send(server, "GET", "/_mock/received").body
    let received = try JSONDecoder().decode([Received].self, from: Data(list.utf8))
    #expect(received.map(\.n) == [1, 2] && received[0].body == "thân bài" && received[0].method == "POST")
    #expect(received[0].query == [["name": "a", "value": "b"]])
    #expect(try await send(server, "GET", "/_mock/state").body == "2")
    #expect(try await send(server, "PUT", "/_mock/state", "41").body == "41")
    #expect(try await send(server, "GET", "/n").body == "41")
    #expect(try await send(server, "POST", "/_mock/reset").status == 204)
    #expect(try await send(server, "GET", "/n").body == "0")
    #expect(try await send(server, "PUT", "/_mock/state", "{").status == 400)
  }

  @Test func `Many at once change one state`() async throws {
    let server = try LoopbackServer(
      try interface("state: '0'\nrules: [{path: /n, state: .state + 1, answer: {body: .state}}]\n"))
    try await withThrowingTaskGroup { group in
      for _ in 1...20 { group.addTask { try await send(server, "POST", "/n").status } }
      for try await status in group { #expect(status == 200) }
    }
    #expect(try await send(server, "GET", "/_mock/state").body == "20")
  }

  @Test func `A delay holds up no other request, and the state has changed before it`() async throws {
    let clock = TestClock()
    let server = try LoopbackServer(
      try interface(
        """
        state: '0'
        rules:
          - {path: /slow, delay: 1h, state: .state + 1, answer: {body: .state}}
          - {path: /fast, state: .state + 10, answer: {body: .state}}
        """, clock: clock))
    async let slow = send(server, "POST", "/slow").body
    await clock.waitForSleepers(1)
    #expect(try await send(server, "POST", "/fast").body == "1")
    #expect(try await send(server, "GET", "/_mock/state").body == "11")
    clock.advance(by: .seconds(3600))
    #expect(try await slow == "0")
  }

  @Test func `Faults in a scenario are in force from the start and can be taken away`() async throws {
    let kind = try kind(
      """
      rules: [{path: /n, answer: {body: '"well"'}}]
      faults:
        - {path: /n, times: 1, status: 429, retryAfter: 7s}
        - {path: /n, fault: refuse, after: 0s, for: 1h}
      """)
    let started = try kind.started(SettingValues([:], declared: []), clock: SystemClock())
    let host = MockHost(
      name: "far", interface: FaultInterface(started, rules: kind.faults), logger: Logger(label: "test"))
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask { try await host.run() }
      let url = "http://127.0.0.1:\(try await host.boundPort())"
      let ask = { (method: String, path: String) in
        try await transport().send(OutboundRequest(method: method, url: url + path))
      }
      let busy = try await ask("GET", "/n")
      #expect(busy.status == 429 && busy.headers["Retry-After"] == "7")
      await #expect(throws: AdapterError.self) { try await ask("GET", "/n") }
      #expect(try await ask("DELETE", FaultInterface.controlPath).status == 200)
      #expect(String(decoding: try await ask("GET", "/n").body, as: UTF8.self) == "well")
      tasks.cancelAll()
    }
  }

  @Test func `The answer may be XML, and so may the request`() async throws {
    let server = try LoopbackServer(
      try interface(
        #"""
        rules:
          - path: /soap
            answer: {headers: {Content-Type: text/xml}, body: '"<a>\(.body.hoi.ten[0]["#text"])</a>"'}
        """#))
    let headers = [HeaderField("Content-Type", "text/xml")]
    #expect(try await send(server, "POST", "/soap", "<hoi><ten>Ấm</ten></hoi>", headers).body == "<a>Ấm</a>")
  }

  @Test func `A mistake in a scenario is named with its place`() {
    let cases: [(String, String)] = [
      ("rules: [{path: /a, anwser: {}}]", "unknown-key"), ("rules: []", "too-few"), ("stat: x", "unknown-key"),
      ("rules: [{path: /a, answer: {status: 99}}]", "out-of-range"),
      ("rules: [{path: /a, answer: {body: {file: no.jq}}}]", "missing-file"),
      ("rules: [{path: /a, answer: {}}]\nfaults: [{fault: drip}]", "missing-key"),
      ("rules: [{path: /a, answer: {}}]\nfaults: [{share: 2}]", "out-of-range"),
      ("rules: [{path: /a, answer: {}}]\nfaults: [{latency: {min: 2s, max: 1s}}]", "bad-latency"),
    ]
    for (mock, code) in cases {
      let files = ConfigFiles(texts: ["connectors/far/manifest.yaml": Self.manifest, "connectors/far/mock.yaml": mock])
      let found = loadConnectors(files).1
      #expect(found.contains { $0.code == code && $0.file == "connectors/far/mock.yaml" }, "\(mock): \(found)")
    }
  }
}
