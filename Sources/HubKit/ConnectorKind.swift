/// A connector as the hub deals with it, however it is hosted: a module that is compiled in, a manifest, or a child
/// process. Endpoints name it; routes cannot tell the hostings apart.
public struct ConnectorKind: Sendable {
  /// The three ways to host a connector.
  public enum Hosting: String, Sendable, Hashable, CaseIterable {
    /// A Swift module that is compiled into `lgsp`.
    case module = "swift"
    /// A `manifest.yaml` that the hub carries out by itself.
    case manifest
    /// A program of its own that the hub starts and speaks to over its standard input and output.
    case process
  }

  /// Makes one endpoint's parts, as ``Connector/make(_:)`` does.
  public typealias Maker = @Sendable (ConnectorContext) throws(AdapterError) -> ConnectorParts

  /// What it is.
  public let descriptor: ConnectorDescriptor
  /// How it is hosted.
  public let hosting: Hosting
  /// Formats that it brings along.
  public let codecs: [any Codec]
  /// Tells one state of its files from another, so that endpoints are made anew when it changes; empty for a module,
  /// which cannot change while the hub runs.
  public let digest: String
  private let prepare: @Sendable (SettingValues) throws(SettingError) -> Maker

  /// A connector that is compiled in.
  public init(_ type: any Connector.Type) {
    descriptor = type.descriptor
    hosting = .module
    codecs = type.codecs
    digest = ""
    prepare = { (settings) throws(SettingError) in
      let connector = try type.init(settings: settings)
      return { (context) throws(AdapterError) in try connector.make(context) }
    }
  }

  /// A connector that is made from files.
  ///
  /// - Parameter prepare: checks the settings of an endpoint without touching anything, and gives what makes its parts.
  public init(
    descriptor: ConnectorDescriptor, hosting: Hosting, digest: String,
    prepare: @escaping @Sendable (SettingValues) throws(SettingError) -> Maker
  ) {
    self.descriptor = descriptor
    self.hosting = hosting
    self.digest = digest
    self.prepare = prepare
    codecs = []
  }

  /// Checks the settings of an endpoint against each other. Touches nothing.
  ///
  /// - Returns: what makes the endpoint's parts.
  public func configured(_ settings: SettingValues) throws(SettingError) -> Maker { try prepare(settings) }
}

/// A mock as whoever starts it deals with it: compiled in, or a scenario in a file.
public struct MockKind: Sendable {
  /// What it is; its name is the connector's.
  public let descriptor: ConnectorDescriptor
  /// What goes wrong on the way to it from the start, on a socket of its own.
  public let faults: [FaultRule]
  private let start: @Sendable (SettingValues, any HubClock) throws(SettingError) -> any ServedInterface

  /// A mock that is compiled in.
  public init(_ type: any ConnectorMock.Type) {
    descriptor = type.descriptor
    faults = []
    start = { (settings, clock) throws(SettingError) in try type.init(settings: settings, clock: clock).interface }
  }

  /// A mock that is made from a file.
  ///
  /// - Parameters:
  ///   - faults: go wrong on the way to it from the start.
  ///   - start: creates the far system in its first state.
  public init(
    descriptor: ConnectorDescriptor, faults: [FaultRule] = [],
    start: @escaping @Sendable (SettingValues, any HubClock) throws(SettingError) -> any ServedInterface
  ) {
    self.descriptor = descriptor
    self.faults = faults
    self.start = start
  }

  /// Creates the far system in its first state.
  ///
  /// - Returns: what answers on its socket.
  public func started(_ settings: SettingValues, clock: any HubClock) throws(SettingError) -> any ServedInterface {
    try start(settings, clock)
  }
}
