import DocumentSystems
import DocumentSystemsMock
import EDocument
import EDocumentMock
import HTTP
import HTTPMock
import HubBus
import HubConfig
import HubKit
import HubRouting
import HubTesting
import NationalPortal
import NationalPortalMock
import OperationsCentreMock
import Population
import PopulationMock
import ProcedureSystem
import ProcedureSystemMock
import Testing
import VNeID
import VNeIDMock

/// The demo city's configuration, held against the installed connectors.
@Suite struct DemoCityTests {
  private static let folder =
    #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
    .joined(separator: "/") + "/Config"

  private static let types: [any Connector.Type] = [
    HTTPConnector.self, DocumentSystemsConnector.self, EDocumentConnector.self, NationalPortalConnector.self,
    PopulationConnector.self, ProcedureSystemConnector.self, VNeIDConnector.self, InboxConnector.self,
  ]
  private static let mockTypes: [any ConnectorMock.Type] = [
    HTTPMock.self, DocumentSystemsMock.self, EDocumentMock.self, NationalPortalMock.self, OperationsCentreMock.self,
    PopulationMock.self,
    ProcedureSystemMock.self, VNeIDMock.self,
  ]
  private static var connectors: [ConnectorDescriptor] { types.map { $0.descriptor } }
  private static var mocks: [ConnectorDescriptor] { mockTypes.map { $0.descriptor } }

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
    #expect(
      configuration.endpoints.map(\.name) == [
        "axis", "city-systems", "document-systems", "inbox", "json-offices", "national-portal", "operations-centre",
        "population", "procedure-system", "tax-register", "vneid",
      ])
    #expect(
      configuration.routes.map(\.name) == [
        "documents", "taken-back", "statuses", "dossier-progress", "periodic-report", "dossiers-from-portal",
        "dossier-status-to-portal", "verify-person", "look-up-person", "indicators",
      ])
  }

  @Test func `The connectors take the settings of their endpoints and mocks`() throws {
    let configuration = try load()
    let described = Set(configuration.manifests.map(\.descriptor.name))
    for endpoint in configuration.endpoints where !described.contains(endpoint.connector) {
      let type = try #require(Self.types.first { $0.descriptor.name == endpoint.connector }, "\(endpoint.name)")
      _ = try type.init(settings: endpoint.settings)
    }
    for mock in configuration.mocks {
      let type = try #require(Self.mockTypes.first { $0.descriptor.name == mock.connector }, "\(mock.name)")
      _ = try type.init(settings: mock.settings, clock: TestClock())
    }
  }

  @Test func `The schema for editors is the one that the installed connectors make`() throws {
    let (manifests, _) = loadConnectors(try ConfigFiles(folder: Self.folder))
    let schema = configurationSchema(connectors: Self.connectors + manifests.map(\.descriptor))
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
      ("vn.haiphong.ioc.indicators", "indicators"),
      ("vn.gov.dvcqg.dossier", "dossiers-from-portal"), ("vn.haiphong.dossier.status", "dossier-status-to-portal"),
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
    #expect(book.refusal(of: .hub("insight"), sending: "vn.haiphong.ioc.indicators", to: []) == nil)
    #expect(book.refusal(of: .hub("insight"), sending: "vn.gov.edoc.document", to: []) != nil)
    #expect(book.refusal(of: .agency(code("H24.1")), sending: "vn.haiphong.ioc.indicators", to: []) != nil)
    #expect(book.refusal(of: .endpoint("national-portal"), sending: "vn.gov.dvcqg.dossier", to: []) == nil)
    #expect(book.refusal(of: .endpoint("procedure-system"), sending: "vn.haiphong.dossier.status", to: []) == nil)
    #expect(book.refusal(of: .endpoint("procedure-system"), sending: "vn.gov.dvcqg.dossier", to: []) != nil)
  }
}
