import Testing

@Suite("Arrows of the house")
struct ImportTests {
  /// One import line.
  struct Import: Equatable {
    let line: Int
    let module: String
  }

  private static let files = ["Sources", "Plugins"].flatMap { SourceTree.files(below: $0) }

  @Test func `every import follows an arrow`() throws {
    #expect(Self.files.count > 20, "the source tree was not found")
    for path in Self.files {
      guard let allowed = ImportTable.allowed(for: path) else {
        Issue.record("\(path): its folder is not in ImportTable; say there what it may import")
        continue
      }
      for found in Self.imports(of: try SourceTree.source(path)) where !allowed.contains(found.module) {
        let folder = path.split(separator: "/").prefix(2).joined(separator: "/")
        Issue.record("\(path):\(found.line): no arrow leads from \(folder) to \(found.module)")
      }
    }
  }

  @Test func `every folder is in the table, and every line of the table is a folder`() {
    let known = Set(ImportTable.rooms.keys).union(ImportTable.c).union(["lgsp"])
    #expect(Set(SourceTree.folders(in: "Sources")) == known)
    #expect(Set(SourceTree.folders(in: "Plugins")) == Set(ImportTable.wires.keys))
  }

  @Test func `folders of C hold no Swift`() {
    for folder in ImportTable.c { #expect(SourceTree.files(below: "Sources/\(folder)").isEmpty, "\(folder)") }
  }

  @Test func `the table points downwards only`() {
    var reached: [String: Set<String>] = [:]
    func below(_ room: String, path: [String]) -> Set<String> {
      if let known = reached[room] { return known }
      guard !path.contains(room) else {
        Issue.record("the arrows run in a circle: \((path + [room]).joined(separator: " -> "))")
        return []
      }
      let direct = (ImportTable.rooms[room] ?? []).filter { ImportTable.rooms[$0] != nil }
      let all = direct.reduce(into: direct) { $0.formUnion(below($1, path: path + [room])) }
      reached[room] = all
      return all
    }
    for room in ImportTable.rooms.keys { _ = below(room, path: []) }
    #expect(reached["HubKit"] == [])
    for door in ["HubGateway", "HubAdmin"] {
      #expect(reached[door]?.subtracting(["HubServing"]) == ["HubKit"], "\(door)")
    }
    // A mock's control reads faults by the declarations of `mock.yaml`, and knows nothing else of the hub.
    #expect(reached["HubMock"] == ["HubConfig", "HubKit", "HubRouting", "HubServing"])
  }

  @Test func `an import is found however it is written, and not in a comment or a string`() {
    let source = SwiftSource(
      """
      import A
      @testable public import struct B.Thing
      /* import C */ internal import D // import E
      let text = "import F"
        @preconcurrency import G
      let important = 1
      """, path: "x.swift")
    #expect(
      Self.imports(of: source) == [
        Import(line: 1, module: "A"), Import(line: 2, module: "B"), Import(line: 3, module: "D"),
        Import(line: 5, module: "G"),
      ])
  }

  static func imports(of source: SwiftSource) -> [Import] {
    source.code.enumerated().compactMap { index, line in
      let words = line.split { $0 == " " || $0 == "." }.map(String.init)
      guard let position = words.firstIndex(of: "import"), words[..<position].allSatisfy(Self.isModifier) else {
        return nil
      }
      let kinds: Set = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
      return words[(position + 1)...].first { !kinds.contains($0) }.map { Import(line: index + 1, module: $0) }
    }
  }

  private static func isModifier(_ word: String) -> Bool {
    word.hasPrefix("@") || ["public", "package", "internal", "fileprivate", "private"].contains(word)
  }
}
