import Foundation
import HubKit
import HubMock
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

  init() throws {
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
