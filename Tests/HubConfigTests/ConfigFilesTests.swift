import FoundationEssentials
import HubConfig
import HubTesting
import Testing

@Suite struct ConfigFilesTests {
  private func folder(_ files: [String: String] = Sample.files) throws -> TemporaryDirectory {
    let folder = try TemporaryDirectory("config")
    for (path, text) in files { try folder.write(path, text: text) }
    return folder
  }

  /// What reading a folder brings: complaints in short, none when it can be read.
  private func found(_ folder: String) -> [String] {
    do throws(ConfigurationError) {
      _ = try ConfigFiles(folder: folder)
      return []
    } catch {
      return error.complaints.map(\.short)
    }
  }

  @Test func `A folder is read with all that means something and nothing else`() throws {
    let folder = try folder()
    for path in ["README.md", "schema.json", ".git/config", "routes/fixtures/a.bin", "mappings/a.jq", "notes.txt"] {
      try folder.write(path, text: "x")
    }
    let files = try ConfigFiles(folder: folder.path)
    #expect(files.contents.keys.sorted() == (Sample.files.keys + ["mappings/a.jq", "routes/fixtures/a.bin"]).sorted())
    #expect(files.ignored == ["notes.txt"])
    #expect(files.contents["hub.yaml"] == Array(Sample.hub.utf8))
  }

  @Test func `A folder that is missing, or is a file, is named`() throws {
    let folder = try folder()
    let missing = folder.file("nowhere")
    #expect(found(missing) == ["\(missing):1:1 missing-folder"])
    let file = folder.file("hub.yaml")
    #expect(found(file) == ["\(file):1:1 not-a-folder"])
  }

  @Test func `A link may stay inside the folder but not lead out of it`() throws {
    let folder = try folder()
    let outside = try TemporaryDirectory("outside")
    let secret = try outside.write("secret.yaml", text: "a: 1")
    try FileManager.default.createSymbolicLink(atPath: folder.file("routes/20.yaml"), withDestinationPath: "10.yaml")
    #expect(try ConfigFiles(folder: folder.path).contents["routes/20.yaml"] == Array(Sample.route.utf8))
    try FileManager.default.createSymbolicLink(atPath: folder.file("mocks.yaml"), withDestinationPath: secret)
    try FileManager.default.createSymbolicLink(atPath: folder.file("schemas"), withDestinationPath: outside.path)
    #expect(found(folder.path) == ["mocks.yaml:1:1 symlink-escape", "schemas:1:1 symlink-escape"])
  }

  @Test func `A dangling link and a file that is too large are named`() throws {
    let folder = try folder()
    try FileManager.default.createSymbolicLink(atPath: folder.file("mocks.yaml"), withDestinationPath: "gone.yaml")
    try folder.write("mappings/large.jq", [UInt8](repeating: 0x20, count: ConfigFiles.fileBytesMax + 1))
    try folder.write("mappings/fits.jq", [UInt8](repeating: 0x20, count: ConfigFiles.fileBytesMax))
    #expect(found(folder.path) == ["mappings/large.jq:1:1 file-too-large", "mocks.yaml:1:1 unreadable"])
  }

  @Test func `The digest follows every pinned file and nothing else`() {
    let files = ConfigFiles(texts: Sample.files)
    var changed = files
    changed.contents["agencies.yaml"] = [1]
    changed.contents["access.yaml"] = nil
    changed.ignored = ["x"]
    #expect(changed.digest == files.digest)
    changed.contents["routes/10.yaml"]?.append(0x20)
    #expect(changed.digest != files.digest)
    // Bytes cannot wander from one file into the next without a trace.
    let apart = ConfigFiles(texts: ["mappings/a": "b", "mappings/c": ""])
    let together = ConfigFiles(texts: ["mappings/a": "", "mappings/c": "b"])
    #expect(apart.digest != together.digest)
    #expect(ConfigFiles([:]).digest == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
  }

  @Test func `A bundle gives the pinned files back, whatever their bytes`() throws {
    var files = ConfigFiles(texts: Sample.files)
    files.contents["routes/fixtures/old.edxml"] = [0xFF, 0xFE, 0x00, 0x3C]
    let again = try ConfigFiles(bundle: files.bundle())
    #expect(again.digest == files.digest)
    #expect(again.contents["routes/fixtures/old.edxml"] == [0xFF, 0xFE, 0x00, 0x3C])
    #expect(again.contents["agencies.yaml"] == nil)
    #expect(again.bundle() == files.bundle())
    let (configuration, complaints) = loadConfiguration(
      again, connectors: sampleConnectors, mocks: [], secrets: .unresolved)
    #expect(complaints == [])
    #expect(configuration?.digest == files.digest)
  }

  @Test(arguments: ["", "{}", "[]", #"{"version":2,"files":{}}"#, #"{"version":1,"files":{"a":{}}}"#])
  func `What is no bundle is refused`(text: String) {
    #expect(throws: ConfigurationError.self) { try ConfigFiles(bundle: Array(text.utf8)) }
  }
}
