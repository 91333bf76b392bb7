public import HubKit
public import HubRouting

/// A connector that needs no Swift: what `connectors/<name>/manifest.yaml` says, every value checked.
public struct ConnectorManifest: Sendable {
  /// How the hub reaches the far system.
  public enum Way: Sendable {
    /// By requests that the manifest describes.
    case http(HTTPManifest)
    /// By files that are put there and fetched from there.
    case files(FilesManifest)
    /// Through a program that speaks to it.
    case process(ProcessManifest)
  }

  /// Name, version, settings, operations: as a module would declare them.
  public var descriptor: ConnectorDescriptor
  /// How the hub reaches the far system.
  public var way: Way
  /// The far system as a file plays it; nil: nothing does, or a module.
  public var mock: MockScenario?
  /// How it is proved; nil: not by `lgsp connector test`.
  public var contract: ContractManifest?
  /// Its folder, relative to the configuration folder, as in `connectors/operations-centre`.
  public var folder: String
  /// SHA-256 over the files of its folder, in lower-case hex.
  public var digest: String
  /// Where the manifest begins.
  public var place: SourcePlace

  /// How it is hosted.
  public var hosting: ConnectorKind.Hosting {
    switch way {
    case .http, .files: .manifest
    case .process: .process
    }
  }

  /// What its scenario is, for mocks.yaml; nil without one.
  public var mockDescriptor: ConnectorDescriptor? {
    mock.map { scenario in
      var mock = descriptor
      mock.settings = scenario.settings
      return mock
    }
  }
}
