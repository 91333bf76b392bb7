public import HubKit

/// All that a configuration determines of the bus, as one value: whoever swaps it swaps everything.
public final class BusSetup: Sendable {
  /// What route and mapping make of messages that are received from now on.
  public let planner: Planner
  /// The first step of every message.
  public let admission: Admission
  /// All that routes may name, by name.
  public let endpoints: [String: BusEndpoint]
  /// Limits of the bus as a whole. ``BusLimits/workBytesMax`` counts only when the bus is made.
  public let limits: BusLimits

  /// Puts the parts of one configuration together.
  public init(planner: Planner, admission: Admission, endpoints: [BusEndpoint], limits: BusLimits) {
    self.planner = planner
    self.admission = admission
    self.endpoints = Dictionary(endpoints.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    self.limits = limits
  }

  var policies: [String: EndpointPolicy] { endpoints.mapValues(\.policy) }
}

/// One endpoint as the bus runs it. The same object in another ``BusSetup`` is the same endpoint, to which nothing
/// happened: it goes on being asked as before.
public final class BusEndpoint: Sendable {
  /// Name in the configuration.
  public let name: String
  /// Name of its connector, for people.
  public let connector: String
  /// Sends; nil for an endpoint that only brings messages in.
  public let outbound: (any OutboundAdapter)?
  /// Ask the far system.
  public let sources: [any PollingSource]
  /// Runs as long as the endpoint is in force.
  public let resident: (any Resident)?
  /// Concurrency and patience.
  public let policy: EndpointPolicy
  /// How often sources are asked.
  public let pollEvery: Duration
  /// Most messages a poll.
  public let pollLimit: Int
  /// What its connector says of itself; nil: nothing, so that nothing it does counts as a read.
  public let descriptor: ConnectorDescriptor?

  /// Creates an endpoint.
  public init(
    name: String, connector: String, outbound: (any OutboundAdapter)?, sources: [any PollingSource] = [],
    resident: (any Resident)? = nil, policy: EndpointPolicy = EndpointPolicy(),
    pollEvery: Duration = .seconds(5), pollLimit: Int = 50,
    descriptor: ConnectorDescriptor? = nil
  ) {
    self.name = name
    self.connector = connector
    self.outbound = outbound
    self.sources = sources
    self.resident = resident
    self.policy = policy
    self.pollEvery = pollEvery
    self.pollLimit = pollLimit
    self.descriptor = descriptor
  }
}
