public import HubKit
public import HubRouting

/// One endpoint: a far system, the connector that speaks to it, and the limits that hold there.
public struct EndpointConfiguration: Sendable {
  /// What to do when a message was sent and the answer was lost.
  public enum OnDoubt: String, Sendable, Hashable {
    /// Send it again; the far system recognises repeats.
    case retry
    /// Leave it to a person.
    case park
  }

  /// How often the far system is asked for messages.
  public struct Poll: Sendable, Hashable {
    /// From the end of one question to the next.
    public var every: Duration
    /// Most messages taken with one question.
    public var limit: Int
  }

  /// How the far system is recognised, and how the hub shows who it is.
  public struct TLS: Sendable, Hashable {
    /// The certificates that are trusted; nil: those of the machine.
    public var ca: PEMFile?
    /// The hub's own certificate chain.
    public var certificate: PEMFile?
    /// The private key of that certificate, PEM.
    public var key: Secret?
  }

  /// Its name in routes and agencies.
  public var name: String
  /// Name of the connector.
  public var connector: String
  /// The connector's own settings, checked against its declarations.
  public var settings: SettingValues
  /// The codec in whose guise the far system wants its messages; nil: as the hub keeps them.
  public var format: String?
  /// Most attempts at a time.
  public var concurrency: Int
  /// Most time for one attempt.
  public var timeout: Duration
  /// Most time to connect.
  public var connectTimeout: Duration
  /// Largest answer that is read, in bytes.
  public var responseBytesMax: Int
  /// How failed attempts are repeated.
  public var retry: HubSettings.Retry
  /// Addresses that may be called, as the transport's allow-list reads them: `host`, `host:port`, an IP address or
  /// network; those of the URLs in ``settings`` when nothing was written.
  public var allow: [String]
  /// What to do when a message was sent and the answer was lost.
  public var onDoubt: OnDoubt
  /// How often the far system is asked for messages; nil: never.
  public var poll: Poll?
  /// Certificates; nil: as the machine has them.
  public var tls: TLS?
  /// Which messages go to its second version, an endpoint of its own by the name of ``EndpointVersionName``; nil: it
  /// has none.
  public var next: VersionRule?
  /// Whether its second version is asked in shadow what it is asked itself.
  public var nextIsShadow = false
  /// Whether it is such a second version itself: it only sends.
  public var isNext = false
  /// Where the endpoint begins.
  public var place: SourcePlace
}

/// One mock: the far system of a connector, on a port of this machine.
public struct MockConfiguration: Sendable {
  /// Files with which a mock speaks TLS, PEM; paths from the configuration folder.
  public struct TLS: Sendable {
    /// The certificate chain.
    public var certificate: String
    /// Its private key.
    public var key: String
    /// A certificate for the same key whose time is over.
    public var expired: String?
  }

  /// Its name.
  public var name: String
  /// Name of the connector whose far system it plays.
  public var connector: String
  /// Where it listens.
  public var address: ListenAddress
  /// Its own settings, checked against its declarations.
  public var settings: SettingValues
  /// How it speaks TLS; nil: it does not.
  public var tls: TLS?
  /// Where it begins.
  public var place: SourcePlace
}

extension MockConfiguration {
  /// A mock that no file mentions: on any free port of this machine, with its settings' defaults.
  public init(_ mock: ConnectorDescriptor) {
    self.init(
      name: mock.name, connector: mock.name, address: ListenAddress(host: "127.0.0.1", port: 0),
      settings: SettingValues([:], declared: mock.settings), place: SourcePlace(file: "mocks.yaml"))
  }
}

extension EndpointConfiguration {
  init(_ endpoint: CheckedObject, settings: SettingValues, retry: HubSettings.Retry, allow: [String], tls: TLS?) {
    name = endpoint.string("name")
    connector = endpoint.string("connector")
    self.settings = settings
    format = endpoint.text("format")
    concurrency = endpoint.integer("concurrency")
    timeout = endpoint.span("timeout")
    connectTimeout = endpoint.span("connectTimeout")
    responseBytesMax = endpoint.size("responseBytesMax")
    self.retry = retry
    self.allow = allow
    onDoubt = OnDoubt(rawValue: endpoint.string("onDoubt")) ?? .retry
    poll = endpoint.object("poll").map { Poll(every: $0.span("every"), limit: $0.integer("limit")) }
    self.tls = tls
    next = endpoint.object("next").map { VersionRule($0.object("when")) }
    nextIsShadow = endpoint.object("next")?.flag("shadow") ?? false
    place = endpoint.place
  }
}
