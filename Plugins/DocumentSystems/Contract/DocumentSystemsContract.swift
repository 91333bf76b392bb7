internal import DocumentSystems
internal import DocumentSystemsMock
public import HubKit
public import HubTesting

/// The interface that the hub serves to document systems. It sends and fetches nothing by itself, so most of the
/// contract does not concern it; its own tests and `DocumentSystemScenarios` look at what is called.
public enum DocumentSystemsContract: ConnectorProof {
  /// What is proved.
  public static let connector: any Connector.Type = DocumentSystemsConnector.self

  /// One way: a system calls.
  public static func ways(on bench: ContractBench) -> [ConnectorHarness] {
    [
      bench.harness(
        of: ConnectorKind(connector), settings: { _ in settings },
        far: {
          try DocumentSystemsMock(
            settings: SettingValues(settings, declared: DocumentSystemsMock.descriptor.settings), clock: SystemClock()
          ).interface
        }, received: { _ in [] })
    ]
  }

  private static let settings: [String: SettingValue] = [
    "systemId": .text("vxp.contract"), "secret": .secret(Secret(reference: "contract", value: "khoa-bi-mat")),
    "organisation": .text("H24"),
  ]
}
