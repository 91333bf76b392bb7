import HubKit
import HubTesting
import HubTransport
import Testing

@Suite(.timeLimit(.minutes(1))) struct `The transport's own rules` {
  let loop = CurlLoop()

  private func refusal(
    _ request: OutboundRequest, _ options: TransportOptions = loopbackOptions()
  ) async -> AdapterError? {
    await outcome(loop.transport(for: "rules", options), request).error
  }

  @Test(arguments: [
    HeaderField("Host", "other"), HeaderField("connection", "close"), HeaderField("Transfer-Encoding", "chunked"),
    HeaderField("Content-Length", "1"), HeaderField("Upgrade", "h2c"), HeaderField("Proxy-Authorization", "x"),
    HeaderField("TE", "trailers"), HeaderField("Bad Name", "x"), HeaderField("", "x"), HeaderField("Name:", "x"),
    HeaderField("X-Test", "a\r\nInjected: 1"), HeaderField("X-Test", "a\nb"), HeaderField("X-Test", "a\u{0}b"),
  ])
  func `refuse header fields that would speak for the connection or break out of their line`(
    _ field: HeaderField
  ) async throws {
    let server = try ScriptedServer { _ in }
    let error = await refusal(OutboundRequest(method: "GET", url: server.url, headers: [field]))
    #expect(error?.verdict == .reject)
    #expect(error?.code == "bad-header")
    #expect(server.acceptedCount == 0)
  }

  @Test(arguments: [
    "ftp://127.0.0.1/x", "file:///etc/passwd", "http://user:pw@127.0.0.1/", "127.0.0.1", "", "http://", "http://a b/",
    "http://127.0.0.1:99999/", "gopher://127.0.0.1/", "http://[fe80::1%25eth0]/",
  ])
  func `refuse URLs of other kinds`(_ url: String) async {
    let options = TransportOptions(allow: [AllowedAddress("*")].compactMap { $0 })
    let error = await refusal(OutboundRequest(method: "GET", url: url), options)
    #expect(error?.verdict == .reject)
    #expect(error?.code == "bad-url")
  }

  @Test(arguments: ["CONNECT", "TRACE", "", "GE T", "GET\r\n"])
  func `refuse methods that are none`(_ method: String) async {
    #expect(await refusal(OutboundRequest(method: method, url: "http://127.0.0.1:9/"))?.code == "bad-method")
  }

  @Test func `let nothing out while the allow-list is empty`() async throws {
    let server = try ScriptedServer { _ in }
    let error = await refusal(OutboundRequest(method: "GET", url: server.url), TransportOptions())
    #expect(error?.verdict == .reject)
    #expect(error?.code == "not-allowed")
    #expect(server.acceptedCount == 0)
  }

  @Test(arguments: [
    "http://0x7f.1:PORT/", "http://2130706433:PORT/", "http://127.1:PORT/", "http://[::ffff:127.0.0.1]:PORT/",
  ])
  func `see through other ways to write an address`(_ pattern: String) async throws {
    let server = try ScriptedServer { _ in }
    let url = pattern.replacing("PORT", with: "\(server.port)")
    let options = TransportOptions(allow: [AllowedAddress("10.0.0.0/8")].compactMap { $0 })
    #expect(await refusal(OutboundRequest(method: "GET", url: url), options)?.code == "not-allowed")
    #expect(server.acceptedCount == 0)
  }

  @Test func `look at the address behind a name before connecting`() async throws {
    let server = try ScriptedServer { _ in }
    // The name is looked up because a network is listed; what it resolves to is not in that network.
    let options = TransportOptions(allow: [AllowedAddress("10.0.0.0/8")].compactMap { $0 })
    let error = await refusal(OutboundRequest(method: "GET", url: "http://localhost:\(server.port)/"), options)
    #expect(error?.verdict == .reject)
    #expect(error?.code == "not-allowed")
    #expect(server.acceptedCount == 0)
  }

  @Test func `do not lend one endpoint's connection to another that may not go there`() async throws {
    let server = try LoopbackServer(Echo())
    let request = OutboundRequest(method: "GET", url: "http://localhost:\(server.port)/")
    _ = try await loop.transport(for: "wide", loopbackOptions()).send(request)
    let options = TransportOptions(allow: [AllowedAddress("10.0.0.0/8")].compactMap { $0 })
    #expect(await refusal(request, options)?.code == "not-allowed")
    _ = try await loop.transport(for: "wide", loopbackOptions()).send(request)
  }

  @Test func `refuse bodies beyond the limit`() async {
    let request = OutboundRequest(
      method: "POST", url: "http://127.0.0.1:9/", body: .stream(PatternReader(count: 101), byteCount: 101))
    #expect(await refusal(request, loopbackOptions { $0.requestBytesMax = 100 })?.code == "request-too-large")
  }

  @Test(arguments: [
    (BodyError.gone, AdapterError.Verdict.reject), (.damaged("x"), .reject), (.io("disk"), .retry(after: nil)),
  ])
  func `say what a body that cannot be read means`(_ error: BodyError, _ verdict: AdapterError.Verdict) async throws {
    let server = try ScriptedServer { $0.waitForClose() }
    let reader = PatternReader(count: 1 << 20, failure: (500_000, error))
    let failure = await refusal(
      OutboundRequest(method: "POST", url: server.url, body: .stream(reader, byteCount: 1 << 20)))
    #expect(failure?.verdict == verdict)
    #expect(failure?.code == "body-unreadable")
  }

  @Test func `refuse a body that is shorter than announced`() async throws {
    let server = try ScriptedServer { $0.waitForClose() }
    let failure = await refusal(
      OutboundRequest(
        method: "POST", url: server.url, body: .stream(PatternReader(count: 100_000), byteCount: 100_001)))
    #expect(failure?.verdict == .reject)
    #expect(failure?.code == "body-unreadable")
  }

  @Test func `let requests beyond the limit wait their turn, and refuse those beyond the queue`() async throws {
    let gate = Gate()
    let server = try LoopbackServer(gate)
    let transport = loop.transport(
      for: "turns",
      loopbackOptions {
        $0.connectionsMax = 2
        $0.waitingMax = 3
      })
    let request = OutboundRequest(method: "GET", url: server.url)
    let results = await withTaskGroup(of: String.self) { group in
      for _ in 1...6 {
        group.addTask {
          switch await outcome(transport, request) {
          case .success: return "answered"
          case .failure(let error): return error.code
          }
        }
      }
      // Five can be taken; the sixth is told at once, while the far side still holds the others.
      let first = await group.next()
      await gate.waitUntilInside(2)
      gate.open()
      return await group.reduce(into: [first]) { $0.append($1) }
    }
    #expect(results.first == "busy")
    #expect(results.filter { $0 == "answered" }.count == 5)
    #expect(server.acceptedCount == 2)
  }

  @Test func `end a request at once when its task is cancelled`() async throws {
    let gate = Gate()
    let server = try LoopbackServer(gate)
    let transport = loop.transport(for: "cancel", loopbackOptions { $0.connectionsMax = 1 })
    let request = OutboundRequest(method: "GET", url: server.url)
    let running = Task { await outcome(transport, request) }
    await gate.waitUntilInside(1)
    let waiting = Task { await outcome(transport, request) }
    waiting.cancel()
    #expect(await waiting.value.error?.verdict == .cancelled)
    let start = ContinuousClock.now
    running.cancel()
    #expect(await running.value.error?.verdict == .cancelled)
    #expect(ContinuousClock.now - start < .seconds(2))
    gate.open()
    #expect(try await transport.send(request).status == 200, "the place is free again")
  }

  @Test func `end everything when the loop shuts down, and take nothing more`() async throws {
    let gate = Gate()
    let server = try LoopbackServer(gate)
    let own = CurlLoop()
    let transport = own.transport(for: "end", loopbackOptions())
    let request = OutboundRequest(method: "GET", url: server.url)
    let running = Task { await outcome(transport, request) }
    await gate.waitUntilInside(1)
    await own.shutdown()
    await own.shutdown()
    #expect(await running.value.error?.verdict == .cancelled)
    #expect(await outcome(transport, request).error?.verdict == .cancelled)
    gate.open()
  }
}
