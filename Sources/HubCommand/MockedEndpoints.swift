internal import Foundation
internal import HubConfig
internal import HubKit
internal import HubMock
internal import HubTransform
internal import Logging

/// Endpoints whose far systems this process plays (`lgsp run --mock`): the configuration names the live ones and is not
/// touched.
struct MockedEndpoints: Sendable {
  /// One far system that is played.
  private struct Played {
    let endpoint: String
    let connector: String
    let address: String
    let interface: ReplaceableInterface
    let host: Task<Void, Never>
  }

  private let played: [Played]

  /// Starts the mocks and waits until each listens.
  ///
  /// - Parameters:
  ///   - wanted: `all`, or names of endpoints with commas between them; nil: none.
  static func started(
    _ wanted: String?, _ configuration: HubConfiguration, _ catalogue: Catalogue, _ logger: Logger
  ) async throws -> MockedEndpoints {
    var played: [Played] = []
    for endpoint in try wanted.map({ try endpoints($0, configuration, catalogue) }) ?? [] {
      let interface = ReplaceableInterface(try interface(of: endpoint, configuration, catalogue))
      let host = MockHost(name: endpoint.name, interface: interface, logger: logger)
      // Owned by the assembly, which ends it with the hub.
      let task = Task<Void, Never> { try? await host.run() }
      let address = "127.0.0.1:\(try await host.boundPort())"
      played.append(
        Played(
          endpoint: endpoint.name, connector: endpoint.connector, address: address, interface: interface, host: task))
      logger.warning(
        "the endpoint \(endpoint.name) is MOCKED / điểm kết nối \(endpoint.name) đang là MÔ PHỎNG",
        metadata: ["address": "http://\(address)"])
    }
    return MockedEndpoints(played: played)
  }

  /// Begins the mocks of some connectors again, as the configuration now describes them: on the same ports, in their
  /// first state. What they have begun to answer they answer as they were.
  ///
  /// - Parameter connectors: their names; a mock that is no more, or cannot be made, goes on as it is.
  /// - Returns: the endpoints whose mocks began again, in order.
  func restart(
    _ connectors: Set<String>, _ configuration: HubConfiguration, _ catalogue: Catalogue
  ) -> [String] {
    played.filter { connectors.contains($0.connector) }.compactMap { one in
      guard let endpoint = configuration.endpoint(one.endpoint),
        let fresh = try? Self.interface(of: endpoint, configuration, catalogue)
      else { return nil }
      one.interface.replace(with: fresh)
      return one.endpoint
    }.sorted()
  }

  private static func interface(
    of endpoint: EndpointConfiguration, _ configuration: HubConfiguration, _ catalogue: Catalogue
  ) throws -> FaultInterface {
    guard let mock = catalogue.mock(endpoint.connector) else {
      throw Failure("--mock: \(endpoint.connector) (\(endpoint.name)) không có hệ thống mô phỏng / has no mock.")
    }
    let interface = try mock.started(settings(of: mock, for: endpoint, configuration), clock: SystemClock())
    return FaultInterface(interface, rules: mock.faults)
  }

  private static func endpoints(
    _ wanted: String, _ configuration: HubConfiguration, _ catalogue: Catalogue
  ) throws -> [EndpointConfiguration] {
    if wanted == "all" {
      return configuration.endpoints.filter { endpoint in
        catalogue.connector(endpoint.connector)?.descriptor.settings.contains { $0.kind == .url } ?? false
      }
    }
    return try wanted.split(separator: ",").map { name in
      guard let endpoint = configuration.endpoint(String(name)) else {
        let known = configuration.endpoints.map(\.name).joined(separator: ", ")
        throw Failure("--mock: không có điểm kết nối \(name) / no such endpoint. Có / there are: \(known)")
      }
      return endpoint
    }
  }

  /// What mocks.yaml says of the connector's mock; and it knows the secrets that the endpoint will show.
  private static func settings(
    of mock: MockKind, for endpoint: EndpointConfiguration, _ configuration: HubConfiguration
  ) -> SettingValues {
    var settings =
      configuration.mocks.first { $0.connector == endpoint.connector }?.settings
      ?? MockConfiguration(mock.descriptor).settings
    for setting in mock.descriptor.settings where setting.kind == .text {
      guard let secret = endpoint.settings.secret(setting.name)?.reveal() else { continue }
      settings = settings.with(setting.name, .text(secret.trimmingCharacters(in: .whitespacesAndNewlines)))
    }
    return settings
  }

  /// An endpoint as it is made: a mocked one goes to its mock and nowhere else.
  func applied(to endpoint: EndpointConfiguration, _ kind: ConnectorKind) -> EndpointConfiguration {
    guard let address = played.first(where: { $0.endpoint == endpoint.name })?.address else { return endpoint }
    var mocked = endpoint
    for setting in kind.descriptor.settings where setting.kind == .url {
      guard let url = endpoint.settings.text(setting.name) else { continue }
      // A mock that is compiled in answers where its far system does; one in a file has no base address.
      let path = kind.hosting == .module ? Self.path(of: url) : ""
      mocked.settings = mocked.settings.with(setting.name, .text("http://\(address)\(path)"))
    }
    mocked.allow = [address]
    mocked.tls = nil
    return mocked
  }

  /// What follows the address in a URL.
  private static func path(of url: String) -> Substring {
    let start = url.firstRange(of: "://").map(\.upperBound) ?? url.startIndex
    return url[start...].firstIndex(of: "/").map { url[$0...] } ?? ""
  }

  func end() {
    for one in played { one.host.cancel() }
  }
}
