public import HubKit

/// What proves a connector that is compiled in: `lgsp connector test` and the connector's own tests go by it.
///
/// ```swift
/// public enum RegisterContract: ConnectorProof {
///   public static let connector: any Connector.Type = RegisterConnector.self
///   public static func ways(on bench: ContractBench) -> [ConnectorHarness] { … }
/// }
/// ```
public protocol ConnectorProof: SendableMetatype {
  /// The connector.
  static var connector: any Connector.Type { get }
  /// The ways in which it is used, a harness for each: all of them have to keep the contract.
  ///
  /// - Parameter bench: what the harnesses stand on.
  static func ways(on bench: ContractBench) -> [ConnectorHarness]
}

/// What a harness stands on: the way to this machine's ports, and an ear for what is logged.
public struct ContractBench: Sendable {
  /// Reaches 127.0.0.1.
  public let transport: any Transport
  private let logs = LogRecorder()

  /// Creates a bench.
  ///
  /// - Parameter transport: reaches 127.0.0.1; a real one, since sockets are what the contract is about.
  public init(transport: any Transport) {
    self.transport = transport
  }

  /// A harness that knows the connector's settings and its far side; what it can be asked to deliver is added to it.
  ///
  /// - Parameters:
  ///   - kind: the connector.
  ///   - settings: of an endpoint whose far side has this base address.
  ///   - far: makes the far side in its first state, usually the connector's mock.
  ///   - received: the bytes of everything that it holds.
  public func harness(
    of kind: ConnectorKind, settings: @escaping @Sendable (_ url: String) throws -> [String: SettingValue],
    far: @escaping @Sendable () throws -> any ServedInterface,
    received: @escaping @Sendable (any ServedInterface) async throws -> [[UInt8]]
  ) -> ConnectorHarness {
    harness(
      of: kind, settings: settings,
      farSide: {
        let interface = try far()
        return FarSide(interface: interface, received: { try await received(interface) })
      })
  }

  /// A harness that knows the connector's settings and its far side, which may be no interface of ours.
  ///
  /// - Parameters:
  ///   - kind: the connector.
  ///   - settings: of an endpoint whose far side has this base address.
  ///   - farSide: makes the far side in its first state.
  public func harness(
    of kind: ConnectorKind, settings: @escaping @Sendable (_ url: String) throws -> [String: SettingValue],
    farSide: @escaping @Sendable () throws -> FarSide
  ) -> ConnectorHarness {
    let declared = kind.descriptor.settings
    var harness = ConnectorHarness(
      makeParts: { port in
        let values = SettingValues(try settings("http://127.0.0.1:\(port)"), declared: declared)
        return try kind.configured(values)(
          ConnectorContext(
            endpoint: kind.descriptor.name, transport: transport, gateway: RecordingGateway(), clock: ContractClock(),
            directory: NobodyKnown(), logger: logs.logger()))
      },
      makeFarSide: farSide)
    harness.logLines = { logs.lines }
    if let plain = try? settings("http://127.0.0.1:1") {
      harness.kind = (kind, plain)
      harness.secrets = plain.values.compactMap { value in
        if case .secret(let secret) = value { secret.reveal() } else { nil }
      }
    }
    return harness
  }
}

extension ConnectorContract {
  /// Checks one behaviour in all ways of using a connector.
  ///
  /// - Parameter snapshot: the settings of the last certified version; nil: there is none.
  /// - Returns: the first failure; else a pass, when one way showed it; else the reason of the first skip.
  public static func outcome(
    of proof: any ConnectorProof.Type, in behaviour: Behaviour, on bench: ContractBench,
    snapshot: SettingsSnapshot? = nil
  ) async -> Outcome {
    var result: Outcome?
    for way in proof.ways(on: bench) {
      var harness = way
      harness.snapshot = snapshot
      let outcome = await outcome(of: harness, in: behaviour)
      switch (outcome, result) {
      case (.failed(let message), _): return .failed(way.name.isEmpty ? message : "\(way.name): \(message)")
      case (.passed, _), (.skipped, nil): result = outcome
      case (.skipped, .some): break
      }
    }
    return result ?? .failed("the connector's proof has no harness")
  }
}
