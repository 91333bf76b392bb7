import Foundation
import HubConfig
import HubHosting
import HubKit
import HubTesting
import HubTransform
import HubTransport

/// One loop for all tests: its thread is not free.
let loop = CurlLoop()

/// One pool for all tests; its programs are our own.
let pool = TransformPool(program: nil)

/// A transport that reaches this machine only.
func transport() -> any Transport {
  var options = TransportOptions.thisMachine
  (options.firstByteTimeout, options.idleTimeout, options.totalTimeout) = (.seconds(180), .seconds(180), .seconds(180))
  return loop.transport(for: "test", options)
}

/// Connectors from files.
enum Hosted {
  static let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path

  /// The connector of the repository's own configuration.
  static func operationsCentre() throws -> ConnectorKind {
    try kind(
      try ConfigFiles(connectorFolder: "\(repository)/Config/connectors/operations-centre"), in: "\(repository)/Config")
  }

  /// A connector from texts by name of file.
  static func kind(_ texts: [String: String], named name: String = "far") throws -> ConnectorKind {
    try kind(
      ConfigFiles(texts: Dictionary(uniqueKeysWithValues: texts.map { ("connectors/\(name)/\($0.key)", $0.value) })))
  }

  /// A connector whose files lie below a folder.
  static func kind(_ files: ConfigFiles, in folder: String = "/nowhere") throws -> ConnectorKind {
    let (manifests, complaints) = loadConnectors(files)
    guard complaints.isEmpty else { throw TestingError(complaints.map(\.description).joined(separator: "\n")) }
    guard let kind = HostedConnectors.kinds(of: manifests, in: folder, pool: pool).first else {
      throw TestingError("no connector")
    }
    return kind
  }

  /// The parts of an endpoint of that connector.
  static func parts(
    of kind: ConnectorKind, _ settings: [String: SettingValue], gateway: any Gateway = RecordingGateway(),
    clock: any HubClock = SystemClock()
  ) throws -> ConnectorParts {
    try kind.configured(SettingValues(settings, declared: kind.descriptor.settings))(
      .forTests(endpoint: "far", transport: transport(), gateway: gateway, clock: clock))
  }
}
