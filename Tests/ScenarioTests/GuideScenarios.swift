import Foundation
import Testing

/// The guide for connectors, followed to the letter.
extension Scenarios {
  @Suite(.serialized)
  struct GuideScenarios {
    @Test func everyCommandOfTheConnectorGuideWorksInItsOrder() async throws {
      let guide = try String(contentsOfFile: "\(City.root)/Documentation/connector-guide.md", encoding: .utf8)
      let blocks = guide.matches(of: /(?s)```sh\n(.*?)```/).map { String($0.output.1) }
      #expect(blocks.count >= 6)
      let folder = FileManager.default.temporaryDirectory.appending(path: "guide-\(UUID().uuidString)").path
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(atPath: folder) }
      for (index, block) in blocks.enumerated() {
        let script = """
          set -eu
          cd '\(folder)'
          SAMPLE='\(City.root)/Config'
          PATH='\(URL(filePath: City.binary).deletingLastPathComponent().path)':$PATH
          \(block)
          """
        let run = try await City.run(["-c", script], of: "/bin/bash")
        #expect(run.status == 0, "block \(index + 1):\n\(block)\n\(run.output)\n\(run.error)")
      }
      let list = try await City.run("connector", "list", "--json", "--config", "\(folder)/Config")
      #expect(list.output.contains(#""certificate":"valid","connector":"grave-register""#), "\(list.output)")
    }
  }
}
