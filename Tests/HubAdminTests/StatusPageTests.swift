import Foundation
import HubKit
import Testing

@testable import HubAdmin

@Suite("The status page")
struct StatusPageTests {
  private static let fixtures = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")

  /// Set `LGSP_WRITE_GOLDEN=1` to write the pages anew, look at them in a browser, and commit them.
  @Test(arguments: [
    ("busy", StatusPage.Viewer.unnamed), ("empty", .unnamed), ("signed-in", .signedIn(name: "Nguyễn Văn Mẫu")),
    ("signed-out", .signedOut(title: "VNeID")),
  ])
  func `looks as the committed page does`(name: String, viewer: StatusPage.Viewer) throws {
    let page = StatusPage(
      snapshot: name == "busy" ? Samples.busy : Samples.empty, viewer: viewer, nonce: "0123456789abcdef"
    ).html
    let file = Self.fixtures.appending(path: "status-\(name).html")
    if ProcessInfo.processInfo.environment["LGSP_WRITE_GOLDEN"] != nil {
      try Data(page.utf8).write(to: file)
    }
    let golden = try String(contentsOf: file, encoding: .utf8)
    let (lines, expected) = (page.split(separator: "\n"), golden.split(separator: "\n"))
    for (index, (line, wanted)) in zip(lines, expected).enumerated() where line != wanted {
      Issue.record("line \(index + 1) of the page is\n\(line)\nbut \(file.lastPathComponent) has\n\(wanted)")
      return
    }
    #expect(lines.count == expected.count)
  }
}
