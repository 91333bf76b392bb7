internal import ArgumentParser
internal import Foundation
internal import HubBus
internal import HubConfig
internal import HubKit
internal import HubReplay
internal import HubTransport
internal import Logging

/// Where the calls of a replay go: `--against`, once or more.
struct ReplayTargets {
  /// What becomes of an endpoint's calls.
  enum Target: String, CaseIterable {
    /// They are answered from the recording.
    case recorded
    /// They go to the connector's mock, which this process plays.
    case mock
    /// They go to the live system.
    case live
    /// They are not made, and count as taken.
    case skip
  }

  /// For endpoints that are not named.
  private(set) var usual = Target.recorded
  private(set) var named: [String: Target] = [:]

  /// Reads `mock`, or `<endpoint>=<target>`.
  ///
  /// - Throws: `ValidationError` that names what makes no sense.
  init(_ texts: [String]) throws {
    for text in texts {
      let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
      guard let target = parts.last.flatMap(Target.init), parts.count == 2 || target != .live else {
        let known = Target.allCases.map(\.rawValue).joined(separator: "|")
        throw ValidationError(
          "--against \(text): mock, hoặc / or <endpoint>=\(known). Hệ thống thật phải nêu tên / live ones by name.")
      }
      if parts.count == 2 { named[parts[0]] = target } else { usual = target }
    }
  }

  /// Whether nothing leaves this process.
  var isClosed: Bool { !([usual] + named.values).contains { $0 == .mock || $0 == .live } }

  /// The endpoints that are really called.
  var live: [String] { named.filter { $0.value == .live }.keys.sorted() }

  func target(of endpoint: String) -> Target { named[endpoint] ?? usual }
}

/// Endpoints that a replay really calls: with their transports, mocks and programs, until it ends.
final class ReplayWays {
  let ways: FarWays
  private let loop: CurlLoop
  private let mocked: MockedEndpoints?
  private let residents: [Task<Void, Never>]

  /// Makes what the targets ask for.
  ///
  /// - Throws: ``Failure`` for an endpoint that is unknown, cannot send, or has no mock.
  init(
    _ targets: ReplayTargets, _ configuration: HubConfiguration, _ catalogue: Catalogue, logger: Logger
  ) async throws {
    let known = configuration.endpoints.map(\.name)
    if let stranger = targets.named.keys.sorted().first(where: { !known.contains($0) }) {
      throw Failure(
        "--against: không có điểm kết nối \(stranger) / no such endpoint. Có / there are: "
          + known.joined(separator: ", "))
    }
    loop = CurlLoop()
    let mocks = configuration.endpoints.filter { endpoint in
      targets.target(of: endpoint.name) == .mock
        && (targets.named[endpoint.name] != nil || catalogue.mock(endpoint.connector) != nil)
    }
    mocked =
      mocks.isEmpty
      ? nil
      : try await MockedEndpoints.started(
        mocks.map(\.name).joined(separator: ","), configuration, catalogue, logger)
    var ways: [String: FarWays.Way] = [:]
    var residents: [Task<Void, Never>] = []
    for endpoint in configuration.endpoints {
      switch targets.target(of: endpoint.name) {
      case .recorded: continue
      case .skip: ways[endpoint.name] = .skip
      case .mock where !mocks.contains(where: { $0.name == endpoint.name }): continue
      case .mock, .live:
        guard let kind = catalogue.connector(endpoint.connector) else { continue }
        let settings = mocked?.applied(to: endpoint, kind) ?? endpoint
        let transport = loop.transport(
          for: endpoint.name, HubAssembly.transportOptions(settings), recorder: nil)
        let parts = try kind.parts(settings, transport, SystemClock(), configuration.agencies, logger)
        guard let outbound = parts.outbound else {
          guard targets.named[endpoint.name] == nil else {
            throw Failure("\(endpoint.name): không gửi được / cannot send.")
          }
          continue
        }
        // Owned by this object, which ends it.
        if let resident = parts.resident { residents.append(Task { await resident.run() }) }
        ways[endpoint.name] = .made(outbound)
      }
    }
    self.ways = FarWays(ways)
    self.residents = residents
  }

  func close() async {
    for resident in residents { resident.cancel() }
    for resident in residents { await resident.value }
    mocked?.end()
    await loop.shutdown()
  }
}

extension ConnectorKind {
  /// One endpoint's parts, outside a running hub: what its far system brings by itself is refused.
  ///
  /// - Throws: ``Failure`` when its settings do not do.
  func parts(
    _ endpoint: EndpointConfiguration, _ transport: any Transport, _ clock: any HubClock,
    _ directory: any AgencyDirectory, _ logger: Logger
  ) throws -> ConnectorParts {
    do {
      return try configured(endpoint.settings)(
        ConnectorContext(
          endpoint: endpoint.name, transport: transport, gateway: EndpointGateway(endpoint: endpoint.name),
          clock: clock, directory: directory, logger: logger))
    } catch {
      throw Failure("\(endpoint.name): \(error)")
    }
  }
}
