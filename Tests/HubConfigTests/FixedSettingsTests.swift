import HubKit
import HubRouting
import Testing

@testable import HubConfig

@Suite struct FixedSettingsTests {
  /// What a running hub takes from another configuration.
  private static let live: Set<String> = [
    "hub.name", "drain", "retry.attempts", "retry.first", "retry.factor", "retry.max", "limits.openExchangesMax",
    "limits.questionMax", "limits.splitMax", "limits.openExchangesPerAgencyMax", "limits.openBytesMax",
    "limits.openBytesPerAgencyMax", "limits.freeDiskBytesMin", "limits.admissionQueueMax", "limits.laneWindowMax",
    "limits.parkedMax", "gateway.https.certificate", "gateway.https.key", "admin.operators", "admin.publicURL",
    "secrets.allow", "signatures.roots", "signatures.crls",
  ]

  @Test func `Of every key it is said whether a running hub can take it`() {
    let file = Self.paths(of: HubDeclarations.file, below: "")
    let declared = Set(file + Self.paths(of: HubDeclarations.admin, below: "admin."))
    let fixed = Set(FixedSettings.keys.map(\.path))
    #expect(fixed.isDisjoint(with: Self.live))
    #expect(fixed.union(Self.live).symmetricDifference(declared).sorted() == [])
  }

  private static func paths(of shape: ObjectShape, below prefix: String) -> [String] {
    shape.fields.flatMap { field -> [String] in
      switch field.shape {
      case .object(let inner): paths(of: inner, below: "\(prefix)\(field.name).")
      case .either: []
      default: ["\(prefix)\(field.name)"]
      }
    }
  }

  @Test(
    arguments: [
      ("hub:\n  name: Test\n  organisation: H25\n", "hub.yaml:3:3", "hub.organisation"),
      ("hub: {name: Test, organisation: H24, data: ../Other}\n", "hub.yaml:1:38", "hub.data"),
      ("hub: {name: T, organisation: H24}\ngateway:\n  http: 127.0.0.1:1\n", "hub.yaml:3:3", "gateway.http"),
      ("hub: {name: T, organisation: H24}\ntransform:\n  threads: 7\n", "hub.yaml:3:3", "transform.threads"),
      ("hub: {name: T, organisation: H24}\ninsight: {every: 60s}\n", "hub.yaml:2:11", "insight.every"),
    ])
  func `A key that only a start reads is named with its place`(text: String, place: String, key: String) throws {
    let old = try #require(Sample.load().configuration)
    let files = ["hub.yaml": text + "journal:\n  key: file:secrets/journal.key\n"]
    let new = try #require(Sample.load(files.mapValues { $0 }).configuration)
    let found = new.restartComplaints(after: old, files: ConfigFiles(texts: files))
    let first = try #require(found.first { $0.message.contains("`\(key)`") }, "\(found)")
    #expect("\(first.place)" == place && first.code == "needs-restart" && first.severity == .error)
  }

  @Test func `What was left out is placed where it would stand, and nothing is said of what may change`() throws {
    let loud = Sample.hub + ["gateway: {http: 127.0.0.1:1}", "drain: 3s"]
    let old = try #require(Sample.load(["hub.yaml": loud]).configuration)
    let new = try #require(Sample.load(["hub.yaml": Sample.hub + ["gateway:", "  batchMax: 1000"]]).configuration)
    let files = ConfigFiles(texts: ["hub.yaml": Sample.hub + ["gateway:", "  batchMax: 1000"]])
    #expect(new.restartComplaints(after: old, files: files).map(\.short) == ["hub.yaml:6:1 needs-restart"])
    let other = Sample.hub + ["drain: 9s", "limits: {splitMax: 2}"]
    let same = try #require(Sample.load(["hub.yaml": other]).configuration)
    let silent = try #require(Sample.load().configuration)
    #expect(same.restartComplaints(after: silent, files: files).isEmpty)
  }

  @Test func `Where the data lie is known whatever else is wrong`() {
    #expect(ConfigFiles(texts: ["hub.yaml": "hub: {data: /d, nonsense: 1}\nwhat: ever"]).dataFolder == "/d")
    #expect(ConfigFiles(texts: ["hub.yaml": "hub: {name: x}"]).dataFolder == "../Data")
    #expect(ConfigFiles(texts: ["hub.yaml": "hub: {"]).dataFolder == nil)
  }
}
