import FoundationEssentials
import HubConfig
import HubTesting
import Testing

@Suite struct SchemaTests {
  private let fixtures =
    String(#filePath.prefix(upTo: #filePath.lastIndex(of: "/") ?? #filePath.endIndex)) + "/Fixtures"

  @Test func `The JSON Schema is the one that was looked at`() {
    let schema = configurationSchema(connectors: sampleConnectors)
    #expect(GoldenFile.difference(schema, from: "\(fixtures)/schema.json") == nil)
  }

  @Test func `The reference is the one that was looked at`() {
    let reference = configurationReference(connectors: sampleConnectors)
    #expect(GoldenFile.difference(reference, from: "\(fixtures)/reference.md") == nil)
  }

  @Test func `The order in which connectors are named does not matter`() {
    #expect(
      configurationSchema(connectors: sampleConnectors.reversed()) == configurationSchema(connectors: sampleConnectors))
  }

  @Test func `The schema is JSON, and every reference in it leads somewhere`() throws {
    let schema = configurationSchema(connectors: sampleConnectors)
    let root = try JSONDecoder().decode(Root.self, from: Data(schema.utf8))
    for kind in ["hub", "endpoints", "routes", "manifest", "mocks", "agencies", "access"] {
      #expect(root.definitions[kind] != nil)
    }
    for reference in schema.matches(of: /"\$ref": "#\/\$defs\/([^"]+)"/) {
      #expect(root.definitions[String(reference.output.1)] != nil, "\(reference.output.1)")
    }
  }

  private struct Root: Decodable {
    var definitions: [String: Anything]

    enum CodingKeys: String, CodingKey { case definitions = "$defs" }
  }

  /// Any JSON value; what it is does not matter here.
  private struct Anything: Decodable {
    init(from decoder: any Decoder) throws {}
  }
}
