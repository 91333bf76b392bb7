import Foundation
import HubGateway
import HubKit
import Testing

@Suite struct OpenAPITests {
  private static let document = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Documentation/openapi.yaml")

  @Test func `the served description is the one in the documentation`() async throws {
    let file = Array(try Data(contentsOf: Self.document))
    #expect(OpenAPIDocument.yaml == file)
    try await Door.open { door in
      let answer = try await door.send("GET", "/openapi.yaml")
      #expect(answer.headers["content-type"] == "application/yaml")
      #expect(answer.body == file)
    }
  }

  @Test func `every route is described, and every described route exists`() async throws {
    try await Door.open { (door: Door) async throws in
      #expect(try Self.described() == Set(door.server.routes))
    }
  }

  @Test func `every problem type is described, and every described one exists`() async throws {
    let text = try String(contentsOf: Self.document, encoding: .utf8)
    let list = try #require(
      text.components(separatedBy: "    ProblemCode:\n").last?.components(
        separatedBy: "    Problem:"
      ).first)
    let described = Set(list.matches(of: /- ([a-z-]+)\n/).map { String($0.1) })
    try await Door.open { door in
      let served = try await door.send("GET", "/problems").text.matches(
        of: #//problems/([a-z-]+)\ /#)
      #expect(described == Set(served.map { String($0.1) }))
      #expect(described.count > 20)
    }
  }

  /// The operations under `paths:`, which the file indents by two and four spaces.
  private static func described() throws -> Set<String> {
    var operations = Set<String>()
    var path = ""
    let lines = try String(contentsOf: document, encoding: .utf8).components(separatedBy: "\n")
    let paths = lines.drop { $0 != "paths:" }.dropFirst().prefix { $0.hasPrefix(" ") || $0.isEmpty }
    for line in paths {
      if let match = line.wholeMatch(of: #/\ \ (/.*):/#) { path = String(match.1) }
      if let match = line.wholeMatch(of: #/\ \ \ \ (get|post|put|patch|delete):/#) {
        operations.insert("\(match.1.uppercased()) \(path)")
      }
    }
    return operations
  }
}
