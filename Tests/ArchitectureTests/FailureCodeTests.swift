import Foundation
import Testing

/// The catalogue names the codes with which a connector's attempts fail. What stands in the sources as a code and what
/// is declared are held against each other; a part that is known only while it runs stands for any text.
@Suite("Codes of failure")
struct FailureCodeTests {
  private static let modules = SourceTree.folders(in: "Plugins").filter { module in
    SourceTree.files(below: "Plugins/\(module)").contains { $0.hasSuffix("\(module)Connector.swift") }
  }

  /// Sources of a module itself, without mock, contract and tests, and without what they declare.
  private static func sources(of module: String) throws -> [(path: String, text: String)] {
    let paths = SourceTree.files(below: "Plugins/\(module)").filter { path in
      path.split(separator: "/").count == 3 && !path.hasSuffix("Failures.swift") && !path.hasSuffix("Samples.swift")
    }
    return try paths.map { path in
      let text = try SourceTree.text(path)
      guard path.hasSuffix("Connector.swift"), let start = text.range(of: "failures: [") else { return (path, text) }
      let rest = text[start.upperBound...]
      return (path, text[..<start.lowerBound] + (rest.range(of: "])").map { String(rest[$0.upperBound...]) } ?? ""))
    }
  }

  /// What stands in `<Name>Failures.swift`, or in the connector itself where that is short.
  private static func declared(by module: String) throws -> [String] {
    let own = "Plugins/\(module)/\(module)Failures.swift"
    let text =
      SourceTree.exists(own)
      ? try SourceTree.text(own)
      : try SourceTree.text("Plugins/\(module)/\(module)Connector.swift").split(separator: "failures: [").dropFirst()
        .joined()
    return text.matches(of: /\.init\(\s*"([^"]+)"/).map { String($0.output.1) }
  }

  /// Whether a declared name, with `<…>` for any text, covers a code of the sources, with `\\(…)` for any text.
  private static func covers(_ name: String, _ code: String) throws -> Bool {
    let parts = name.replacing(/<[^>]*>/, with: "\u{1}").split(separator: "\u{1}", omittingEmptySubsequences: false)
    let pattern = parts.map { "\\Q\($0)\\E" }.joined(separator: ".+")
    let plain = code.replacing(/\\\([^)]*\)/, with: "x")
    if try plain.wholeMatch(of: Regex(pattern)) != nil { return true }
    // What begins with a part that is known only while it runs is told by the rest.
    guard code.hasPrefix("\\("), let dash = code.firstIndex(of: "-"), let mine = name.firstIndex(of: "-") else {
      return false
    }
    return try covers(String(name[name.index(after: mine)...]), String(code[code.index(after: dash)...]))
  }

  @Test(arguments: modules)
  func `a code that a module's sources throw is declared`(module: String) throws {
    let declared = try Self.declared(by: module)
    var found = 0
    for (path, text) in try Self.sources(of: module) {
      // Where an error is made, and the functions that make refusals.
      let thrown =
        text.matches(of: /AdapterError\([^"]*?code: "((?:[^"\\]|\\.)+)"/).map { String($0.output.1) }
        + text.matches(of: /refus(?:al|ed)\(\s*"([a-z-]+)"/).map { String($0.output.1) }
        + text.matches(of: /let code = (?:[^"\n]*"empty" \? )?"((?:[^"\\]|\\.)+)"/).map { String($0.output.1) }
      found += thrown.count
      for code in thrown where try !declared.contains(where: { try Self.covers($0, code) }) {
        Issue.record("\(path): `\(code)` is thrown and not declared among the failures of \(module)")
      }
    }
    // One that only answers has next to none.
    let least = min(declared.count, 4)
    #expect(found >= least, "no codes were found in \(module): does the scan still see where errors are made?")
  }

  @Test(arguments: modules)
  func `a code that a module declares stands in its sources`(module: String) throws {
    let texts = try Self.sources(of: module).map(\.text).joined()
    let literals = Set(texts.matches(of: /"((?:[^"\\\n]|\\.)*)"/).map { String($0.output.1) })
    for name in try Self.declared(by: module) where try !literals.contains(where: { try Self.covers(name, $0) }) {
      Issue.record("\(module) declares `\(name)`, which no source of it makes")
    }
  }
}
