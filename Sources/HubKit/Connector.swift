public import Logging

/// A connector: all that the hub knows about one kind of far system. One folder under `Plugins/`, one line in
/// `Package.swift`, one line in `Sources/lgsp`.
///
/// Life of one endpoint: settings are decoded and checked (no I/O, also by `lgsp check`), then ``make(_:)`` is called
/// once at start, and its parts are used until the hub stops.
public protocol Connector: Sendable {
  /// What it is, for configuration, documentation and the console.
  static var descriptor: ConnectorDescriptor { get }

  /// Formats that the connector brings along.
  static var codecs: [any Codec] { get }

  /// Checks settings against each other. Touches nothing.
  init(settings: SettingValues) throws(SettingError)

  /// Makes the endpoint's parts. May open connections; must not start tasks.
  func make(_ context: ConnectorContext) throws(AdapterError) -> ConnectorParts
}

extension Connector {
  /// No formats of its own.
  public static var codecs: [any Codec] { [] }
}

/// What a connector is.
public struct ConnectorDescriptor: Sendable, Hashable {
  /// Name in `connector:` of an endpoint, as in `edocument`.
  public var name: String
  /// The far system, in a sentence.
  public var summary: String
  /// How far the connector can be trusted: A checked against real files or an independent client, B against publicly
  /// seen client code or law texts, C assumed by us.
  public var certificate: String
  /// All settings.
  public var settings: [Setting]
  /// What the far system can be asked to do, for `to: <endpoint>/<operation>`; empty when there is but one thing.
  public var operations: [Operation]
  /// Its own version, as in `1.4.0`: what a certificate is for.
  public var version: String
  /// Types of the messages that it brings in, as in `vn.gov.edoc.document.received`.
  public var events: [Operation]
  /// Codes of its own with which an attempt fails, as in `axis-18`, and what each means.
  public var failures: [Operation]
  /// Which questions change nothing at the far system, of a connector without ``operations``.
  public var reading: Reading
  /// Whether what is sent to its endpoints waits there until it is fetched, within ``InboxLimits``, whose settings it
  /// then has.
  public var isInbox = false
  /// First part of the path at the hub's door where a ``MountedInterface`` stands, as in `vxp`; nil: there is none.
  public var mount: String?

  /// One thing that has a name: an operation of the far system, a type of event, a code of failure.
  public struct Operation: Sendable, Hashable {
    /// Its name, as in `verify`.
    public var name: String
    /// What it does or means, in a sentence.
    public var summary: String
    /// Of an operation: whether it changes nothing at the far system, so that it may be put to another one as well.
    public var isRead: Bool

    /// Creates one.
    public init(_ name: String, _ summary: String, isRead: Bool = false) {
      self.name = name
      self.summary = summary
      self.isRead = isRead
    }
  }

  /// Which questions of a connector without operations change nothing at the far system.
  public enum Reading: Sendable, Hashable {
    /// None, as far as is known.
    case never
    /// All.
    case always
    /// Those with a safe method, which it passes on as it is.
    case bySafeMethod
  }

  /// Creates a descriptor.
  public init(
    name: String, summary: String, certificate: String, settings: [Setting], operations: [Operation] = [],
    version: String = "1.0.0", events: [Operation] = [], failures: [Operation] = [], reading: Reading = .never,
    isInbox: Bool = false, mount: String? = nil
  ) {
    self.name = name
    self.summary = summary
    self.certificate = certificate
    self.settings = settings
    self.operations = operations
    self.version = version
    self.events = events
    self.failures = failures
    self.reading = reading
    self.isInbox = isInbox
    self.mount = mount
  }

  /// Whether a question changes nothing at the far system, by the connector's own word.
  ///
  /// - Parameters:
  ///   - operation: the operation that is asked for; nil: the usual one, so that all must be reads.
  ///   - question: how it is put; nil: whether there can be such a question at all.
  public func isRead(_ operation: String?, _ question: Question? = nil) -> Bool {
    if let operation { return operations.contains { $0.name == operation && $0.isRead } }
    guard operations.isEmpty else { return operations.allSatisfy(\.isRead) }
    return switch reading {
    case .never: false
    case .always: true
    case .bySafeMethod: question?.isSafe ?? true
    }
  }
}

/// What a connector is handed for one endpoint.
public struct ConnectorContext: Sendable {
  /// The endpoint's name in the configuration.
  public var endpoint: String
  /// The only way out.
  public var transport: any Transport
  /// The way in for what the far system brings by itself. Whatever principal a message names, it comes from this
  /// endpoint. Refuses everything until the hub runs.
  public var gateway: any Gateway
  /// What waits at this endpoint until it is fetched; empty unless its connector is an inbox.
  public var inbox: any InboxPort
  /// What agencies have sent through the hub.
  public var record: any SentRecord
  /// The only source of time.
  public var clock: any HubClock
  /// Who is who.
  public var directory: any AgencyDirectory
  /// For what an operator should know; never payloads or personal data.
  public var logger: Logger

  /// Creates a context. The composition root and tests have reason to.
  public init(
    endpoint: String, transport: any Transport, gateway: any Gateway, inbox: any InboxPort = EmptyInbox(),
    record: any SentRecord = EmptyRecord(), clock: any HubClock, directory: any AgencyDirectory, logger: Logger
  ) {
    self.endpoint = endpoint
    self.transport = transport
    self.gateway = gateway
    self.inbox = inbox
    self.record = record
    self.clock = clock
    self.directory = directory
    self.logger = logger
  }
}

/// What one endpoint consists of; each part is optional.
public struct ConnectorParts: Sendable {
  /// Sends to the far system.
  public var outbound: (any OutboundAdapter)?
  /// Ask the far system.
  public var sources: [any PollingSource]
  /// Answers the far system's calls, mounted at `/v1/served/<endpoint>/`. It checks by itself who calls.
  public var served: (any ServedInterface)?
  /// Lets persons sign in at the far system.
  public var signIn: (any SignInProvider)?
  /// Lives as long as the endpoint is in force.
  public var resident: (any Resident)?
  /// Tells who is who beyond the hub.
  public var agencies: (any AgencySource)?

  /// Creates parts.
  public init(
    outbound: (any OutboundAdapter)? = nil, sources: [any PollingSource] = [],
    served: (any ServedInterface)? = nil, signIn: (any SignInProvider)? = nil, resident: (any Resident)? = nil,
    agencies: (any AgencySource)? = nil
  ) {
    self.outbound = outbound
    self.sources = sources
    self.served = served
    self.signIn = signIn
    self.resident = resident
    self.agencies = agencies
  }
}

/// A part that must be kept alive, such as a child process.
public protocol Resident: Sendable {
  /// Works from the moment at which the endpoint is in force until the task is cancelled: when the hub has stopped
  /// making attempts, or another configuration has taken the endpoint's place and its attempts have ended. Called once.
  func run() async
}

/// A connector's mock: the far system's side, with state, on a real socket.
public protocol ConnectorMock: Sendable {
  /// What it is; its name is the connector's.
  static var descriptor: ConnectorDescriptor { get }

  /// Creates the far system in its first state.
  init(settings: SettingValues, clock: any HubClock) throws(SettingError)

  /// What it answers.
  var interface: any ServedInterface { get }
}
