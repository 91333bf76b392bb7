import EDocument
import EDocumentMock
import HTTP
import HTTPMock
import HubConfig
import HubKit
import HubRouting
import HubTesting
import Population
import PopulationMock
import Testing

/// The demo city's configuration, held against the installed connectors.
@Suite struct DemoCityTests {
  private static let folder =
    #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
    .joined(separator: "/") + "/Config"

  private static let connectors = [
    HTTPConnector.descriptor, EDocumentConnector.descriptor, PopulationConnector.descriptor,
  ]
  private static let mocks = [HTTPMock.descriptor, EDocumentMock.descriptor, PopulationMock.descriptor]

  private func load() throws -> HubConfiguration {
    let files = try ConfigFiles(folder: Self.folder)
    #expect(files.ignored == [])
    let (configuration, complaints) = loadConfiguration(
      files, connectors: Self.connectors, mocks: Self.mocks, secrets: .unresolved)
    #expect(complaints == [])
    return try #require(configuration)
  }

  @Test func `It brings no complaint, not even a warning`() throws {
    let configuration = try load()
    #expect(configuration.endpoints.map(\.name) == ["axis", "city-systems", "population", "tax-register"])
    #expect(
      configuration.routes.map(\.name) == [
        "documents", "statuses", "dossier-progress", "periodic-report", "population-verify", "population-lookup",
      ])
  }

  @Test func `The connectors take the settings of their endpoints and mocks`() throws {
    let configuration = try load()
    for endpoint in configuration.endpoints {
      switch endpoint.connector {
      case "http": _ = try HTTPConnector(settings: endpoint.settings)
      case "edocument": _ = try EDocumentConnector(settings: endpoint.settings)
      case "population": _ = try PopulationConnector(settings: endpoint.settings)
      default: Issue.record("\(endpoint.name) has another connector")
      }
    }
    for mock in configuration.mocks {
      switch mock.connector {
      case "http": _ = try HTTPMock(settings: mock.settings, clock: TestClock())
      case "edocument": _ = try EDocumentMock(settings: mock.settings, clock: TestClock())
      case "population": _ = try PopulationMock(settings: mock.settings, clock: TestClock())
      default: Issue.record("\(mock.name) has another connector")
      }
    }
  }

  @Test func `The schema for editors is the one that the installed connectors make`() {
    let schema = configurationSchema(connectors: Self.connectors)
    #expect(GoldenFile.difference(schema, from: "\(Self.folder)/schema.json") == nil)
  }

  @Test func `Every route proves itself, with a planned failure where it checks something`() throws {
    for route in try load().routes {
      #expect(route.tests.count >= 2, "\(route.name)")
      #expect(route.validate.isEmpty || route.tests.contains { $0.expect.state == .failed }, "\(route.name)")
    }
  }

  @Test func `No credential is committed`() throws {
    #expect(try load().agencies.credentials.isEmpty)
  }

  @Test func `Each flow is taken by its route and may be sent by those who should`() throws {
    let configuration = try load()
    let table = RouteTable(configuration.routes)
    let flows = [
      ("vn.gov.edoc.document", "documents"), ("vn.gov.edoc.status", "statuses"),
      ("vn.haiphong.dossier.progress", "dossier-progress"), ("vn.haiphong.report.periodic", "periodic-report"),
    ]
    for (type, route) in flows {
      let envelope = Envelope(id: "1", source: "/test", type: type, extensions: ["sender": "H24.1"])
      #expect(table.candidates(for: envelope).map(\.name) == [route])
    }
    let book = configuration.agencies
    #expect(book.refusal(of: .agency(code("H24.106")), sending: "vn.gov.edoc.document", to: [code("G22")]) == nil)
    #expect(book.refusal(of: .agency(code("H23")), sending: "vn.gov.edoc.document", to: [code("H56")]) == nil)
    #expect(book.refusal(of: .agency(code("G22")), sending: "vn.gov.edoc.document", to: [code("H24")]) != nil)
    #expect(book.refusal(of: .endpoint("axis"), sending: "vn.gov.edoc.status", to: [code("H24.2")]) == nil)
    #expect(book.refusal(of: .endpoint("axis"), sending: "vn.gov.edoc.status", to: [code("H41")]) != nil)
    #expect(
      book.refusal(of: .agency(code("H24.102")), sending: "vn.haiphong.dossier.progress", to: [code("H24.1")]) == nil)
    #expect(book.refusal(of: .agency(code("H24.3")), sending: "vn.haiphong.dossier.progress", to: []) != nil)
  }
}
