import Dispatch
import Glibc
import HubKit
import HubTesting
import HubTransport
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct `Far sides that misbehave` {
  let loop = CurlLoop()

  private func post(_ server: ScriptedServer, _ change: (inout TransportOptions) -> Void = { _ in }) async -> Result<
    OutboundResponse, AdapterError
  > {
    let transport = loop.transport(for: "bad", loopbackOptions(change))
    return await outcome(
      transport, OutboundRequest(method: "POST", url: server.url + "/x?secret=1", body: .bytes(Array("hello".utf8))))
  }

  private func answering(_ text: String) throws -> ScriptedServer {
    try ScriptedServer { connection in
      _ = connection.read()
      connection.write(text: text)
    }
  }

  @Test func `a port without listener is an outage, and the message names the place but not the query`() async throws {
    let port = try ScriptedServer.deadPort()
    let transport = loop.transport(for: "dead", loopbackOptions())
    let error = await outcome(
      transport, OutboundRequest(method: "GET", url: "http://127.0.0.1:\(port)/path?secret=1")
    ).error
    #expect(error?.verdict == .outage(after: nil))
    #expect(error?.code == "connect-refused")
    #expect(error?.reason.contains("127.0.0.1:\(port)") == true)
    #expect("\(String(describing: error))".contains("secret") == false)
  }

  @Test func `a name that nobody knows is an outage`() async throws {
    let options = TransportOptions(allow: [AllowedAddress("name.invalid")].compactMap { $0 })
    let error = await outcome(
      loop.transport(for: "dns", options), OutboundRequest(method: "GET", url: "http://name.invalid/")
    ).error
    #expect(error?.verdict == .outage(after: nil))
    #expect(error?.code == "dns")
  }

  @Test func `a connection closed without an answer leaves the request in doubt`() async throws {
    let server = try ScriptedServer { _ = $0.read() }
    let error = await post(server).error
    #expect(error?.verdict == .inDoubt)
    #expect(error?.code == "closed")
    #expect(server.acceptedCount == 1)
  }

  @Test func `a reset in place of an answer leaves the request in doubt`() async throws {
    let server = try ScriptedServer { connection in
      _ = connection.read()
      connection.abort()
    }
    let error = await post(server).error
    #expect(error?.verdict == .inDoubt)
    #expect(error?.code == "closed")
  }

  @Test func `an answer cut off in the middle is in doubt`() async throws {
    let server = try answering("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
    let error = await post(server).error
    #expect(error?.verdict == .inDoubt)
    #expect(error?.code == "closed")
  }

  @Test(arguments: [
    "garbage without sense\r\n\r\n", "HTTP/1.1 abc\r\n\r\n", "\u{0}\u{1}\u{2}\u{3}\r\n", "SSH-2.0-x\r\n",
  ])
  func `garbage in place of an answer is in doubt`(_ text: String) async throws {
    let error = await post(try answering(text)).error
    #expect(error?.verdict == .inDoubt)
    #expect(error.map { ["bad-answer", "closed"].contains($0.code) } == true, "\(String(describing: error))")
  }

  @Test func `a far side that takes the request and says nothing is in doubt after the first-byte time`() async throws {
    let server = try ScriptedServer { $0.waitForClose() }
    let start = ContinuousClock.now
    let error = await post(server) { $0.firstByteTimeout = .milliseconds(200) }.error
    #expect(error?.verdict == .inDoubt)
    #expect(error?.code == "timeout")
    #expect(error?.reason.contains("first byte") == true)
    #expect(ContinuousClock.now - start >= .milliseconds(200))
  }

  @Test func `a request's own time limit is shorter than the endpoint's`() async throws {
    let server = try ScriptedServer { $0.waitForClose() }
    let error = await outcome(
      loop.transport(for: "t", loopbackOptions()),
      OutboundRequest(method: "GET", url: server.url, timeout: .milliseconds(150))
    ).error
    #expect(error?.code == "timeout")
    #expect(error?.reason.contains("total") == true)
  }

  @Test func `an answer that stops moving is in doubt after the idle time`() async throws {
    let server = try ScriptedServer { connection in
      _ = connection.read()
      connection.write(text: "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
      connection.waitForClose()
    }
    let error = await post(server) { $0.idleTimeout = .milliseconds(200) }.error
    #expect(error?.verdict == .inDoubt)
    #expect(error?.reason.contains("no byte given") == true)
  }

  @Test func `an answer that drips on and on ends at the total time`() async throws {
    let server = try ScriptedServer { connection in
      _ = connection.read()
      connection.write(text: "HTTP/1.1 200 OK\r\n\r\n")
      while connection.write(text: "x") { usleep(20_000) }
    }
    let error = await post(server) { $0.totalTimeout = .milliseconds(400) }.error
    #expect(error?.verdict == .inDoubt)
    #expect(error?.reason.contains("total") == true)
  }

  @Test func `endless header lines are cut off at the limit`() async throws {
    let server = try ScriptedServer { connection in
      _ = connection.read()
      connection.write(text: "HTTP/1.1 200 OK\r\n")
      while connection.write(text: "X-More: \(String(repeating: "y", count: 1000))\r\n") {}
    }
    let error = await post(server).error
    #expect(error?.verdict == .inDoubt)
    #expect(error?.code == "response-too-large")
  }

  @Test func `one endless header line is cut off too`() async throws {
    let server = try ScriptedServer { connection in
      _ = connection.read()
      connection.write(text: "HTTP/1.1 200 OK\r\nX-More: ")
      while connection.write(text: String(repeating: "y", count: 1000)) {}
    }
    let error = await post(server).error
    #expect(error?.verdict == .inDoubt)
  }

  @Test func `a body beyond the limit is cut off, announced or not`() async throws {
    for head in ["HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n"] {
      let server = try ScriptedServer { connection in
        _ = connection.read()
        connection.write(text: head)
        while connection.write(text: String(repeating: "y", count: 10_000)) {}
      }
      let error = await post(server) { $0.responseBytesMax = 50_000 }.error
      #expect(error?.verdict == .inDoubt)
      #expect(error?.code == "response-too-large")
    }
  }

  @Test func `bytes after the announced length belong to nobody`() async throws {
    let server = try answering("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfourmore")
    #expect(try await post(server).get().text == "four")
  }

  @Test func `interim answers are not the answer`() async throws {
    let server = try answering(
      "HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\nHTTP/1.1 201 Created\r\nX-Late: 2\r\nContent-Length: 0\r\n\r\n")
    let response = try await post(server).get()
    #expect(response.status == 201)
    #expect(response.headers["X-Early"] == nil)
    #expect(response.headers["x-late"] == "2")
  }

  @Test func `a request on a kept connection that turns out dead is not sent twice`() async throws {
    // The first request is answered and the connection kept; the second is read and the connection dropped.
    let requestCount = Mutex(0)
    let server = try ScriptedServer { connection in
      guard !connection.read().isEmpty else { return }
      requestCount.withLock { $0 += 1 }
      connection.write(text: "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
      if !connection.read().isEmpty { requestCount.withLock { $0 += 1 } }
    }
    let transport = loop.transport(for: "kept", loopbackOptions())
    let request = OutboundRequest(method: "POST", url: server.url, body: .bytes([1]))
    #expect(try await transport.send(request).status == 200)
    let error = await outcome(transport, request).error
    #expect(error?.verdict == .inDoubt)
    #expect(error?.code == "closed")
    server.close()
    #expect(requestCount.withLock { $0 } == 2)
  }

  @Test func `a far side that stops taking the body can be sent it again`() async throws {
    let server = try ScriptedServer { connection in
      _ = connection.read()
      connection.abort()
    }
    let count = 64 << 20
    let error = await outcome(
      loop.transport(for: "up", loopbackOptions()),
      OutboundRequest(method: "POST", url: server.url, body: .stream(PatternReader(count: count), byteCount: count))
    ).error
    #expect(error?.verdict == .retry(after: nil))
    #expect(error?.code == "closed")
  }

  @Test func `a far side that reads no body is given up after the idle time`() async throws {
    let over = DispatchSemaphore(value: 0)
    let server = try ScriptedServer { connection in
      _ = connection.read(upTo: 10)
      over.wait()
    }
    defer { over.signal() }
    let count = 64 << 20
    let error = await outcome(
      loop.transport(for: "up", loopbackOptions { $0.idleTimeout = .milliseconds(300) }),
      OutboundRequest(method: "POST", url: server.url, body: .stream(PatternReader(count: count), byteCount: count))
    ).error
    #expect(error?.verdict == .retry(after: nil))
    #expect(error?.code == "timeout")
  }
}
