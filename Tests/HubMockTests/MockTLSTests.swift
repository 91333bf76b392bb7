import Foundation
import HubKit
import HubMock
import HubTransport
import Testing

@Suite("A mock that speaks TLS")
struct MockTLSTests {
  @Test func `serves with its certificate, and only to clients that an authority has signed`() async throws {
    let folder = try Certificates()
    defer { folder.remove() }
    let tls = MockTLS(
      certificateChainPath: folder.path("server.pem"), privateKeyPath: folder.path("server.key"),
      clientAuthorityPath: folder.path("server.pem"))
    let results = try await withMock(Echo(), tls: tls) { port, _ in
      let url = "https://localhost:\(port)/"
      let trusted = ["-sS", "--noproxy", "*", "--cacert", folder.path("server.pem"), "--data", "xin chào"]
      let known = trusted + ["--cert", folder.path("server.pem"), "--key", folder.path("server.key"), url]
      return [try await run("curl", known), try await run("curl", trusted + [url])]
    }
    #expect(results[0].status == 0)
    #expect(results[0].output == "xin chào")
    #expect(results[1].status != 0)
  }

  @Test func `with an expired certificate is told apart from one that nobody trusts`() async throws {
    let folder = try Certificates(isExpired: true)
    defer { folder.remove() }
    let tls = MockTLS(certificateChainPath: folder.path("server.pem"), privateKeyPath: folder.path("server.key"))
    let errors = try await withMock(Echo(), tls: tls) { port, _ in
      let loop = CurlLoop()
      var errors: [AdapterError] = []
      for authority in [folder.path("server.pem"), nil] {
        var options = TransportOptions(allow: [AllowedAddress("localhost:\(port)")].compactMap { $0 })
        options.trustedPEM = try authority.map { Array(try Data(contentsOf: URL(filePath: $0))) }
        let transport = loop.transport(for: "far", options)
        do throws(AdapterError) {
          _ = try await transport.send(OutboundRequest(method: "GET", url: "https://localhost:\(port)/"))
        } catch {
          errors.append(error)
        }
      }
      await loop.shutdown()
      return errors
    }
    #expect(errors.map(\.code) == ["tls-verify", "tls-verify"])
    #expect(errors.first?.reason.contains("has expired") == true, "\(errors)")
    #expect(errors.last?.reason.contains("tls.ca") == true, "\(errors)")
  }

  @Test func `shows an expired certificate to the connections that a rule draws, by a control call`() async throws {
    let folder = try Certificates()
    defer { folder.remove() }
    let tls = MockTLS(
      certificateChainPath: folder.path("server.pem"), privateKeyPath: folder.path("server.key"),
      expiredChainPath: try folder.expiredPath())
    let rule = Array(#"{"fault":"expiredCertificate","skip":1,"times":1}"#.utf8)
    let results = try await withMock(FaultInterface(Echo()), tls: tls) { port, _ in
      var options = TransportOptions(allow: [AllowedAddress("localhost:\(port)")].compactMap { $0 })
      // Both sign themselves, as one authority would sign both.
      options.trustedPEM = try ["server.pem", "expired.pem"].flatMap {
        try Data(contentsOf: URL(filePath: folder.path($0)))
      }
      var results: [String] = []
      for (method, path) in [("POST", FaultInterface.controlPath), ("GET", "/"), ("GET", "/"), ("GET", "/")] {
        // Each loop makes connections of its own; an open one has shown its certificate already.
        let loop = CurlLoop()
        let request = OutboundRequest(
          method: method, url: "https://localhost:\(port)\(path)", body: method == "POST" ? .bytes(rule) : nil)
        do throws(AdapterError) {
          results.append("\(try await loop.transport(for: "far", options).send(request).status)")
        } catch {
          results.append("\(error.code): \(error.reason.contains("has expired") ? "expired" : error.reason)")
        }
        await loop.shutdown()
      }
      return results
    }
    #expect(results == ["200", "201", "tls-verify: expired", "201"])
  }

  @Test(arguments: zip([FaultRule.Fault.refuse, .reset, .garbage], [Int32(56), 56, 1]))
  func `breaks its answers as a plain one does`(fault: FaultRule.Fault, status: Int32) async throws {
    let folder = try Certificates()
    defer { folder.remove() }
    let tls = MockTLS(certificateChainPath: folder.path("server.pem"), privateKeyPath: folder.path("server.key"))
    let faults = FaultInterface(Echo(), rules: [FaultRule(fault: fault)])
    let result = try await withMock(faults, tls: tls) { port, _ in
      try await run(
        "curl",
        [
          "-sS", "--noproxy", "*", "--http1.1", "--cacert", folder.path("server.pem"), "--data", "xin chào",
          "https://localhost:\(port)/",
        ])
    }
    // curl(1): 56 is a connection that was reset, 1 an answer that is no HTTP.
    #expect(result.status == status)
  }

  @Test func `names the file that cannot be used`() async throws {
    let tls = MockTLS(certificateChainPath: "/nowhere/server.pem", privateKeyPath: "/nowhere/server.key")
    let host = MockHost(name: "tls", interface: Echo(), settings: MockHost.Settings(tls: tls), logger: quiet)
    let error = await #expect(throws: MockHostError.self) { try await host.run() }
    #expect(error?.description.contains("/nowhere/server.pem") == true)
  }
}

/// A certificate that signs itself, made for one test.
private struct Certificates {
  let folder: URL

  init(isExpired: Bool = false) throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "lgsp-mock-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let status = try runBlocking(
      "openssl",
      [
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
        "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", path("server.key"), "-out",
        path("server.pem"),
      ]
    ).status
    try #require(status == 0, "openssl is needed: apt-get install openssl")
    guard isExpired else { return }
    try Data(contentsOf: URL(filePath: try expiredPath())).write(to: folder.appending(path: "server.pem"))
  }

  /// The certificate signed again, so that it ended yesterday.
  func expiredPath() throws -> String {
    let status = try runBlocking(
      "openssl",
      [
        "x509", "-in", path("server.pem"), "-signkey", path("server.key"), "-days", "-1", "-out", path("expired.pem"),
      ]
    ).status
    try #require(status == 0)
    return path("expired.pem")
  }

  func path(_ name: String) -> String { folder.appending(path: name).path }
  func remove() { try? FileManager.default.removeItem(at: folder) }
}

private func run(_ name: String, _ arguments: [String]) async throws -> (status: Int32, output: String) {
  try await withCheckedThrowingContinuation { continuation in
    BlockingThread.start { continuation.resume(with: Result { try runBlocking(name, arguments) }) }
  }
}

private func runBlocking(_ name: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = [name] + arguments
  let output = Pipe()
  process.standardOutput = output
  process.standardError = FileHandle.nullDevice
  try process.run()
  let bytes = output.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  return (process.terminationStatus, String(decoding: bytes, as: UTF8.self))
}
