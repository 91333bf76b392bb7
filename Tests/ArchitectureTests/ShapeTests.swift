import Foundation
import Testing

@Suite("Shape of the house")
struct ShapeTests {
  @Test func `every connector's folder has the same parts`() {
    let connectors = SourceTree.folders(in: "Plugins")
    #expect(!connectors.isEmpty)
    for name in connectors {
      let mock = SourceTree.files(below: "Plugins/\(name)/Mock")
      #expect(mock.contains { $0.hasSuffix("/\(name)Mock.swift") }, "Plugins/\(name)/Mock/\(name)Mock.swift is missing")
      // Of a connector that a manifest describes only the mock lies here.
      if SourceTree.exists("Config/connectors/\(Self.plainName(name))/manifest.yaml") { continue }
      for part in [
        "README.md", "\(name)Connector.swift", "Mock", "Contract/\(name)Contract.swift", "Tests", "Tests/Fixtures",
      ] {
        #expect(SourceTree.exists("Plugins/\(name)/\(part)"), "Plugins/\(name)/\(part) is missing")
      }
    }
  }

  /// `OperationsCentre` is `operations-centre` in the configuration.
  private static func plainName(_ name: String) -> String {
    name.replacing(/([a-z])([A-Z])/) { "\($0.output.1)-\($0.output.2)" }.lowercased()
  }

  @Test func `every room has tests`() {
    for room in ImportTable.rooms.keys where room != "HubTesting" {
      #expect(!SourceTree.files(below: "Tests/\(room)Tests").isEmpty, "Tests/\(room)Tests is missing")
    }
  }

  @Test func `nothing holds a room free any more`() {
    let placeholders = ["Sources", "Plugins", "Tests"].flatMap { SourceTree.files(below: $0) }
      .filter { $0.hasSuffix("/Placeholder.swift") }
    #expect(placeholders.isEmpty, "\(placeholders)")
  }

  @Test func `every requirement of a port of HubKit says what it is`() throws {
    var ports = 0
    for path in SourceTree.files(below: "Sources/HubKit") {
      let source = try SourceTree.source(path)
      var inProtocol = false
      for (index, line) in source.code.enumerated() {
        if line.hasPrefix("public protocol") {
          inProtocol = true
          ports += 1
          #expect(source.hasDocumentation(at: index), "\(path):\(index + 1): no doc comment")
        } else if inProtocol, line.firstMatch(of: /^ {2}(static )?(func|var|init)\b/) != nil {
          #expect(source.hasDocumentation(at: index), "\(path):\(index + 1): no doc comment")
        }
        if line.hasPrefix("}") { inProtocol = false }
      }
    }
    #expect(ports > 10)
  }
}

extension SwiftSource {
  /// Whether a doc comment ends right above the line, attributes between them left aside.
  func hasDocumentation(at index: Int) -> Bool {
    var above = index - 1
    while above >= 0, code[above].drop(while: \.isWhitespace).hasPrefix("@") { above -= 1 }
    return above >= 0 && comments[above].hasPrefix("///")
  }
}
