internal import Foundation
internal import HubConfig
internal import HubKit
internal import HubMock
internal import HubTransform
internal import Logging

/// Endpoints whose far systems this process plays (`lgsp run --mock`): the configuration names the live ones and is not
/// touched.
struct MockedEndpoints: Sendable {
  private let addresses: [String: String]
  private let hosts: [Task<Void, Never>]

  /// Starts the mocks and waits until each listens.
  ///
  /// - Parameters:
  ///   - wanted: `all`, or names of endpoints with commas between them; nil: none.
  static func started(
    _ wanted: String?, _ configuration: HubConfiguration, _ catalogue: Catalogue, _ logger: Logger
  ) async throws -> MockedEndpoints {
    guard let wanted else { return MockedEndpoints(addresses: [:], hosts: []) }
    var addresses: [String: String] = [:]
    var hosts: [Task<Void, Never>] = []
    for endpoint in try endpoints(wanted, configuration, catalogue) {
      guard let mock = catalogue.mock(endpoint.connector) else {
        throw Failure(
          "--mock: \(endpoint.connector) (\(endpoint.name)) không có hệ thống mô phỏng / has no mock.")
      }
      let interface = try mock.started(settings(of: mock, for: endpoint, configuration), clock: SystemClock())
      let host = MockHost(name: endpoint.name, interface: FaultInterface(interface, rules: mock.faults), logger: logger)
      // Owned by the assembly, which ends it with the hub.
      hosts.append(Task { try? await host.run() })
      addresses[endpoint.name] = "127.0.0.1:\(try await host.boundPort())"
      logger.warning(
        "the endpoint \(endpoint.name) is MOCKED / điểm kết nối \(endpoint.name) đang là MÔ PHỎNG",
        metadata: ["address": "http://\(addresses[endpoint.name] ?? "")"])
    }
    return MockedEndpoints(addresses: addresses, hosts: hosts)
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
    guard let address = addresses[endpoint.name] else { return endpoint }
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
    for host in hosts { host.cancel() }
  }
}
