import Foundation
import HubGateway
import HubKit
import Hummingbird
import Logging
import ServiceLifecycle
import Synchronization
import Testing

/// A door on a free port of this machine, before a hub that lives in memory.
struct Door: Sendable {
  let server: GatewayServer
  let hub: MemoryHub
  let credentials: MemoryCredentials
  let clock: SettableClock
  let ports: BoundPorts
  /// Asks the door to close, as a signal to the process does.
  let shutDown: @Sendable () async -> Void

  var port: Int { ports.plain ?? 0 }

  /// Opens a door, runs the test, and closes it again.
  static func open(
    _ change: (inout GatewaySettings) -> Void = { _ in },
    codecs: [any Codec] = [AngleBracketCodec()],
    key: TokenKey = .hmac(Array(repeating: 7, count: 32)), reasons: Mutexed<[String]> = Mutexed([]),
    served: ServedInterfaces = ServedInterfaces(),
    extraRoutes: (Router<GatewayContext>) -> Void = { _ in }, _ test: (Door) async throws -> Void
  ) async throws {
    var settings = GatewaySettings(plainAddress: ListenAddress(port: 0))
    settings.bodyBytesMax = 1 << 20
    settings.lingerTimeout = .milliseconds(700)
    change(&settings)
    let (hub, credentials, clock) = (MemoryHub(), MemoryCredentials(), SettableClock())
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    let server = try GatewayServer(
      settings: settings, gateway: hub, query: hub, credentials: credentials, codecs: codecs,
      clock: clock,
      logger: logger, tokenKey: key, inbox: hub, served: served, ready: { reasons.value }, extraRoutes: extraRoutes)
    let group = ServiceGroup(configuration: .init(services: [server], logger: logger))
    let running = Task { try await group.run() }
    do {
      guard let ports = await server.boundPorts() else {
        try await running.value
        return
      }
      try await test(
        Door(server: server, hub: hub, credentials: credentials, clock: clock, ports: ports) {
          await group.triggerGracefulShutdown()
        })
    } catch {
      await group.triggerGracefulShutdown()
      _ = await running.result
      throw error
    }
    await group.triggerGracefulShutdown()
    try await running.value
  }

  /// Sends one HTTP/1.1 request on a connection of its own.
  func send(
    _ method: String, _ path: String, _ headers: [String: String] = [:], _ body: String = ""
  ) async throws -> Answer {
    try await send(method, path, headers, bytes: Array(body.utf8))
  }

  func send(
    _ method: String, _ path: String, _ headers: [String: String] = [:], bytes: [UInt8]
  ) async throws -> Answer {
    var head = "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    for (name, value) in headers { head += "\(name): \(value)\r\n" }
    if !bytes.isEmpty { head += "Content-Length: \(bytes.count)\r\n" }
    let request = Array((head + "\r\n").utf8) + bytes
    return try #require(try await raw([request]).first)
  }

  /// Sends bytes and reads all answers until the connection closes.
  func raw(_ pieces: [[UInt8]], halfClose: Bool = false, seconds: Int = 20) async throws -> [Answer] {
    let port = port
    let bytes = try await offPool {
      let socket = try ClientSocket(port: port, receiveSeconds: seconds)
      for piece in pieces where !socket.send(piece) { break }
      if halfClose { socket.endSending() }
      return socket.receiveAll()
    }
    return Answer.all(bytes)
  }

  /// A token of the demo agency.
  func token(_ client: String = "client-a", _ secret: String = "secret-a") async throws -> String {
    let answer = try await requestToken(
      "grant_type=client_credentials&client_id=\(client)&client_secret=\(secret)")
    return try #require(try answer.object()["access_token"] as? String)
  }

  func requestToken(_ form: String, _ headers: [String: String] = [:]) async throws -> Answer {
    let type = ["Content-Type": "application/x-www-form-urlencoded"]
    return try await send("POST", "/oauth2/token", type.merging(headers) { $1 }, form)
  }

  /// Hands in an event in binary mode with everything that CloudEvents requires, changed by `headers`; an empty value
  /// leaves a field out.
  func post(_ headers: [String: String] = [:], _ body: String = "{}") async throws -> Answer {
    var all = [
      "Authorization": "Bearer \(try await token())", "Content-Type": "application/json",
      "ce-specversion": "1.0",
      "ce-id": "1", "ce-source": "/agencies/H24.1/app", "ce-type": "vn.test.happened",
    ]
    for (name, value) in headers { all[name] = value.isEmpty ? nil : value }
    return try await send("POST", "/v1/exchanges", all, body)
  }

  /// Hands in JSON in structured or batch mode.
  func postJSON(_ json: String, batch: Bool = false) async throws -> Answer {
    let type = batch ? "application/cloudevents-batch+json" : "application/cloudevents+json"
    let headers = ["Authorization": "Bearer \(try await token())", "Content-Type": type]
    return try await send("POST", "/v1/exchanges", headers, json)
  }
}

/// An answer as it came over the wire.
struct Answer: Sendable {
  let status: Int
  let headers: [String: String]
  let body: [UInt8]

  var text: String { String(decoding: body, as: UTF8.self) }

  func object() throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(body)) as? [String: Any])
  }

  /// The problem's type; the test fails unless the answer is a whole problem object.
  var problem: String? {
    #expect(headers["content-type"] == "application/problem+json")
    guard let object = try? object() else { return nil }
    #expect(object["status"] as? Int == status)
    for member in ["title", "detail", "instance", "origin"] {
      #expect(object[member] is String, "\(member)")
    }
    return object["type"] as? String
  }

  var violations: [[String: Any]] {
    (try? object())?["violations"] as? [[String: Any]] ?? []
  }

  var firstRule: String? { violations.first?["rule"] as? String }

  var firstPath: String? { violations.first?["path"] as? String }

  /// Takes apart what came until the connection closed.
  static func all(_ bytes: [UInt8]) -> [Answer] {
    var answers: [Answer] = []
    var rest = bytes[...]
    while let end = headEnd(rest) {
      let lines = String(decoding: rest[..<end], as: UTF8.self).components(separatedBy: "\r\n")
      let status = Int(lines[0].split(separator: " ").dropFirst().first ?? "") ?? 0
      var headers: [String: String] = [:]
      for line in lines.dropFirst() {
        guard let colon = line.firstIndex(of: ":") else { continue }
        headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(
          in: .whitespaces)
      }
      rest = rest[(end + 4)...]
      let length = min(rest.count, Int(headers["content-length"] ?? "") ?? 0)
      answers.append(Answer(status: status, headers: headers, body: Array(rest.prefix(length))))
      rest = rest.dropFirst(length)
    }
    return answers
  }

  private static func headEnd(_ bytes: ArraySlice<UInt8>) -> Int? {
    guard bytes.count >= 4 else { return nil }
    return (bytes.startIndex...(bytes.endIndex - 4)).first {
      Array(bytes[$0..<($0 + 4)]) == Array("\r\n\r\n".utf8)
    }
  }
}
