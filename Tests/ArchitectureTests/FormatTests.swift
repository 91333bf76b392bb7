import Foundation
import Testing

@Suite("Layout of the house")
struct FormatTests {
  @Test func `swift format finds nothing to say`() throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    // Real paths: swift format does not follow links.
    let folders = ["Sources", "Plugins", "Tests"].map {
      SourceTree.root.appending(path: $0).resolvingSymlinksInPath().path
    }
    process.arguments = ["swift", "format", "lint", "--strict", "--recursive", "--parallel"] + folders
    process.currentDirectoryURL = SourceTree.root
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    let lines = said.split(separator: "\n").filter { $0.contains(": error:") || $0.contains(": warning:") }
    for line in lines.prefix(50) { Issue.record("\(line)") }
    #expect(
      process.terminationStatus == 0, "\(lines.count) findings; swift format -i -r repairs layout\n\(said.prefix(500))")
  }
}
