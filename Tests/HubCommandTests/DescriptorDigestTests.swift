import HubKit
import Testing

@testable import HubCommand

@Suite("The digest of what a module promises")
struct DescriptorDigestTests {
  private static func digest(_ change: (inout ConnectorDescriptor) -> Void = { _ in }) -> String {
    var descriptor = ConnectorDescriptor(
      name: "far", summary: "A far system.", certificate: "C",
      settings: [Setting("url", .url, required: true, example: "https://far.example", help: "Base URL.")],
      operations: [.init("put", "Puts.")], version: "1.0.0", events: [.init("vn.x", "Comes.")],
      failures: [.init("refused", "No.")])
    change(&descriptor)
    return ConnectorKind(descriptor: descriptor, hosting: .module, digest: "") { (_) throws(SettingError) in
      { (_) throws(AdapterError) in ConnectorParts() }
    }.certifiedDigest
  }

  @Test func `is another one for every promise that changes`() {
    let changed = [
      Self.digest { $0.version = "1.0.1" }, Self.digest { $0.settings[0].required = false },
      Self.digest { $0.settings[0].kind = .text }, Self.digest { $0.settings[0].defaultValue = .text("x") },
      Self.digest { $0.operations.append(.init("get", "Gets.")) }, Self.digest { $0.events = [] },
      Self.digest { $0.failures[0].name = "http-<status>" }, Self.digest { $0.settings[0].name = "base" },
    ]
    #expect(Set(changed + [Self.digest()]).count == changed.count + 1)
  }

  @Test func `stays when only words for people change, and is that of the files where there are files`() {
    #expect(Self.digest { $0.settings[0].help = "Where it is." } == Self.digest())
    #expect(Self.digest { $0.failures[0].summary = "Refused." } == Self.digest())
    #expect(Self.digest { $0.summary = "Another sentence." } == Self.digest())
    let files = ConnectorKind(
      descriptor: ConnectorDescriptor(name: "far", summary: "s", certificate: "C", settings: []), hosting: .manifest,
      digest: "abc"
    ) { (_) throws(SettingError) in { (_) throws(AdapterError) in ConnectorParts() } }
    #expect(files.certifiedDigest == "abc")
  }
}
