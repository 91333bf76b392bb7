import HubKit
import HubTesting
import JSONWire
import NationalPortalMock
import Testing

@testable import NationalPortal

@Suite struct SettingsTests {
  private func complaint(_ change: [String: SettingValue?]) -> SettingError? {
    do {
      _ = try NationalPortalConnector(settings: settings(url: "http://127.0.0.1:1", change))
      return nil
    } catch {
      return error
    }
  }

  @Test(arguments: ["url", "dstcode", "username", "password", "unit"])
  func `what is missing is named`(_ name: String) {
    #expect(complaint([name: nil])?.name == name)
  }

  @Test(
    arguments: [
      ("dstcode", SettingValue.text("mã dịch vụ")), ("rejectCodes", .list(["-3"])), ("pushUsername", .text("a:b")),
      ("pushUsername", .text("")),
    ])
  func `what cannot work is named`(_ name: String, _ value: SettingValue) {
    #expect(complaint([name: value])?.name == name)
  }

  @Test func `a header that is no name of a field is named`() {
    #expect(complaint(["pushAuth": .text("header"), "pushHeader": .text("X Khoa")])?.name == "pushHeader")
  }

  @Test(arguments: ["password", "pushSecret"])
  func `a secret that cannot be read stops the endpoint, not the check`(_ name: String) throws {
    let unresolved: [String: SettingValue?] = [name: .secret(Secret(reference: "env:KEY", value: nil))]
    #expect(complaint(unresolved) == nil)
    #expect(throws: AdapterError.self) { try parts(url: "http://127.0.0.1:1", unresolved) }
  }

  @Test func `the operations are those that routes may name`() {
    #expect(NationalPortalConnector.descriptor.operations.map(\.name) == ["dossier", "progress", "status"])
  }

  @Test func `samples are dossiers, the same for the same request and others for another run`() throws {
    func make(_ number: Int, _ run: String) throws -> SampleMessage {
      let code = try #require(OrganisationCode("G22"))
      return NationalPortalSamples.make(
        SampleRequest(
          kind: "national-portal/dossier", number: number, run: run, sender: Agency(code: code, name: "VPCP"),
          receivers: [], now: Timestamp(seconds: 1_795_391_999)))
    }
    let sample = try make(1, "a")
    #expect(sample.body == (try make(1, "a")).body)
    #expect(sample.documentID != (try make(1, "b")).documentID)
    let value = try #require(JSONValue(sample.body))
    #expect(PortalRecord.firstNonString(in: value) == nil)
    let record = try #require(PortalRecord(value))
    #expect(record.code == sample.documentID)
    #expect(
      record.envelope(sample.body, now: Timestamp(seconds: 1_795_391_999)).extensions["dossierstatus"] == "registered")
    #expect(value["DinhDanhCHS"]?.items.first?["SoDinhDanh"]?.string?.hasPrefix("999") == true)
  }
}
