import Glibc
import Testing

@Suite("Limits of the house")
struct LimitTests {
  private static let fileLinesMax = 500
  private static let functionLinesMax = 70
  private static let columnsMax = 120

  private static let product = ["Sources", "Plugins"].flatMap { SourceTree.files(below: $0) }
  private static let all = product + SourceTree.files(below: "Tests")
  private static let c = SourceTree.files(below: "Sources", endingIn: [".c", ".cc", ".cpp", ".h"])

  @Test func `no file is longer than 500 lines, no line wider than 120 columns`() throws {
    #expect(Self.all.count > 40, "the source tree was not found")
    for path in Self.all + Self.c {
      let lines = try SourceTree.text(path).split(separator: "\n", omittingEmptySubsequences: false)
      if lines.count - 1 > Self.fileLinesMax { Issue.record("\(path): \(lines.count - 1) lines") }
      // Messages that tests hand in stand as they are, in string literals; swift format minds the rest.
      guard !path.contains("Tests/") else { continue }
      for (index, line) in lines.enumerated() where line.utf8.count > Self.columnsMax {
        guard line.count > Self.columnsMax else { continue }
        Issue.record("\(path):\(index + 1): \(line.count) columns")
      }
    }
  }

  @Test func `no function is longer than 70 lines`() throws {
    for path in Self.all {
      for function in FunctionLengths.all(in: try SourceTree.source(path))
      where function.lineCount > Self.functionLinesMax {
        Issue.record("\(path):\(function.firstLine): \(function.name) has \(function.lineCount) lines")
      }
    }
  }

  @Test func `what goes round the compiler's checks says why, and nothing is tried by force`() throws {
    for path in Self.all {
      let source = try SourceTree.source(path)
      for (index, line) in source.code.enumerated() {
        let place = "\(path):\(index + 1)"
        if line.mentions("@unchecked Sendable") || line.mentions("nonisolated(unsafe)"), !source.hasComment(at: index) {
          Issue.record("\(place): needs a comment that says why it is safe")
        }
        if line.mentions("try!") { Issue.record("\(place): try! ends the process") }
        if line.mentions("as!") { Issue.record("\(place): as! ends the process") }
      }
    }
  }

  @Test func `every loose task has an owner`() throws {
    for path in Self.product {
      let source = try SourceTree.source(path)
      for (index, line) in source.code.enumerated() where Self.beginsTask(line) {
        if !source.hasComment(at: index, saying: "own") {
          Issue.record("\(path):\(index + 1): a comment must say who owns the task, that is who ends it")
        }
      }
    }
  }

  @Test func `only the command line prints, and unfinished work is not left in the tree`() throws {
    for path in Self.product + Self.c + SourceTree.files(below: "Tests") {
      let source = try SourceTree.source(path)
      let mayPrint = path.hasPrefix("Sources/HubCommand/") || path.hasPrefix("Sources/lgsp/")
      for (index, line) in source.code.enumerated() {
        if !mayPrint, Self.prints(line) {
          Issue.record("\(path):\(index + 1): print; return the text or log it")
        }
        let comment = source.comments[index]
        if comment.mentions("TODO") || comment.mentions("FIXME") || comment.mentions("XXX") {
          Issue.record("\(path):\(index + 1): unfinished work; finish it or write an issue")
        }
      }
    }
  }

  @Test func `what is slow stays off the hot path`() throws {
    for room in ["HubBus", "HubGateway", "HubJournal"] {
      for path in SourceTree.files(below: "Sources/\(room)") {
        for (index, line) in try SourceTree.source(path).code.enumerated() where line.mentions("JSONSerialization") {
          Issue.record("\(path):\(index + 1): JSONSerialization writes ten times slower than anything else")
        }
      }
    }
  }

  /// Whether the line calls a function that writes to standard output.
  private static func prints(_ line: String) -> Bool {
    guard line.mentions("rint(") || line.mentions("dump(") else { return false }
    return line.firstMatch(of: /(^|[^.\w])(print|debugPrint|dump)\(/) != nil
  }

  /// Whether a task that no group holds begins on the line: `Task {`, `Task.detached(priority: x) {` and the like.
  private static func beginsTask(_ line: String) -> Bool {
    guard line.mentions("Task") else { return false }
    let parts = line.split(separator: "Task", omittingEmptySubsequences: false)
    return zip(parts, parts.dropFirst()).contains { before, after in
      guard before.last.map({ !$0.isLetter && !$0.isNumber && $0 != "." && $0 != "_" }) ?? true else { return false }
      var rest = after
      for word in [".detached", ".immediate"] where rest.hasPrefix(word) { rest = rest.dropFirst(word.count) }
      for (open, close) in [("<", ">"), ("(", ")")] where rest.first.map(String.init) == open {
        rest = rest.drop { String($0) != close }.dropFirst()
      }
      return rest.first { $0 != " " } == "{"
    }
  }
}

extension SwiftSource {
  /// Whether the line, or the comment that ends right above it, says something, and `word` in it.
  func hasComment(at index: Int, saying word: String = "") -> Bool {
    var text = comments[index]
    var above = index - 1
    while above >= 0, !comments[above].isEmpty || code[above].drop(while: \.isWhitespace).hasPrefix("@") {
      text += comments[above]
      above -= 1
    }
    return word.isEmpty ? text.contains(where: \.isLetter) : text.lowercased().contains(word)
  }
}

extension String {
  /// Whether `word` stands in it, byte by byte: these tests ask it of every line of the tree.
  func mentions(_ word: StaticString) -> Bool {
    word.withUTF8Buffer { wanted in
      wanted.withMemoryRebound(to: CChar.self) { wanted in
        withCString { text in wanted.baseAddress.map { strstr(text, $0) != nil } ?? false }
      }
    }
  }
}
