import EDocument
import EDocumentMock
import HubKit
import HubTesting
import Testing

@Suite struct SettingsTests {
  @Test(arguments: ["url", "systemId", "secret", "organisation"])
  func `what is missing is named`(_ name: String) {
    var values: [String: SettingValue] = [
      "url": .text("http://127.0.0.1:1"), "systemId": .text("s"), "organisation": .text("H24.1"),
      "secret": .secret(Secret(reference: "env:KEY", value: "k")),
    ]
    values[name] = nil
    do {
      _ = try EDocumentConnector(settings: SettingValues(values, declared: EDocumentConnector.descriptor.settings))
      Issue.record("it was taken")
    } catch {
      #expect(error.name == name)
    }
  }

  @Test func `an agency of an unknown system is named when the mock starts`() {
    do {
      _ = try EDocumentMock(
        settings: SettingValues(["systems": .map(["a": "k"]), "agencies": .map(["H24.1": "b"])]), clock: TestClock())
      Issue.record("it was taken")
    } catch {
      #expect(error.name == "agencies")
      #expect(error.message.contains("'b'"))
    }
  }

  @Test func `a secret that cannot be read stops the endpoint, not the check`() throws {
    let values = settings(url: "http://127.0.0.1:1")
    _ = try EDocumentConnector(settings: values)
    let unresolved = SettingValues([
      "url": .text("http://127.0.0.1:1"), "systemId": .text("s"), "organisation": .text("H24.1"),
      "secret": .secret(Secret(reference: "env:KEY", value: nil)),
    ])
    #expect(throws: AdapterError.self) {
      try AxisClient(settings: try EDocumentSettings(unresolved), transport: NoTransport(), clock: TestClock())
    }
  }
}

private struct NoTransport: Transport {
  func send(_ request: OutboundRequest) async throws(AdapterError) -> OutboundResponse {
    throw AdapterError(.outage(after: nil), code: "none", reason: "there is no way out")
  }
}
