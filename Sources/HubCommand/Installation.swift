internal import ArgumentParser
internal import HubBus
internal import HubConfig
internal import HubHosting
public import HubKit
public import HubTesting
internal import HubTransform

/// The connectors that are compiled into this `lgsp`: named in one place, `Sources/lgsp/main.swift`. An agency with
/// connectors of its own builds its own `lgsp` from a main of ten lines.
public struct Installation: Sendable {
  /// Connector types that `connector:` of an endpoint may name.
  public var connectors: [any Connector.Type]
  /// Mocks that `mocks.yaml` may name.
  public var mocks: [any ConnectorMock.Type]
  /// What proves the connectors: for `lgsp connector test`.
  public var contracts: [any ConnectorProof.Type]
  /// Makers of sample messages for the demo.
  public var samples: [any SampleTraffic.Type]

  /// Names what is installed.
  public init(
    connectors: [any Connector.Type], mocks: [any ConnectorMock.Type] = [],
    contracts: [any ConnectorProof.Type] = [], samples: [any SampleTraffic.Type] = []
  ) {
    // The bus's own inbox is always there.
    self.connectors = connectors + [InboxConnector.self]
    self.mocks = mocks
    self.contracts = contracts
    self.samples = samples
  }

  /// What is installed while a command runs.
  @TaskLocal static var current = Installation(connectors: [])

  /// Codecs of all connectors, then those that the hub brings along; asked in this order.
  var connectorCodecs: [any Codec] { connectors.flatMap { $0.codecs } }
}

/// The connectors and mocks that a configuration can name.
struct Catalogue: Sendable {
  var connectors: [ConnectorKind]
  var mocks: [MockKind]

  /// What is compiled in, and what the configuration describes by itself.
  ///
  /// - Parameters:
  ///   - folder: the configuration folder, in which programs of connectors lie.
  ///   - pool: evaluates the programs of manifests.
  init(_ configuration: HubConfiguration, in folder: String, pool: TransformPool) {
    let installation = Installation.current
    connectors =
      installation.connectors.map { ConnectorKind($0) }
      + HostedConnectors.kinds(of: configuration.manifests, in: folder, pool: pool)
    mocks =
      installation.mocks.map { MockKind($0) } + configuration.manifests.compactMap { MockKind($0, pool: pool) }
  }

  /// The connector of that name.
  func connector(_ name: String) -> ConnectorKind? { connectors.first { $0.descriptor.name == name } }

  /// The mock of that connector.
  func mock(_ name: String) -> MockKind? { mocks.first { $0.descriptor.name == name } }
}

/// Runs the `lgsp` command line with the connectors of `installation`, and ends the process with its exit code.
public func runLGSP(_ installation: Installation) async {
  await Installation.$current.withValue(installation) {
    await LGSPCommand.main()
  }
}
