public import HubKit
public import HubRouting

/// A configuration in which every value is checked.
public struct HubConfiguration: Sendable {
  /// What `hub.yaml` says.
  public var hub: HubSettings
  /// The endpoints, in order of file and place.
  public var endpoints: [EndpointConfiguration]
  /// The routes, in the order in which they are tried.
  public var routes: [Route]
  /// The mocks.
  public var mocks: [MockConfiguration]
  /// Agencies, credentials and rights as they stood when the configuration was read; empty for a pinned one.
  /// ``LiveDirectory`` follows their changes.
  public var agencies: AgencyBook
  /// Texts in `mappings/`, by file name.
  public var mappings: [String: TextSource]
  /// Texts in `schemas/`, by file name.
  public var schemas: [String: TextSource]
  /// Connectors that are described in `connectors/`.
  public var manifests: [ConnectorManifest]
  /// The configuration's own name: see ``ConfigFiles/digest``.
  public var digest: String

  /// The endpoint of that name.
  public func endpoint(_ name: String) -> EndpointConfiguration? {
    endpoints.first { $0.name == name }
  }

  /// Every program and schema text that some route uses, each once for each use, with its place: what a caller
  /// compiles to be sure that routes can run.
  public var sources: [TextSource] { routes.flatMap(\.sources) }
}

/// Reads the connectors in `connectors/` and checks them, whatever else the configuration has.
///
/// - Parameter compiled: what is installed already; no manifest may take such a name.
/// - Returns: those without errors; and all complaints, in order of place.
public func loadConnectors(
  _ files: ConfigFiles, compiled: [ConnectorDescriptor] = []
) -> ([ConnectorManifest], [Complaint]) {
  var loader = ConfigurationLoader(files: files, connectors: compiled, mocks: [], secrets: .unresolved)
  let manifests = loader.loadManifests()
  return (manifests, loader.complaints.list.sorted())
}

/// Reads a configuration and checks it. Touches neither network nor, unless `secrets` says so, any file or
/// environment variable.
///
/// - Parameters:
///   - files: the configuration's files.
///   - connectors: what is installed, for `connector:` of endpoints.
///   - mocks: what is installed, for `connector:` of mocks.
///   - secrets: whether references to secrets are followed.
/// - Returns: the configuration, nil when a complaint is an error; and all complaints, in order of place.
public func loadConfiguration(
  _ files: ConfigFiles, connectors: [ConnectorDescriptor], mocks: [ConnectorDescriptor], secrets: SecretResolution
) -> (HubConfiguration?, [Complaint]) {
  var loader = ConfigurationLoader(files: files, connectors: connectors, mocks: mocks, secrets: secrets)
  let configuration = loader.load()
  let complaints = loader.complaints.list.sorted()
  return (complaints.contains { $0.severity == .error } ? nil : configuration, complaints)
}
