import HubConfig
import HubKit
import Testing

/// Manifests that are wrong: each complaint names the file, the line and the nearest right word.
@Suite struct ManifestTests {
  private static let sound = """
    connector: far
    version: 1.0.0
    summary: A far system.
    settings:
      url: {kind: url, required: true, example: "https://far.example", help: Base URL.}
      token: {kind: secret, required: true, example: "file:x", help: Token.}
      wait: {kind: duration, default: 30s, example: 30s, help: Patience.}
    http:
      base: "{url}"
      authentication: {bearer: {token: token}}
      operations:
        - {name: put, path: "/a/{values.plot}", values: {plot: .plot}}
    """

  private func complaints(_ manifest: String, folder: String = "far", files: [String: String] = [:]) -> [Complaint] {
    var texts = Dictionary(uniqueKeysWithValues: files.map { ("connectors/\(folder)/\($0.key)", $0.value) })
    texts["connectors/\(folder)/manifest.yaml"] = manifest
    return loadConnectors(ConfigFiles(texts: texts), compiled: []).1
  }

  @Test func `A sound manifest makes a connector with its settings`() throws {
    let files = ConfigFiles(texts: ["connectors/far/manifest.yaml": Self.sound])
    let (manifests, complaints) = loadConnectors(files)
    #expect(complaints == [])
    let manifest = try #require(manifests.first)
    #expect(manifest.hosting == .manifest)
    #expect(manifest.descriptor.settings.map(\.name) == ["url", "token", "wait"])
    #expect(manifest.descriptor.settings[2].defaultValue == .duration(.seconds(30)))
    #expect(manifest.descriptor.version == "1.0.0")
    let other = ConfigFiles(texts: ["connectors/far/manifest.yaml": Self.sound + "\n"])
    #expect(loadConnectors(other).0.first?.digest != manifest.digest)
  }

  @Test func `Which operations only read follows from the method, the manifest's word, or the program's`() throws {
    func reads(_ old: String, _ new: String) throws -> ConnectorDescriptor {
      let text = Self.sound.replacing(old, with: new)
      return try #require(
        loadConnectors(ConfigFiles(texts: ["connectors/far/manifest.yaml": text])).0.first?.descriptor)
    }
    #expect(try !reads("name: put, ", "name: put, ").isRead(nil))
    #expect(try reads("name: put, ", "name: put, method: GET, ").isRead(nil))
    #expect(try !reads("name: put, ", "name: put, method: GET, read: false, ").isRead(nil))
    let two = "    - {name: put, summary: Puts., read: true, path: /b}\n    - {name: "
    let both = try reads("    - {name: put, ", two + "get, method: HEAD, ")
    #expect(both.isRead("put") && both.isRead("get") && both.isRead(nil))
    let one = try reads("    - {name: put, ", two + "set, ")
    #expect(one.isRead("put") && !one.isRead("set") && !one.isRead(nil) && !one.isRead("no"))
    let head = "connector: far\nversion: 1.0.0\nsummary: A.\n"
    let program = head + "process: {command: [a], operations: {get: Reads., put: Writes.}, reads: ["
    let files = ConfigFiles(texts: ["connectors/far/manifest.yaml": program + "get]}"])
    let process = try #require(loadConnectors(files).0.first?.descriptor)
    #expect(process.isRead("get") && !process.isRead("put"))
    #expect(complaints(program + "gte]}").map(\.short) == ["connectors/far/manifest.yaml:4:74 unknown-read -> get"])
  }

  @Test(arguments: [
    ("summary: A", "sumary: A", "unknown-key", 3, "summary"),
    ("{values.plot}", "{values.plott}", "unknown-variable", 12, "values.plot"),
    ("{url}\"\n", "{usl}\"\n", "unknown-variable", 9, "url"),
    ("/a/{values", "/a/{token}{values", "secret-in-template", 12, nil),
    ("bearer: {token: token}", "bearer: {token: tokn}", "unknown-setting", 10, "token"),
    ("bearer: {token: token}", "bearer: {token: url}", "unknown-setting", 10, nil),
    ("/a/{values.plot}", "/a/{values.plot", "bad-template", 12, nil),
    ("kind: duration", "kind: duratoin", "bad-choice", 7, "duration"),
    ("default: 30s", "default: 30 s", "bad-duration", 7, nil),
    ("version: 1.0.0", "version: 1.0", "bad-version", 2, nil),
    ("connector: far", "connector: near", "connector-outside-folder", 1, "far"),
    ("name: put, ", "name: put, map: [{jq: otu.jq}], ", "missing-file", 12, "out.jq"),
    ("name: put, ", "name: put, errors: [{status: 600, verdict: retry}], ", "bad-status", 12, nil),
  ])
  func `A mistake is named with its line and the right word`(
    right: String, wrong: String, code: String, line: Int, suggestion: String?
  ) throws {
    let text = Self.sound.replacing(right, with: wrong, maxReplacements: 1)
    try #require(text != Self.sound)
    let found = complaints(text, files: ["out.jq": "."])
    let complaint = try #require(found.first { $0.code == code }, "\(found)")
    #expect(complaint.file == "connectors/far/manifest.yaml")
    #expect(complaint.line == line)
    #expect(complaint.suggestion == suggestion)
    #expect(!complaint.vi.isEmpty)
  }

  @Test func `A name that is taken and a folder without manifest are named`() {
    let compiled = ConnectorDescriptor(name: "far", summary: "", certificate: "A", settings: [])
    let files = ConfigFiles(texts: [
      "connectors/far/manifest.yaml": Self.sound, "connectors/empty/out.jq": ".",
    ])
    let (manifests, complaints) = loadConnectors(files, compiled: [compiled])
    #expect(manifests.isEmpty)
    #expect(complaints.map(\.code) == ["no-manifest", "duplicate-name"])
  }

  @Test(arguments: ["../far", "a/b", "..", "Far", ""])
  func `A name that would leave its folder is no name`(name: String) {
    let found = complaints(Self.sound.replacing("connector: far", with: "connector: \"\(name)\""))
    #expect(found.contains { $0.severity == .error && $0.line == 1 })
  }

  @Test func `A process needs a command, and a manifest one way only`() {
    let head = "connector: far\nversion: 1.0.0\nsummary: A far system.\n"
    #expect(complaints(head).map(\.code) == ["exactly-one"])
    #expect(complaints(head + "process: {command: []}\n").contains { $0.code == "too-few" })
    #expect(complaints(head + "process: {command: [python3, a.py]}\n") == [])
    #expect(
      complaints(head + "process: {command: [a]}\nhttp: {base: \"https://a.example\"}\n").map(\.code) == ["exactly-one"]
    )
  }
}
