public import HubKit
public import HubTesting
internal import VNeID
internal import VNeIDMock

/// Signing in, held against the realm's mock. It sends and fetches no messages, so most of the contract does not
/// concern it; its own tests look at what else there is to signing in.
public enum VNeIDContract: ConnectorProof {
  /// What is proved.
  public static let connector: any Connector.Type = VNeIDConnector.self

  /// One way: a person signs in.
  public static func ways(on bench: ContractBench) -> [ConnectorHarness] {
    [
      bench.harness(
        of: ConnectorKind(connector),
        settings: { url in
          [
            "issuer": .text("\(url)/realms/citizen"), "clientId": .text("lgsp-contract"),
            "clientSecret": .secret(Secret(reference: "contract", value: "khoa-bi-mat")),
          ]
        },
        far: {
          try VNeIDMock(
            settings: SettingValues(
              ["clients": .map(["lgsp-contract": "khoa-bi-mat"])], declared: VNeIDMock.descriptor.settings),
            clock: SystemClock()
          ).interface
        }, received: { _ in [] })
    ]
  }
}
