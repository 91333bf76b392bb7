import Foundation
import HubKit
import HubTesting
import HubTransport
import Testing

/// Connectors as their developers meet them: on the command line, and in a running hub.
extension Scenarios {
  @Suite(.serialized)
  struct ConnectorScenarios {
    private struct Result: Decodable {
      struct Behaviour: Decodable {
        var name: String
        var result: String
        var reason: String?
      }

      struct Recorded: Decodable {
        var file: String
        var differences: [String]
      }

      var connector: String
      var version: String
      var hosting: String
      var behaviours: [Behaviour]
      var recorded: [Recorded]
    }

    private struct Row: Decodable {
      var connector: String
      var hosting: String
      var certificate: String
    }

    /// A folder that goes with the test.
    private func inFolder(_ body: (String) async throws -> Void) async throws {
      let folder = FileManager.default.temporaryDirectory.appending(path: "connectors-\(UUID().uuidString)").path
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(atPath: folder) }
      try await body(folder)
    }

    private func test(_ name: String, config: String) async throws -> (Result, Int32) {
      let run = try await City.run("connector", "test", name, "--json", "--config", config)
      return (try JSONDecoder().decode(Result.self, from: Data(run.output.utf8)), run.status)
    }

    @Test func everyConnectorOfTheConfigurationPassesTheSuite() async throws {
      try await inFolder { folder in
        try FileManager.default.copyItem(atPath: "\(City.root)/Config", toPath: "\(folder)/Config")
        // The certificates in the repository are those that these files and modules get.
        let list = try await City.run("connector", "list", "--json", "--config", "\(City.root)/Config")
        let rows = try JSONDecoder().decode([Row].self, from: Data(list.output.utf8))
        #expect(Set(rows.map(\.hosting)) == ["swift", "manifest", "process"])
        var played: Set<String> = []
        // The inbox is the bus's own and has no far side.
        for (name, certificate) in rows.map({ ($0.connector, $0.certificate) }) where name != "inbox" {
          #expect(certificate == "valid", "\(name): lgsp connector test \(name)")
          let (result, status) = try await test(name, config: "\(folder)/Config")
          let failed = result.behaviours.filter { $0.result == "failed" }.map { "\($0.name): \($0.reason ?? "")" }
          #expect(status == 0 && failed == [], "\(name): \(failed)")
          #expect(result.behaviours.count == 22)
          #expect(result.behaviours.filter { $0.result == "skipped" }.allSatisfy { $0.reason?.isEmpty == false })
          for recorded in result.recorded { #expect(recorded.differences == [], "\(recorded.file)") }
          if !result.recorded.isEmpty { played.insert(name) }
        }
        // Programs of their own cannot be seen on the wire, and nothing is sent to VNeID.
        let sending: Set = [
          "edocument", "http", "national-portal", "operations-centre", "population", "procedure-system",
        ]
        #expect(played.isSuperset(of: sending), "a recorded exchange of each connector that sends")
      }
    }

    @Test func aCertificateOfAModuleIsStaleOnceTheModulePromisesSomethingElse() async throws {
      try await inFolder { folder in
        try FileManager.default.copyItem(atPath: "\(City.root)/Config", toPath: "\(folder)/Config")
        func standing() async throws -> String? {
          let list = try await City.run("connector", "list", "--json", "--config", "\(folder)/Config")
          return try JSONDecoder().decode([Row].self, from: Data(list.output.utf8))
            .first { $0.connector == "population" }?.certificate
        }
        #expect(try await standing() == "valid")
        // As if it had been written for another state of the module.
        let path = "\(folder)/Config/connectors/population/certificate.json"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let other = text.replacing(/"digest" : "[0-9a-f]+"/, with: #""digest" : "00""#)
        #expect(other != text)
        try Data(other.utf8).write(to: URL(filePath: path))
        #expect(try await standing() == "stale")
      }
    }

    @Test(arguments: ["manifest", "process"])
    func aNewConnectorIsProvedAtOnceAndItsCertificateEndsWithAChange(hosting: String) async throws {
      try await inFolder { folder in
        let made = try await City.run("connector", "new", "CemeteryRegister", "--hosting", hosting, "--into", folder)
        #expect(made.status == 0, "\(made.error)")
        let connector = "\(folder)/cemetery-register"
        let (result, status) = try await test(connector, config: folder)
        #expect(status == 0 && result.connector == "cemetery-register" && result.hosting == hosting)
        #expect(result.behaviours.count { $0.result == "passed" } >= 18)
        #expect(FileManager.default.fileExists(atPath: "\(connector)/certificate.json"))
        // A second one of the same name is refused, and nothing is written over.
        #expect(
          try await City.run("connector", "new", "cemetery-register", "--hosting", hosting, "--into", folder).status
            != 0)
        // A setting that becomes another kind fails the suite, and the certificate is gone.
        let manifest = try String(contentsOfFile: "\(connector)/manifest.yaml", encoding: .utf8)
        try Data(manifest.replacing("kind: url", with: "kind: text").utf8).write(
          to: URL(filePath: "\(connector)/manifest.yaml"))
        let (changed, changedStatus) = try await test(connector, config: folder)
        #expect(changedStatus == 1)
        #expect(changed.behaviours.first { $0.result == "failed" }?.name == "settingsStayCompatible")
        #expect(!FileManager.default.fileExists(atPath: "\(connector)/certificate.json"))
      }
    }

    @Test func aNewSwiftConnectorHasTheFilesOfEveryOther() async throws {
      try await inFolder { folder in
        let made = try await City.run("connector", "new", "cemetery-register", "--hosting", "swift", "--into", folder)
        #expect(made.status == 0, "\(made.error)")
        for file in [
          "README.md", "CemeteryRegisterConnector.swift", "Mock/CemeteryRegisterMock.swift",
          "Contract/CemeteryRegisterContract.swift", "Tests/Fixtures",
        ] {
          #expect(FileManager.default.fileExists(atPath: "\(folder)/Plugins/CemeteryRegister/\(file)"), "\(file)")
        }
        #expect(made.output.contains(#"connector("CemeteryRegister""#))
      }
    }

    @Test(arguments: ["../escape", "a/b", "", "ộ", ".", "a b", "-a"])
    func aNameThatWouldLeaveItsFolderIsRefused(name: String) async throws {
      try await inFolder { folder in
        let made = try await City.run(
          "connector", "new", "--hosting", "manifest", "--into", "\(folder)/inside", "--", name)
        #expect(made.status != 0)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
      }
    }

    @Test func theProtocolOfTheScaffoldIsThatOfTheRepository() throws {
      let kept = try Data(
        contentsOf: URL(filePath: "\(City.root)/Config/connectors/hotline-1022/lgsp_connector.py"))
      let shipped = try Data(
        contentsOf: URL(filePath: "\(City.root)/Sources/HubCommand/Scaffold/lgsp_connector.py"))
      #expect(kept == shipped)
    }

    @Test func theCatalogueInTheDocumentationIsTheOneThatTheConnectorsMake() async throws {
      let shown = try await City.run("connector", "show", "--config", "\(City.root)/Config")
      #expect(shown.status == 0)
      #expect(GoldenFile.difference(shown.output, from: "\(City.root)/Documentation/connectors.md") == nil)
    }

    @Test func mockedEndpointsAreReachedInPlaceOfTheLiveOnes() async throws {
      let city = try await City()
      do {
        // Nothing listens where the endpoint leads: only the hub's own mock can have the figures.
        try city.change(
          "endpoints/operations-centre.yaml", replacing: "http://127.0.0.1:", with: "https://ioc.example:")
        let refused = try await city.lgsp("run", "--mock", "operations-center")
        #expect(refused.status != 0 && refused.error.contains("operations-centre"))
        try await city.startHub(mocks: "operations-centre")
        let reload = try await city.lgsp("reload")
        #expect(reload.status == 0, "\(reload.error)")
        try await waitUntil("figures are delivered") {
          let search = try await city.search("--type", "vn.haiphong.ioc.indicators", "--limit", "1")
          return search.first?.state == .delivered
        }
        #expect(city.log("hub").contains("MOCKED"))
      } catch {
        await city.close()
        throw error
      }
      await city.close()
    }

    private struct Probe: Decodable {
      var well: Bool
      var step: String?
    }

    @Test func aProbeTellsAtWhichStepItEnds() async throws {
      try await City.running { city in
        let file = "endpoints/operations-centre.yaml"
        func probe() async throws -> (Probe, Int32) {
          let run = try await city.lgsp("endpoint", "probe", "operations-centre", "--json")
          return (try JSONDecoder().decode(Probe.self, from: Data(run.output.utf8)), run.status)
        }
        let (well, status) = try await probe()
        #expect(well.well && status == 0)
        let url = city.centreMock
        let original = try String(contentsOfFile: "\(city.config)/\(file)", encoding: .utf8)
        let cases: [(String, String, String)] = [
          (url, "http://127.0.0.1:1", "tcp"), (url, "http://no-such-host.invalid", "dns"),
          (url, url.replacing("http://", with: "https://"), "tls"),
          ("token: file:", "token: env:HOME # file:", "credential"),
          ("concurrency: 2", "concurrency: 2\nallow: [10.0.0.1]", "allow-list"),
        ]
        for (old, new, step) in cases {
          let text = original.replacing(old, with: new)
          #expect(text != original)
          try Data(text.utf8).write(to: URL(filePath: "\(city.config)/\(file)"))
          let (found, code) = try await probe()
          #expect(!found.well && found.step == step && code == 4, "\(step): \(found)")
        }
        let unknown = try await city.lgsp("endpoint", "probe", "operations-center")
        #expect(unknown.status == 5 && unknown.error.contains("operations-centre"))
      }
    }

    private struct Credential: Decodable {
      var kind: String
      var name: String
      var state: String
      var stops: String
    }

    @Test func credentialsAreListedWithWhatStopsWithThemAndNeverWithTheirValues() async throws {
      let city = try await City()
      func list() async throws -> ([Credential], City.Run) {
        let run = try await city.lgsp("credentials", "list", "--json")
        return (try JSONDecoder().decode([Credential].self, from: Data(run.output.utf8)), run)
      }
      let (all, run) = try await list()
      #expect(run.status == 0, "\(run.output)")
      #expect(Set(all.map(\.kind)).isSuperset(of: ["agency", "secret", "certificate"]))
      #expect(all.contains { $0.name.hasPrefix("axis.secret") && $0.stops.contains("documents") })
      let token = try String(contentsOfFile: "\(city.home)/Data/operations-centre.token", encoding: .utf8)
      #expect(!run.output.contains(token.filter { $0 != "\n" }))
      try FileManager.default.removeItem(atPath: "\(city.home)/Data/operations-centre.token")
      let (changed, second) = try await list()
      #expect(second.status == 1)
      #expect(changed.filter { $0.state == "missing" }.map { $0.name.prefix(17) } == ["operations-centre"])
      await city.close()
    }

    @Test func aHubThatIsKilledLeavesNoConnectorBehind() async throws {
      try await City.running { city in
        try Data(
          """
          name: hotline
          connector: hotline-1022
          settings: {url: "http://127.0.0.1:1", token: "file:../Data/hotline.token"}
          poll: {every: 1s}
          """.utf8
        ).write(to: URL(filePath: "\(city.config)/endpoints/hotline.yaml"))
        try FileManager.default.createDirectory(atPath: "\(city.home)/Data", withIntermediateDirectories: true)
        try Data("t\n".utf8).write(to: URL(filePath: "\(city.home)/Data/hotline.token"))
        let reload = try await city.lgsp("reload")
        try #require(reload.status == 0, "\(reload.error) \(reload.output)")
        let hub = try #require(city.hubProcess)
        let child = Mutexed<Int32?>(nil)
        try await waitUntil("the connector runs") {
          child.value = Self.children(of: hub).first { Self.command(of: $0).contains("connector.py") }
          return child.value != nil
        }
        let program = try #require(child.value)
        // Killed alone, it comes back.
        kill(program, SIGKILL)
        try await waitUntil("the connector runs again") {
          child.value = Self.children(of: hub).first {
            $0 != program && Self.command(of: $0).contains("connector.py")
          }
          return child.value != nil
        }
        let second = try #require(child.value)
        try await city.stopHub(SIGKILL)
        try await waitUntil("the connector is gone") { !Self.command(of: second).contains("connector.py") }
      }
    }

    private static func children(of process: Int32) -> [Int32] {
      let threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/task")) ?? []
      return threads.flatMap { thread in
        let list = try? String(contentsOfFile: "/proc/\(process)/task/\(thread)/children", encoding: .utf8)
        return (list ?? "").split(separator: " ").compactMap { Int32($0) }
      }
    }

    private static func command(of process: Int32) -> String {
      (try? String(contentsOfFile: "/proc/\(process)/cmdline", encoding: .utf8)) ?? ""
    }

    @Test func aMockThatNoFileMentionsTellsItsAddressFirst() async throws {
      let process = Process()
      process.executableURL = URL(filePath: City.binary)
      process.arguments = ["mock", "hotline-1022", "--port", "0", "--json", "--config", "\(City.root)/Config"]
      let pipe = Pipe()
      process.standardOutput = pipe
      try process.run()
      defer { kill(process.processIdentifier, SIGKILL) }
      struct Line: Decodable {
        var mock: String
        var address: String
      }
      let line = try JSONDecoder().decode(Line.self, from: pipe.fileHandleForReading.availableData)
      #expect(line.mock == "hotline-1022")
      let loop = CurlLoop()
      let transport: any Transport = loop.transport(
        for: "test", .thisMachine)
      let ask = { (method: String, path: String, body: String?) async throws -> Int in
        let bytes = body.map { OutboundBody.bytes(Array($0.utf8)) }
        let request = OutboundRequest(method: method, url: line.address + path, body: bytes)
        return try await transport.send(request).status
      }
      #expect(try await ask("GET", "/feedback?limit=2", nil) == 401)
      #expect(
        try await ask("POST", "/_mock/transport-faults", #"{"path":"/feedback","status":503,"times":1}"#) == 200)
      #expect(try await ask("GET", "/feedback?limit=2", nil) == 503)
      #expect(try await ask("GET", "/_mock/received", nil) == 200)
      await loop.shutdown()
    }
  }
}

/// A value that a condition may set.
private final class Mutexed<Value: Sendable>: @unchecked Sendable {
  // Guarded by the lock.
  private var kept: Value
  private let lock = NSLock()

  init(_ value: Value) { kept = value }

  var value: Value {
    get { lock.withLock { kept } }
    set { lock.withLock { kept = newValue } }
  }
}
