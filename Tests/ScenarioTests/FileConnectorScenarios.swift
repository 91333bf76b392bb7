import Foundation
import HubTesting
import Testing

/// Connectors that hand files over, proved against the servers that Debian packages.
extension Scenarios {
  @Suite(.serialized)
  struct FileConnectorScenarios {
    private struct Result: Decodable {
      struct Behaviour: Decodable {
        var name: String
        var result: String
        var reason: String?
      }

      var behaviours: [Behaviour]
    }

    private static let manifest = """
      connector: reports
      version: 1.0.0
      summary: A far system that hands files over.
      level: C
      settings:
        url: {kind: url, required: true, example: "sftp://files.example", help: Where it is.}
        username: {kind: text, required: true, example: lgsp, help: The account.}
        key: {kind: secret, required: true, example: "file:/etc/lgsp/files.key", help: Its private key.}
        hostKey: {kind: text, required: true, example: "SHA256:x", help: The server's key.}
      files:
        base: "{url}"
        username: username
        privateKey: key
        hostKey: hostKey
        sources:
          - name: reports
            folder: /out
            pattern: "*.xml"
            settled: 30s
            moveTo: /out/taken
            event: '{type: "vn.haiphong.report", subject: .name, sender: "H24.12"}'
        operations:
          - {name: drop, path: "/in/{envelope.subject}-{delivery.id}.xml"}
      """
    private static let contract = """
      settings: {url: "{url}"}
      delivery: '{type: "vn.haiphong.notice", subject: "TB-\\(.n)", data: {text: .text}}'
      refused: '{type: "vn.haiphong.notice", subject: "../TB", data: {text: .text}}'
      offered: [a.xml, b.xml, c.xml, d.xml]
      """

    /// The same over FTPS, with a marker and files that go.
    private static let secure =
      manifest.split(separator: "\n").filter { !$0.contains("hostKey") }.joined(separator: "\n")
      .replacing("privateKey: key", with: "password: key").replacing("settled: 30s", with: "marker: \"{name}.done\"")
      .replacing("moveTo: /out/taken", with: "delete: true")

    private func proved(_ manifest: String) async throws -> (result: Result, status: Int32, hasCertificate: Bool) {
      let folder = FileManager.default.temporaryDirectory.appending(path: "file-connectors-\(UUID().uuidString)")
      let connector = folder.appending(path: "reports")
      try FileManager.default.createDirectory(at: connector, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(at: folder) }
      try Data(manifest.utf8).write(to: connector.appending(path: "manifest.yaml"))
      try Data(Self.contract.utf8).write(to: connector.appending(path: "contract.yaml"))
      let run = try await City.run("connector", "test", connector.path, "--json", "--config", folder.path)
      return (
        try JSONDecoder().decode(Result.self, from: Data(run.output.utf8)), run.status,
        FileManager.default.fileExists(atPath: connector.appending(path: "certificate.json").path)
      )
    }

    @Test(arguments: [manifest, secure])
    func aConnectorOfFilesIsProvedAgainstARealServer(manifest: String) async throws {
      let (result, status, hasCertificate) = try await proved(manifest)
      let failed = result.behaviours.filter { $0.result == "failed" }
      #expect(status == 0 && hasCertificate, "\(failed)")
      let skipped = result.behaviours.filter { $0.result == "skipped" }
      #expect(
        skipped.map(\.name)
          == ["settingsStayCompatible", "rateLimitIsRespected", "endedSessionIsRenewed", "traceGoesOn"])
      #expect(skipped.allSatisfy { $0.reason?.isEmpty == false })
      // Nothing of the servers is left.
      #expect(!FileManager.default.fileExists(atPath: "/in") && !FileManager.default.fileExists(atPath: "/out"))
    }

    @Test func aPathThatDoesNotTellMessagesApartAndAFolderOfAnotherNameFail() async throws {
      let (result, status, hasCertificate) = try await proved(
        Self.manifest.replacing("{envelope.subject}-{delivery.id}", with: "report"))
      #expect(status == 1 && !hasCertificate)
      #expect(result.behaviours.first { $0.name == "delivers" }?.result == "failed")
      let (other, otherStatus, _) = try await proved(Self.manifest.replacing("\"*.xml\"", with: "\"*.csv\""))
      #expect(otherStatus == 1)
      #expect(other.behaviours.filter { $0.result == "failed" }.map(\.name) == ["sourceResumesExactly"])
    }
  }
}
