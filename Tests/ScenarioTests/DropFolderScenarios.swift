import Foundation
import HubKit
import HubTesting
import Testing

/// A commune without any system: its documents are files in a folder of OpenSSH's server.
extension Scenarios {
  @Suite(.serialized)
  struct DropFolderScenarios {
    /// The commune H24.105 gets a folder and the right to speak for itself.
    private static func give(_ server: FileServer, to city: City) throws {
      func change(_ file: String, _ change: (String) -> String) throws {
        let url = URL(filePath: "\(city.config)/\(file)")
        let text = (try? Data(contentsOf: url)).map { String(decoding: $0, as: UTF8.self) } ?? ""
        try Data(change(text).utf8).write(to: url)
      }
      for folder in ["gui", "gui/da-gui", "gui/bi-tu-choi", "nhan"] {
        try FileManager.default.createDirectory(
          at: server.folder.appending(path: folder), withIntermediateDirectories: true)
      }
      // Such a server's account has its folder as its root; this one sees the machine's.
      try change("connectors/drop-folder/manifest.yaml") {
        $0.replacing(": /gui", with: ": \(server.path)/gui").replacing("\"/nhan", with: "\"\(server.path)/nhan")
          .replacing("settled: 20s", with: "settled: 200ms")
      }
      let key = "\(city.home)/Data/drop-folder.key"
      try Data(try #require(server.privateKey).utf8).write(to: URL(filePath: key))
      try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: key)
      try change("endpoints/xa-vinh-bao.yaml") { _ in
        """
        name: xa-vinh-bao
        connector: drop-folder
        settings:
          url: sftp://127.0.0.1:\(server.port)
          username: \(server.username)
          key: file:../Data/drop-folder.key
          hostKey: "SHA256:\(server.hostKey ?? "")"
        poll: {every: 300ms}
        """
      }
      try change("agencies.yaml") { $0.replacing("endpoint: json-offices", with: "endpoint: xa-vinh-bao") }
      try change("access.yaml") {
        $0 + "\n  - {endpoint: xa-vinh-bao, send: [\"vn.gov.edoc.*\"], from: [H24.105]}\n"
      }
    }

    @Test func `files of a commune go out, documents for it come as files, and it speaks for nobody else`() async throws
    {
      let server = try FileServer(.sftp)
      defer { server.stop() }
      let city = try await City()
      do {
        try Self.give(server, to: city)
        try await city.startMocks()
        try await city.startHub()
        try server.put("7.edxml", Samples.document(id: "tep-1", from: "H24.105", to: ["H24.101"]), in: "gui")
        try server.put("gia.edxml", Samples.document(id: "tep-2", from: "H24.2", to: ["H24.101"]), in: "gui")
        try server.put(
          "8.json",
          #"{"kind":"document","from":{"organId":"H24.105"},"to":[{"organId":"H24.101"}],"documentId":"tep-3"}"#,
          in: "gui")
        try await waitUntil("two are taken and one is refused") {
          server.names(in: "gui/da-gui") == ["7.edxml", "8.json"] && server.names(in: "gui/bi-tu-choi") == ["gia.edxml"]
        }
        try await waitUntil("both arrive") {
          try await city.received(by: "H24.101", mock: city.systemsMock).count == 2
        }
        let arrived = try await city.received(by: "H24.101", mock: city.systemsMock)
        #expect(arrived.contains { $0.contains("tep-1") } && arrived.contains { $0.contains("tep-3") })

        let answer = Samples.document(id: "tep-4", from: "H24.2", to: ["H24.105"])
        let file = "\(city.home)/answer.edxml"
        try Data(answer.utf8).write(to: URL(filePath: file))
        #expect(try await city.lgsp("send", file, "--as", "H24.2", "--wait").status == 0)
        let name = try #require(server.names(in: "nhan").first)
        #expect(server.names(in: "nhan").count == 1 && name.hasSuffix(".edxml"))
        #expect(server.text("nhan/\(name)") == answer)
      } catch {
        await city.close()
        throw error
      }
      await city.close()
    }
  }
}
