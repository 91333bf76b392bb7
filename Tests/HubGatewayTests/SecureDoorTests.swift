import Foundation
import HubGateway
import HubKit
import Testing

@Suite struct SecureDoorTests {
  /// A certificate for this machine, made for one test.
  private static func identity(_ body: (TLSIdentity, URL) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "door-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let (key, certificate) = (
      folder.appending(path: "key.pem"), folder.appending(path: "certificate.pem")
    )
    let made = try await run(
      "openssl",
      [
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
        "-days", "2",
        "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key.path(),
        "-out",
        certificate.path(),
      ])
    try #require(made.code == 0)
    let secret = Secret(reference: "test", value: try String(contentsOf: key, encoding: .utf8))
    try await body(
      TLSIdentity(
        certificateChainPEM: Array(try Data(contentsOf: certificate)), privateKeyPEM: secret),
      certificate)
  }

  private func withSecureDoor(
    _ change: (inout GatewaySettings) -> Void = { _ in },
    _ test: (Door, [String], String) async throws -> Void
  ) async throws {
    try await Self.identity { identity, certificate in
      try await Door.open {
        $0.secureAddress = ListenAddress(port: 0)
        $0.identity = identity
        change(&$0)
      } _: { door in
        let port = try #require(door.ports.secure)
        #expect(door.ports.plain != port)
        let url = "https://127.0.0.1:\(port)"
        try await test(
          door, ["-sS", "--cacert", certificate.path(), "-w", "\n%{http_version} %{http_code}"], url
        )
      }
    }
  }

  private func event(_ door: Door) async throws -> [String] {
    [
      "-H", "Authorization: Bearer \(try await door.token())", "-H", "ce-specversion: 1.0", "-H",
      "ce-id: 1", "-H",
      "ce-source: /a", "-H", "ce-type: t", "-H", "Content-Type: application/octet-stream",
    ]
  }

  @Test(arguments: [("--http2", "2"), ("--http1.1", "1.1")])
  func `messages come in over TLS by HTTP/2 and HTTP/1.1`(option: String, version: String)
    async throws
  {
    try await withSecureDoor { door, options, url in
      let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).bin")
      let data = Data((0..<600_000).map { UInt8($0 % 251) })
      try data.write(to: file)
      defer { try? FileManager.default.removeItem(at: file) }
      let upload = ["--data-binary", "@\(file.path())", "\(url)/v1/exchanges"]
      let curl = try await run("curl", options + [option] + event(door) + upload)
      #expect(curl.output.hasSuffix("\n\(version) 202"), "\(curl)")
      let body = try #require(door.hub.messages.first?.body)
      #expect(try door.hub.store.bytes(of: body, limit: .max) == Array(data))
    }
  }

  @Test func `an upload that is too large is refused over HTTP/2 as well`() async throws {
    try await withSecureDoor { door, options, url in
      let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).bin")
      try Data(repeating: 7, count: 3 << 20).write(to: file)
      defer { try? FileManager.default.removeItem(at: file) }
      for framing in [["-H", "Content-Length:"], []] {
        let upload = ["--data-binary", "@\(file.path())", "\(url)/v1/exchanges"]
        let curl = try await run("curl", options + ["--http2"] + event(door) + framing + upload)
        #expect(curl.output.contains("/problems/too-large"))
        #expect(curl.output.hasSuffix("\n2 413"), "\(curl)")
      }
      #expect(door.hub.messages.isEmpty)
      #expect(door.hub.store.bodies.value.isEmpty)
    }
  }

  @Test func `problems over HTTP/2 carry no field that HTTP/2 forbids`() async throws {
    try await withSecureDoor { door, options, url in
      let curl = try await run("curl", options + ["--http2", "-i", "\(url)/nowhere"])
      #expect(curl.code == 0)
      #expect(curl.output.contains("/problems/not-found"))
      #expect(!curl.output.lowercased().contains("connection:"))
    }
  }

  @Test func `old versions of TLS are refused`() async throws {
    try await withSecureDoor { _, options, url in
      let curl = try await run(
        "curl", options + ["--tls-max", "1.1", "--ciphers", "DEFAULT@SECLEVEL=0", "\(url)/health"])
      #expect(curl.code == 35)
    }
  }

  @Test func `a connection that never ends its handshake is closed`() async throws {
    try await withSecureDoor {
      $0.handshakeTimeout = .milliseconds(300)
    } _: { door, _, _ in
      let port = try #require(door.ports.secure)
      let closed = try await offPool { try ClientSocket(port: port).isClosedByPeer() }
      #expect(closed)
    }
  }

  @Test func `another certificate is shown to who connects from then on, and one that cannot be used is not`()
    async throws
  {
    try await Self.identity { second, certificate in
      try await withSecureDoor { door, curl, url in
        let renewed = ["-sS", "--cacert", certificate.path(), url + "/health"]
        // curl: 60 is a certificate that it does not trust.
        #expect(try await run("curl", curl + [url + "/health"]).code == 0)
        #expect(try await run("curl", renewed).code == 60)
        #expect(throws: GatewayStartError.self) {
          try door.server.show(TLSIdentity(certificateChainPEM: [1], privateKeyPEM: second.privateKeyPEM))
        }
        #expect(try await run("curl", curl + [url + "/health"]).code == 0)
        try door.server.show(second)
        #expect(try await run("curl", renewed).code == 0)
        #expect(try await run("curl", curl + [url + "/health"]).code == 60)
      }
    }
  }

  @Test func `a certificate that does not belong to the key is told before the door opens`()
    async throws
  {
    try await Self.identity { first, _ in
      try await Self.identity { second, _ in
        let mixed = TLSIdentity(
          certificateChainPEM: first.certificateChainPEM, privateKeyPEM: second.privateKeyPEM)
        for identity in [
          nil, mixed, TLSIdentity(certificateChainPEM: [1], privateKeyPEM: first.privateKeyPEM),
        ] {
          let error = await #expect(throws: GatewayStartError.self) {
            try await Door.open({
              $0.secureAddress = ListenAddress(port: 0)
              $0.identity = identity
            }) { _ in }
          }
          #expect(error?.description.hasPrefix("the TLS certificate or key cannot be used") == true)
        }
      }
    }
  }
}
