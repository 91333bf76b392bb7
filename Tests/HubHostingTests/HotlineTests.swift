import Foundation
import HubKit
import HubTesting
import Testing

/// The repository's own connector in Python, over real sockets.
@Suite(.timeLimit(.minutes(2))) struct HotlineTests {
  private func settings(_ server: LoopbackServer) -> [String: SettingValue] {
    ["url": .text(server.url), "token": .secret(Secret(reference: "file:x", value: "thử\n".replacing("ử", with: "u")))]
  }

  @Test func `A status goes out byte for byte and each answer has its verdict`() async throws {
    let far = FarRegister { request, _ in
      switch request.path {
      case "/feedback/PA-1/status": .json(#"{"result":"stored"}"#)
      case "/feedback/PA-2/status": .json(#"{"result":"?"}"#)
      case "/feedback/PA-3/status": ServedResponse(status: 503, headers: [HeaderField("Retry-After", "7")])
      case "/feedback/PA-4/status": ServedResponse(status: 429)
      case "/feedback/PA-5/status": ServedResponse(status: 422)
      default: ServedResponse(status: 404)
      }
    }
    let server = try LoopbackServer(far)
    try await ProcessChild.with(nil, settings: settings(server)) { child in
      let body = #"{"status":"Đã xử lý \#u{1EA4}m"}"#
      #expect(await child.deliver(message(body, subject: "PA-1")).code == "stored")
      let request = try #require(far.requests.first)
      #expect(request.body == Array(body.utf8))
      #expect(request.headers["Authorization"] == "Bearer thu")
      #expect(request.headers["Idempotency-Key"] == "\"0198c000-0000-7000-8000-000000000001.1\"")
      #expect(request.headers["traceparent"]?.hasPrefix("00-0af7") == true)
      let verdicts: [(String, AdapterError.Verdict)] = [
        ("PA-2", .inDoubt), ("PA-3", .outage(after: .seconds(7))), ("PA-4", .retry(after: nil)), ("PA-5", .reject),
        ("../x", .reject),
      ]
      for (subject, verdict) in verdicts {
        #expect(await child.deliver(message("{}", subject: subject)).error?.verdict == verdict, "\(subject)")
      }
      server.close()
      #expect(await child.deliver(message("{}", subject: "PA-1")).error?.verdict == .outage(after: nil))
    }
  }

  @Test func `Feedback comes in page by page`() async throws {
    let far = FarRegister { request, _ in
      .json(#"{"items":[{"code":"PA-9","at":"2026-11-23T01:02:03Z","text":"Ổ gà"}],"next":"9","more":true}"#)
    }
    let server = try LoopbackServer(far)
    try await ProcessChild.with(nil, settings: settings(server)) { child in
      let source = try #require(child.parts.sources.first)
      let page = try await source.poll(after: "8", limit: 5, bodies: MemoryBodyStore())
      #expect(far.requests.first?.query == [HeaderField("after", "8"), HeaderField("limit", "5")])
      #expect(page.items.map(\.envelope.subject) == ["PA-9"])
      #expect(page.items.first?.envelope.time == Timestamp(rfc3339: "2026-11-23T01:02:03Z"))
      #expect(page.cursor == "9" && page.hasMore)
      try await child.parts.outbound?.probe()
    }
  }
}
