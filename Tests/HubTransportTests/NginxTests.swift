import HubKit
import HubTesting
import HubTransport
import Testing

/// Against a server that we did not write.
@Suite(.timeLimit(.minutes(2))) struct `A real web server` {
  let loop = CurlLoop()
  let nginx: Nginx

  init() throws {
    nginx = try Nginx.shared.get()
  }

  private func get(_ url: String, _ options: TransportOptions) async -> Result<OutboundResponse, AdapterError> {
    await outcome(loop.transport(for: "nginx", options), OutboundRequest(method: "GET", url: url))
  }

  private func secure(_ change: (inout TransportOptions) -> Void = { _ in }) -> TransportOptions {
    loopbackOptions { options in
      options.trustedPEM = nginx.authority
      change(&options)
    }
  }

  @Test func `answers over one kept connection`() async throws {
    let transport = loop.transport(for: "nginx", loopbackOptions())
    let url = "http://127.0.0.1:\(nginx.plainPort)/ok?kept"
    for _ in 1...5 {
      let response = try await transport.send(OutboundRequest(method: "GET", url: url))
      #expect(response.status == 200)
      #expect(response.text == "hello\n")
      #expect(response.headers["content-type"] == "text/plain")
      #expect(response.duration > .zero && response.duration < .seconds(5))
    }
    #expect(Set(try await log("kept", count: 5).map(\.connection)).count == 1)
  }

  /// nginx writes its log after it has answered.
  private func log(_ query: String, count: Int) async throws -> [(connection: Substring, version: Substring)] {
    while true {
      let lines = try nginx.accessLog(query: query)
      if lines.count >= count { return lines }
      try await Task.sleep(for: .milliseconds(10))
    }
  }

  @Test func `gets method, header fields and body length as given`() async throws {
    let transport = loop.transport(for: "nginx", loopbackOptions())
    let url = "http://127.0.0.1:\(nginx.plainPort)/echo"
    let host = "127.0.0.1:\(nginx.plainPort)"
    let cases: [(method: String, body: OutboundBody?, expected: String)] = [
      ("GET", nil, "GET \(host) Bạn  "), ("POST", nil, "POST \(host) Bạn 0 "),
      ("POST", .bytes([]), "POST \(host) Bạn 0 "), ("PATCH", .bytes([1, 2, 3]), "PATCH \(host) Bạn 3 "),
      ("DELETE", nil, "DELETE \(host) Bạn  "), ("OPTIONS", nil, "OPTIONS \(host) Bạn  "),
      ("PUT", .bytes([UInt8](repeating: 7, count: 100_000)), "PUT \(host) Bạn 100000 "),
      ("POST", .stream(PatternReader(count: 70_000), byteCount: 70_000), "POST \(host) Bạn 70000 "),
    ]
    for one in cases {
      let request = OutboundRequest(
        method: one.method, url: url, headers: [HeaderField("X-Test", "Bạn")], body: one.body)
      #expect(try await transport.send(request).text == one.expected)
    }
  }

  @Test func `gets no body in answer to HEAD`() async throws {
    let transport = loop.transport(for: "nginx", loopbackOptions())
    let response = try await transport.send(
      OutboundRequest(method: "HEAD", url: "http://127.0.0.1:\(nginx.plainPort)/ok"))
    #expect(response.status == 200)
    #expect(response.body.isEmpty)
  }

  @Test func `is not followed when it redirects`() async throws {
    let response = try await get("http://127.0.0.1:\(nginx.plainPort)/moved", loopbackOptions()).get()
    #expect(response.status == 302)
    #expect(response.headers["Location"] == "http://127.0.0.1:\(nginx.plainPort)/ok")
  }

  @Test(arguments: [false, true])
  func `receives a large streamed body byte for byte`(overTLS: Bool) async throws {
    let transport = loop.transport(for: "nginx", secure())
    let count = 5 << 20
    let base = overTLS ? "https://127.0.0.1:\(nginx.tlsPort)" : "http://127.0.0.1:\(nginx.plainPort)"
    let put = OutboundRequest(
      method: "PUT", url: base + "/put/\(overTLS ? "tls" : "plain")",
      body: .stream(PatternReader(count: count), byteCount: count))
    #expect(try await transport.send(put).status == 201)
    var read = OutboundRequest(method: "GET", url: base + "/put/\(overTLS ? "tls" : "plain")")
    read.responseBytesMax = 1 << 20
    #expect(await outcome(transport, read).error?.code == "response-too-large")
    let wide = loop.transport(for: "wide", secure { $0.responseBytesMax = count })
    read.responseBytesMax = nil
    #expect(try await wide.send(read).body == PatternReader.bytes(0..<count))
  }

  @Test func `speaks HTTP/2 over TLS, many requests on one connection`() async throws {
    let transport = loop.transport(for: "nginx", secure())
    let url = "https://localhost:\(nginx.tlsPort)/ok?many"
    let statuses = await withTaskGroup(of: Int?.self) { group in
      for _ in 1...40 {
        group.addTask { try? await transport.send(OutboundRequest(method: "GET", url: url)).status }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(statuses == Array(repeating: 200, count: 40))
    let lines = try await log("many", count: 40)
    #expect(lines.allSatisfy { $0.version == "HTTP/2.0" })
    #expect(Set(lines.map(\.connection)).count == 1)
  }

  @Test func `speaks HTTP/1.1 over TLS where HTTP/2 is switched off`() async throws {
    _ = try await get("https://localhost:\(nginx.tlsPort)/ok?old", secure { $0.http2 = false }).get()
    #expect(try await log("old", count: 1).map(\.version) == ["HTTP/1.1"])
  }

  @Test func `is an outage when its certificate is not trusted`() async {
    let url = "https://127.0.0.1:\(nginx.tlsPort)/ok"
    for options in [loopbackOptions(), secure { $0.trustedPEM = nginx.otherAuthority }] {
      let error = await get(url, options).error
      #expect(error?.verdict == .outage(after: nil))
      #expect(error?.code == "tls-verify")
    }
  }

  @Test func `is not trusted by one endpoint because another endpoint trusts it`() async throws {
    let url = "https://127.0.0.1:\(nginx.tlsPort)/ok"
    _ = try await get(url, secure()).get()
    #expect(await get(url, secure { $0.trustedPEM = nginx.otherAuthority }).error?.code == "tls-verify")
    #expect(await get(url, loopbackOptions()).error?.code == "tls-verify")
  }

  @Test func `sees the client certificate of those endpoints that have one`() async throws {
    let url = "https://127.0.0.1:\(nginx.mutualPort)/"
    let known = try await get(url, secure { $0.clientIdentity = nginx.client }).get()
    #expect(known.text == "CN=client")
    #expect(try await get(url, secure()).get().status == 400)
  }

  @Test func `is an outage when the client certificate cannot be read`() async {
    let broken = ClientIdentity(certificatePEM: Array("none".utf8), keyPEM: nginx.client.keyPEM)
    let error = await get("https://127.0.0.1:\(nginx.mutualPort)/", secure { $0.clientIdentity = broken }).error
    #expect(error?.verdict == .outage(after: nil))
    #expect(error?.code == "tls-files")
  }

  @Test func `gets a secret header that nobody else sees`() async throws {
    let recorder = KeepingRecorder()
    let options = loopbackOptions {
      $0.secretHeaders = [
        SecretHeader("Authorization", Secret(reference: "env:T", value: "s3cret"), prefix: "Bearer ")
      ]
    }
    let transport = loop.transport(for: "nginx", options, recorder: recorder)
    let url = "http://127.0.0.1:\(nginx.plainPort)/echo"
    let text = try await transport.send(OutboundRequest(method: "GET", url: url)).text
    #expect(text.hasSuffix("Bearer s3cret"))
    let own = OutboundRequest(method: "GET", url: url, headers: [HeaderField("X-Api-Key", "s3cret")])
    _ = try await transport.send(own)
    #expect(recorder.entries.map(\.endpoint) == ["nginx", "nginx"])
    #expect(recorder.entries.allSatisfy { !"\($0.request)".contains("s3cret") })
    #expect(recorder.entries.last?.request.headers["X-Api-Key"] == "(not recorded)")
  }
}
