import Dispatch
import Foundation
import HubKit
import HubTransport
import Synchronization
import Testing

/// All scenarios run one after the other: each starts processes of its own, and the machine is small.
@Suite(.serialized)
enum Scenarios {}

/// A whole sample city on free ports of this machine: the real binary, its mocks, a journal on disk. Each test has its
/// own.
final class City: Sendable {
  let home: String
  let ports: Int
  let loop = CurlLoop()
  private let processes = Mutex<[String: Process]>([:])

  var config: String { "\(home)/Config" }
  var gateway: String { "http://127.0.0.1:\(ports)" }
  var systemsMock: String { "http://127.0.0.1:\(ports + 2)" }
  var axisMock: String { "http://127.0.0.1:\(ports + 3)" }
  var centreMock: String { "http://127.0.0.1:\(ports + 8)" }
  var vneidMock: String { "http://127.0.0.1:\(ports + 7)" }

  /// Prepares a city without starting it.
  ///
  /// - Parameter source: the configuration that it gets a copy of.
  init(from source: String = "\(City.root)/Config") async throws {
    home = FileManager.default.temporaryDirectory.appending(path: "city-\(UUID().uuidString)").path
    ports = Self.freePorts()
    let result = try await Self.run("demo", "prepare", "--from", source, "--home", home, "--port-base", "\(ports)")
    guard result.status == 0 else { throw CityError(result.error + result.output) }
  }

  /// Prepares and starts a city, hands it to `body`, and stops it again.
  static func running(
    prepare: (City) throws -> Void = { _ in }, _ body: (City) async throws -> Void
  ) async throws {
    let city = try await City()
    do {
      try prepare(city)
      try await city.startMocks()
      try await city.startHub()
      try await body(city)
    } catch {
      await city.close()
      throw error
    }
    await city.close()
  }

  /// Starts the mocks and waits for those at `addresses`; nil: two of the sample city.
  func startMocks(at addresses: [String]? = nil) async throws {
    try start("mock", ["mock", "--config", config])
    for address in addresses ?? [systemsMock, axisMock] {
      try await waitUntil("the mock at \(address) answers") {
        (try? await self.get("\(address)/_mock/received"))?.status == 200
      }
    }
  }

  /// Starts the hub and waits until it is ready.
  ///
  /// - Parameters:
  ///   - environment: what the hub's process finds beside the tests' own environment.
  ///   - descriptorsMax: how many files and sockets it may have open; nil: as many as the tests.
  ///   - mocks: endpoints that it plays itself.
  ///   - more: other words of the command line.
  func startHub(
    environment: [String: String] = [:], descriptorsMax: Int? = nil, mocks: String? = nil, more: [String] = []
  ) async throws {
    let mocks = mocks.map { ["--mock", $0] } ?? []
    try start(
      "hub", environment: environment, descriptorsMax: descriptorsMax, ["run", "--config", config] + mocks + more)
    try await waitUntil("the hub is ready") { try await self.isReady() }
  }

  private func isReady() async throws -> Bool {
    guard processes.withLock({ $0["hub"]?.isRunning ?? false }) else { throw CityError(log("hub")) }
    return (try? await get("\(gateway)/ready"))?.status == 200
  }

  /// Sends a signal to the hub and waits until it is gone.
  @discardableResult
  func stopHub(_ signal: Int32 = SIGTERM) async throws -> Int32 {
    guard let process = processes.withLock({ $0.removeValue(forKey: "hub") }) else { return 0 }
    kill(process.processIdentifier, signal)
    try await waitUntil("the hub has stopped") { !process.isRunning }
    return process.terminationStatus
  }

  /// The hub's process, while it runs.
  var hubProcess: Int32? {
    processes.withLock { $0["hub"].flatMap { $0.isRunning ? $0.processIdentifier : nil } }
  }

  /// Has the hub load its configuration again, as a service's reload does.
  func hangUp() throws {
    let process = try #require(processes.withLock { $0["hub"] })
    kill(process.processIdentifier, SIGHUP)
  }

  /// Waits until the hub has ended by itself, and tells its status.
  func hubEnds() async throws -> Int32 {
    let process = try #require(processes.withLock { $0.removeValue(forKey: "hub") })
    do {
      try await waitUntil("the hub has ended by itself") { !process.isRunning }
    } catch {
      kill(process.processIdentifier, SIGKILL)
      throw error
    }
    return process.terminationStatus
  }

  func close() async {
    for process in processes.withLock({ Array($0.values) }) {
      kill(process.processIdentifier, SIGKILL)
    }
    await loop.shutdown()
    try? FileManager.default.removeItem(atPath: home)
  }

  func log(_ name: String) -> String {
    String(decoding: FileManager.default.contents(atPath: "\(home)/\(name).log") ?? Data(), as: UTF8.self)
  }

  /// Sends a signal to the hub, which need not end by that.
  func signalHub(_ signal: Int32) {
    processes.withLock { $0["hub"].map { _ = kill($0.processIdentifier, signal) } }
  }

  /// How many files and sockets the hub has open.
  var hubDescriptorCount: Int {
    let process = processes.withLock { $0["hub"] }
    let names = try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process?.processIdentifier ?? 0)/fd")
    return names?.count ?? 0
  }

  private func start(
    _ name: String, environment: [String: String] = [:], descriptorsMax: Int? = nil, _ arguments: [String]
  ) throws {
    let process = Process()
    process.executableURL = URL(filePath: Self.binary)
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.arguments = arguments
    if let descriptorsMax {
      process.executableURL = URL(filePath: "/bin/sh")
      process.arguments =
        ["-c", "ulimit -n \(descriptorsMax) && exec \"$0\" \"$@\"", Self.binary] + arguments
    }
    let path = "\(home)/\(name).log"
    if !FileManager.default.fileExists(atPath: path) { _ = FileManager.default.createFile(atPath: path, contents: nil) }
    let log = try FileHandle(forWritingTo: URL(filePath: path))
    try log.seekToEnd()
    process.standardOutput = log
    process.standardError = log
    try process.run()
    processes.withLock { $0[name] = process }
  }
}

// MARK: - Commands and requests

extension City {
  struct Run: Sendable {
    var status: Int32
    var output: String
    var error: String
  }

  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path

  /// The binary that was built with the tests.
  static let binary: String = {
    let beside = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: "lgsp").path
    return FileManager.default.isExecutableFile(atPath: beside) ? beside : "\(root)/.build/debug/lgsp"
  }()

  /// Runs a command to its end; one that has not ended after a minute is killed.
  static func run(_ arguments: String...) async throws -> Run { try await run(arguments) }

  static func run(_ arguments: [String], of tool: String = binary) async throws -> Run {
    let folder = FileManager.default.temporaryDirectory.appending(path: "run-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let (out, err) = (folder.appending(path: "out"), folder.appending(path: "err"))
    for url in [out, err] { _ = FileManager.default.createFile(atPath: url.path, contents: nil) }
    let process = Process()
    process.executableURL = URL(filePath: tool)
    process.arguments = arguments
    process.standardOutput = try FileHandle(forWritingTo: out)
    process.standardError = try FileHandle(forWritingTo: err)
    // Waiting must not hold one of the few threads that all tests share.
    let status = try await withCheckedThrowingContinuation { (ended: CheckedContinuation<Int32, any Error>) in
      process.terminationHandler = { ended.resume(returning: $0.terminationStatus) }
      do {
        try process.run()
        DispatchQueue.global().asyncAfter(deadline: .now() + 60) { if process.isRunning { process.terminate() } }
      } catch {
        ended.resume(throwing: error)
      }
    }
    return Run(
      status: status, output: String(decoding: try Data(contentsOf: out), as: UTF8.self),
      error: String(decoding: try Data(contentsOf: err), as: UTF8.self))
  }

  /// Runs a command on this city.
  func lgsp(_ arguments: String...) async throws -> Run { try await Self.run(arguments + ["--config", config]) }

  /// Writes a file of this city's configuration; its folder is made.
  func write(_ file: String, _ text: String) throws {
    let url = URL(filePath: "\(config)/\(file)")
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
  }

  /// Changes a file of this city's configuration; what is to be changed must be there.
  func change(_ file: String, replacing old: String, with new: String) throws {
    let url = URL(filePath: "\(config)/\(file)")
    let text = String(decoding: try Data(contentsOf: url), as: UTF8.self)
    guard text.contains(old) else { throw CityError("\(file) does not contain \(old)") }
    try Data(text.replacing(old, with: new).utf8).write(to: url)
  }

  /// The exchanges that a search finds.
  func search(_ arguments: String...) async throws -> [ExchangeView] {
    let run = try await Self.run(["search", "--json", "--limit", "500", "--config", config] + arguments)
    guard run.status == 0 else { throw CityError(run.error) }
    return try run.output.split(separator: "\n").map {
      try JSONDecoder().decode(ExchangeView.self, from: Data($0.utf8))
    }
  }

  func get(_ url: String, token: String? = nil) async throws -> OutboundResponse {
    try await send("GET", url, headers: token.map { [HeaderField("Authorization", "Bearer \($0)")] } ?? [], body: nil)
  }

  func send(
    _ method: String, _ url: String, headers: [HeaderField] = [], body: [UInt8]?
  ) async throws -> OutboundResponse {
    var options = TransportOptions(allow: [AllowedAddress("127.0.0.0/8")].compactMap { $0 })
    options.responseBytesMax = 64 << 20
    let transport = loop.transport(for: "test", options, recorder: nil)
    return try await transport.send(
      OutboundRequest(method: method, url: url, headers: headers, body: body.map { .bytes($0) }))
  }

  /// A bearer token of an agency of the demo.
  func token(of code: String) async throws -> String {
    let all = try JSONDecoder().decode(
      [String: [String: String]].self, from: Data(contentsOf: URL(filePath: "\(home)/credentials.json")))
    let credential = try #require(all[code])
    let basic = Data("\(credential["clientID"] ?? ""):\(credential["secret"] ?? "")".utf8).base64EncodedString()
    let response = try await send(
      "POST", "\(gateway)/oauth2/token",
      headers: [
        HeaderField("Authorization", "Basic \(basic)"),
        HeaderField("Content-Type", "application/x-www-form-urlencoded"),
      ], body: Array("grant_type=client_credentials".utf8))
    struct Token: Decodable {
      var accessToken: String
      private enum CodingKeys: String, CodingKey { case accessToken = "access_token" }
    }
    return try JSONDecoder().decode(Token.self, from: Data(response.body)).accessToken
  }

  static func freePorts() -> Int {
    for _ in 0..<200 {
      let base = Int.random(in: 20_000...29_000) / 16 * 16
      if (0..<16).allSatisfy({ isFree(base + $0) }) { return base }
    }
    return 0
  }

  private static func isFree(_ port: Int) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { Glibc.close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
  }
}

struct CityError: Error, CustomStringConvertible {
  var description: String

  init(_ description: String) { self.description = description }
}

/// Asks until a condition holds; fails after a minute.
func waitUntil(_ what: String, _ condition: @Sendable () async throws -> Bool) async throws {
  let clock = ContinuousClock()
  let end = clock.now + .seconds(60)
  while try await !condition() {
    guard clock.now < end else { throw CityError("not within a minute: \(what)") }
    try await Task.sleep(for: .milliseconds(25))
  }
}
