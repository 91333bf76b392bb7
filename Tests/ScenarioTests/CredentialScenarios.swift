import Foundation
import HubKit
import HubTransport
import Testing

/// Credentials end and are replaced while messages flow; the hub is never started again for one.
extension Scenarios {
  @Suite(.serialized)
  struct CredentialScenarios {
    /// A hub whose one endpoint shows a client certificate and a token to a far side that it trusts by a CA file. All of
    /// them lie in `city.tls`.
    private static func mutual(_ body: (City, Authority, Int) async throws -> Void) async throws {
      let authority = try await Authority()
      let port = City.freePorts()
      let tls = #"tls: {ca: ../tls/ca.pem, certificate: ../tls/client.pem, key: "file:../tls/client.key"}"#
      let city = try await BadDay.prepare([
        BadDay.Place(name: "mutual", port: port, more: "timeout: 5s\n  \(tls)"),
        BadDay.Place(name: "other", port: try FarSide().port),
      ])
      do {
        try city.change(
          "endpoints/all.yaml", replacing: "\"http://127.0.0.1:\(port)/in\"",
          with: "\"https://127.0.0.1:\(port)/in\", auth: bearer, token: \"file:../tls/token\"")
        try await authority.issue(city.tls("client"))
        try FileManager.default.copyItem(atPath: authority.certificate, toPath: city.tls("ca.pem"))
        try city.replace("token", with: Data("first\n".utf8))
        try await city.startHub()
        try await body(city, authority, port)
      } catch {
        let log = city.log("hub").suffix(2000)
        await city.close()
        throw CityError("\(error)\nThe hub's last words: \(log)")
      }
      await city.close()
    }

    /// Hands in a message every few milliseconds while `body` runs, and gives the ids in order.
    private static func underTraffic(
      _ city: City, to place: String, _ body: () async throws -> Void
    ) async throws -> [String] {
      let token = try await city.token(of: "H24.2")
      let isOver = Flag()
      return try await withThrowingTaskGroup(of: [String].self) { group in
        group.addTask {
          var ids: [String] = []
          while !isOver.isSet {
            ids.append("m\(ids.count + 1)")
            let answer = try await city.handIn(ids.last ?? "", to: place, subject: "s", token: token)
            guard answer.status == 202 else { throw CityError("\(answer.status)") }
            try await Task.sleep(for: .milliseconds(50))
          }
          return ids
        }
        defer { isOver.set() }
        try await body()
        isOver.set()
        return try await group.next() ?? []
      }
    }

    @Test func `a client certificate ends under traffic: an outage, and with a new one all arrives once, in order`()
      async throws
    {
      try await Self.mutual { city, authority, port in
        let far = try await MutualFarSide(port: port, server: authority, clients: authority)
        defer { far.close() }
        let name = "mutual.tls.certificate"
        let ids = try await Self.underTraffic(city, to: "mutual") {
          try await waitUntil("messages flow") { far.taken.count > 3 }
          #expect(try await city.credentials("--within", "1d").list.allSatisfy { $0.name != name })
          try await authority.issue(city.tls("client"), seconds: 4)
          #expect(try await city.reload().endpoints?.changed == ["mutual"], "the other one stays as it is")
          let soon = try #require(try await city.credentials("--within", "1d").list.first { $0.name == name })
          #expect(soon.owner == "hub" && soon.stops == "mutual: mutual", "\(soon)")
          try await waitUntil("the far side refuses it") {
            try await city.exchanges(of: "mutual").values.contains { view in
              view.events.contains { $0.name == "outage" && $0.detail?.contains("certificate") == true }
            }
          }
          let (list, status) = try await city.credentials()
          #expect(list.first { $0.name == name }?.state == "ended" && status == 1)
          let takenBefore = far.taken.count
          try await authority.issue(city.tls("client"))
          #expect(try await city.reload().endpoints?.changed == ["mutual"])
          try await waitUntil("messages flow again") { far.taken.count > takenBefore + 3 }
        }
        try await waitUntil("all have arrived") { far.taken.count >= ids.count }
        #expect(far.taken == ids, "each once, in order")
        try await waitUntil("all are delivered") {
          try await city.exchanges(of: "mutual").values.allSatisfy { $0.state == .delivered }
        }
        let (list, status) = try await city.credentials()
        let renewed = try #require(list.first { $0.name == name })
        #expect(renewed.state == "ok" && status == 0)
        let end = try await Authority.ask("-enddate", of: city.tls("client.pem"))
        #expect(end.hasPrefix("notAfter=\(renewed.until?.prefix(10) ?? "")"), "\(end) \(renewed)")
        #expect(try await city.credentials("--within", "1d").list.allSatisfy { $0.name != name })
      }
    }

    @Test func `a trust root is replaced: the far side of the old one is not trusted any more`() async throws {
      try await Self.mutual { city, authority, port in
        let token = try await city.token(of: "H24.2")
        let first = try await MutualFarSide(port: port, server: authority, clients: authority)
        try await city.handIn("m1", to: "mutual", subject: "s", token: token)
        try await waitUntil("it arrives") { first.taken == ["m1"] }
        // Only the root is another one now: its path, and the far side, are the same.
        let other = try await Authority()
        try city.replace("ca.pem", with: try Data(contentsOf: URL(filePath: other.certificate)))
        #expect(try await city.reload().endpoints?.changed == ["mutual"])
        try await city.handIn("m2", to: "mutual", subject: "s", token: token)
        try await waitUntil("it is not trusted") {
          try await city.exchanges(of: "mutual")["m2"]?.events.contains { $0.name == "outage" } == true
        }
        #expect(first.taken == ["m1"])
        first.close()
        try await waitUntil("it is gone") { !first.isRunning }
        let second = try await MutualFarSide(port: port, server: other, clients: authority)
        defer { second.close() }
        try await waitUntil("it arrives at the one that is trusted") { second.taken == ["m2"] }
      }
    }

    @Test func `what is broken is refused whole, with its file and what to do, and the old one stays in use`()
      async throws
    {
      try await Self.mutual { city, authority, port in
        let far = try await MutualFarSide(port: port, server: authority, clients: authority)
        defer { far.close() }
        let token = try await city.token(of: "H24.2")
        try await authority.issue(city.tls("stranger"))
        let stranger = try Data(contentsOf: URL(filePath: city.tls("stranger.key")))
        let broken: [(file: String, bytes: Data, words: [String])] = [
          ("client.pem", Data("nothing\n".utf8), ["endpoints/all.yaml:1:", "../tls/client.pem", "BEGIN CERTIFICATE"]),
          ("client.key", stranger, ["file:../tls/client.key", "../tls/client.pem", "replace both"]),
          ("client.key", Data("nothing\n".utf8), ["file:../tls/client.key", "private key"]),
          ("client.key", Data("\n".utf8), ["file:../tls/client.key", "is empty"]),
          ("ca.pem", Data(), ["../tls/ca.pem", "BEGIN CERTIFICATE"]),
          ("token", Data(" \n".utf8), ["file:../tls/token", "is empty"]),
        ]
        for (number, (file, bytes, words)) in broken.enumerated() {
          let good = try Data(contentsOf: URL(filePath: city.tls(file)))
          try city.replace(file, with: bytes)
          let run = try await city.lgsp("reload")
          #expect(run.status == 3 && words.allSatisfy(run.output.contains), "\(file): \(run.output)\(run.error)")
          // The broken file lies there, and each message makes a new connection.
          try await city.handIn("m\(number)", to: "mutual", subject: "s", token: token)
          try await waitUntil("the old one is in use") { far.taken.last == "m\(number)" }
          try city.replace(file, with: good)
        }
        #expect(try await city.reload().outcome == "unchanged")
        #expect(!city.log("hub").contains("PRIVATE KEY"))
      }
    }
  }
}

extension Scenarios.CredentialScenarios {
  /// A far side that gives out tokens: its state has the secret that it knows, and what it took.
  private static let rotating = [
    "connectors/rotating/manifest.yaml": """
    connector: rotating
    version: 1.0.0
    summary: A far system that gives out tokens.
    level: C
    settings:
      url: {kind: url, required: true, example: "https://far.example", help: Base URL.}
      client: {kind: text, required: true, example: hub, help: The hub's name there.}
      secret: {kind: secret, required: true, example: "file:secret", help: The hub's secret there.}
    http:
      base: "{url}"
      authentication: {oauth: {tokenURL: "{url}/token", clientId: client, clientSecret: secret}}
      operations:
        - {name: put, method: PUT, path: "/in/{envelope.id}"}
    """,
    "connectors/rotating/mock.yaml": """
    state: '{secret: "first", taken: []}'
    rules:
      - {method: POST, path: /rotate, state: '.state.secret = "second" | .state', answer: {status: 204}}
      - {method: GET, path: /taken, answer: {body: .state.taken}}
      - method: POST
        path: /token
        when: .headers.authorization == ("Basic " + ("hub:" + .state.secret | @base64))
        answer: {body: '{access_token: ("token-" + .state.secret)}'}
      - {path: /token, answer: {status: 401}}
      - method: PUT
        path: /in/{id}
        when: .headers.authorization == ("Bearer token-" + .state.secret)
        state: '.state.taken += [.variables.id] | .state'
        answer: {status: 204}
      - {path: "/in/{id}", answer: {status: 401}}
    """,
    "routes/rotating.yaml": """
    {name: rotating, match: {type: vn.test.rotating}, to: rotating, order: "{subject}", keep: 1d}
    """,
  ]

  @Test func `an OAuth secret is rotated at the far side under traffic, and nothing is lost or doubled`() async throws {
    let city = try await BadDay.prepare([BadDay.Place(name: "other", port: try FarSide().port)])
    do {
      let address = "127.0.0.1:\(city.ports + 4)"
      for (file, text) in Self.rotating { try city.write(file, text + "\n") }
      try city.write("mocks.yaml", "mocks:\n  - {connector: rotating, address: \(address)}\n")
      try city.write(
        "endpoints/rotating.yaml",
        """
        name: rotating
        connector: rotating
        settings: {url: "http://\(address)", client: hub, secret: "file:../tls/secret"}
        """)
      try city.replace("secret", with: Data("first\n".utf8))
      try await city.startMocks(at: ["http://\(address)"])
      try await city.startHub()
      let taken = { @Sendable () async throws -> [String] in
        try JSONDecoder().decode([String].self, from: Data(try await city.get("http://\(address)/taken").body))
      }
      let ids = try await Self.underTraffic(city, to: "rotating") {
        try await waitUntil("messages flow") { try await taken().count > 3 }
        #expect(try await city.send("POST", "http://\(address)/rotate", body: nil).status == 204)
        try await waitUntil("the old secret is refused") {
          try await city.exchanges(of: "rotating").values.contains { $0.events.contains { $0.name == "outage" } }
        }
        let takenBefore = try await taken().count
        try city.replace("secret", with: Data("second\n".utf8))
        #expect(try await city.reload().endpoints?.changed == ["rotating"])
        try await waitUntil("messages flow again") { try await taken().count > takenBefore + 3 }
      }
      try await waitUntil("all have arrived") { try await taken().count >= ids.count }
      #expect(try await taken() == ids, "each once, in order")
    } catch {
      let log = city.log("hub").suffix(2000) + city.log("mock").suffix(1000)
      await city.close()
      throw CityError("\(error)\nLast words: \(log)")
    }
    await city.close()
  }

  @Test func `the door's certificate is replaced under traffic: no request fails, old connections go on`() async throws
  {
    let authorities = (try await Authority(), try await Authority())
    let city = try await BadDay.prepare([BadDay.Place(name: "other", port: try FarSide().port)])
    do {
      try city.change(
        "hub.yaml", replacing: "gateway: {",
        with: "gateway: {https: {address: 127.0.0.1:\(city.ports + 1), certificate: ../tls/door.pem, "
          + "key: \"file:../tls/door.key\"}, ")
      try await authorities.0.issue(city.tls("door"))
      try await city.startHub()
      let roots = try [authorities.0, authorities.1].map { Array(try Data(contentsOf: URL(filePath: $0.certificate))) }
      // It trusts the first certificate alone: after the replacement, only its old connections can carry it.
      let kept = CurlLoop()
      #expect(try await city.isReady(over: kept, trusting: roots[0]))
      let isOver = Flag()
      try await withThrowingTaskGroup(of: Int.self) { group in
        group.addTask {
          var count = 0
          while !isOver.isSet {
            let fresh = CurlLoop()
            guard try await city.isReady(over: fresh, trusting: roots[0] + roots[1]) else { throw CityError("refused") }
            await fresh.shutdown()
            count += 1
          }
          return count
        }
        defer { isOver.set() }
        let first = try await city.shownSerial()
        #expect(first == (try await Authority.ask("-serial", of: city.tls("door.pem"))))
        // A broken one first: it changes nothing.
        try await authorities.1.issue(city.tls("next"))
        try city.replace("door.pem", with: try Data(contentsOf: URL(filePath: city.tls("next.pem"))))
        let refused = try await city.lgsp("reload")
        #expect(refused.status == 3 && refused.output.contains("../tls/door.pem"), "\(refused.output)")
        #expect(refused.output.contains("hub.yaml:"), "\(refused.output)")
        #expect(try await city.shownSerial() == first)
        try city.replace("door.key", with: try Data(contentsOf: URL(filePath: city.tls("next.key"))))
        let report = try await city.reload()
        #expect(report.outcome == "swapped" && report.certificate == true && report.endpoints?.changed == [])
        #expect(try await city.shownSerial() == (try await Authority.ask("-serial", of: city.tls("next.pem"))))
        #expect(try await city.isReady(over: kept, trusting: roots[0]), "the old connection goes on")
        isOver.set()
        #expect(try await group.next() ?? 0 > 0)
      }
      let stranger = CurlLoop()
      let error = await #expect(throws: AdapterError.self) {
        try await city.isReady(over: stranger, trusting: roots[0])
      }
      #expect(error?.code == "tls-verify", "new connections see the new one only")
      for loop in [kept, stranger] { await loop.shutdown() }
    } catch {
      await city.close()
      throw error
    }
    await city.close()
  }
}

private struct Listed: Decodable {
  var name: String
  var owner: String
  var until: String?
  var state: String
  var stops: String
}

private struct Reloaded: Decodable {
  struct Changes: Decodable { var changed: [String] }

  var outcome: String
  var endpoints: Changes?
  var certificate: Bool?
}

extension City {
  /// A file of the test's certificates and secrets, beside the configuration.
  fileprivate func tls(_ name: String) -> String { "\(home)/tls/\(name)" }

  /// Replaces such a file as an operator does: by another file under its name.
  fileprivate func replace(_ name: String, with bytes: Data) throws {
    try FileManager.default.createDirectory(atPath: "\(home)/tls", withIntermediateDirectories: true)
    try bytes.write(to: URL(filePath: tls(name)), options: .atomic)
  }

  fileprivate func reload() async throws -> Reloaded {
    let run = try await lgsp("reload", "--json")
    guard run.status == 0 else { throw CityError(run.output + run.error) }
    return try JSONDecoder().decode(Reloaded.self, from: Data(run.output.utf8))
  }

  fileprivate func credentials(_ words: String...) async throws -> (list: [Listed], status: Int32) {
    let run = try await Self.run(["credentials", "list", "--json", "--config", config] + words)
    return (try JSONDecoder().decode([Listed].self, from: Data(run.output.utf8)), run.status)
  }

  /// Whether the door answers over TLS with the certificate of a trusted authority.
  fileprivate func isReady(over loop: CurlLoop, trusting authorities: [UInt8]) async throws -> Bool {
    var options = TransportOptions.thisMachine
    options.trustedPEM = authorities
    return try await loop.transport(for: "test", options).send(
      OutboundRequest(method: "GET", url: "https://127.0.0.1:\(ports + 1)/ready")
    ).status == 200
  }

  /// The serial number of the certificate that a new connection is shown, as `serial=…`.
  fileprivate func shownSerial() async throws -> String {
    let script = "openssl s_client -connect 127.0.0.1:\(ports + 1) < /dev/null | openssl x509 -noout -serial"
    return try await Self.run(["-c", script], of: "/bin/sh").output.trimmingCharacters(in: .whitespacesAndNewlines)
  }
}
