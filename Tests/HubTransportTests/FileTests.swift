import Foundation
import HubKit
import HubTesting
import HubTransport
import Testing

/// Files over SFTP and FTPS, with the servers that Debian packages.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct FileTests {
  static let loop = CurlLoop()

  enum Kind: String, CaseIterable, Sendable { case sftp, explicit, implicit }

  /// A server with a way to it.
  struct Bench {
    let kind: Kind
    let server: FileServer
    let transport: any Transport

    init(_ kind: Kind, allow: [String] = ["127.0.0.1"]) throws {
      self.kind = kind
      server =
        switch kind {
        case .sftp: try FileServer(.sftp)
        case .explicit: try FileServer(.ftps(implicit: false))
        case .implicit: try FileServer(.ftps(implicit: true))
        }
      var options = TransportOptions(allow: allow.compactMap { AllowedAddress($0) })
      options.trustedPEM = FileManager.default.contents(atPath: server.certificate).map { Array($0) }
      options.responseBytesMax = 1 << 20
      transport = FileTests.loop.transport(for: "files", options)
    }

    var url: String {
      let scheme =
        switch kind {
        case .sftp: "sftp"
        case .explicit: "ftp"
        case .implicit: "ftps"
        }
      return "\(scheme)://127.0.0.1:\(server.port)/"
    }

    func access(_ action: FileAccess.Action, _ name: String) -> FileAccess {
      FileAccess(
        action, path: "\(server.path)/\(name)", username: server.username,
        password: kind == .sftp ? nil : Secret(reference: "test", value: "any"),
        privateKey: server.privateKey.map { Secret(reference: "test", value: $0) }, hostKey: server.hostKey)
    }

    func send(_ access: FileAccess, body: [UInt8]? = nil) async throws -> OutboundResponse {
      var request = OutboundRequest(method: "GET", url: url, body: body.map(OutboundBody.bytes))
      request.file = access
      return try await transport.send(request)
    }

    func names() async throws -> [String] {
      let list = try await send(access(.list, ""))
      #expect(list.status == 200)
      return list.text.split { $0 == "\n" || $0 == "\r\n" }.map(String.init).filter { $0 != "." && $0 != ".." }.sorted()
    }
  }

  static let odd = "Báo cáo “quý 3” – %41 #1 + 'ấm'.xml"

  @Test(arguments: Kind.allCases) func `files are listed, looked at and read`(kind: Kind) async throws {
    let bench = try Bench(kind)
    #expect(try await bench.names() == [])
    try bench.server.put("a.xml", "<a>Ấm</a>")
    try bench.server.put(Self.odd, "số 2")
    #expect(try await bench.names() == ["a.xml", Self.odd].sorted())
    let facts = try await bench.send(bench.access(.look, "a.xml"))
    #expect(facts.status == 200 && facts.file?.byteCount == 11 && facts.body.isEmpty)
    let age = SystemClock().now - (facts.file?.modified ?? Timestamp(seconds: 0))
    #expect(age > .seconds(-3) && age < .seconds(60), "\(age)")
    #expect(try await bench.send(bench.access(.read, "a.xml")).text == "<a>Ấm</a>")
    #expect(try await bench.send(bench.access(.read, Self.odd)).text == "số 2")
    for action in [FileAccess.Action.look, .read] {
      #expect(try await bench.send(bench.access(action, "none.xml")).status == 404)
    }
    let absent = try await bench.send(bench.access(.list, "no-folder"))
    #expect(absent.status == 404 || absent.status == 403, "\(absent.status)")
  }

  @Test(arguments: Kind.allCases) func `files are written, moved and removed`(kind: Kind) async throws {
    let bench = try Bench(kind)
    let large = [UInt8](repeating: UInt8(ascii: "x"), count: 3 << 20)
    #expect(try await bench.send(bench.access(.write, "part"), body: large).status == 200)
    #expect(bench.server.text("part")?.utf8.count == large.count)
    let moved = bench.access(.move(to: "\(bench.server.path)/\(Self.odd)"), "part")
    #expect(try await bench.send(moved).status == 200)
    #expect(bench.server.names() == [Self.odd])
    #expect(try await bench.send(moved).status == 409)
    #expect(try await bench.send(bench.access(.remove, Self.odd)).status == 200)
    #expect(bench.server.names() == [])
    #expect(try await bench.send(bench.access(.remove, Self.odd)).status == 409)
    #expect(try await bench.send(bench.access(.write, "empty"), body: []).status == 200)
    #expect(bench.server.text("empty") == "")
  }

  @Test(arguments: Kind.allCases) func `a file beyond the limit is not taken`(kind: Kind) async throws {
    let bench = try Bench(kind)
    try bench.server.put("large", String(repeating: "x", count: (1 << 20) + 1))
    await #expect { try await bench.send(bench.access(.read, "large")) } throws: {
      ($0 as? AdapterError)?.code == "response-too-large"
    }
  }

  @Test(arguments: Kind.allCases) func `the allow-list holds for files`(kind: Kind) async throws {
    let bench = try Bench(kind, allow: ["127.0.0.2"])
    await #expect { try await bench.send(bench.access(.list, "")) } throws: {
      ($0 as? AdapterError)?.code == "not-allowed"
    }
    let named = try Bench(kind, allow: ["localhost"])
    await #expect { try await named.send(named.access(.list, "")) } throws: {
      ($0 as? AdapterError)?.code == "not-allowed"
    }
    // The port of an entry is that of the first connection; FTP's second one follows it.
    let exact = try Bench(kind, allow: ["127.0.0.1"])
    #expect(try await exact.names() == [])
  }

  @Test func `another host key, another account and no TLS are outages that say so`() async throws {
    let bench = try Bench(.sftp)
    var access = bench.access(.list, "")
    access.hostKey = "AAAAC3NzaC1lZDI1NTE5AAAAIJ1nOcONbJYqz0fUWtQ"
    let code = { (access: FileAccess, bench: Bench) async -> String? in
      do { _ = try await bench.send(access) } catch { return (error as? AdapterError)?.code }
      return nil
    }
    #expect(await code(access, bench) == "host-key")
    access.hostKey = nil
    #expect(await code(access, bench) == "host-key")
    access = bench.access(.list, "")
    access.username = "nobody-of-that-name"
    #expect(await code(access, bench) == "login")
    let ftps = try Bench(.explicit)
    access = ftps.access(.list, "")
    access.username = "nobody"
    #expect(await code(access, ftps) == "login")
    // A server whose certificate nobody trusts.
    var request = OutboundRequest(method: "GET", url: ftps.url)
    request.file = ftps.access(.list, "")
    let plain = Self.loop.transport(for: "no-ca", .thisMachine)
    #expect(await outcome(plain, request).error?.code == "tls-verify")
    // One that speaks no TLS at all.
    let clear = try ScriptedServer { connection in
      connection.write(text: "220 hello\r\n")
      while !connection.read().isEmpty { connection.write(text: "502 no\r\n") }
    }
    defer { clear.close() }
    request.url = "ftp://127.0.0.1:\(clear.port)/"
    #expect(await outcome(plain, request).error?.code == "tls-handshake")
  }

  @Test func `paths that climb and names with commands in them are refused before anything is opened`() async throws {
    let transport = Self.loop.transport(for: "files", .thisMachine)
    for path in ["relative", "/a/../../etc/passwd", "/a\r\nDELE b", "/a\u{0}b", ""] {
      var request = OutboundRequest(method: "GET", url: "ftps://127.0.0.1:1/")
      request.file = FileAccess(.read, path: path, username: "u")
      #expect(await outcome(transport, request).error?.code == "bad-path", "\(path.debugDescription)")
      request.file = FileAccess(.move(to: path), path: "/a", username: "u")
      #expect(await outcome(transport, request).error?.code == "bad-path")
    }
    // HTTP does not become files, nor files HTTP, by accident.
    var request = OutboundRequest(method: "GET", url: "http://127.0.0.1:1/")
    request.file = FileAccess(.read, path: "/a", username: "u")
    #expect(await outcome(transport, request).error?.code == "bad-url")
    #expect(
      await outcome(transport, OutboundRequest(method: "GET", url: "sftp://127.0.0.1:1/")).error?.code == "bad-url")
  }

  @Test func `a dead port, a silent server and a cancelled task end as they do for HTTP`() async throws {
    var options = TransportOptions.thisMachine
    options.connectTimeout = .milliseconds(300)
    let transport = Self.loop.transport(for: "files", options)
    var request = OutboundRequest(method: "GET", url: "sftp://127.0.0.1:\(try ScriptedServer.deadPort())/")
    request.file = FileAccess(
      .list, path: "/", username: "u", password: Secret(reference: "t", value: "p"), hostKey: "x")
    #expect(await outcome(transport, request).error?.code == "connect-refused")
    let silent = try ScriptedServer { $0.waitForClose() }
    defer { silent.close() }
    request.url = "sftp://127.0.0.1:\(silent.port)/"
    let error = await outcome(transport, request).error
    #expect(error?.code == "connect-timeout" && error?.verdict == .outage(after: nil))
    let rubbish = try ScriptedServer { $0.write(text: "this is no protocol\r\n\r\n") }
    defer { rubbish.close() }
    request.url = "sftp://127.0.0.1:\(rubbish.port)/"
    if case .outage? = await outcome(transport, request).error?.verdict {} else { Issue.record("no outage") }
  }
}
