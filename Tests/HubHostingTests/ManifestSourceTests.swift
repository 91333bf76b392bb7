import Foundation
import HubKit
import HubTesting
import Testing

/// What a manifest's connector brings in: by asking, and by being called.
@Suite(.timeLimit(.minutes(2))) struct ManifestSourceTests {
  private static let manifest = #"""
    connector: far
    version: 1.0.0
    summary: A far system.
    settings:
      url: {kind: url, required: true, example: "https://far.example", help: Base URL.}
      pushToken: {kind: secret, example: "file:x", help: Token of the far side.}
    http:
      base: "{url}"
      sources:
        - name: graves
          path: /graves
          query: {after: "{cursor}", limit: "{limit}"}
          events: |
            .body.items | map({
              id: "grave-\(.number)", type: "vn.haiphong.grave", subject: .plot, time: .at, sender: "H24.12",
              data: {plot, name} })
          cursor: .body.next
          more: .body.more
          acknowledge: {method: PUT, path: "/graves/{event.subject}/taken"}
      webhooks:
        - path: /graves
          authentication: {bearer: {token: pushToken}}
          events: '[.body | {id: .id, type: "vn.haiphong.grave", datacontenttype: "text/plain", data: .note}]'
    """#

  private func parts(
    _ server: LoopbackServer, gateway: any Gateway = RecordingGateway()
  ) throws -> ConnectorParts {
    let settings: [String: SettingValue] = [
      "url": .text(server.url), "pushToken": .secret(Secret(reference: "file:x", value: "mã-gọi\n")),
    ]
    return try Hosted.parts(of: try Hosted.kind(["manifest.yaml": Self.manifest]), settings, gateway: gateway)
  }

  @Test func `A page is read from the cursor on, and what was accepted is marked as taken`() async throws {
    let far = FarRegister { request, _ in
      guard request.method == "GET" else { return ServedResponse(status: 204) }
      return .json(
        #"""
        {"items":[{"number":1,"plot":"Lô 5","name":"Ấm","at":"2026-11-23T01:02:03Z"},{"number":2,"plot":"b","name":"x"}],
         "next":17,"more":true}
        """#)
    }
    let server = try LoopbackServer(far)
    let source = try #require(try parts(server).sources.first)
    #expect(source.name == "graves")
    let page = try await source.poll(after: "11", limit: 2, bodies: MemoryBodyStore())
    #expect(far.requests.first?.query == [HeaderField("after", "11"), HeaderField("limit", "2")])
    #expect(page.cursor == "17")
    #expect(page.hasMore)
    #expect(page.items.map(\.reference) == ["grave-1", "grave-2"])
    let envelope = page.items[0].envelope
    #expect(envelope.type == "vn.haiphong.grave" && envelope.subject == "Lô 5" && envelope.sender?.text == "H24.12")
    #expect(envelope.source == "/endpoints/far" && envelope.dataContentType == "application/json")
    #expect(envelope.time == Timestamp(rfc3339: "2026-11-23T01:02:03Z"))
    #expect(page.items[0].body == .inline(Array(#"{"name":"Ấm","plot":"Lô 5"}"#.utf8)))
    try await source.acknowledge(page, refusals: [1: NotAccepted(.noRoute, "no route")])
    #expect(far.requests.dropFirst().map(\.path) == ["/graves/Lô 5/taken"])
  }

  @Test func `The first time there is no cursor, and none is sent`() async throws {
    let far = FarRegister { _, _ in .json(#"{"items":[],"next":null,"more":false}"#) }
    let server = try LoopbackServer(far)
    let source = try #require(try parts(server).sources.first)
    let page = try await source.poll(after: nil, limit: 5, bodies: MemoryBodyStore())
    #expect(far.requests.first?.query == [HeaderField("limit", "5")])
    #expect(page.items.isEmpty && page.cursor == nil && !page.hasMore)
  }

  @Test(arguments: [
    #"{"items":[{"plot":"a"}]}"#, #"{"items":7}"#, "garbage", "", #"{"items":[{"number":1"#,
  ])
  func `An answer that is no page is an outage, never "nothing new"`(body: String) async throws {
    let far = FarRegister { _, _ in
      ServedResponse(status: 200, headers: [HeaderField("Content-Type", "application/json")], body: Array(body.utf8))
    }
    let server = try LoopbackServer(far)
    let source = try #require(try parts(server).sources.first)
    do throws(AdapterError) {
      let page = try await source.poll(after: nil, limit: 5, bodies: MemoryBodyStore())
      // An item without a number still has an id that jq made; all else is no page.
      #expect(body.contains("plot") && page.items.map(\.reference) == ["grave-null"])
    } catch {
      if case .outage = error.verdict { return }
      Issue.record("\(error)")
    }
  }

  @Test func `What is pushed is on disk before the far side hears 202`() async throws {
    let gateway = RecordingGateway()
    let server = try LoopbackServer(FarRegister { _, _ in ServedResponse(status: 204) })
    let served = try #require(try parts(server, gateway: gateway).served)
    func push(_ token: String, _ body: String, path: String = "/graves", method: String = "POST") async -> Int {
      await served.respond(
        to: ServedRequest(
          method: method, path: path, headers: [HeaderField("Authorization", "Bearer \(token)")],
          body: Array(body.utf8))
      ).status
    }
    let body = #"{"id":"g-9","note":"Mộ ở lô 5, đã ấm"}"#
    #expect(await push("mã-gọi", body) == 202)
    #expect(await push("mã khác", body) == 401)
    #expect(await push("", body) == 401)
    #expect(await push("mã-gọi", body, path: "/elsewhere") == 404)
    #expect(await push("mã-gọi", body, method: "GET") == 405)
    #expect(await push("mã-gọi", "{") == 400)
    #expect(await push("mã-gọi", #"{"note":"no id"}"#) == 400)
    let taken = gateway.accepted
    #expect(taken.map(\.envelope.id) == ["g-9"])
    #expect(taken.first?.principal == .endpoint("far"))
    #expect(taken.first?.body == .inline(Array("Mộ ở lô 5, đã ấm".utf8)))
  }
}
